import { api, filterQuery } from '@/api'
import type { Option } from '@/components'

const foundMax = 50

/** Tenants of the instance, for super admins. */
export async function findTenants(q: string, signal: AbortSignal): Promise<Option[]> {
  const { results } = await api.get('/api/v1/tenants/search', { signal, query: { page: 1, size: foundMax, ...filterQuery([['q', 'EQUALS', q]]) } })
  return results.map(({ id, name }) => ({ value: id, label: name, hint: id }))
}
