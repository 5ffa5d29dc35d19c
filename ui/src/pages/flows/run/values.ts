// What is typed into the run dialog, as parts of a form; and the same request for a shell.
import type { Schemas } from '@/api'
import type { FlowName } from '../names'

export type Input = Schemas['FlowInput']
export type Typed = Record<string, string | File>

/** A value of the server as the text of a control. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value)
}

/** The chosen ones of a MULTISELECT: a list, or its JSON. */
export function listOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String)
  if (typeof value !== 'string' || value.trim() === '') return []
  try {
    const read: unknown = JSON.parse(value)
    return Array.isArray(read) ? read.map(String) : []
  } catch {
    return []
  }
}

/** `HH:mm` of a browser is `HH:mm:00` for the server. */
export function partOf(input: Input, text: string): string {
  return input.type === 'TIME' && /^\d\d:\d\d$/.test(text) ? `${text}:00` : text
}

/** Empty text is no value: the server then takes the default, or says what is missing. */
export function formOf(inputs: readonly Input[], typed: Typed): FormData {
  const form = new FormData()
  for (const input of inputs) {
    const value = typed[input.id]
    if (value === undefined || value === '') continue
    if (typeof value === 'string') form.append(input.id, partOf(input, value))
    else form.append(input.id, value, value.name)
  }
  return form
}

export interface Start {
  labels: readonly Schemas['Label'][]
  scheduleDate: string
}

export function queryOf({ labels, scheduleDate }: Start): { labels?: string[]; scheduleDate?: string } {
  return { ...(labels.length > 0 && { labels: labels.map(({ key, value }) => `${key}:${value}`) }), ...(scheduleDate !== '' && { scheduleDate }) }
}

/** For POSIX shells. */
export function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** The request as one would send it with an API token in `$INSULA_TOKEN`. */
export function curlOf(origin: string, tenant: string, flow: FlowName, inputs: readonly Input[], typed: Typed, start: Start): string {
  const query = new URLSearchParams()
  const { labels = [], scheduleDate } = queryOf(start)
  for (const label of labels) query.append('labels', label)
  if (scheduleDate !== undefined) query.set('scheduleDate', scheduleDate)
  const tail = query.size > 0 ? `?${query.toString()}` : ''
  const lines = [`curl -X POST ${shellQuoted(`${origin}/api/v1/${tenant}/executions/${flow.namespace}/${flow.id}${tail}`)}`, '-H "Authorization: Bearer $INSULA_TOKEN"']
  for (const input of inputs) {
    const value = typed[input.id]
    if (value === undefined || value === '') continue
    // What begins with @ or < would be read from a file by -F.
    lines.push(typeof value === 'string' ? `--form-string ${shellQuoted(`${input.id}=${partOf(input, value)}`)}` : `-F ${shellQuoted(`${input.id}=@${value.name}`)}`)
  }
  return lines.join(' \\\n  ')
}

/** Where the world starts this flow; the key is part of the address and is its only secret. */
export function webhookUrl(origin: string, tenant: string, flow: FlowName, key: string): string {
  return `${origin}/api/v1/${tenant}/executions/webhook/${flow.namespace}/${flow.id}/${encodeURIComponent(key)}`
}
