import type { Schemas } from '@/api'
import { formatDuration, parseDuration } from '@/format'

type Translate = (key: string, values: Record<string, unknown>) => string

/** `3 at once · 100 in 1h` */
export function limitsOf(tenant: Schemas['Tenant'], t: Translate): string {
  const parts = tenant.concurrency === undefined ? [] : [t('tenants.atOnce', { n: tenant.concurrency.limit })]
  for (const quota of tenant.quotas ?? []) parts.push(t('tenants.within', { n: quota.limit, time: formatDuration(parseDuration(quota.duration) ?? Number.NaN) || quota.duration }))
  return parts.join(' · ')
}
