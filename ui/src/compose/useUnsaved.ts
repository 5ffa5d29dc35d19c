// Nobody loses what they typed: leaving the page, the tenant or the tab asks first while `isDirty`.
import { onBeforeUnmount } from 'vue'
import { useRouter } from 'vue-router'
import { translate } from '@/i18n'
import { confirm } from './confirm'

export function useUnsaved(isDirty: () => boolean): void {
  const router = useRouter()
  const remove = router.beforeEach(async (to, from) => {
    if (!isDirty() || to.path === from.path) return true
    return confirm({ title: translate('unsaved.title'), text: translate('unsaved.text'), confirm: translate('unsaved.leave'), danger: true })
  })
  function beforeUnload(event: BeforeUnloadEvent): void {
    if (isDirty()) event.preventDefault()
  }
  window.addEventListener('beforeunload', beforeUnload)
  onBeforeUnmount(() => {
    remove()
    window.removeEventListener('beforeunload', beforeUnload)
  })
}
