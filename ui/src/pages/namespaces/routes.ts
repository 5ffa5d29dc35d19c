import { FolderTree } from 'lucide-vue-next'
import { api } from '@/api'
import { defineRoom } from '@/app/rooms'
import { toNamespace } from './links'

const foundMax = 5

export default defineRoom({
  routes: [
    { path: 'namespaces', name: 'namespaces', component: () => import('./NamespacesPage.vue'), meta: { title: 'namespaces.title', needs: [['NAMESPACE', 'LIST']] } },
    {
      path: 'namespaces/:namespace', name: 'namespace', component: () => import('./NamespaceRoute.vue'),
      meta: { title: 'namespaces.title', needs: [['NAMESPACE', 'VIEW']], menu: 'namespaces', inOtherTenant: 'namespaces' },
    },
  ],
  menu: [{ id: 'namespaces', label: 'namespaces.title', icon: FolderTree, to: 'namespaces', order: 60, section: 'main', needs: [['NAMESPACE', 'LIST']], keys: 'g n' }],
  search: {
    needs: [['NAMESPACE', 'LIST'], ['NAMESPACE', 'VIEW']],
    async find(q, signal) {
      const { results } = await api.get('/api/v1/{tenant}/namespaces/search', { signal, query: { q, size: foundMax } })
      return results.map(({ id, description }) => ({ id: `namespace-${id}`, label: id, icon: FolderTree, to: toNamespace(id), ...(description === undefined ? {} : { hint: description }) }))
    },
  },
})
