// Log lines by number, read in pages as they come into sight and forgotten when they have been out of it for long: a million lines take the memory of twenty thousand.
import { ref, shallowRef } from 'vue'
import { api, asApiError, isAbort, type ApiError, type Filters, type Schemas } from '@/api'

export type LogLine = Schemas['LogLine']

export interface LogQuestion {
  filters: Filters
  sort: 'timestamp:asc' | 'timestamp:desc'
}

type Answer = { results: LogLine[]; total: number }
type Ask = (question: LogQuestion, page: number, size: number, signal: AbortSignal) => Promise<Answer>

export const pageSize = 500
const pagesKept = 40
// The server counts so far and then says "at least".
const countMax = 100_000
const waitMs = 40
const catchUpPages = 10

const askServer: Ask = ({ filters, sort }, page, size, signal) => api.get('/api/v1/{tenant}/logs/search', { signal, query: { page, size, sort: [sort], ...filters } })

export class LogPages {
  /** As many as are known; more may follow until `exact`. */
  readonly total = ref(0)
  readonly exact = ref(false)
  readonly error = shallowRef<ApiError>()
  readonly loaded = ref(false)
  readonly busy = ref(0)
  /** Grows with what arrived: whoever draws lines depends on it. */
  readonly version = ref(0)

  private readonly pages = new Map<number, LogLine[]>()
  private readonly underway = new Map<number, AbortController>()
  private question: LogQuestion = { filters: {}, sort: 'timestamp:asc' }
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly ask: Ask
  private end = new AbortController()

  constructor(ask: Ask = askServer) {
    this.ask = ask
  }

  /** Another question: everything is read anew. */
  async start(question: LogQuestion): Promise<void> {
    this.close()
    this.end = new AbortController()
    this.question = question
    this.pages.clear()
    this.total.value = 0
    this.exact.value = false
    this.loaded.value = false
    this.error.value = undefined
    await this.load(1)
  }

  close(): void {
    this.end.abort()
    for (const abort of this.underway.values()) abort.abort()
    this.underway.clear()
    if (this.timer !== undefined) clearTimeout(this.timer)
    this.timer = undefined
  }

  /** The line with this index, if it is here. */
  at(index: number): LogLine | undefined {
    return this.version.value < 0 ? undefined : this.pages.get(Math.floor(index / pageSize) + 1)?.[index % pageSize]
  }

  /** These lines are in sight. While somebody drags the scroll bar only the last place counts. */
  want(first: number, last: number): void {
    if (this.timer !== undefined) clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      const from = Math.floor(first / pageSize) + 1
      // At the known end of more than can be counted the next page shows whether there is more.
      const beyond = !this.exact.value && last >= this.total.value ? 1 : 0
      const to = Math.floor(Math.max(first, last - 1) / pageSize) + 1 + beyond
      for (const [page, abort] of this.underway) if (page < from || page > to) abort.abort()
      for (let page = from; page <= to; page += 1) {
        const kept = this.pages.get(page)
        if (kept === undefined) void this.load(page)
        else {
          this.pages.delete(page)
          this.pages.set(page, kept)
        }
      }
    }, waitMs)
  }

  /** Of a list with the newest first: reads its beginning again. What lies behind it has moved and is let go of. */
  async refreshStart(): Promise<void> {
    const before = this.pages.get(1)?.[0]
    if (!this.loaded.value || this.end.signal.aborted || !await this.load(1)) return
    const now = this.pages.get(1)
    if (now?.[0]?.timestamp === before?.timestamp && now?.[0]?.message === before?.message) return
    for (const page of [...this.pages.keys()]) if (page !== 1) this.pages.delete(page)
  }

  /** Looks for lines that came since. */
  async refreshEnd(): Promise<void> {
    if (!this.loaded.value || this.end.signal.aborted) return
    for (let i = 0; i < catchUpPages; i += 1) {
      const page = Math.floor(this.total.value / pageSize) + 1
      const before = this.total.value
      if (!await this.load(page) || this.total.value === before || this.total.value % pageSize !== 0) return
    }
    await this.findEnd()
  }

  /** Beyond what the server counts, the end is searched for: first in leaps, then by halves. */
  async findEnd(): Promise<void> {
    if (this.exact.value) return
    let known = this.total.value
    let missing = known * 2
    while (await this.isThere(missing)) {
      known = missing + 1
      missing *= 2
    }
    while (missing - known > pageSize) {
      const middle = Math.floor((known + missing) / 2)
      if (await this.isThere(middle)) known = middle + 1
      else missing = middle
    }
    if (this.end.signal.aborted) return
    this.total.value = Math.max(this.total.value, known)
    await this.load(Math.floor((known - 1) / pageSize) + 1)
    if (!this.exact.value) await this.load(Math.floor(this.total.value / pageSize) + 1)
  }

  private async isThere(index: number): Promise<boolean> {
    if (this.end.signal.aborted) return false
    this.busy.value += 1
    try {
      return (await this.ask(this.question, index + 1, 1, this.end.signal)).results.length > 0
    } catch (error) {
      if (!isAbort(error)) this.error.value = asApiError(error)
      return false
    } finally {
      this.busy.value -= 1
    }
  }

  private async load(page: number): Promise<boolean> {
    if (this.underway.has(page)) return false
    const abort = new AbortController()
    this.underway.set(page, abort)
    this.busy.value += 1
    try {
      const answer = await this.ask(this.question, page, pageSize, abort.signal)
      if (abort.signal.aborted) return false
      this.take(page, answer)
      this.error.value = undefined
      return true
    } catch (error) {
      if (!abort.signal.aborted && !isAbort(error)) this.error.value = asApiError(error)
      return false
    } finally {
      this.busy.value -= 1
      if (this.underway.get(page) === abort) this.underway.delete(page)
    }
  }

  private take(page: number, { results, total }: Answer): void {
    const before = (page - 1) * pageSize
    if (results.length > 0 || page === 1) {
      this.pages.delete(page)
      this.pages.set(page, results)
      for (const oldest of this.pages.keys()) {
        if (this.pages.size <= pagesKept) break
        this.pages.delete(oldest)
      }
    }
    if (results.length > 0 && results.length < pageSize) this.total.value = before + results.length
    else if (results.length === pageSize) this.total.value = Math.max(this.total.value, before + pageSize, total)
    else if (page === 1) this.total.value = 0
    this.exact.value = results.length < pageSize || total < countMax
    this.loaded.value = true
    this.version.value += 1
  }
}
