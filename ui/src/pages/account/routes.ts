import { defineRoom } from '@/app/rooms'

const component = () => import('./AccountPage.vue')
const meta = { title: 'account.title' }

export default defineRoom({
  routes: [{ path: 'account', name: 'account', component, meta }],
  instanceRoutes: [{ path: 'account', name: 'instance-account', component, meta: { ...meta, instance: false } }],
})
