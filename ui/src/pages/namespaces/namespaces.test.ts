import { describe, expect, it } from 'vitest'
import { formOf, namespaceOf, otherSettings } from './form'
import { above, treeOf, unfolded, type Namespace } from './tree'

const named = (...ids: string[]): Namespace[] => ids.map((id) => ({ id }))
const shown = (...ids: string[]): string[] => treeOf(named(...ids)).map(({ depth, way, name }) => `${'-'.repeat(depth)}${way}|${name}`)

describe('the tree', () => {
  it('puts each below the nearest above it', () => {
    expect(shown('a', 'a-b', 'a.b', 'a.b.c')).toEqual(['|a', '-|b', '--|c', '|a-b'])
  })
  it('keeps the way over those that are not listed', () => {
    expect(shown('a', 'a.b.c', 'x.y')).toEqual(['|a', '-b.|c', 'x.|y'])
  })
  it('takes dots at any place', () => {
    expect(shown('a.', 'a..b', 'a')).toEqual(['|a', '-|', '--|b'])
    expect(above('a')).toEqual([])
    expect(above('a.b.c')).toEqual(['a', 'a.b'])
  })
  it('hides what is below folded ones, and only that', () => {
    const rows = treeOf(named('a', 'a.b', 'a.b.c', 'ab'))
    expect(rows.map(({ hasBelow }) => hasBelow)).toEqual([true, true, false, false])
    expect(unfolded(rows, new Set(['a'])).map(({ namespace }) => namespace.id)).toEqual(['a', 'ab'])
  })
})

describe('the form', () => {
  const before: Namespace = { id: 'a', deleted: false, description: 'Old', concurrency: { limit: 3, behavior: 'FAIL' }, ...{ variables: { x: 1 } } }
  it('gives back what it does not know', () => {
    expect(namespaceOf(formOf(before), before)).toEqual({ id: 'a', description: 'Old', concurrency: { limit: 3, behavior: 'FAIL' }, variables: { x: 1 } })
    expect(otherSettings(before)).toEqual(['variables'])
  })
  it('removes what was emptied', () => {
    expect(namespaceOf({ ...formOf(before), description: ' ', isLimited: false }, before)).toEqual({ id: 'a', variables: { x: 1 } })
  })
})
