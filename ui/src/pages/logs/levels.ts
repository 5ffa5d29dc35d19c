import type { Option } from '@/components'
import type { Tone } from '@/format'

export const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'] as const
const tones: Record<(typeof levels)[number], Tone> = { TRACE: 'idle', DEBUG: 'idle', INFO: 'live', WARN: 'warn', ERROR: 'bad' }

export function levelTone(level: string): Tone {
  return tones[level as (typeof levels)[number]] ?? 'idle'
}

/** "INFO and above", with '' for all. */
export function levelOptions(t: (key: string, values?: Record<string, unknown>) => string): Option[] {
  return [{ value: '', label: t('logs.allLevels') }, ...levels.slice(1).map((value) => ({ value, label: value === 'ERROR' ? value : t('logs.andAbove', { level: value }) }))]
}
