const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** `1.4 MiB` */
export function formatBytes(bytes: number, language = 'en'): string {
  if (!Number.isFinite(bytes) || bytes < 0) return ''
  let value = bytes
  let unit = 0
  while (value >= 1_024 && unit < units.length - 1) {
    value /= 1_024
    unit += 1
  }
  return `${formatNumber(value, language, unit === 0 ? 0 : 1)} ${units[unit] ?? ''}`
}

export function formatNumber(value: number, language = 'en', digits = 0): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value)
}

/** `98.5 %` of a part between 0 and 1. */
export function formatPercent(part: number, language = 'en'): string {
  return Number.isFinite(part) ? new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(part) : ''
}
