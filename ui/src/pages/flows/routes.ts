import { Plus, Workflow } from 'lucide-vue-next'
import { api, filterQuery } from '@/api'
import { defineRoom } from '@/app/rooms'
import { translate } from '@/i18n'
import { useMe, useTenants } from '@/stores'

const foundMax = 6

export default defineRoom({
  routes: [
    { path: 'flows', name: 'flows', component: () => import('./list/FlowsPage.vue'), meta: { title: 'flows.title', needs: [['FLOW', 'LIST']] } },
    { path: 'flows/new', name: 'flow-new', component: () => import('./page/NewFlowPage.vue'), meta: { title: 'flows.new', needs: [['FLOW', 'CREATE']], menu: 'flows' } },
    {
      path: 'flows/:namespace/:flow/:tab(overview|edit|executions|revisions|triggers|logs|topology|dependencies)?', name: 'flow', component: () => import('./page/FlowPage.vue'),
      meta: { title: 'flows.title', needs: [['FLOW', 'VIEW']], menu: 'flows', inOtherTenant: 'flows' },
    },
    // Addresses of Kestra, which people have kept.
    { path: 'flows/edit/:namespace/:flow/:tab?', name: 'flow-kept', redirect: ({ params: { tab, ...rest } }) => ({ name: 'flow', params: { ...rest, tab: tab === 'edit' ? 'edit' : '' } }) },
  ],
  menu: [{ id: 'flows', label: 'flows.title', icon: Workflow, to: 'flows', order: 20, section: 'main', needs: [['FLOW', 'LIST']], keys: 'g f' }],
  search: {
    needs: [['FLOW', 'LIST']],
    async find(text, signal) {
      const { results } = await api.get('/api/v1/{tenant}/flows/search', { signal, query: { size: foundMax, ...filterQuery([['q', 'EQUALS', text]]) } })
      return results.map(({ namespace, id }) => ({ id: `flow-${namespace}/${id}`, label: id, hint: namespace, icon: Workflow, to: { name: 'flow', params: { tenant: useTenants().currentId, namespace, flow: id } } }))
    },
  },
  commands: () => useTenants().current !== undefined && useMe().can('FLOW', 'CREATE')
    ? [{ id: 'flow-new', label: translate('flows.new'), icon: Plus, to: { name: 'flow-new', params: { tenant: useTenants().currentId } } }] : [],
})
