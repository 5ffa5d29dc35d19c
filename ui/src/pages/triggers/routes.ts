import { CalendarClock } from 'lucide-vue-next'
import { defineRoom } from '@/app/rooms'

export default defineRoom({
  routes: [{ path: 'triggers', name: 'triggers', component: () => import('./TriggersPage.vue'), meta: { title: 'triggers.title', needs: [['TRIGGER', 'LIST']] } }],
  menu: [{ id: 'triggers', label: 'triggers.title', icon: CalendarClock, to: 'triggers', order: 50, section: 'main', needs: [['TRIGGER', 'LIST']], keys: 'g t' }],
})
