import { describe, expect, it } from 'vitest'
import { placeOf } from './place'
import { documentationAt, entriesAt, type Schema } from './schema'

const text: Schema = { type: 'string' }
const root: Schema = {
  $ref: '#/definitions/Flow',
  definitions: {
    Flow: { type: 'object', required: ['id', 'tasks'], additionalProperties: false, properties: { id: text, namespace: { ...text, description: 'Where it lives.' }, tasks: { type: 'array', items: { $ref: '#/definitions/Task' } }, disabled: { type: 'boolean' } } },
    Task: { anyOf: [{ $ref: '#/definitions/a.Log' }, { $ref: '#/definitions/a.Each' }] },
    'a.Log': { type: 'object', title: 'Writes a line.', required: ['message', 'id', 'type'], properties: { id: text, type: { anyOf: [{ const: 'a.Log' }, { type: 'string', pattern: '^(old\\.Log)$' }] }, message: text, level: { type: 'string', enum: ['INFO', 'WARN'] }, retry: { $ref: '#/definitions/Retry' } } },
    'a.Each': { type: 'object', required: ['id', 'type'], properties: { id: text, type: { const: 'a.Each' }, tasks: { type: 'array', items: { $ref: '#/definitions/Task' } } } },
    Retry: { anyOf: [{ type: 'object', properties: { type: { const: 'constant' }, interval: text } }, { type: 'object', properties: { type: { const: 'random' }, minInterval: text } }] },
  },
}
// `|` is the cursor.
function at(source: string): string[] {
  const before = source.slice(0, source.indexOf('|')).split('\n')
  return entriesAt(root, placeOf(source.replace('|', ''), before.length, (before.at(-1)?.length ?? 0) + 1)).map(({ label }) => label)
}

describe('completion by the schema', () => {
  it('offers what the flow lacks, required first', () => {
    expect(at('id: x\n|')).toEqual(['tasks', 'namespace', 'disabled'])
  })

  it('offers types for a task, with old names left out', () => {
    expect(at('tasks:\n  - id: a\n    type: |')).toEqual(['a.Log', 'a.Each'])
    expect(at('tasks:\n- id: a\n  type: |')).toEqual(['a.Log', 'a.Each'])
  })

  it('offers properties of the type, also of an old name and when the type stands below', () => {
    expect(at('tasks:\n  - id: a\n    type: a.Log\n    |')).toEqual(['message', 'level', 'retry'])
    expect(at('tasks:\n  - id: a\n    type: old.Log\n    |')).toEqual(['message', 'level', 'retry'])
    expect(at('tasks:\n  - id: a\n    |\n    type: a.Each\n')).toEqual(['tasks'])
  })

  it('offers only what leads to a type before there is one', () => {
    expect(at('tasks:\n  - |')).toEqual(['id', 'type'])
  })

  it('goes down into tasks of tasks and into maps', () => {
    expect(at('tasks:\n  - id: a\n    type: a.Each\n    tasks:\n      - id: b\n        type: a.Log\n        level: |')).toEqual(['INFO', 'WARN'])
    expect(at('tasks:\n  - id: a\n    type: a.Log\n    retry:\n      type: random\n      |')).toEqual(['minInterval'])
  })

  it('offers true and false', () => {
    expect(at('disabled: |')).toEqual(['true', 'false'])
  })

  it('explains keys', () => {
    expect(documentationAt(root, placeOf('namespace: x', 1, 12))).toBe('Where it lives.')
  })
})
