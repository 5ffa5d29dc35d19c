import { useI18n } from 'vue-i18n'
import { api, type Schemas } from '@/api'
import { confirm, useAction, type Action } from '@/compose'

export function useDeleteGroup(done: () => Promise<unknown>): Action<[Schemas['Group']]> {
  const { t } = useI18n()
  return useAction(async (group: Schemas['Group']) => {
    if (!await confirm({ title: t('iam.deleteGroup', { name: group.name }), text: t('iam.deleteGroupText'), confirm: t('common.delete'), danger: true })) return
    await api.delete('/api/v1/{tenant}/groups/{id}', { path: { id: group.id } })
    await done()
  })
}
