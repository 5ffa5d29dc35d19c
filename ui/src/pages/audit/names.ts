// What the objects of entries are called today. The log keeps ids, which outlive names; who is gone, or may not be listed, stays an id.
import { shallowRef } from 'vue'
import { api, type Schemas } from '@/api'
import { useMe } from '@/stores'

type Kind = 'person' | 'group' | 'role'
const kinds: Record<string, Kind> = { USER: 'person', TENANT_ACCESS: 'person', SERVICE_ACCOUNT: 'person', GROUP: 'group', ROLE: 'role' }
type Named = readonly (readonly [id: string, name: string])[]
type Find = (ids: string[], signal: AbortSignal) => Promise<Named>

/** Ids by kind that entries name. */
export function idsOf(items: readonly Schemas['AuditItem'][]): Map<Kind, Set<string>> {
  const ids = new Map<Kind, Set<string>>()
  function add(kind: Kind | undefined, id: string | undefined): void {
    if (kind === undefined || id === undefined || id === '') return
    const known = ids.get(kind) ?? new Set()
    ids.set(kind, known.add(id))
  }
  for (const { auditLog: { detail, impersonatedBy } } of items) {
    add(kinds[detail.resource], detail.id)
    add('person', impersonatedBy)
    if (typeof detail.member === 'string') add('person', detail.member)
  }
  return ids
}

const inTenant: Record<Kind, Find> = {
  person: async (ids, signal) => useMe().can('USER', 'LIST') ? (await api.post('/api/v1/{tenant}/tenant-access/autocomplete', { body: { ids }, signal })).map(({ id, displayName }) => [id, displayName] as const) : [],
  group: async (ids, signal) => useMe().can('GROUP', 'LIST') ? (await api.post('/api/v1/{tenant}/groups/autocomplete', { body: { ids }, signal })).map(({ id, name }) => [id, name] as const) : [],
  role: async (ids, signal) => useMe().can('ROLE', 'LIST') ? (await api.post('/api/v1/{tenant}/roles/autocomplete', { body: { ids }, signal })).map(({ id, name }) => [id, name] as const) : [],
}

const peopleMax = 500
// The instance has no search by ids: the first of the list, which are all but in very large ones.
const inInstance: Partial<Record<Kind, Find>> = {
  person: async (_, signal) => {
    const [users, programs] = await Promise.all([api.get('/api/v1/users', { signal, query: { size: peopleMax } }), api.get('/api/v1/service-accounts', { signal, query: { size: peopleMax } })])
    return [...users.results.map(({ id, displayName }) => [id, displayName] as const), ...programs.results.map(({ id, name }) => [id, name] as const)]
  },
}

export interface Names {
  /** Undefined: not known, or the id is a name itself. */
  nameOf(resource: string, id: string): string | undefined
  read(items: readonly Schemas['AuditItem'][], signal: AbortSignal): Promise<void>
}

export function useNames(isInstance: boolean): Names {
  const known = shallowRef<ReadonlyMap<string, string>>(new Map())
  const asked = new Set<string>()
  const keyOf = (kind: Kind, id: string): string => `${kind}/${id}`

  async function ask(kind: Kind, ids: Iterable<string>, signal: AbortSignal): Promise<void> {
    const missing = [...ids].filter((id) => !asked.has(keyOf(kind, id)))
    const find = (isInstance ? inInstance : inTenant)[kind]
    if (missing.length === 0 || find === undefined) return
    try {
      const named = await find(missing, signal)
      for (const id of missing) asked.add(keyOf(kind, id))
      known.value = new Map([...known.value, ...named.map(([id, name]) => [keyOf(kind, id), name] as const)])
    } catch {
      // Without names there are ids.
    }
  }
  return {
    nameOf(resource, id) {
      const kind = kinds[resource]
      return kind === undefined ? undefined : known.value.get(keyOf(kind, id))
    },
    async read(items, signal) {
      await Promise.all([...idsOf(items)].map(([kind, ids]) => ask(kind, ids, signal)))
    },
  }
}
