import type { Schemas } from '@/api'
import { quotasFormOf, spanText } from '@/components'

type Translate = (key: string, values: Record<string, unknown>) => string

/** `3 at once · weight 2` */
export function limitsOf(tenant: Schemas['Tenant'], t: Translate): string {
  const parts = tenant.concurrency === undefined ? [] : [t('tenants.atOnce', { n: tenant.concurrency.limit })]
  for (const { duration, limit } of quotasFormOf(tenant.quotas)) parts.push(t('quota.short', { n: limit, span: spanText(duration, (key) => t(key, {})) }))
  if (tenant.weight !== undefined && tenant.weight !== 1) parts.push(t('tenants.weighs', { n: tenant.weight }))
  return parts.join(' · ')
}
