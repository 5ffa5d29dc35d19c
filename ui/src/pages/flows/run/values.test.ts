import { describe, expect, it } from 'vitest'
import { curlOf, formOf, listOf, queryOf, shellQuoted, textOf, webhookUrl } from './values'

const inputs = [{ id: 'name', type: 'STRING' }, { id: 'at', type: 'TIME' }, { id: 'file', type: 'FILE' }]

describe('values of the run dialog', () => {
  it('leaves out what is empty and completes the seconds of a time', () => {
    const form = formOf(inputs, { name: '', at: '08:30', other: 'x' })
    expect([...form.entries()]).toEqual([['at', '08:30:00']])
  })

  it('shows objects as JSON and nothing as nothing', () => {
    expect(textOf({ a: 1 })).toBe('{\n  "a": 1\n}')
    expect(textOf(null)).toBe('')
    expect(textOf(false)).toBe('false')
  })

  it('reads chosen values from lists and from their JSON', () => {
    expect(listOf(['a', 1])).toEqual(['a', '1'])
    expect(listOf('["x"]')).toEqual(['x'])
    expect(listOf('not json')).toEqual([])
  })

  it('asks for labels and a date only when there are any', () => {
    expect(queryOf({ labels: [], scheduleDate: '' })).toEqual({})
    expect(queryOf({ labels: [{ key: 'a', value: 'b' }], scheduleDate: '2026-01-01T00:00:00Z' })).toEqual({ labels: ['a:b'], scheduleDate: '2026-01-01T00:00:00Z' })
  })

  it('writes a command that no value can break out of', () => {
    expect(shellQuoted("it's; rm -rf /")).toBe(String.raw`'it'\''s; rm -rf /'`)
    const command = curlOf('https://host', 'acme', { namespace: 'a.b', id: 'f' }, inputs, { name: '@/etc/passwd $(x)', file: new File(['1'], 'my data.csv') }, { labels: [{ key: 'team', value: 'a b' }], scheduleDate: '' })
    expect(command).toContain("'https://host/api/v1/acme/executions/a.b/f?labels=team%3Aa+b'")
    expect(command).toContain("--form-string 'name=@/etc/passwd $(x)'")
    expect(command).toContain("-F 'file=@my data.csv'")
  })

  it('escapes the key of a webhook', () => {
    expect(webhookUrl('https://host', 'acme', { namespace: 'a.b', id: 'f' }, 'k/1')).toBe('https://host/api/v1/acme/executions/webhook/a.b/f/k%2F1')
  })
})
