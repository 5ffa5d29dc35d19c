// Counts by time and state as bars: every hour or day of the time asked for has one, also when nothing ran.
import type { Schemas } from '@/api'

export const spans = { day: 'PT24H', week: 'P7D', month: 'P30D' } as const
export type Span = keyof typeof spans
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const hours: Record<Span, number> = { day: 24, week: 7 * 24, month: 30 * 24 }

export function isSpan(text: string): text is Span {
  return Object.hasOwn(spans, text)
}

/** The server counts by hours up to two days, by days (of UTC) beyond. */
export function stepOf(span: Span): number {
  return span === 'day' ? hourMs : dayMs
}

export function startOf(span: Span, now: number): number {
  const step = stepOf(span)
  return Math.floor(now / step) * step - hours[span] * hourMs + step
}

export interface Bars {
  times: number[]
  /** Counts by state, in the order of `times`. */
  states: Map<string, number[]>
  total: number
  good: number
  ended: number
}

const order = ['SUCCESS', 'WARNING', 'RUNNING', 'PAUSED', 'QUEUED', 'KILLED', 'CANCELLED', 'FAILED']
const good = new Set(['SUCCESS', 'WARNING', 'SKIPPED'])
const bad = new Set(['FAILED', 'KILLED', 'CANCELLED'])

export function barsOf(rows: readonly Schemas['ChartRow'][], span: Span, now: number): Bars {
  const step = stepOf(span)
  const times: number[] = []
  for (let time = startOf(span, now); time <= now; time += step) times.push(time)
  const states = new Map<string, number[]>()
  let total = 0
  let goods = 0
  let ended = 0
  for (const { date, state = '', total: count = 0 } of rows) {
    const at = times.indexOf(Math.floor(Date.parse(date ?? '') / step) * step)
    if (at < 0) continue
    const counts = states.get(state) ?? times.map(() => 0)
    counts[at] = (counts[at] ?? 0) + count
    states.set(state, counts)
    total += count
    if (good.has(state)) goods += count
    if (good.has(state) || bad.has(state)) ended += count
  }
  const place = (state: string): number => order.includes(state) ? order.indexOf(state) : order.length
  return { times, states: new Map([...states].sort(([a], [b]) => place(a) - place(b))), total, good: goods, ended }
}

/** The chart as the server wants it described. */
export const chart = `id: executions_by_time
type: io.kestra.plugin.core.dashboard.chart.TimeSeries
data:
  type: io.kestra.plugin.core.dashboard.data.Executions
  columns:
    date:
      field: START_DATE
    state:
      field: STATE
    total:
      agg: COUNT
`
