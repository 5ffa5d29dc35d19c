// What can be done with an execution in its state. The server decides; this keeps from offering what it would refuse.
import { isEnded } from '@/format'

export type Deed = 'resume' | 'pause' | 'kill' | 'restart' | 'replay' | 'unqueue' | 'force-run' | 'change-status' | 'labels' | 'delete'

const running = new Set(['RUNNING', 'RETRYING', 'SUBMITTED', 'RESTARTED', 'RESUBMITTED'])
/** What an ended execution may be changed to. */
export const endStates = ['SUCCESS', 'WARNING', 'FAILED', 'CANCELLED', 'KILLED'] as const

export function isPossible(deed: Deed, state: string): boolean {
  switch (deed) {
    case 'resume': return state === 'PAUSED' || state === 'BREAKPOINT'
    case 'pause': return running.has(state)
    case 'kill': return !isEnded(state) && state !== 'KILLING'
    case 'restart': return state === 'FAILED' || state === 'WARNING' || state === 'CANCELLED' || state === 'PAUSED'
    case 'replay': return isEnded(state)
    case 'unqueue': return state === 'QUEUED'
    case 'force-run': return state === 'CREATED' || state === 'QUEUED' || state === 'PAUSED'
    case 'change-status': case 'labels': case 'delete': return isEnded(state)
  }
}
