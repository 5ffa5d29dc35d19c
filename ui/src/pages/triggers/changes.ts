// What can be done with triggers, one or several.
import { useI18n } from 'vue-i18n'
import { api } from '@/api'
import { confirm, useAction } from '@/compose'
import { useToasts } from '@/stores'
import type { TriggerName } from './rows'

export function useTriggerChanges(changed: () => unknown) {
  const { t } = useI18n()

  const setDisabled = useAction(async (triggers: TriggerName[], isDisabled: boolean) => {
    await api.post('/api/v1/{tenant}/triggers/set-disabled/by-triggers', { body: { triggers, disabled: isDisabled } })
    await changed()
  }, { done: () => t('common.saved') })

  const unlock = useAction(async (triggers: TriggerName[]) => {
    const { count } = await api.post('/api/v1/{tenant}/triggers/unlock/by-triggers', { body: triggers })
    useToasts().success(t('triggers.unlocked', { n: count }))
    await changed()
  })

  const restart = useAction(async ({ namespace, flowId, triggerId }: TriggerName) => {
    await api.post('/api/v1/{tenant}/triggers/{namespace}/{flow}/{trigger}/restart', { path: { namespace, flow: flowId, trigger: triggerId } })
    await changed()
  }, { done: () => t('triggers.restarted') })

  async function askUnlock(triggers: TriggerName[]): Promise<void> {
    if (await confirm({ title: t('triggers.unlockTitle'), text: t('triggers.unlockText'), confirm: t('triggers.unlock') })) await unlock.run(triggers)
  }

  return { setDisabled, askUnlock, restart }
}
