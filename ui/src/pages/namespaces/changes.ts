// What can be done with a namespace, from the tree and from its page.
import { useI18n } from 'vue-i18n'
import { api } from '@/api'
import { confirm, useAction, type Action } from '@/compose'
import type { Namespace } from './tree'

/** What the dialogue is about: a new one (below another), one that so far only has flows, one that was made. */
export interface Change {
  kind: 'new' | 'setUp' | 'edit'
  namespace: Namespace
}

export function newBelow(id: string): Change {
  return { kind: 'new', namespace: { id: id === '' ? '' : `${id}.` } }
}

export function useRemoval(removed: () => unknown): Action<[Namespace]> {
  const { t } = useI18n()
  return useAction(async ({ id }: Namespace) => {
    if (!await confirm({ title: t('namespaces.deleteTitle', { id }), text: t('namespaces.deleteText'), confirm: t('common.delete'), danger: true })) return
    await api.delete('/api/v1/{tenant}/namespaces/{namespace}', { path: { namespace: id } })
    await removed()
  })
}
