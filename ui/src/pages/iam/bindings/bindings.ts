import type { Schemas } from '@/api'

/** Every subject (`USER:id`, `GROUP:id`) with every role in every namespace; no namespace is everywhere. */
export function bindingsOf(subjects: readonly string[], roles: readonly string[], namespaces: readonly string[]): Schemas['NewBinding'][] {
  const places = namespaces.length === 0 ? [undefined] : namespaces
  return subjects.flatMap((subject) => {
    const at = subject.indexOf(':')
    const type = subject.slice(0, at) === 'GROUP' ? 'GROUP' as const : 'USER' as const
    const externalId = subject.slice(at + 1)
    return roles.flatMap((roleId) => places.map((namespaceId) => ({ type, externalId, roleId, ...(namespaceId === undefined ? {} : { namespaceId }) })))
  })
}
