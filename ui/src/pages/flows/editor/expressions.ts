// What can be written inside of `{{ }}` at a place: names of the flow, functions, filters. Pure: text in, proposals out.
import type { Schemas } from '@/api'
import type { Outline } from './outline'

export interface Proposal {
  label: string
  insert: string
  kind: 'name' | 'function' | 'filter'
  detail?: string
  /** `insert` has a place for the cursor, `$0`. */
  isSnippet?: boolean
}

export interface Vocabulary {
  functions: readonly Schemas['PebbleFunction'][]
  filters: readonly string[]
}

/** The expression that the cursor is in: what stands between the last `{{` and it; undefined outside of one. */
export function expressionBefore(text: string): string | undefined {
  const open = Math.max(text.lastIndexOf('{{'), text.lastIndexOf('{%'))
  if (open < 0 || text.slice(open).includes('}}') || text.slice(open).includes('%}')) return undefined
  return text.slice(open + 2)
}

/** The first expression that stands on a line of a source, or goes over it; undefined when there is none. */
export function expressionAt(source: string, line: number): string | undefined {
  const lines = source.split('\n')
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0)
  const end = start + (lines[line - 1]?.length ?? 0)
  for (const match of source.matchAll(/\{\{[\s\S]*?\}\}/g)) if (match.index <= end && match.index + match[0].length > start) return match[0]
  return undefined
}

const timeBound = /\b(outputs|taskrun|execution|trigger|parents?|tasks)\b/

/** Whether an expression names what only a run has. Texts in quotes name nothing. */
export function needsRun(expression: string): boolean {
  return timeBound.test(expression.replace(/'[^']*'|"[^"]*"/g, ''))
}

const fixed: Record<string, readonly string[]> = {
  flow: ['id', 'namespace', 'revision', 'tenantId'],
  execution: ['id', 'startDate', 'state', 'originalId'],
  task: ['id', 'type'],
  taskrun: ['id', 'startDate', 'attemptsCount', 'parentId', 'value', 'iteration'],
  trigger: ['date', 'next', 'previous', 'body', 'headers', 'parameters', 'executionId', 'namespace', 'flowId', 'state', 'outputs'],
  parent: ['outputs', 'taskrun'],
}

function members(path: string, outline: Outline): readonly string[] {
  if (path === 'inputs') return outline.inputs
  if (path === 'outputs') return outline.tasks
  if (path === 'vars') return outline.variables
  if (path === 'labels') return outline.labels
  return fixed[path] ?? []
}

function called({ name, arguments: given }: Schemas['PebbleFunction']): Proposal {
  const needed = given.filter((one) => one.default === undefined)
  return { label: name, insert: given.length === 0 ? `${name}()` : `${name}($0)`, kind: 'function', detail: `(${given.map((one) => one.name + (needed.includes(one) ? '' : '?')).join(', ')})`, isSnippet: given.length > 0 }
}

function member(path: string, name: string): Proposal {
  return { label: name, insert: name, kind: 'name', detail: path }
}

export function proposals(expression: string, outline: Outline, words: Vocabulary): Proposal[] {
  if (/\|\s*\w*$/.test(expression)) return words.filters.map((name) => ({ label: name, insert: name, kind: 'filter' }))
  const path = /([\w.]+)\.\w*$/.exec(expression)?.[1]
  if (path !== undefined) return members(path, outline).map((name) => member(path, name))
  if (/['"]\w*$/.test(expression)) return []
  const names = ['inputs', 'outputs', 'vars', 'labels', ...Object.keys(fixed)]
  return [...names.map((name): Proposal => ({ label: name, insert: name, kind: 'name' })), ...words.functions.map(called)]
}
