import { describe, expect, it } from 'vitest'
import { diffLines, folded, readable } from './diff'

const shown = (before: string, after: string): string[] => diffLines(before, after).map(({ kind, text }) => `${{ same: ' ', added: '+', removed: '-', fold: '…' }[kind]}${text}`)

describe('difference by lines', () => {
  it('keeps what is the same', () => {
    expect(shown('a\nb\nc', 'a\nx\nc')).toEqual([' a', '-b', '+x', ' c'])
    expect(shown('a\nb', 'a\nb')).toEqual([' a', ' b'])
  })
  it('takes an empty side as nothing', () => {
    expect(shown('', 'a\n')).toEqual(['+a'])
    expect(shown('a', '')).toEqual(['-a'])
  })
  it('finds lines that moved apart', () => {
    expect(shown('a\nb\nc\nd', 'b\nc\ne\nd')).toEqual(['-a', ' b', ' c', '+e', ' d'])
  })
  it('counts lines on each side', () => {
    expect(diffLines('a\nb', 'b')).toEqual([{ kind: 'removed', text: 'a', before: 1 }, { kind: 'same', text: 'b', before: 2, after: 1 }])
  })
  it('folds what is far from a change', () => {
    const before = Array.from({ length: 20 }, (_, i) => `line ${i}`).join('\n')
    const lines = folded(diffLines(before, before.replace('line 10', 'other')))
    expect(lines[0]).toEqual({ kind: 'fold', text: '7' })
    expect(lines.at(-1)).toEqual({ kind: 'fold', text: '6' })
    expect(lines.filter(({ kind }) => kind === 'same')).toHaveLength(6)
  })
  it('spreads JSON', () => {
    expect(readable('{"a":1}')).toBe('{\n  "a": 1\n}')
    expect(readable('id: hello')).toBe('id: hello')
  })
})
