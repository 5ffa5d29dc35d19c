import { ListVideo } from 'lucide-vue-next'
import { api, filterQuery } from '@/api'
import { defineRoom } from '@/app/rooms'
import { useTenants } from '@/stores'

const foundMax = 5

export default defineRoom({
  routes: [
    { path: 'executions', name: 'executions', component: () => import('./list/ExecutionsPage.vue'), meta: { title: 'executions.title', needs: [['EXECUTION', 'LIST']] } },
    {
      path: 'executions/:namespace/:flow/:execution/:tab(overview|gantt|logs|topology|outputs|files)?', name: 'execution', component: () => import('./page/ExecutionRoute.vue'),
      meta: { title: 'executions.one', needs: [['EXECUTION', 'VIEW']], menu: 'executions', inOtherTenant: 'executions' },
    },
  ],
  menu: [{ id: 'executions', label: 'executions.title', icon: ListVideo, to: 'executions', order: 30, section: 'main', needs: [['EXECUTION', 'LIST']], keys: 'g e' }],
  search: {
    needs: [['EXECUTION', 'LIST']],
    async find(text, signal) {
      // Ids are long; shorter words are meant for other rooms.
      if (text.length < 6) return []
      const { results } = await api.get('/api/v1/{tenant}/executions/search', { signal, query: { size: foundMax, ...filterQuery([['q', 'EQUALS', text]]) } })
      return results.map(({ id, namespace, flowId }) => ({
        id: `execution-${id}`, label: `${namespace}.${flowId}`, hint: id, icon: ListVideo,
        to: { name: 'execution', params: { tenant: useTenants().currentId, namespace, flow: flowId, execution: id } },
      }))
    },
  },
})
