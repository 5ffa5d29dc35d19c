import { useI18n } from 'vue-i18n'
import { api } from '@/api'
import { confirm, useAction, type Action } from '@/compose'
import { useToasts } from '@/stores'

/** Takes somebody's access to the tenant away, once it is confirmed. */
export function useRevoke(done: () => Promise<unknown>): Action<[id: string, name: string]> {
  const { t } = useI18n()
  return useAction(async (userId: string, name: string) => {
    if (!await confirm({ title: t('iam.revokeTitle', { name }), text: t('iam.revokeText'), confirm: t('iam.revoke'), danger: true })) return
    await api.delete('/api/v1/{tenant}/tenant-access/{userId}', { path: { userId } })
    useToasts().success(t('iam.revoked', { name }))
    await done()
  })
}
