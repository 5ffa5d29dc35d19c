import { useI18n } from 'vue-i18n'
import { api } from '@/api'
import { confirm, useAction, type Action } from '@/compose'

export function useDeleteAccount(done: () => Promise<unknown>): Action<[{ id: string; name: string }]> {
  const { t } = useI18n()
  return useAction(async (account: { id: string; name: string }) => {
    if (!await confirm({ title: t('iam.deleteProgram', { name: account.name }), text: t('iam.deleteProgramText'), confirm: t('common.delete'), danger: true })) return
    await api.delete('/api/v1/service-accounts/{id}', { path: { id: account.id } })
    await done()
  })
}
