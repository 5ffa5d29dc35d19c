import { describe, expect, it } from 'vitest'
import { highlight } from './highlight'
import { steadyRows } from './rows'
import { heightMax, scrollTopOf, windowOf } from './window'

describe('the window of a long list', () => {
  it('has what is in sight and a little more', () => {
    expect(windowOf(1_000, 20, 2_000, 400)).toMatchObject({ first: 92, last: 128, height: 20_000, top: 1_840 })
    expect(windowOf(3, 20, 0, 400)).toMatchObject({ first: 0, last: 3, top: 0 })
    expect(windowOf(0, 20, 0, 400)).toMatchObject({ first: 0, last: 0, height: 0 })
  })
  it('reaches the first and the last of a million rows, and any between', () => {
    const count = 1_000_000
    expect(windowOf(count, 20, 0, 600)).toMatchObject({ first: 0, height: heightMax, top: 0 })
    const end = windowOf(count, 20, heightMax - 600, 600)
    expect(end.last).toBe(count)
    // The last row ends where the list ends.
    expect(end.top + (end.last - end.first) * 20).toBeCloseTo(heightMax, 3)
    for (const index of [1, 777, 500_000, 999_900]) {
      const at = scrollTopOf(index, count, 20, 600)
      const view = windowOf(count, 20, at, 600)
      expect(view.first).toBeLessThanOrEqual(index)
      expect(view.last).toBeGreaterThan(index)
    }
  })
})

describe('highlighting', () => {
  const kinds = (source: string, language: string): string[] => highlight(source, language).filter(({ kind }) => kind !== '').map(({ kind, text }) => `${kind}:${text}`)
  it('tells keys from values', () => {
    expect(kinds('{"a": "b", "c": [1, true]}', 'json')).toEqual(['key:"a"', 'string:"b"', 'key:"c"', 'number:1', 'keyword:true'])
    expect(kinds('id: hello # why\nretries: 3\n- type: "x"', 'yaml')).toEqual(['key:id', 'comment:# why', 'key:retries', 'number:3', 'key:type', 'string:"x"'])
  })
  it('loses nothing', () => {
    for (const source of ['{"a": 1}', 'a: [b, {{ c }}]\n# d', '', '<script>']) {
      for (const language of ['json', 'yaml', 'text']) expect(highlight(source, language).map(({ text }) => text).join('')).toBe(source)
    }
  })
})

it('rows that say the same stay the same', () => {
  const before = [{ id: 'a', state: 'RUNNING' }, { id: 'b', state: 'RUNNING' }]
  const after = steadyRows([{ id: 'c', state: 'CREATED' }, { id: 'a', state: 'RUNNING' }, { id: 'b', state: 'SUCCESS' }], before, ({ id }) => id)
  expect(after[1]).toBe(before[0])
  expect(after[2]).not.toBe(before[1])
  expect(after.map(({ state }) => state)).toEqual(['CREATED', 'RUNNING', 'SUCCESS'])
})
