import { describe, expect, it } from 'vitest'
import { expressionBefore, proposals } from './expressions'
import { outlineOf, partAt } from './outline'

const source = `id: x
namespace: a.b
inputs:
  - id: day
    type: DATE
variables:
  bucket: b
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [1]
    tasks:
      - id: inner
        type: io.kestra.plugin.core.log.Log
        message: hi
triggers:
  - id: hourly
    type: io.kestra.plugin.core.trigger.Schedule
`
const outline = outlineOf(source)
const words = { functions: [{ name: 'now', arguments: [] }, { name: 'secret', arguments: [{ name: 'key' }, { name: 'namespace', default: 'here' }] }], filters: ['upper', 'json'] }
const labels = (expression: string): string[] => proposals(expression, outline, words).map(({ label }) => label)

describe('outline of a source', () => {
  it('knows what expressions can name', () => {
    expect(outline).toMatchObject({ namespace: 'a.b', id: 'x', inputs: ['day'], variables: ['bucket'], tasks: ['each', 'inner'], triggers: ['hourly'] })
  })

  it('finds the innermost task of a line', () => {
    expect(partAt(outline, 15)?.id).toBe('inner')
    expect(partAt(outline, 10)?.id).toBe('each')
    expect(partAt(outline, 18)?.id).toBe('hourly')
    expect(partAt(outline, 2)).toBeUndefined()
  })

  it('survives what is no map', () => {
    expect(outlineOf('- a').parts).toEqual([])
    expect(outlineOf('').tasks).toEqual([])
  })
})

describe('completion of expressions', () => {
  it('only inside of braces', () => {
    expect(expressionBefore('message: "{{ inputs.')).toBe(' inputs.')
    expect(expressionBefore('message: "{{ a }} and')).toBeUndefined()
    expect(expressionBefore('message: plain')).toBeUndefined()
  })

  it('proposes members of the flow', () => {
    expect(labels(' inputs.')).toEqual(['day'])
    expect(labels(' outputs.in')).toEqual(['each', 'inner'])
    expect(labels(' vars.')).toEqual(['bucket'])
    expect(labels(' flow.')).toContain('namespace')
  })

  it('proposes filters after a bar and functions elsewhere', () => {
    expect(labels(' inputs.day | up')).toEqual(['upper', 'json'])
    expect(labels(' no')).toEqual(expect.arrayContaining(['inputs', 'now', 'secret']))
    expect(proposals(' ', outline, words).find(({ label }) => label === 'secret')).toMatchObject({ insert: 'secret($0)', detail: '(key, namespace?)' })
  })
})
