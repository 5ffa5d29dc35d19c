// Where in a YAML source the cursor is, by indentation alone: what is being typed is seldom valid YAML.

export interface Level {
  /** The key that leads here from the level above; undefined for the item of a list. */
  key?: string
  /** `type` of this map, when it has one. */
  type?: string
}

export interface Place {
  /** From the root to the map of the cursor. */
  levels: Level[]
  /** Keys that this map has already. */
  used: Set<string>
  /** The key whose value is being typed; undefined while a key is. */
  key?: string
}

interface Line {
  /** Columns of the dash (-1: none) and of what follows. */
  dash: number
  start: number
  key?: string
  value: string
  isBlank: boolean
}

const shape = /^(\s*)((?:-\s+|-$)?)(?:([\w.$-]+|"[^"]*"|'[^']*')\s*:(?:\s+(.*)|\s*)$|(.*)$)/

function lineOf(text: string): Line {
  const match = shape.exec(text)
  const space = match?.[1]?.length ?? 0
  const dash = match?.[2] ?? ''
  const isBlank = text.trim() === '' || text.trimStart().startsWith('#')
  return { dash: dash === '' ? -1 : space, start: space + dash.length, key: match?.[3]?.replace(/^["']|["']$/g, ''), value: (match?.[4] ?? match?.[5] ?? '').replace(/\s+#.*$/, '').trim(), isBlank }
}

/** Keys of the map that a line belongs to, above and below it. */
function mapAround(lines: readonly Line[], at: number, indent: number): { keys: Map<string, string>; head: number } {
  const keys = new Map<string, string>()
  const own = lines[at]
  let head = at
  if (own?.dash === -1 || own === undefined) {
    for (let i = at - 1; i >= 0; i--) {
      const line = lines[i]
      if (line === undefined || line.isBlank || line.start > indent) continue
      if (line.start < indent) break
      if (line.key !== undefined) keys.set(line.key, line.value)
      head = i
      if (line.dash >= 0) break
    }
  }
  for (let i = at + 1; i < lines.length; i++) {
    const line = lines[i]
    if (line === undefined || line.isBlank || line.start > indent) continue
    if (line.start < indent || line.dash >= 0) break
    if (line.key !== undefined) keys.set(line.key, line.value)
  }
  if (own?.key !== undefined) keys.set(own.key, own.value)
  return { keys, head }
}

/** The line of the key that contains what begins at `head`: less indented, or as much when `head` is the item of a list. */
function ownerOf(lines: readonly Line[], head: number, indent: number, dash: number): number {
  for (let i = head - 1; i >= 0; i--) {
    const line = lines[i]
    if (line === undefined || line.isBlank || line.key === undefined) continue
    if (dash >= 0 ? (line.start <= dash && line.dash < dash) : line.start < indent) return i
  }
  return -1
}

export function placeOf(source: string, lineNumber: number, column: number): Place {
  const texts = source.split('\n')
  const lines = texts.map(lineOf)
  const at = lineNumber - 1
  const before = (texts[at] ?? '').slice(0, column - 1)
  const typed = lineOf(before)
  const isValue = typed.key !== undefined
  let indent = typed.start
  if (before.trim() === '') indent = before.length
  lines[at] = { ...typed, start: indent, isBlank: false, value: lines[at]?.value ?? '' }

  const levels: Level[] = []
  let { keys, head } = mapAround(lines, at, indent)
  if (!isValue && typed.key === undefined) keys.delete('')
  const used = new Set(keys.keys())
  if (isValue && typed.key !== undefined) used.delete(typed.key)
  for (let line = at; ;) {
    levels.unshift({ type: keys.get('type')?.replace(/^["']|["']$/g, '') })
    const dash = lines[head]?.dash ?? -1
    const owner = ownerOf(lines, head, lines[head]?.start ?? indent, dash)
    if (owner < 0 || owner === line) break
    if (dash >= 0) levels.unshift({ key: lines[owner]?.key })
    else if (levels[0] !== undefined) levels[0].key = lines[owner]?.key
    line = owner
    ;({ keys, head } = mapAround(lines, owner, lines[owner]?.start ?? 0))
  }
  return { levels, used, key: isValue ? typed.key : undefined }
}
