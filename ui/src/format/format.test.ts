import { describe, expect, it } from 'vitest'
import { executionStates, formatBytes, formatClock, formatDuration, formatInstant, formatRelative, fromLocalInput, hueOf, initialsOf, isEnded, isoDuration, parseDuration, prettyJson, states, toLocalInput, toneOf } from '.'

describe('durations', () => {
  it('reads what the server writes', () => {
    expect(parseDuration('PT1.5S')).toBe(1_500)
    expect(parseDuration('P1DT2H3M4S')).toBe(93_784_000)
    expect(parseDuration('-PT1M')).toBe(-60_000)
    expect(parseDuration('PT')).toBeUndefined()
    expect(parseDuration('P')).toBeUndefined()
    expect(parseDuration('1h')).toBeUndefined()
  })
  it('writes what it reads', () => {
    for (const text of ['PT0S', 'PT1.5S', 'P1DT2H3M4S', 'PT90M'.replace('90M', '1H30M')]) expect(isoDuration(parseDuration(text) ?? -1)).toBe(text)
  })
  it('shows the two largest units', () => {
    expect(formatDuration(0)).toBe('0 ms')
    expect(formatDuration(3_210)).toBe('3.2 s')
    expect(formatDuration(3_210, 'de')).toBe('3,2 s')
    expect(formatDuration(59_999)).toBe('1m')
    expect(formatDuration(250_000)).toBe('4m 10s')
    expect(formatDuration(7_500_000)).toBe('2h 5m')
    expect(formatDuration(86_400_000 * 3 + 3_600_000 * 4)).toBe('3d 4h')
    expect(formatDuration(Number.NaN)).toBe('')
  })
})

describe('time', () => {
  const berlin = { language: 'en-GB', timeZone: 'Europe/Berlin' }
  it('is shown in the chosen zone', () => {
    expect(formatInstant('2026-11-27T22:54:27Z', berlin)).toBe('27 Nov 2026, 23:54:27')
    expect(formatClock('2026-11-27T22:54:27.123Z', berlin)).toBe('23:54:27.123')
    expect(formatInstant('nonsense', berlin)).toBe('')
  })
  it('is relative to now', () => {
    const now = Date.parse('2026-11-27T12:00:00Z')
    expect(formatRelative('2026-11-27T11:57:00Z', now, 'en')).toBe('3 min. ago')
    expect(formatRelative('2026-11-27T14:00:00Z', now, 'en')).toBe('in 2 hr.')
    expect(formatRelative('2026-11-27T12:00:01Z', now, 'en')).toBe('now')
  })
  it('survives a change of the clocks in the input of a date', () => {
    for (const instant of ['2026-03-29T00:30:00.000Z', '2026-03-29T01:30:00.000Z', '2026-07-01T10:00:00.000Z', '2026-10-25T02:30:00.000Z'])
      expect(fromLocalInput(toLocalInput(instant, 'Europe/Berlin'), 'Europe/Berlin')).toBe(instant)
    expect(fromLocalInput('', 'UTC')).toBe('')
  })
})

describe('bytes', () => {
  it('take the unit that keeps them short', () => {
    expect(formatBytes(0)).toBe('0 B')
    expect(formatBytes(1_500)).toBe('1.5 KiB')
    expect(formatBytes(3 * 1_024 ** 3)).toBe('3 GiB')
  })
})

it('JSON is spread over lines, other text is left alone', () => {
  expect(prettyJson('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}')
  expect(prettyJson('[not JSON')).toBe('[not JSON')
  expect(prettyJson('12')).toBe('12')
})

describe('states', () => {
  it('have a tone each, and an unknown one does not break a page', () => {
    for (const state of states) expect(toneOf(state)).toMatch(/^[a-z]+$/)
    expect(toneOf('NEVER_HEARD_OF')).toBe('idle')
    expect(isEnded('SUCCESS')).toBe(true)
    expect(isEnded('PAUSED')).toBe(false)
  })
  it('of which executions can be searched by are those that the server takes', () => {
    expect(executionStates).toContain('SUBMITTED')
    for (const state of ['BREAKPOINT', 'RESUBMITTED', 'SKIPPED']) expect(executionStates).not.toContain(state)
  })
})

describe('accent', () => {
  it('is the same for the same tenant and differs between neighbours', () => {
    expect(hueOf('main')).toBe(hueOf('main'))
    expect(new Set(['main', 'stage', 'alpha', 'beta', 'gamma', 'delta'].map(hueOf)).size).toBeGreaterThan(4)
  })
  it('has initials where there is no logo', () => {
    expect(initialsOf('Team Alpha')).toBe('TA')
    expect(initialsOf('main')).toBe('MA')
    expect(initialsOf('')).toBe('?')
  })
})
