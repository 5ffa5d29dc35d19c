import { describe, expect, it } from 'vitest'
import { problemsOf } from './problems'

const source = `id: x
namespace: a.b
tasks:
  - id: first
    type: io.kestra.plugin.core.log.Log
    foo: 1
  - id: second
    type: io.kestra.plugin.core.log.Lox
    retry:
      type: constant
  - id: first
    type: io.kestra.core.tasks.log.Log
`
function at(constraints: string): string {
  const [problem] = problemsOf(source, { constraints: `Validation error: ${constraints}` })
  return `${problem?.line}:${problem?.column}`
}

describe('problems of a source', () => {
  it('stand where the server says', () => {
    expect(at("Illegal Flow source: YAML parsing error: did not find expected '-' indicator (at line 5, column 4)")).toBe('5:4')
  })

  it('stand at an unknown field of its type', () => {
    expect(at('Unrecognized field "foo" (class io.kestra.plugin.core.log.Log), not marked as ignorable')).toBe('6:5')
  })

  it('stand at an unknown type', () => {
    expect(at('Invalid type: io.kestra.plugin.core.log.Lox')).toBe('8:11')
  })

  it('stand at the second of two ids', () => {
    expect(at('Invalid Flow: Duplicate task id with name [first]')).toBe('11:9')
  })

  it('follow a path as far as it leads', () => {
    expect(at('tasks[1].retry.interval: must not be null')).toBe('9:5')
    expect(at('second.message: must not be null')).toBe('7:9')
    expect(at('id: must match "^[a-z]"')).toBe('1:1')
  })

  it('say what has no place in the first line', () => {
    expect(at('something else')).toBe('1:1')
  })

  it('stand where the server saw them, whatever the words say', () => {
    const [first, second, empty, third] = problemsOf(source, { constraints: 'Validation error: elsewhere', violations: [
      { path: 'tasks[1].type', message: 'Invalid type: io.kestra.plugin.core.log.Lox', line: 8, column: 5, suggestion: 'io.kestra.plugin.core.log.Log' },
      { path: 'tasks[0].foo', message: 'Unrecognized field "foo" (class io.kestra.plugin.core.log.Log)', line: 6, column: 5, suggestion: 'level' },
      { path: 'tasks', message: 'must not be empty', line: 3, column: 1, suggestion: 'a flow needs at least one task' },
      { path: 'namespace', message: 'must be lower case' },
    ] })
    expect(first).toMatchObject({ message: 'tasks[1].type: Invalid type: io.kestra.plugin.core.log.Lox', line: 8, column: 5, endColumn: 9, replacement: { text: 'io.kestra.plugin.core.log.Log', column: 11, endColumn: 40 } })
    expect(second).toMatchObject({ line: 6, column: 5, endColumn: 8, replacement: { text: 'level', column: 5, endColumn: 8 } })
    expect(empty).toMatchObject({ line: 3, hint: 'a flow needs at least one task' })
    expect(empty?.replacement).toBeUndefined()
    // Without a place it is looked for.
    expect(third).toMatchObject({ line: 2, column: 1 })
  })

  it('are one for each line, with hints beside them', () => {
    const all = problemsOf(source, { constraints: 'Validation error: id: wrong\nnamespace: wrong\n', infos: ['io.kestra.core.tasks.log.Log is replaced by io.kestra.plugin.core.log.Log'] })
    expect(all.map(({ severity, line }) => `${severity} ${line}`)).toEqual(['error 1', 'error 2', 'info 12'])
  })
})
