import { expect, it } from 'vitest'
import { filesIn, member, outputsPath } from './values'

it('finds files at any depth', () => {
  expect(filesIn({ a: 'kestra:///x/y%20z.csv', b: [{ c: 'kestra:///n.json' }], d: 'https://x', e: null }, 'outputs.t')).toEqual([
    { uri: 'kestra:///x/y%20z.csv', name: 'y z.csv', from: 'outputs.t' }, { uri: 'kestra:///n.json', name: 'n.json', from: 'outputs.t' },
  ])
})

it('names members as expressions do', () => {
  expect(member('outputs.t', 'rows')).toBe('outputs.t.rows')
  expect(member('outputs.t', "it's.csv")).toBe(String.raw`outputs.t['it\'s.csv']`)
  expect(member('outputs.t', 2)).toBe('outputs.t[2]')
  expect(outputsPath('my-task', undefined)).toBe("outputs['my-task']")
  expect(outputsPath('t', 'a b')).toBe("outputs.t['a b']")
})
