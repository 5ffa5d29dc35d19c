// Where in the source each complaint of the server belongs. It names a line and column for what is no YAML; else the path of a property, the id of a task,
// an unknown field or type, which are looked for in the parsed source.
import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type Node, type Pair, type YAMLMap } from 'yaml'
import type { Schemas } from '@/api'

export interface Problem {
  message: string
  /** What to do about it, in words of the server. */
  hint?: string
  /** What was probably meant, and what it can stand in place of, on the same line. */
  replacement?: { text: string; column: number; endColumn: number }
  severity: 'error' | 'warning' | 'info'
  line: number
  column: number
  endLine: number
  endColumn: number
}

type Place = Pick<Problem, 'line' | 'column' | 'endLine' | 'endColumn'>
type Violation = NonNullable<Schemas['FlowCheck']['violations']>[number]
type Found = { start: number; end: number } | undefined

const introduction = /^Validation error: /
const position = /\(at line (\d+)(?:, column (\d+))?\)/
const unknownField = /^Unrecognized field "([^"]+)" \(class ([\w.$]+)\)/
const unknownType = /^Invalid type: (\S+)/
const duplicateId = /Duplicate \w+ id with name \[([^\]]+)\]/
const pathed = /^([\w-]+(?:\[\d+\])?(?:\.[\w-]+(?:\[\d+\])?)*): /

function spanOf(node: unknown): Found {
  const range = (node as Node | null)?.range
  return range === undefined || range === null ? undefined : { start: range[0], end: range[1] }
}

function text(node: unknown): string | undefined {
  return isScalar(node) ? String(node.value) : undefined
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => text(pair.key) === key)
}

/** All maps of the source, in order. */
function mapsOf(document: Document): YAMLMap[] {
  const maps: YAMLMap[] = []
  visit(document, { Map(_, map) { maps.push(map) } })
  return maps
}

/** Follows a path as far as it leads; the last step that exists is the place: its key, or the item. */
function follow(from: unknown, steps: readonly string[]): Found {
  let node = from
  let found: Found
  for (const step of steps) {
    if (isMap(node)) {
      const pair = pairOf(node, step)
      if (pair === undefined) return found ?? headOf(node)
      found = spanOf(pair.key)
      node = pair.value
    } else if (isSeq(node) && /^\d+$/.test(step)) {
      node = node.items[Number(step)]
      found = headOf(node) ?? found
    } else break
  }
  return found
}

/** Of a map the id or the first key stands for the whole. */
function headOf(node: unknown): Found {
  if (!isMap(node)) return spanOf(node)
  const pair = pairOf(node, 'id') ?? node.items.find(isPair)
  return spanOf(pair?.value) ?? spanOf(pair?.key)
}

function stepsOf(path: string): string[] {
  return path.split('.').flatMap((part) => {
    const [name = '', ...indexes] = part.split(/[[\]]+/)
    return [name, ...indexes.filter((one) => one !== '')]
  })
}

function placeOf(document: Document, message: string): Found {
  const maps = mapsOf(document)
  const field = unknownField.exec(message)
  if (field !== null) {
    const [, name = '', type = ''] = field
    const having = maps.filter((map) => pairOf(map, name) !== undefined)
    const owner = having.find((map) => text(pairOf(map, 'type')?.value) === type) ?? having[0]
    return owner === undefined ? undefined : spanOf(pairOf(owner, name)?.key)
  }
  const type = unknownType.exec(message)?.[1]
  if (type !== undefined) return spanOf(maps.map((map) => pairOf(map, 'type')?.value).find((value) => text(value) === type))
  const twice = duplicateId.exec(message)?.[1]
  if (twice !== undefined) {
    const ids = maps.map((map) => pairOf(map, 'id')?.value).filter((value) => text(value) === twice)
    return spanOf(ids[1] ?? ids[0])
  }
  const path = pathed.exec(message)?.[1]
  if (path === undefined) return undefined
  const steps = stepsOf(path)
  if (isMap(document.contents) && pairOf(document.contents, steps[0] ?? '') !== undefined) return follow(document.contents, steps)
  const owner = maps.find((map) => map !== document.contents && text(pairOf(map, 'id')?.value) === steps[0])
  return owner === undefined ? undefined : follow(owner, steps.slice(1)) ?? headOf(owner)
}

