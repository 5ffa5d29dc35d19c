import { describe, expect, it } from 'vitest'
import { isOff, isOffInSource, rhythmOf, stateRow } from './rows'

const flow = { namespace: 'a.b', id: 'f' }

describe('rows of triggers', () => {
  it('give a trigger without a state one that is on', () => {
    const row = stateRow(flow, { id: 'hook', type: 'io.kestra.plugin.core.trigger.Webhook' }, [])
    expect(row.triggerContext).toEqual({ namespace: 'a.b', flowId: 'f', triggerId: 'hook', disabled: false })
    expect(isOff(row)).toBe(false)
  })

  it('are off when the source or the state says so', () => {
    const state = { namespace: 'a.b', flowId: 'f', triggerId: 's', disabled: true }
    const row = stateRow(flow, { id: 's', type: 'x.Schedule' }, [state])
    expect([isOff(row), isOffInSource(row)]).toEqual([true, false])
    expect(isOffInSource(stateRow(flow, { id: 's', type: 'x.Schedule', disabled: true }, []))).toBe(true)
  })

  it('tell the rhythm', () => {
    expect(rhythmOf({ id: 's', type: 'x', cron: '0 * * * *', timezone: 'Europe/Berlin' })).toBe('0 * * * * Europe/Berlin')
    expect(rhythmOf({ id: 's', type: 'x', interval: 'PT5M' })).toBe('PT5M')
    expect(rhythmOf({ id: 's', type: 'x' })).toBe('')
  })
})
