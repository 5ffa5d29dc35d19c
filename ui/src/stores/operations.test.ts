import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useOperations } from '.'
import { forgetEverything } from './wipe'

const answers: object[] = []
const running = { id: 'o1', kind: 'kill', state: 'RUNNING', totalItems: 500, failed: 0, startedAt: '2026-01-01T00:00:00Z' }

beforeEach(() => {
  setActivePinia(createPinia())
  vi.useFakeTimers()
  document.cookie = 'csrfToken=abc; path=/'
  vi.stubGlobal('fetch', vi.fn(async () => new Response(JSON.stringify(answers.shift() ?? {}), { headers: { 'Content-Type': 'application/json' } })))
})
afterEach(() => {
  vi.useRealTimers()
  answers.length = 0
})

it('what the server goes on with is followed to its end', async () => {
  answers.push({ ...running, processed: 200 }, { ...running, processed: 499, failed: 1, state: 'DONE', endedAt: '2026-01-01T00:00:09Z' })
  const operations = useOperations()
  const all = operations.start('Kill 500', 'main', 500, async () => ({ count: 0, operationId: 'o1', totalItems: 500 }))
  await vi.advanceTimersByTimeAsync(100)
  expect(operations.list).toMatchObject([{ running: true, processed: 200, total: 500 }])
  expect(operations.running).toBe(true)
  await vi.advanceTimersByTimeAsync(1_000)
  await all
  expect(operations.list).toMatchObject([{ running: false, processed: 499, failed: 1 }])
  expect(operations.ended).toBe(1)
})

it('what is done at once is not asked about, and what is refused is told', async () => {
  const operations = useOperations()
  await operations.start('Kill 3', 'main', 3, async () => ({ count: 3, totalItems: 3 }))
  await operations.start('Kill 4', 'main', 4, () => Promise.reject(new TypeError('no')))
  expect(fetch).not.toHaveBeenCalled()
  expect(operations.list).toMatchObject([{ running: false, processed: 3 }, { running: false, processed: 0 }])
  expect(operations.list[1]?.error).toBeDefined()
})

it('those that went on meanwhile are found again', async () => {
  answers.push({ results: [{ ...running, processed: 200, startedBy: 'me' }, { ...running, id: 'o2', processed: 1, startedBy: 'other' }] }, { ...running, processed: 500, state: 'DONE', endedAt: '2026-01-01T00:00:09Z' })
  const operations = useOperations()
  await operations.find('main', 'me', ({ kind }) => kind)
  await vi.advanceTimersByTimeAsync(100)
  expect(operations.list).toMatchObject([{ title: 'kill', running: false, processed: 500 }])
})

it('nothing of it is left when the tenant changes', async () => {
  answers.push({ ...running, processed: 200 })
  const operations = useOperations()
  void operations.start('Kill 500', 'main', 500, async () => ({ count: 0, operationId: 'o1', totalItems: 500 }))
  await vi.advanceTimersByTimeAsync(100)
  forgetEverything()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(operations.list).toEqual([])
  expect(operations.ended).toBe(0)
})
