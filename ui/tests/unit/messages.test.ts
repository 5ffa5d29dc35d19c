import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { messages as de } from '@/i18n/de'
import { messages as en } from '@/i18n/en'

type Messages = Record<string, unknown>
const root = join(import.meta.dirname, '../../src')

function flat(messages: Messages, prefix = ''): Map<string, string> {
  return new Map(Object.entries(messages).flatMap(([key, value]) => typeof value === 'string' ? [[prefix + key, value] as const] : [...flat(value as Messages, `${prefix}${key}.`)]))
}
function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) return sources(path)
    return /\.(vue|ts)$/.test(name) && !name.endsWith('.test.ts') ? [path] : []
  })
}
const english = flat(en)
const german = flat(de)

it('every message is there in every language', () => {
  expect([...german.keys()].sort()).toEqual([...english.keys()].sort())
})

it('a translation has the same places for values', () => {
  const places = (text: string | undefined): string[] => [...(text ?? '').matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').sort()
  for (const [key, text] of english) expect(places(german.get(key)), key).toEqual(places(text))
})

it('every message that the sources name exists', () => {
  const missing = sources(root).flatMap((path) => {
    const text = readFileSync(path, 'utf8')
    const named = [...text.matchAll(/\b(?:t|translate)\('([\w.-]+)'/g), ...text.matchAll(/\b(?:label|title): '([a-z][\w-]*\.[\w.-]+)'/g)]
    return named.map(([, key]) => key ?? '').filter((key) => !english.has(key)).map((key) => `${path.slice(root.length + 1)}: ${key}`)
  })
  expect(missing).toEqual([])
})

it('no room is called like a group of the shared messages', () => {
  const shared = Object.keys(JSON.parse(readFileSync(join(root, 'i18n/en.json'), 'utf8')) as Messages)
  expect(readdirSync(join(root, 'pages')).filter((room) => shared.includes(room))).toEqual([])
})
