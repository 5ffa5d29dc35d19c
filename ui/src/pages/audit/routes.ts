import { ScrollText } from 'lucide-vue-next'
import { defineRoom } from '@/app/rooms'

const component = () => import('./AuditPage.vue')

export default defineRoom({
  routes: [{ path: 'audit', name: 'audit', component, meta: { title: 'audit.title', needs: [['AUDITLOG', 'LIST']] } }],
  instanceRoutes: [{ path: 'audit', name: 'instance-audit', component, meta: { title: 'audit.instanceTitle' } }],
  menu: [
    { id: 'audit', label: 'audit.title', icon: ScrollText, to: 'audit', order: 120, section: 'admin', needs: [['AUDITLOG', 'LIST']], keys: 'g u' },
    { id: 'instance-audit', label: 'audit.title', icon: ScrollText, to: 'instance-audit', order: 230, section: 'instance' },
  ],
})
