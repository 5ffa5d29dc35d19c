// Addresses that this room leads to.
import type { RouteLocationRaw } from 'vue-router'
import { useTenants } from '@/stores'

export type Tab = 'overview' | 'gantt' | 'logs' | 'topology' | 'outputs' | 'files'

interface Named {
  id: string
  namespace: string
  flowId: string
}

export function toExecution({ id, namespace, flowId }: Named, tab?: Tab, query?: Record<string, string>): RouteLocationRaw {
  return {
    name: 'execution', params: { tenant: useTenants().currentId, namespace, flow: flowId, execution: id, tab: tab === 'overview' ? '' : (tab ?? '') },
    ...(query === undefined ? {} : { query }),
  }
}

export function toFlow({ namespace, flowId }: { namespace: string; flowId: string }): RouteLocationRaw {
  return { name: 'flow', params: { tenant: useTenants().currentId, namespace, flow: flowId } }
}

export function toExecutions(query: Record<string, string>): RouteLocationRaw {
  return { name: 'executions', params: { tenant: useTenants().currentId }, query }
}
