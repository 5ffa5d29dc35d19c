import { Building2 } from 'lucide-vue-next'
import { defineRoom } from '@/app/rooms'

export default defineRoom({
  instanceRoutes: [
    { path: 'tenants', name: 'tenants', component: () => import('./TenantsPage.vue'), meta: { title: 'tenants.title' } },
    { path: 'tenants/:id', name: 'tenant-edit', component: () => import('./TenantPage.vue'), meta: { title: 'tenants.title', menu: 'tenants' } },
  ],
  menu: [{ id: 'tenants', label: 'tenants.title', icon: Building2, to: 'tenants', order: 200, section: 'instance' }],
})
