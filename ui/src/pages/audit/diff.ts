// The difference of two texts by lines, with the unchanged parts far from a change folded away.

export interface DiffLine {
  kind: 'same' | 'added' | 'removed' | 'fold'
  text: string
  before?: number
  after?: number
}

// Beyond this a table of all pairs costs more than it tells: the middle is shown as replaced.
const pairsMax = 4_000_000
const around = 3

/** JSON of one line is spread over several. */
export function readable(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : text
  } catch {
    return text
  }
}

const linesOf = (text: string): string[] => text === '' ? [] : text.replace(/\n$/, '').split('\n')

// Of the longest common subsequence from each pair of positions on.
function lengths(a: readonly string[], b: readonly string[]): Uint32Array {
  const width = b.length + 1
  const table = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const at = i * width + j
      table[at] = a[i] === b[j] ? (table[at + width + 1] ?? 0) + 1 : Math.max(table[at + width] ?? 0, table[at + 1] ?? 0)
    }
  }
  return table
}

function changed(a: readonly string[], b: readonly string[]): ('same' | 'added' | 'removed')[] {
  if (a.length * b.length > pairsMax) return [...a.map(() => 'removed' as const), ...b.map(() => 'added' as const)]
  const table = lengths(a, b)
  const width = b.length + 1
  const kinds: ('same' | 'added' | 'removed')[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      kinds.push('same')
      i += 1
      j += 1
    } else if (j >= b.length || (i < a.length && (table[(i + 1) * width + j] ?? 0) >= (table[i * width + j + 1] ?? 0))) {
      kinds.push('removed')
      i += 1
    } else {
      kinds.push('added')
      j += 1
    }
  }
  return kinds
}

export function diffLines(before: string, after: string): DiffLine[] {
  const a = linesOf(before)
  const b = linesOf(after)
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1
  const kinds = [...Array<'same'>(head).fill('same'), ...changed(a.slice(head, a.length - tail), b.slice(head, b.length - tail)), ...Array<'same'>(tail).fill('same')]
  let [i, j] = [0, 0]
  return kinds.map((kind): DiffLine => {
    if (kind === 'removed') return { kind, text: a[i] ?? '', before: ++i }
    if (kind === 'added') return { kind, text: b[j] ?? '', after: ++j }
    return { kind, text: a[i] ?? '', before: ++i, after: ++j }
  })
}

/** Same lines more than three away from a change become one `fold` that says how many they are. */
export function folded(lines: readonly DiffLine[]): DiffLine[] {
  const near = lines.map((_, at) => lines.slice(Math.max(0, at - around), at + around + 1).some(({ kind }) => kind !== 'same'))
  const shown: DiffLine[] = []
  let hidden = 0
  const close = (): void => {
    if (hidden > 0) shown.push({ kind: 'fold', text: String(hidden) })
    hidden = 0
  }
  lines.forEach((line, at) => {
    if (near[at]) {
      close()
      shown.push(line)
    } else hidden += 1
  })
  close()
  return shown
}
