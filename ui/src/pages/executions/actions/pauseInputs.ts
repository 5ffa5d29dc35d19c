// What a paused execution asks for: the inputs of those of its Pause tasks that wait.
import type { Schemas } from '@/api'

type Task = Schemas['ExecutedTask']

function isTask(value: unknown): value is Task {
  return typeof value === 'object' && value !== null && 'id' in value && 'type' in value
}

/** All tasks of a flow, at any depth: branches are lists, or lists by case. */
export function tasksIn(value: unknown, found: Task[] = []): Task[] {
  if (Array.isArray(value)) for (const one of value) tasksIn(one, found)
  else if (typeof value === 'object' && value !== null) {
    if (isTask(value)) found.push(value)
    for (const [name, part] of Object.entries(value)) if (name !== 'inputs') tasksIn(part, found)
  }
  return found
}

export function pausedRuns(execution: Schemas['Execution']): Schemas['TaskRun'][] {
  return (execution.taskRunList ?? []).filter(({ state }) => state.current === 'PAUSED')
}

export function pauseInputs(flow: Schemas['ExecutedFlow'], execution: Schemas['Execution']): Schemas['FlowInput'][] {
  const waiting = new Set(pausedRuns(execution).map(({ taskId }) => taskId))
  return tasksIn({ ...flow, id: undefined }).filter(({ id, type }) => waiting.has(id) && type.endsWith('.Pause')).flatMap(({ inputs }) => inputs ?? [])
}
