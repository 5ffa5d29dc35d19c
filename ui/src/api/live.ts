// The one live connection of this tab. Browsers allow six connections to a server, for all tabs together; so the newest subscription has the stream
// and those below it are asked by `poll` until it is closed. A hidden tab holds no stream. A stream that breaks comes back with growing pauses.
import { reactive, readonly } from 'vue'
import { csrfToken, hasSession, urlOf, type Query } from './http'
import { asApiError, problemOf, type ApiError } from './problem'
import { EventParser, type ServerEvent } from './sse'

export interface LiveSource {
  url: string
  query?: () => Query
  onEvent(event: ServerEvent): void
  /** The stream is open; `again` when it was before: forget what it will tell anew, or ask for what comes after it in `query`. */
  onOpen?(again: boolean): void
  /** The server refused, or told the end: nothing more comes. */
  onEnd?(error?: ApiError): void
  /** Is this event the last one? Default: the id begins with `end`. */
  isLast?(event: ServerEvent): boolean
  /** Reads the state once; called while another subscription has the stream, and when streams do not get through. */
  poll?(): void
}

export interface LiveHandle {
  close(): void
}

export type LiveState = 'idle' | 'connecting' | 'open' | 'waiting'

const pollMs = 3_000
const pauseMinMs = 500
const pauseMaxMs = 15_000

const status = reactive<{ state: LiveState }>({ state: 'idle' })
/** For the small sign in the header. */
export const liveStatus = readonly(status)

interface Subscription {
  source: LiveSource
  opened: boolean
  failures: number
}

const stack: Subscription[] = []
let running: { of: Subscription; abort: AbortController } | undefined
let pause: ReturnType<typeof setTimeout> | undefined
let polling: ReturnType<typeof setInterval> | undefined

export function openLive(source: LiveSource): LiveHandle {
  const subscription: Subscription = { source, opened: false, failures: 0 }
  stack.push(subscription)
  settle()
  return { close: () => remove(subscription) }
}

/** Sign-out and change of tenant: nothing of before may be told any more. */
export function closeAllLive(): void {
  stack.length = 0
  settle()
}

export function reconnectPause(failures: number, random: number): number {
  const longest = Math.min(pauseMaxMs, pauseMinMs * 2 ** Math.min(failures - 1, 10))
  return longest / 2 + (longest / 2) * random
}

function remove(subscription: Subscription): void {
  const at = stack.indexOf(subscription)
  if (at >= 0) stack.splice(at, 1)
  settle()
}

// Brings the connection to what the stack and the visibility of the tab ask for.
function settle(): void {
  const wanted = document.visibilityState === 'hidden' ? undefined : stack.at(-1)
  if (running !== undefined && running.of !== wanted) {
    running.abort.abort()
    running = undefined
  }
  if (pause !== undefined) clearTimeout(pause)
  pause = undefined
  if (wanted === undefined) status.state = 'idle'
  else if (running === undefined) void connect(wanted)
  const others = wanted !== undefined && (stack.length > 1 || wanted.failures > 2)
  if (others && polling === undefined) polling = setInterval(pollOthers, pollMs)
  if (!others && polling !== undefined) {
    clearInterval(polling)
    polling = undefined
  }
}

function pollOthers(): void {
  for (const subscription of stack) {
    if (subscription !== running?.of || status.state !== 'open') subscription.source.poll?.()
  }
}

async function connect(subscription: Subscription): Promise<void> {
  const abort = new AbortController()
  running = { of: subscription, abort }
  status.state = 'connecting'
  let ended = false
  let refused: ApiError | undefined
  try {
    ended = await follow(subscription, abort.signal)
  } catch (error) {
    if (abort.signal.aborted) return
    const problem = asApiError(error)
    // What the server refuses now it refuses again; everything else is worth another try.
    if (['unauthenticated', 'forbidden', 'not-found', 'invalid', 'conflict'].includes(problem.kind)) refused = problem
  }
  if (abort.signal.aborted) return
  running = undefined
  if (ended || refused !== undefined) {
    remove(subscription)
    subscription.source.onEnd?.(refused)
    return
  }
  subscription.failures += 1
  status.state = 'waiting'
  pause = setTimeout(settle, reconnectPause(subscription.failures, Math.random()))
}

// Whether the stream told its end, as opposed to breaking off.
async function follow(subscription: Subscription, signal: AbortSignal): Promise<boolean> {
  const { source } = subscription
  if (!hasSession()) throw problemOf(401, 'session-ended', undefined)
  const response = await fetch(urlOf(source.url, source.query?.()), {
    signal, credentials: 'same-origin', cache: 'no-store', headers: { Accept: 'text/event-stream', 'X-CSRF-TOKEN': csrfToken() },
  })
  if (!response.ok || response.body === null) throw problemOf(response.status, response.headers.get('X-Error-Code') ?? '', await response.json().catch(() => undefined))
  status.state = 'open'
  source.onOpen?.(subscription.opened)
  subscription.opened = true
  const parser = new EventParser()
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return false
    subscription.failures = 0
    for (const event of parser.push(value)) {
      if (signal.aborted) return false
      source.onEvent(event)
      if (source.isLast?.(event) ?? event.id.startsWith('end')) return true
    }
  }
}

document.addEventListener('visibilitychange', settle)
window.addEventListener('online', settle)
