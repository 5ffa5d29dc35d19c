// Namespaces as a tree by the dots of their ids.
import type { Schemas } from '@/api'

export type Namespace = Schemas['Namespace']

export interface TreeRow {
  namespace: Namespace
  depth: number
  /** The way from the nearest one above that is listed to this one: `a.` of `a.b` when `a` is not listed. */
  way: string
  name: string
  hasBelow: boolean
}

/** Somebody made it; the others are there because of flows. */
export function isMade(namespace: Namespace): boolean {
  return namespace.deleted !== undefined
}

/** `a.b.c` → `a`, `a.b` */
export function above(id: string): string[] {
  const parts = id.split('.')
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('.'))
}

// Part by part: `a.b` comes before `a-b`, next to `a`.
function compare(a: string, b: string): number {
  const left = a.split('.')
  const right = b.split('.')
  for (let i = 0; i < Math.min(left.length, right.length); ++i) {
    const one = left[i] ?? ''
    const other = right[i] ?? ''
    if (one !== other) return one < other ? -1 : 1
  }
  return left.length - right.length
}

/** In the order of the tree, each below the nearest above it that is listed. */
export function treeOf(namespaces: readonly Namespace[]): TreeRow[] {
  const rows = new Map<string, TreeRow>()
  for (const namespace of [...namespaces].sort((a, b) => compare(a.id, b.id))) {
    const { id } = namespace
    const parent = above(id).reverse().map((one) => rows.get(one)).find((one) => one !== undefined)
    const from = parent === undefined ? 0 : parent.namespace.id.length + 1
    const dot = Math.max(id.lastIndexOf('.') + 1, from)
    if (parent !== undefined) parent.hasBelow = true
    rows.set(id, { namespace, depth: parent === undefined ? 0 : parent.depth + 1, way: id.slice(from, dot), name: id.slice(dot), hasBelow: false })
  }
  return [...rows.values()]
}

/** Without what lies below folded ones. */
export function unfolded(rows: readonly TreeRow[], folded: ReadonlySet<string>): TreeRow[] {
  return rows.filter(({ namespace }) => !above(namespace.id).some((one) => folded.has(one)))
}
