import { House } from 'lucide-vue-next'
import { defineRoom } from '@/app/rooms'

export default defineRoom({
  routes: [{ path: 'home', name: 'home', component: () => import('./HomePage.vue'), meta: { title: 'home.title', needs: [['EXECUTION', 'LIST']] } }],
  menu: [{ id: 'home', label: 'home.title', icon: House, to: 'home', order: 10, section: 'main', needs: [['EXECUTION', 'LIST']], keys: 'g h' }],
})
