import { describe, expect, it } from 'vitest'
import { expressionAt, needsRun } from './expressions'

const source = `id: x
message: "{{ inputs.a }} and {{ inputs.b }}"
text: >-
  {{ inputs.list
     | first }}
`

describe('expressions of a source', () => {
  it('are found on their line, and on each line that they go over', () => {
    expect(expressionAt(source, 1)).toBeUndefined()
    expect(expressionAt(source, 2)).toBe('{{ inputs.a }}')
    expect(expressionAt(source, 4)).toContain('first')
    expect(expressionAt(source, 5)).toContain('first')
    expect(expressionAt(source, 99)).toBeUndefined()
  })

  it('need a run when they name what only a run has', () => {
    expect(needsRun('{{ outputs.a.value }}')).toBe(true)
    expect(needsRun('{{ taskrun.value }}')).toBe(true)
    expect(needsRun("{{ inputs.a | default('outputs') }}")).toBe(false)
    expect(needsRun('{{ now() }}')).toBe(false)
  })
})
