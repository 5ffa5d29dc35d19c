import type { Schemas } from '@/api'
import { quotasFormOf, quotasOf, type QuotaValues } from '@/components'
import { hueOf } from '@/format'

type Tenant = Schemas['Tenant']
type Behavior = NonNullable<Tenant['concurrency']>['behavior']

export interface TenantFormValues {
  name: string
  ownHue: boolean
  hue: number
  isLimited: boolean
  limit: string
  behavior: string
  weight: string
  quotas: QuotaValues[]
  requiresNamespace: boolean
}

export function formOf(tenant: Tenant): TenantFormValues {
  return {
    name: tenant.name,
    ownHue: tenant.accentHue !== undefined,
    hue: tenant.accentHue ?? hueOf(tenant.id),
    isLimited: tenant.concurrency !== undefined,
    limit: String(tenant.concurrency?.limit ?? 10),
    behavior: tenant.concurrency?.behavior ?? 'QUEUE',
    weight: String(tenant.weight ?? 1),
    quotas: quotasFormOf(tenant.quotas),
    requiresNamespace: tenant.requireExistingNamespace === true,
  }
}

export function tenantOf(form: TenantFormValues, before: Tenant): Tenant {
  const tenant: Tenant = { ...before, name: form.name.trim() }
  delete tenant.state
  delete tenant.logo
  delete tenant.accentHue
  delete tenant.concurrency
  delete tenant.weight
  delete tenant.quotas
  delete tenant.requireExistingNamespace
  if (form.ownHue) tenant.accentHue = form.hue
  if (form.isLimited) tenant.concurrency = { limit: Number(form.limit), behavior: form.behavior as Behavior }
  if (form.quotas.length > 0) tenant.quotas = quotasOf(form.quotas)
  if (form.requiresNamespace) tenant.requireExistingNamespace = true
  if (form.weight !== '1') tenant.weight = Number(form.weight)
  return tenant
}
