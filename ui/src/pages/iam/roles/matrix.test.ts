import { describe, expect, it } from 'vitest'
import { bindingsOf } from '../bindings/bindings'
import { countOf, extras, has, isSame, stateOf, union, withCells } from './matrix'

const catalogue = { FLOW: ['VIEW', 'LIST', 'EXECUTE'], ROLE: ['VIEW', 'LIST'] }

describe('matrix of permissions', () => {
  it('sets cells in the order of the catalogue and drops rows that are empty', () => {
    const some = withCells(catalogue, {}, [['FLOW', 'EXECUTE'], ['FLOW', 'VIEW'], ['ROLE', 'LIST']], true)
    expect(some).toEqual({ FLOW: ['VIEW', 'EXECUTE'], ROLE: ['LIST'] })
    expect(withCells(catalogue, some, [['ROLE', 'LIST']], false)).toEqual({ FLOW: ['VIEW', 'EXECUTE'] })
  })
  it('keeps what the catalogue does not know', () => {
    expect(withCells(catalogue, { FLOW: ['DANCE'], MOON: ['VIEW'] }, [['FLOW', 'VIEW']], true)).toEqual({ FLOW: ['VIEW', 'DANCE'], MOON: ['VIEW'] })
  })
  it('tells the state of a row', () => {
    const row = [['FLOW', 'VIEW'], ['FLOW', 'LIST']] as const
    expect(stateOf({}, row)).toBe('false')
    expect(stateOf({ FLOW: ['LIST'] }, row)).toBe('mixed')
    expect(stateOf({ FLOW: ['LIST', 'VIEW'] }, row)).toBe('true')
  })
  it('joins, counts and compares', () => {
    const all = union([{ FLOW: ['VIEW'] }, { FLOW: ['VIEW', 'LIST'], ROLE: ['VIEW'] }])
    expect(all).toEqual({ FLOW: ['VIEW', 'LIST'], ROLE: ['VIEW'] })
    expect(countOf(all)).toBe(3)
    expect(has(all, 'ROLE', 'LIST')).toBe(false)
    expect(isSame(all, { ROLE: ['VIEW'], FLOW: ['LIST', 'VIEW'] })).toBe(true)
    expect(isSame(all, { FLOW: ['LIST', 'VIEW'] })).toBe(false)
    expect(extras(catalogue, 'FLOW')).toEqual(['EXECUTE'])
  })
})

describe('bindings', () => {
  it('gives each role to each subject in each namespace', () => {
    expect(bindingsOf(['USER:u', 'GROUP:g'], ['r'], [])).toEqual([{ type: 'USER', externalId: 'u', roleId: 'r' }, { type: 'GROUP', externalId: 'g', roleId: 'r' }])
    expect(bindingsOf(['GROUP:g'], ['r', 's'], ['a', 'b'])).toHaveLength(4)
    expect(bindingsOf(['GROUP:g'], ['r'], ['a.b'])).toEqual([{ type: 'GROUP', externalId: 'g', roleId: 'r', namespaceId: 'a.b' }])
    expect(bindingsOf([], ['r'], [])).toEqual([])
  })
})
