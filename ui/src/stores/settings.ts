// What somebody chose for themselves: theme and language for this device, time zone and default namespace for themselves in a tenant.
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { isLanguage, languageOfBrowser, setLanguage, type Language } from '@/i18n'
import type { TimeStyle } from '@/format'
import { isFlag, isText, readStored, writeStored } from './storage'
import { useTenants } from './tenants'

export type Theme = 'system' | 'light' | 'dark'
const isTheme = (value: unknown): value is Theme => value === 'system' || value === 'light' || value === 'dark'
const isLanguageValue = (value: unknown): value is Language => isText(value) && isLanguage(value)

export function isTimeZone(zone: unknown): zone is string {
  if (!isText(zone) || zone === '') return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

export const browserTimeZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone

export const useSettings = defineStore('settings', () => {
  const theme = ref<Theme>(readStored('device', 'theme', isTheme) ?? 'system')
  const language = ref<Language>(readStored('device', 'language', isLanguageValue) ?? languageOfBrowser())
  const menuNarrow = ref(readStored('device', 'menu-narrow', isFlag) ?? false)
  const timeZone = ref(browserTimeZone())
  const defaultNamespace = ref('')

  const system = window.matchMedia('(prefers-color-scheme: dark)')
  const systemDark = ref(system.matches)
  system.addEventListener('change', (event) => { systemDark.value = event.matches })
  const dark = computed(() => theme.value === 'dark' || (theme.value === 'system' && systemDark.value))

  watch(dark, (on) => { document.documentElement.dataset.theme = on ? 'dark' : 'light' }, { immediate: true })
  watch(theme, (value) => writeStored('device', 'theme', value))
  watch(menuNarrow, (value) => writeStored('device', 'menu-narrow', value))
  watch(language, async (value) => {
    writeStored('device', 'language', value)
    await setLanguage(value)
  })

  // Of the person in the tenant: read when the tenant changes, written by the setters only.
  watch(() => useTenants().currentId, () => {
    timeZone.value = readStored('person', 'time-zone', isTimeZone) ?? browserTimeZone()
    defaultNamespace.value = readStored('person', 'default-namespace', isText) ?? ''
  }, { immediate: true, flush: 'sync' })

  function setTimeZone(zone: string): void {
    timeZone.value = isTimeZone(zone) ? zone : browserTimeZone()
    writeStored('person', 'time-zone', isTimeZone(zone) ? zone : undefined)
  }

  function setDefaultNamespace(namespace: string): void {
    defaultNamespace.value = namespace
    writeStored('person', 'default-namespace', namespace === '' ? undefined : namespace)
  }

  const timeStyle = computed<TimeStyle>(() => ({ language: language.value, timeZone: timeZone.value }))

  return { theme, language, menuNarrow, timeZone, defaultNamespace, dark, timeStyle, setTimeZone, setDefaultNamespace }
})
