import { watchEffect } from 'vue'
import { pageTitle } from '@/compose'
import { i18n } from '@/i18n'
import { useTenants } from '@/stores'
import { blocked } from './blocked'
import { router } from './router'

/** `Flows · Team Alpha · Insula` */
export function keepTitle(): void {
  watchEffect(() => {
    const { t } = i18n.global
    const route = router.currentRoute.value
    const own = blocked.value !== undefined ? t('missing.title') : pageTitle() || (route.meta.title === undefined ? '' : t(route.meta.title))
    document.title = [own, useTenants().current?.name ?? '', 'Insula'].filter((part) => part !== '').join(' · ')
  })
}
