import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { onSessionEnd } from '@/api'
import App from '@/app/App.vue'
import { router } from '@/app/router'
import { keepTitle } from '@/app/title'
import { i18n, setLanguage } from '@/i18n'
import { useMe, useSettings, useTenants } from '@/stores'
import '@/design/tokens.css'
import '@/design/base.css'

async function start(): Promise<void> {
  const app = createApp(App).use(createPinia())
  const settings = useSettings()
  useTenants()
  await setLanguage(settings.language)
  app.use(i18n).use(router)
  keepTitle()
  // The session ended under an open page: nothing of it stays in sight, and after signing in one is there again.
  const me = useMe()
  onSessionEnd(() => {
    if (!me.signedIn) return
    const from = router.currentRoute.value.fullPath
    me.forget()
    void router.replace({ name: 'sign-in', query: { from, ended: '1' } })
  })
  // What the other tab does now is not this page's to continue: begin anew.
  me.onReplaced(() => void router.replace({ name: 'root', force: true }))
  await router.isReady()
  app.mount('#app')
}

void start()
