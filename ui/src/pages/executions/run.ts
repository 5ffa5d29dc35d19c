// A task run in the few words that timelines need: a hundred thousand of them fit in memory.
import type { Schemas } from '@/api'
import { isEnded } from '@/format'

export interface Span {
  state: string
  start: number
  /** Undefined while it goes on. */
  end: number | undefined
}

export interface Run extends Span {
  id: string
  taskId: string
  /** '' at the top. */
  parent: string
  value: string | undefined
  iteration: number | undefined
  attempts: readonly Span[]
}

function spanOf(state: Schemas['StateOf']): Span {
  // A paused one has an end too: that of its last step, not its own.
  const end = isEnded(state.current) && state.endDate !== undefined ? Date.parse(state.endDate) : undefined
  return { state: state.current, start: Date.parse(state.startDate), end }
}

export function runOf(taskRun: Schemas['TaskRun']): Run {
  const attempts = taskRun.attempts ?? []
  return {
    id: taskRun.id, taskId: taskRun.taskId, parent: taskRun.parentTaskRunId ?? '', value: taskRun.value, iteration: taskRun.iteration, ...spanOf(taskRun.state),
    // A single attempt says what the run says.
    attempts: attempts.length > 1 ? attempts.map(({ state }) => spanOf(state)) : [],
  }
}

// What somebody wants to see first when several states stand together.
const urgency = ['FAILED', 'KILLING', 'PAUSED', 'BREAKPOINT', 'RETRYING', 'RUNNING', 'SUBMITTED', 'RESTARTED', 'RESUBMITTED', 'CREATED', 'QUEUED', 'KILLED', 'CANCELLED', 'WARNING', 'RETRIED', 'SUCCESS', 'SKIPPED']

/** The state that stands for all of them. */
export function worstOf(states: Iterable<string>): string {
  let worst = urgency.length - 1
  for (const state of states) {
    const rank = urgency.indexOf(state)
    if (rank >= 0 && rank < worst) worst = rank
  }
  return urgency[worst] ?? 'SKIPPED'
}
