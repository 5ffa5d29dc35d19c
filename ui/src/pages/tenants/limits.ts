import type { Schemas } from '@/api'

type Translate = (key: string, values: Record<string, unknown>) => string

/** `3 at once · weight 2` */
export function limitsOf(tenant: Schemas['Tenant'], t: Translate): string {
  const parts = tenant.concurrency === undefined ? [] : [t('tenants.atOnce', { n: tenant.concurrency.limit })]
  if (tenant.weight !== undefined && tenant.weight !== 1) parts.push(t('tenants.weighs', { n: tenant.weight }))
  return parts.join(' · ')
}
