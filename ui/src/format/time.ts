// Points in time, in the time zone and language that the person chose.

export interface TimeStyle {
  language: string
  timeZone: string
}

const formats = new Map<string, Intl.DateTimeFormat>()

// Making a format costs more than using it a thousand times.
function formatOf(style: TimeStyle, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${style.language} ${style.timeZone} ${name}`
  let format = formats.get(key)
  if (format === undefined) {
    format = new Intl.DateTimeFormat(style.language, { ...options, timeZone: style.timeZone })
    formats.set(key, format)
  }
  return format
}

function dateOf(value: string | number | Date): Date | undefined {
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** `27 Nov 2026, 22:54:27` */
export function formatInstant(value: string | number | Date, style: TimeStyle): string {
  const date = dateOf(value)
  return date === undefined ? '' : formatOf(style, 'instant', { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' }).format(date)
}

/** `22:54:27.123`, for logs and timelines. */
export function formatClock(value: string | number | Date, style: TimeStyle, fractionDigits: 0 | 3 = 3): string {
  const date = dateOf(value)
  if (date === undefined) return ''
  const options: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }
  if (fractionDigits === 3) options.fractionalSecondDigits = 3
  return formatOf(style, `clock${fractionDigits}`, options).format(date)
}

export function formatDay(value: string | number | Date, style: TimeStyle): string {
  const date = dateOf(value)
  return date === undefined ? '' : formatOf(style, 'day', { dateStyle: 'medium' }).format(date)
}

/** With the offset, for tooltips: what is meant is beyond doubt. */
export function formatExact(value: string | number | Date, style: TimeStyle): string {
  const date = dateOf(value)
  if (date === undefined) return ''
  return formatOf(style, 'exact', { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hourCycle: 'h23', timeZoneName: 'longOffset' }).format(date)
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000], ['month', 2_592_000], ['week', 604_800], ['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1],
]

/** `3 minutes ago`, `in 2 hours`, `now`. */
export function formatRelative(value: string | number | Date, now: number, language: string): string {
  const date = dateOf(value)
  if (date === undefined) return ''
  const seconds = Math.round((date.getTime() - now) / 1_000)
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' })
  if (Math.abs(seconds) < 5) return relative.format(0, 'second')
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit)
  }
  return relative.format(0, 'second')
}

/** `2026-11-27T22:54` of a zone, for the input of a date and a time. */
export function toLocalInput(value: string, timeZone: string): string {
  const date = dateOf(value)
  if (date === undefined) return ''
  const parts = partsIn(date, timeZone)
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`
}

/** The instant that a clock in the zone shows as `2026-11-27T22:54`; '' when the text is none. */
export function fromLocalInput(text: string, timeZone: string): string {
  const asUtc = dateOf(`${text}${text.length === 16 ? ':00' : ''}Z`)
  if (asUtc === undefined) return ''
  // The offset at the guess may differ from the one at the answer, around a change of the clocks; twice is enough.
  let guess = asUtc.getTime() - offsetMs(asUtc, timeZone)
  guess = asUtc.getTime() - offsetMs(new Date(guess), timeZone)
  return new Date(guess).toISOString()
}

function partsIn(date: Date, timeZone: string): Record<string, string> {
  const format = formatOf({ language: 'en-GB', timeZone }, 'parts', { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
  return Object.fromEntries(format.formatToParts(date).map(({ type, value }) => [type, value]))
}

function offsetMs(date: Date, timeZone: string): number {
  const p = partsIn(date, timeZone)
  const shown = Date.UTC(Number(p.year), Number(p.month) - 1, Number(p.day), Number(p.hour), Number(p.minute), Number(p.second))
  return shown - Math.floor(date.getTime() / 1_000) * 1_000
}
