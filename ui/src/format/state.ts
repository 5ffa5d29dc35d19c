// States of executions and task runs: what they mean for the eye (tone, icon) and for actions (ended, running).

export const states = ['CREATED', 'SUBMITTED', 'RUNNING', 'PAUSED', 'RESTARTED', 'KILLING', 'SUCCESS', 'WARNING', 'FAILED', 'KILLED', 'CANCELLED', 'QUEUED', 'RETRYING',
  'RETRIED', 'SKIPPED', 'BREAKPOINT', 'RESUBMITTED'] as const
export type State = (typeof states)[number]

/** What executions can be searched by: the others are of task runs, or of servers that have breakpoints. */
const notOfExecutions: ReadonlySet<State> = new Set<State>(['SKIPPED', 'BREAKPOINT', 'RESUBMITTED'])
export const executionStates: readonly State[] = states.filter((state) => !notOfExecutions.has(state))

/** A colour of tokens.css: `--tone-<tone>`. */
export type Tone = 'good' | 'warn' | 'bad' | 'live' | 'rest' | 'idle' | 'odd'

const tones: Record<State, Tone> = {
  CREATED: 'idle', SUBMITTED: 'live', RUNNING: 'live', PAUSED: 'rest', RESTARTED: 'live', KILLING: 'odd', SUCCESS: 'good', WARNING: 'warn', FAILED: 'bad', KILLED: 'odd',
  CANCELLED: 'odd', QUEUED: 'idle', RETRYING: 'warn', RETRIED: 'warn', SKIPPED: 'idle', BREAKPOINT: 'rest', RESUBMITTED: 'live',
}

const ended = new Set<State>(['SUCCESS', 'WARNING', 'FAILED', 'KILLED', 'CANCELLED', 'RETRIED', 'SKIPPED'])

export function isState(text: string): text is State {
  return (states as readonly string[]).includes(text)
}

export function toneOf(state: string): Tone {
  return isState(state) ? tones[state] : 'idle'
}

export function isEnded(state: string): boolean {
  return isState(state) && ended.has(state)
}

export function isRunning(state: string): boolean {
  return state === 'RUNNING' || state === 'KILLING' || state === 'SUBMITTED' || state === 'RETRYING'
}
