// What can be done with one flow or several of a list.
import { useI18n } from 'vue-i18n'
import { api, saveBlob } from '@/api'
import { confirm, useAction } from '@/compose'
import type { FlowName } from '../names'

export function useFlowChanges(changed: () => unknown) {
  const { t } = useI18n()

  const setDisabled = useAction(async (flows: FlowName[], isDisabled: boolean) => {
    if (isDisabled) await api.post('/api/v1/{tenant}/flows/disable/by-ids', { body: flows })
    else await api.post('/api/v1/{tenant}/flows/enable/by-ids', { body: flows })
    await changed()
  }, { done: () => t('common.saved') })

  const remove = useAction(async (flows: FlowName[]) => {
    await api.delete('/api/v1/{tenant}/flows/delete/by-ids', { body: flows })
    await changed()
  }, { done: () => t('flows.deleted') })

  const download = useAction(async (flows: FlowName[]) => {
    const blob = await api.blob('post', '/api/v1/{tenant}/flows/export/by-ids', { body: flows })
    saveBlob(blob, 'flows.zip')
  })

  async function askRemove(flows: FlowName[]): Promise<boolean> {
    const [first] = flows
    if (first === undefined) return false
    const title = flows.length === 1 ? t('flows.deleteOne', { name: first.id }) : t('flows.deleteMany', { n: flows.length })
    if (!await confirm({ title, text: t('flows.deleteText'), confirm: t('common.delete'), danger: true })) return false
    return remove.run(flows)
  }

  return { setDisabled, remove, askRemove, download }
}
