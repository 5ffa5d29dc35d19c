import { useI18n } from 'vue-i18n'
import { api } from '@/api'
import { confirm, useAction, type Action } from '@/compose'

export function useDeleteRole(done: () => Promise<unknown>): Action<[{ id: string; name: string }]> {
  const { t } = useI18n()
  return useAction(async (role: { id: string; name: string }) => {
    if (!await confirm({ title: t('iam.deleteRole', { name: role.name }), text: t('iam.deleteRoleText'), confirm: t('common.delete'), danger: true })) return
    await api.delete('/api/v1/{tenant}/roles/{id}', { path: { id: role.id } })
    await done()
  })
}
