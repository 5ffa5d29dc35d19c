// What a source contains that expressions can name, and which task or trigger a line belongs to. A source that is being typed is read as far as it makes sense.
import { isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type YAMLMap } from 'yaml'

export interface Part {
  id: string
  type: string
  line: number
  endLine: number
}

export interface Outline {
  namespace: string
  id: string
  inputs: string[]
  variables: string[]
  labels: string[]
  /** Tasks, triggers, conditions…: whatever has a type with a dot. */
  parts: Part[]
  tasks: string[]
  triggers: string[]
}

function text(map: YAMLMap, key: string): string {
  const value = map.get(key, true)
  return isScalar(value) && value.value !== null ? String(value.value) : ''
}

function keysOf(node: unknown): string[] {
  return isMap(node) ? node.items.map(({ key }) => isScalar(key) ? String(key.value) : '').filter((key) => key !== '') : []
}

function idsOf(node: unknown): string[] {
  return isSeq(node) ? node.items.flatMap((item) => isMap(item) ? [text(item, 'id')] : []).filter((id) => id !== '') : []
}

const empty: Outline = { namespace: '', id: '', inputs: [], variables: [], labels: [], parts: [], tasks: [], triggers: [] }

export function outlineOf(source: string): Outline {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, logLevel: 'silent' })
  const root = document.contents
  if (!isMap(root)) return empty
  const parts: Part[] = []
  visit(document, {
    Map(_, map) {
      const type = text(map, 'type')
      if (!type.includes('.') || !map.range) return
      parts.push({ id: text(map, 'id'), type, line: lines.linePos(map.range[0]).line, endLine: lines.linePos(Math.max(map.range[0], map.range[1] - 1)).line })
    },
  })
  const triggers = idsOf(root.get('triggers', true))
  return {
    namespace: text(root, 'namespace'), id: text(root, 'id'),
    inputs: idsOf(root.get('inputs', true)), variables: keysOf(root.get('variables', true)), labels: keysOf(root.get('labels', true)), parts, triggers,
    tasks: parts.map(({ id }) => id).filter((id) => id !== '' && !triggers.includes(id)),
  }
}

/** The innermost task or trigger around a line. */
export function partAt({ parts }: Outline, line: number): Part | undefined {
  return parts.filter((part) => part.line <= line && line <= part.endLine).at(-1)
}
