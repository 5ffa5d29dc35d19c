import { expect, it } from 'vitest'
import type { Schemas } from '@/api'
import { pauseInputs } from './pauseInputs'

const state = (current: Schemas['State']): Schemas['StateOf'] => ({ current, startDate: '2026-01-01T00:00:00Z', histories: [] })

it('finds what the waiting Pause asks for, however deep', () => {
  const flow: Schemas['ExecutedFlow'] = {
    id: 'f', namespace: 'n', revision: 1, inputs: [{ id: 'own', type: 'STRING' }],
    tasks: [{ id: 'switch', type: 'io.kestra.plugin.core.flow.Switch', cases: { a: [{ id: 'wait', type: 'io.kestra.plugin.core.flow.Pause', inputs: [{ id: 'ok', type: 'BOOLEAN' }] }] } },
      { id: 'other', type: 'io.kestra.plugin.core.flow.Pause', inputs: [{ id: 'no', type: 'STRING' }] }],
  }
  const taskRun = { id: 'r', executionId: 'e', namespace: 'n', flowId: 'f', taskId: 'wait', state: state('PAUSED') }
  const execution: Schemas['Execution'] = { id: 'e', namespace: 'n', flowId: 'f', flowRevision: 1, state: state('PAUSED'), taskRunList: [taskRun] }
  expect(pauseInputs(flow, execution).map(({ id }) => id)).toEqual(['ok'])
  expect(pauseInputs(flow, { ...execution, taskRunList: [] })).toEqual([])
})
