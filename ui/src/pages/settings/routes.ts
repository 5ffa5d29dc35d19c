import { defineRoom } from '@/app/rooms'

const component = () => import('./SettingsPage.vue')
const meta = { title: 'settings.title' }

export default defineRoom({
  routes: [{ path: 'settings', name: 'settings', component, meta }],
  instanceRoutes: [{ path: 'settings', name: 'instance-settings', component, meta: { ...meta, instance: false } }],
})
