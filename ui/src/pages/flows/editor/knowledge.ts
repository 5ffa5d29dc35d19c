// What the server knows of the language: the same for all tenants, read once. What it cannot tell (an older server) is done without.
import { api } from '@/api'
import type { Vocabulary } from './expressions'
import type { Schema } from './schema'

export interface Knowledge {
  words: Vocabulary
  schema?: Schema
}

let known: Promise<Knowledge> | undefined
const documents = new Map<string, Promise<string>>()

async function read(): Promise<Knowledge> {
  const [functions, filters, schema] = await Promise.allSettled([api.get('/api/v1/pebble/functions'), api.get('/api/v1/pebble/filters'), api.get('/api/v1/plugins/schemas/{type}', { path: { type: 'flow' } })])
  return {
    words: { functions: functions.status === 'fulfilled' ? functions.value : [], filters: filters.status === 'fulfilled' ? filters.value : [] },
    ...(schema.status === 'fulfilled' && { schema: schema.value as Schema }),
  }
}

export function knowledge(): Promise<Knowledge> {
  known ??= read()
  return known
}

/** The documentation of a type, in Markdown. */
export function documentationOf(type: string): Promise<string> {
  let document = documents.get(type)
  if (document === undefined) {
    document = api.get('/api/v1/plugins/{cls}', { path: { cls: type } }).then(({ markdown }) => markdown)
    document.catch(() => documents.delete(type))
    documents.set(type, document)
  }
  return document
}
