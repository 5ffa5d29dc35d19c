import { describe, expect, it } from 'vitest'
import { barsOf, startOf } from './series'

const now = Date.parse('2026-11-27T12:30:00Z')

describe('bars of executions', () => {
  it('has one for every hour of a day and every day of a week', () => {
    expect(barsOf([], 'day', now).times).toHaveLength(24)
    expect(barsOf([], 'week', now).times).toHaveLength(7)
    expect(new Date(startOf('week', now)).toISOString()).toBe('2026-11-21T00:00:00.000Z')
  })

  it('counts by state, good ones first, and what ended', () => {
    const bars = barsOf([
      { date: '2026-11-27T12:00:00.000+00:00', state: 'FAILED', total: 1 }, { date: '2026-11-27T12:00:00.000+00:00', state: 'SUCCESS', total: 3 },
      { date: '2026-11-27T11:00:00.000+00:00', state: 'RUNNING', total: 2 }, { date: '2020-01-01T00:00:00.000+00:00', state: 'FAILED', total: 9 },
    ], 'day', now)
    expect([...bars.states.keys()]).toEqual(['SUCCESS', 'RUNNING', 'FAILED'])
    expect(bars.states.get('SUCCESS')?.at(-1)).toBe(3)
    expect(bars.states.get('RUNNING')?.at(-2)).toBe(2)
    expect([bars.total, bars.good, bars.ended]).toEqual([6, 3, 4])
  })
})
