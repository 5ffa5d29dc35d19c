import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LogPages, pageSize, type LogLine } from './logPages'

const question = { filters: {}, sort: 'timestamp:asc' } as const

/** A server with so many lines that counts to 100,000, as ours does. */
function server(size: { lines: number }): { asked: [number, number][]; pages: LogPages } {
  const asked: [number, number][] = []
  const pages = new LogPages((_question, page, count) => {
    asked.push([page, count])
    const before = (page - 1) * count
    const results = Array.from({ length: Math.max(0, Math.min(count, size.lines - before)) }, (_, i): LogLine => ({ namespace: 'n', flowId: 'f', timestamp: '', level: 'INFO', message: `line ${before + i}` }))
    const isPartial = results.length < count && (before === 0 || results.length > 0)
    return Promise.resolve({ results, total: isPartial ? before + results.length : Math.max(results.length === 0 ? 0 : before + results.length, Math.min(size.lines, 100_000)) })
  })
  return { asked, pages }
}

describe('lines by number', () => {
  beforeEach(() => { vi.useFakeTimers() })
  afterEach(() => { vi.useRealTimers() })

  it('are read as they come into sight', async () => {
    const { asked, pages } = server({ lines: 1_700 })
    await pages.start(question)
    expect(pages.total.value).toBe(1_700)
    expect(pages.at(0)?.message).toBe('line 0')
    expect(pages.at(1_600)).toBeUndefined()
    pages.want(700, 720)
    pages.want(1_590, 1_650)
    await vi.advanceTimersByTimeAsync(100)
    expect(asked).toEqual([[1, pageSize], [4, pageSize]])
    expect(pages.at(1_600)?.message).toBe('line 1600')
  })

  it('are forgotten, so that a million needs the memory of few', async () => {
    const { pages } = server({ lines: 100_000 })
    await pages.start(question)
    for (let first = 0; first < 100_000; first += pageSize) {
      pages.want(first, first + 40)
      await vi.advanceTimersByTimeAsync(100)
    }
    expect(pages.at(0)).toBeUndefined()
    expect(pages.at(99_600)?.message).toBe('line 99600')
  })

  it('have an end that is found beyond what the server counts', async () => {
    const { asked, pages } = server({ lines: 1_000_123 })
    await pages.start(question)
    expect(pages.total.value).toBe(100_000)
    expect(pages.exact.value).toBe(false)
    await pages.findEnd()
    expect(pages.total.value).toBe(1_000_123)
    expect(pages.exact.value).toBe(true)
    expect(asked.length).toBeLessThan(25)
    expect(pages.at(1_000_122)?.message).toBe('line 1000122')
  })

  it('come while one looks', async () => {
    const size = { lines: 3 }
    const { pages } = server(size)
    await pages.start(question)
    expect(pages.total.value).toBe(3)
    size.lines = 1_203
    await pages.refreshEnd()
    expect(pages.total.value).toBe(1_203)
    size.lines = 1_500
    await pages.refreshEnd()
    expect(pages.total.value).toBe(1_500)
    await pages.refreshEnd()
    expect(pages.total.value).toBe(1_500)
  })

  it('may be none', async () => {
    const { pages } = server({ lines: 0 })
    await pages.start(question)
    expect([pages.total.value, pages.exact.value, pages.loaded.value]).toEqual([0, true, true])
  })
})
