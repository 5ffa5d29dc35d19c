import { ScrollText } from 'lucide-vue-next'
import { defineRoom } from '@/app/rooms'

export default defineRoom({
  routes: [{ path: 'logs', name: 'logs', component: () => import('./LogsPage.vue'), meta: { title: 'logs.title', needs: [['EXECUTION', 'ACCESS_LOGS']] } }],
  menu: [{ id: 'logs', label: 'logs.title', icon: ScrollText, to: 'logs', order: 40, section: 'main', needs: [['EXECUTION', 'ACCESS_LOGS']], keys: 'g l' }],
})
