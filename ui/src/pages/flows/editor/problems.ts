// Where in the source each complaint of the server belongs. It names a line and column for what is no YAML; else the path of a property, the id of a task,
// an unknown field or type, which are looked for in the parsed source.
import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type Node, type Pair, type YAMLMap } from 'yaml'
import type { Schemas } from '@/api'

export interface Problem {
  message: string
  severity: 'error' | 'warning' | 'info'
  line: number
  column: number
  endLine: number
  endColumn: number
}

type Place = Omit<Problem, 'message' | 'severity'>
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

export function problemsOf(source: string, check: Pick<Schemas['FlowCheck'], 'constraints' | 'warnings' | 'infos' | 'deprecationPaths'>): Problem[] {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, logLevel: 'silent' })
  const errors = (check.constraints ?? '').replace(introduction, '').split('\n').map((line) => line.trim()).filter((line) => line !== '')
  return [
    ...errors.map((message) => ({ message, severity: 'error' as const, ...locate(source, document, lines, message) })),
    ...(check.warnings ?? []).map((message) => ({ message, severity: 'warning' as const, ...locate(source, document, lines, message) })),
    ...(check.infos ?? []).map((message) => ({ message, severity: 'info' as const, ...locate(source, document, lines, `Invalid type: ${message.split(' ')[0] ?? ''}`) })),
  ]
}
