import type { Schemas } from '@/api'
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
  quotas: { duration: string; limit: string; behavior: string }[]
  requireExistingNamespace: boolean
  outputsInInternalStorage: boolean
}

export function formOf(tenant: Tenant): TenantFormValues {
  return {
    name: tenant.name,
    ownHue: tenant.accentHue !== undefined,
    hue: tenant.accentHue ?? hueOf(tenant.id),
    isLimited: tenant.concurrency !== undefined,
    limit: String(tenant.concurrency?.limit ?? 10),
    behavior: tenant.concurrency?.behavior ?? 'QUEUE',
    quotas: (tenant.quotas ?? []).map(({ duration, limit, behavior }) => ({ duration, limit: String(limit), behavior })),
    requireExistingNamespace: tenant.requireExistingNamespace ?? false,
    outputsInInternalStorage: tenant.outputsInInternalStorage ?? false,
  }
}

export function tenantOf(form: TenantFormValues, before: Tenant): Tenant {
  const tenant: Tenant = { ...before, name: form.name.trim() }
  delete tenant.state
  delete tenant.logo
  delete tenant.accentHue
  delete tenant.concurrency
  delete tenant.quotas
  if (form.ownHue) tenant.accentHue = form.hue
  if (form.isLimited) tenant.concurrency = { limit: Number(form.limit), behavior: form.behavior as Behavior }
  if (form.quotas.length > 0) tenant.quotas = form.quotas.map(({ duration, limit, behavior }) => ({ duration: duration.trim().toUpperCase(), limit: Number(limit), behavior: behavior as 'FAIL' | 'CANCEL' }))
  tenant.requireExistingNamespace = form.requireExistingNamespace
  tenant.outputsInInternalStorage = form.outputsInInternalStorage
  return tenant
}
