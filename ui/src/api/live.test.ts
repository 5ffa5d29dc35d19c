import { ReadableStream } from 'node:stream/web'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { closeAllLive, liveStatus, openLive } from './live'

interface Stream {
  url: string
  signal: AbortSignal
  send(text: string): void
  end(): void
}
const streams: Stream[] = []
let status = 200

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  document.cookie = 'csrfToken=abc; path=/'
  streams.length = 0
  status = 200
  vi.stubGlobal('fetch', vi.fn(async (url: string, { signal }: { signal: AbortSignal }) => {
    let controller: ReadableStreamDefaultController | undefined
    const body = new ReadableStream({ start: (given) => { controller = given as unknown as ReadableStreamDefaultController } })
    streams.push({ url, signal, send: (text) => controller?.enqueue(new TextEncoder().encode(text)), end: () => controller?.close() })
    return { ok: status === 200, status, body, headers: new Headers(), json: async () => ({ message: 'no' }) }
  }))
})
afterEach(() => {
  closeAllLive()
  vi.useRealTimers()
})
const settle = async (): Promise<void> => { for (let i = 0; i < 20; i += 1) await Promise.resolve() }

it('tells events until the last one', async () => {
  const events: string[] = []
  const onEnd = vi.fn()
  openLive({ url: '/a', onEvent: ({ data }) => events.push(data), onEnd })
  await settle()
  streams[0]?.send('id: progress\ndata: 1\n\n')
  await vi.waitFor(() => expect(events).toEqual(['1']))
  expect(liveStatus.state).toBe('open')
  streams[0]?.send('id: end\ndata: 2\n\n')
  await vi.waitFor(() => expect(onEnd).toHaveBeenCalledWith(undefined))
  expect(events).toEqual(['1', '2'])
  expect(liveStatus.state).toBe('idle')
})

it('the newest has the one connection, the others are polled and get it back', async () => {
  const poll = vi.fn()
  const onOpen = vi.fn()
  openLive({ url: '/below', onEvent: () => undefined, onOpen, poll })
  await settle()
  const above = openLive({ url: '/above', onEvent: () => undefined })
  await settle()
  expect(streams.map(({ url, signal }) => [url, signal.aborted])).toEqual([['/below', true], ['/above', false]])
  vi.advanceTimersByTime(3_000)
  expect(poll).toHaveBeenCalledOnce()
  above.close()
  await settle()
  expect(streams.at(-1)?.url).toBe('/below')
  expect(streams.filter(({ signal }) => !signal.aborted)).toHaveLength(1)
  expect(onOpen.mock.calls).toEqual([[false], [true]])
})

it('comes back after it broke off, and not after it was refused', async () => {
  const onEnd = vi.fn()
  openLive({ url: '/a', onEvent: () => undefined, onEnd })
  await settle()
  streams[0]?.end()
  await vi.waitFor(() => expect(liveStatus.state).toBe('waiting'))
  status = 404
  vi.advanceTimersByTime(500)
  await vi.waitFor(() => expect(onEnd).toHaveBeenCalledOnce())
  expect(onEnd.mock.calls[0]?.[0]).toMatchObject({ kind: 'not-found' })
  vi.advanceTimersByTime(60_000)
  expect(streams).toHaveLength(2)
})

it('rests while nobody looks', async () => {
  openLive({ url: '/a', onEvent: () => undefined })
  await settle()
  const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  document.dispatchEvent(new Event('visibilitychange'))
  expect(streams[0]?.signal.aborted).toBe(true)
  expect(liveStatus.state).toBe('idle')
  visibility.mockReturnValue('visible')
  document.dispatchEvent(new Event('visibilitychange'))
  await settle()
  expect(streams).toHaveLength(2)
})
