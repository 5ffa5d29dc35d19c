import { useI18n } from 'vue-i18n'
import { api } from '@/api'
import { confirm, useAction, type Action } from '@/compose'

export function useDeleteProgram(done: () => Promise<unknown>): Action<[{ id: string; name: string }]> {
  const { t } = useI18n()
  return useAction(async (program: { id: string; name: string }) => {
    if (!await confirm({ title: t('iam.deleteProgram', { name: program.name }), text: t('iam.deleteProgramText'), confirm: t('common.delete'), danger: true })) return
    await api.delete('/api/v1/{tenant}/service-accounts/{id}', { path: { id: program.id } })
    await done()
  })
}
