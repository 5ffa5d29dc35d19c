// Addresses that this room leads to.
import type { RouteLocationRaw } from 'vue-router'
import { useTenants } from '@/stores'

export function toNamespace(namespace: string): RouteLocationRaw {
  return { name: 'namespace', params: { tenant: useTenants().currentId, namespace } }
}

export function toNamespaces(): RouteLocationRaw {
  return { name: 'namespaces', params: { tenant: useTenants().currentId } }
}

/** A list of another room, of what is in the namespace and below it. */
export function toListOf(room: 'flows' | 'executions', namespace: string, query: Record<string, string> = {}): RouteLocationRaw {
  return { name: room, params: { tenant: useTenants().currentId }, query: { namespace, ...query } }
}
