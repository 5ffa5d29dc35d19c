// Permissions as a matrix: resources with the actions that are permitted on them.
import { api, type Schemas } from '@/api'
import { useAsync, type Async } from '@/compose'

export type Permissions = Schemas['Permissions']
export type May = (resource: string, action: string) => boolean

/** Actions that nearly every resource has: the columns. What a resource has beyond them stands at the end of its row. */
export const columns = ['VIEW', 'LIST', 'CREATE', 'UPDATE', 'DELETE'] as const

export function has(permissions: Permissions, resource: string, action: string): boolean {
  return permissions[resource]?.includes(action) === true
}

export function extras(catalogue: Permissions, resource: string): string[] {
  return (catalogue[resource] ?? []).filter((action) => !(columns as readonly string[]).includes(action))
}

export function countOf(permissions: Permissions): number {
  return Object.values(permissions).reduce((sum, actions) => sum + actions.length, 0)
}

/** The permissions with these cells on or off, in the order of the catalogue; what it does not know stays. */
export function withCells(catalogue: Permissions, permissions: Permissions, cells: readonly (readonly [resource: string, action: string])[], on: boolean): Permissions {
  const next: Permissions = {}
  const isChanged = (resource: string, action: string): boolean => cells.some(([one, other]) => one === resource && other === action)
  for (const [resource, actions] of Object.entries(catalogue)) {
    const kept = actions.filter((action) => isChanged(resource, action) ? on : has(permissions, resource, action))
    const unknown = (permissions[resource] ?? []).filter((action) => !actions.includes(action))
    if (kept.length + unknown.length > 0) next[resource] = [...kept, ...unknown]
  }
  for (const [resource, actions] of Object.entries(permissions)) if (!(resource in catalogue)) next[resource] = actions
  return next
}

/** Of cells: all, none, or some of them on. */
export function stateOf(permissions: Permissions, cells: readonly (readonly [string, string])[]): 'true' | 'false' | 'mixed' {
  const on = cells.filter(([resource, action]) => has(permissions, resource, action)).length
  if (on === 0) return 'false'
  return on === cells.length ? 'true' : 'mixed'
}

export function union(list: readonly Permissions[]): Permissions {
  const all: Permissions = {}
  for (const permissions of list)
    for (const [resource, actions] of Object.entries(permissions)) all[resource] = [...new Set([...(all[resource] ?? []), ...actions])]
  return all
}

export function isSame(a: Permissions, b: Permissions): boolean {
  const flat = (permissions: Permissions): string => Object.entries(permissions).flatMap(([resource, actions]) => actions.map((action) => `${resource} ${action}`)).sort().join()
  return flat(a) === flat(b)
}

export function useCatalogue(): Async<Permissions> {
  return useAsync((signal) => api.get('/api/v1/{tenant}/acls/permissions', { signal }))
}