function endOfLine(source: string, line: number): number {
  return (source.split('\n')[line - 1]?.length ?? 0) + 1
}

function locate(source: string, document: Document, lines: LineCounter, message: string): Place {
  const said = position.exec(message)
  if (said !== null) {
    const line = Number(said[1])
    const column = Number(said[2] ?? 1)
    return { line, column, endLine: line, endColumn: Math.max(endOfLine(source, line), column + 1) }
  }
  const found = placeOf(document, message)
  if (found === undefined) return { line: 1, column: 1, endLine: 1, endColumn: endOfLine(source, 1) }
  const start = lines.linePos(found.start)
  const end = lines.linePos(found.end)
  return { line: start.line, column: start.col, endLine: end.line, endColumn: end.col }
}

const token = /^(?:"[^"]*"|'[^']*'|[^\s,:}\]]+)/

interface Words {
  /** What stands at the place: a key, or a value. */
  first: string
  /** The value behind it on the same line, when it is a key. */
  value: string
  valueAt: number
}

function wordsAt(source: string, line: number, column: number): Words {
  const rest = source.split('\n')[line - 1]?.slice(column - 1) ?? ''
  const first = token.exec(rest)?.[0] ?? ''
  const gap = /^\s*:\s+/.exec(rest.slice(first.length))?.[0] ?? ''
  const valueAt = column + first.length + gap.length
  return { first, value: gap === '' ? '' : token.exec(rest.slice(first.length + gap.length))?.[0] ?? '', valueAt }
}

/** A suggestion is a word in place of the one that the message complains of, or advice. */
function adviceOf(message: string, suggestion: string, { first, value, valueAt }: Words, column: number): Pick<Problem, 'hint' | 'replacement'> {
  if (suggestion === '') return {}
  if (/^[\w.$-]+$/.test(suggestion)) {
    const isNamed = (word: string): boolean => word.length > 1 && message.split(/[\s"'`,()[\]]+/).includes(word)
    if (isNamed(value)) return { replacement: { text: suggestion, column: valueAt, endColumn: valueAt + value.length } }
    if (isNamed(first)) return { replacement: { text: suggestion, column, endColumn: column + first.length } }
  }
  return { hint: suggestion }
}

// The server knows the place; a message without one is looked for like those of older servers.
function problemOf(source: string, document: Document, lines: LineCounter, { path = '', message, line, column, suggestion = '' }: Violation): Problem {
  const said = path === '' || message.startsWith(path) ? message : `${path}: ${message}`
  const start = Math.max(1, column ?? 1)
  if (line === undefined || line < 1) return { message: said, severity: 'error', ...locate(source, document, lines, said), ...(suggestion !== '' && { hint: suggestion }) }
  const words = wordsAt(source, line, start)
  return { message: said, severity: 'error', line, column: start, endLine: line, endColumn: start + Math.max(1, words.first.length), ...adviceOf(message, suggestion, words, start) }
}

export function problemsOf(source: string, check: Pick<Schemas['FlowCheck'], 'constraints' | 'warnings' | 'infos' | 'deprecationPaths' | 'violations'>): Problem[] {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, logLevel: 'silent' })
  const violations = check.violations ?? []
  const errors = violations.length > 0 ? [] : (check.constraints ?? '').replace(introduction, '').split('\n').map((line) => line.trim()).filter((line) => line !== '')
  return [
    ...violations.map((one) => problemOf(source, document, lines, one)),
    ...errors.map((message) => ({ message, severity: 'error' as const, ...locate(source, document, lines, message) })),
    ...(check.warnings ?? []).map((message) => ({ message, severity: 'warning' as const, ...locate(source, document, lines, message) })),
    ...(check.infos ?? []).map((message) => ({ message, severity: 'info' as const, ...locate(source, document, lines, `Invalid type: ${message.split(' ')[0] ?? ''}`) })),
  ]
}
