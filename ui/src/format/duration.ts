// Durations: ISO 8601 as the server writes them, milliseconds inside, `1h 4m` for people.

const pattern = /^(-)?P(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/
const dayMs = 86_400_000
// Of a year and a month the server knows no length either; these are the common ones.
const units = [365 * dayMs, 30 * dayMs, 7 * dayMs, dayMs, 3_600_000, 60_000, 1_000]

/** Milliseconds of `PT1H30M`; undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  const match = pattern.exec(text)
  if (match === null || /[PT]$/.test(text)) return undefined
  const ms = units.reduce((sum, unit, i) => sum + Number(match[i + 2] ?? 0) * unit, 0)
  return match[1] === '-' ? -ms : ms
}

export function isoDuration(ms: number): string {
  if (ms === 0) return 'PT0S'
  const days = Math.floor(ms / dayMs)
  const hours = Math.floor((ms % dayMs) / 3_600_000)
  const minutes = Math.floor((ms % 3_600_000) / 60_000)
  const seconds = (ms % 60_000) / 1_000
  const time = [hours > 0 ? `${hours}H` : '', minutes > 0 ? `${minutes}M` : '', seconds > 0 ? `${seconds}S` : ''].join('')
  return `P${days > 0 ? `${days}D` : ''}${time === '' ? '' : `T${time}`}`
}

/** The two largest units: `450 ms`, `3.2 s`, `4m 10s`, `2h 5m`, `3d 4h`. */
export function formatDuration(ms: number, language = 'en'): string {
  if (!Number.isFinite(ms)) return ''
  if (ms < 0) return `-${formatDuration(-ms, language)}`
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(ms / 1_000)} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 3_600) return pair(Math.floor(seconds / 60), 'm', seconds % 60, 's')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 1_440) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'm')
  const hours = Math.floor(minutes / 60)
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit} ${small}${smallUnit}`
}
