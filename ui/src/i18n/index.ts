// Languages: one chunk per language, made of the messages here and of every room (`pages/<room>/<language>.json`, under the name of the room).
import { createI18n } from 'vue-i18n'

export const languages = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof languages

const loaders: Record<Language, () => Promise<{ messages: Record<string, unknown> }>> = {
  en: () => import('./en'),
  de: () => import('./de'),
}

export const i18n = createI18n({ legacy: false, locale: 'en', fallbackLocale: 'en', missingWarn: import.meta.env.DEV, fallbackWarn: false, messages: {} })

export function isLanguage(text: string): text is Language {
  return text in languages
}

export function languageOfBrowser(): Language {
  for (const tag of navigator.languages) {
    const language = tag.slice(0, 2).toLowerCase()
    if (isLanguage(language)) return language
  }
  return 'en'
}

const loaded = new Set<Language>()

export async function setLanguage(language: Language): Promise<void> {
  if (!loaded.has(language)) {
    const { messages } = await loaders[language]()
    i18n.global.setLocaleMessage(language, messages as never)
    loaded.add(language)
  }
  i18n.global.locale.value = language as never
  document.documentElement.lang = language
}

/** For code outside of components. */
export function translate(key: string, values: Record<string, unknown> = {}): string {
  return i18n.global.t(key, values)
}

export { problemText, type ProblemText } from './problem'
