// What can be done with a tenant, from the list and from its page.
import { useI18n } from 'vue-i18n'
import { api, saveBlob, type Schemas } from '@/api'
import { confirm, useAction, type Action } from '@/compose'
import { useMe } from '@/stores'

type Tenant = Schemas['Tenant']

export function useTenantActions(changed: () => Promise<unknown>): { setSuspended: Action<[Tenant, boolean]>; download: Action<[Tenant]> } {
  const { t } = useI18n()
  const me = useMe()

  const setSuspended = useAction(async (tenant: Tenant, suspended: boolean) => {
    if (suspended && !await confirm({ title: t('tenants.suspendTitle', { name: tenant.name }), text: t('tenants.suspendText'), confirm: t('tenants.suspend') })) return
    const path = { id: tenant.id }
    await (suspended ? api.post('/api/v1/tenants/{id}/suspend', { path }) : api.post('/api/v1/tenants/{id}/resume', { path }))
    await Promise.all([changed(), me.refresh()])
  })
  const download = useAction(async (tenant: Tenant) => {
    saveBlob(await api.blob('get', '/api/v1/tenants/{id}/export', { path: { id: tenant.id } }), `${tenant.id}.zip`)
  })
  return { setSuspended, download }
}
