// What the dialogue sets of a namespace. Settings that it does not know go back as they came: the server removes what is absent.
import { quotasFormOf, quotasOf, type QuotaValues } from '@/components'
import type { Namespace } from './tree'

type Limit = NonNullable<Namespace['concurrency']>

export interface NamespaceFormValues {
  id: string
  description: string
  isLimited: boolean
  limit: string
  behavior: string
  quotas: QuotaValues[]
}

export const behaviors = ['QUEUE', 'CANCEL', 'FAIL'] as const satisfies readonly Limit['behavior'][]
const known = new Set(['id', 'deleted', 'description', 'concurrency', 'quotas'])
const limitByDefault = 5

export function formOf(namespace: Namespace): NamespaceFormValues {
  return {
    id: namespace.id,
    description: namespace.description ?? '',
    isLimited: namespace.concurrency !== undefined,
    limit: String(namespace.concurrency?.limit ?? limitByDefault),
    behavior: namespace.concurrency?.behavior ?? 'QUEUE',
    quotas: quotasFormOf(namespace.quotas),
  }
}

export function namespaceOf(form: NamespaceFormValues, before: Namespace): Namespace {
  const namespace: Namespace = { ...before, id: form.id.trim() }
  delete namespace.deleted
  delete namespace.description
  delete namespace.concurrency
  delete namespace.quotas
  if (form.description.trim() !== '') namespace.description = form.description.trim()
  if (form.isLimited) namespace.concurrency = { limit: Number(form.limit), behavior: form.behavior as Limit['behavior'] }
  if (form.quotas.length > 0) namespace.quotas = quotasOf(form.quotas)
  return namespace
}

/** Names of the settings that were made elsewhere. */
export function otherSettings(namespace: Namespace): string[] {
  return Object.keys(namespace).filter((key) => !known.has(key)).sort()
}
