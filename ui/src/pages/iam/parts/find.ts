// Choices for the fields that complete, as far as one may list them.
import { api } from '@/api'
import type { Option } from '@/components'
import { translate } from '@/i18n'
import { useMe } from '@/stores'

type Find = (text: string, signal: AbortSignal) => Promise<Option[]>

export const findPeople: Find = async (q, signal) => {
  if (!useMe().can('USER', 'LIST')) return []
  const people = await api.post('/api/v1/{tenant}/tenant-access/autocomplete', { body: { q }, signal })
  return people.map(({ id, displayName, username, type }) => ({ value: id, label: displayName, hint: type === 'SERVICE_ACCOUNT' ? translate('iam.kind.SERVICE_ACCOUNT') : username }))
}

export const findGroups: Find = async (q, signal) => {
  if (!useMe().can('GROUP', 'LIST')) return []
  const groups = await api.post('/api/v1/{tenant}/groups/autocomplete', { body: { q }, signal })
  return groups.map(({ id, name, description }) => ({ value: id, label: name, ...(description ? { hint: description } : {}) }))
}

export const findRoles: Find = async (q, signal) => {
  if (!useMe().can('ROLE', 'LIST')) return []
  const roles = await api.post('/api/v1/{tenant}/roles/autocomplete', { body: { q }, signal })
  return roles.map(({ id, name, permissionCount }) => ({ value: id, label: name, hint: translate('iam.permissionCount', { n: permissionCount }) }))
}

/** Values are `USER:id` and `GROUP:id`. */
export const findSubjects: Find = async (q, signal) => {
  const [groups, people] = await Promise.all([findGroups(q, signal), findPeople(q, signal)])
  return [...groups.map((one) => ({ ...one, value: `GROUP:${one.value}`, hint: translate('iam.kind.GROUP') })), ...people.map((one) => ({ ...one, value: `USER:${one.value}` }))]
}

/** Those that have flows, and those above them. */
export const findNamespaces: Find = async (text, signal) => {
  if (!useMe().can('FLOW', 'LIST')) return []
  const known = new Set<string>()
  for (const name of await api.get('/api/v1/{tenant}/flows/distinct-namespaces', { signal })) {
    const steps = name.split('.')
    for (let i = 1; i <= steps.length; i += 1) known.add(steps.slice(0, i).join('.'))
  }
  const wanted = text.trim().toLowerCase()
  return [...known].filter((name) => name.toLowerCase().includes(wanted)).sort().map((value) => ({ value, label: value }))
}
