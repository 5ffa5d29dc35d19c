// What somebody may do to an execution, and which of it is being asked about.
import { shallowRef, type ShallowRef } from 'vue'
import { isEnded } from '@/format'
import { useMe, type Action } from '@/stores'
import { isPossible, type Deed } from '../possible'
import type { LiveExecution } from '../useExecution'

/** The task run that it is about. */
export interface AboutRun {
  id: string
  taskId: string
  state: string
}

export interface Asked {
  deed: Deed | 'task-state'
  run?: AboutRun
}

export interface Deeds {
  execution: LiveExecution
  asked: ShallowRef<Asked | undefined>
  may(deed: Deed): boolean
  /** Of one task run: replay from it, or say what its state is. */
  mayWith(run: AboutRun, deed: 'replay' | 'task-state'): boolean
  ask(deed: Asked['deed'], run?: AboutRun): void
  close(): void
}

export const rights: Record<Deed, Action> = {
  resume: 'RESUME', pause: 'PAUSE', kill: 'KILL', restart: 'RESTART', replay: 'REPLAY', unqueue: 'UNQUEUE', 'force-run': 'FORCE_RUN', 'change-status': 'UPDATE', labels: 'CHANGE_LABELS', delete: 'DELETE',
}

export function useDeeds(execution: LiveExecution): Deeds {
  const me = useMe()
  const asked = shallowRef<Asked>()

  function isGranted(action: Action): boolean {
    const data = execution.data.value
    return data !== undefined && me.can('EXECUTION', action, data.namespace)
  }
  function may(deed: Deed): boolean {
    return isGranted(rights[deed]) && isPossible(deed, execution.data.value?.state.current ?? '')
  }
  return {
    execution,
    asked,
    may,
    mayWith: (run, deed) => deed === 'replay' ? may('replay')
      : isGranted('UPDATE') && isEnded(run.state) && (isEnded(execution.data.value?.state.current ?? '') || execution.data.value?.state.current === 'PAUSED'),
    ask: (deed, run) => { asked.value = { deed, ...(run !== undefined && { run }) } },
    close: () => { asked.value = undefined },
  }
}
