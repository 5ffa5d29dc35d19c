import { expect, it } from 'vitest'
import type { Schemas } from '@/api'
import { idsOf } from './names'

function entry(detail: Schemas['AuditDetail'], impersonatedBy?: string): Schemas['AuditItem'] {
  return { auditLog: { id: 'a', type: 'UPDATE', detail, date: '2026-01-01T00:00:00Z', userId: 'u', result: 'DONE', sequence: 1, hash: 'h', ...(impersonatedBy === undefined ? {} : { impersonatedBy }) }, user: { id: 'u', username: 'u' } }
}

it('asks for the names of people, groups and roles, once each', () => {
  const ids = idsOf([entry({ resource: 'ROLE', id: 'r1' }), entry({ resource: 'ROLE', id: 'r1' }), entry({ resource: 'GROUP', id: 'g1', member: 'p2' }), entry({ resource: 'FLOW', id: 'hello' }, 'p1'), entry({ resource: 'TENANT_ACCESS', id: '' })])
  expect(ids).toEqual(new Map([['role', new Set(['r1'])], ['group', new Set(['g1'])], ['person', new Set(['p2', 'p1'])]]))
})
