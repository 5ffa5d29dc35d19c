// What a person may do, by the grants that `/api/v1/me` tells. The server decides; this only keeps from offering what it would refuse.
import type { Schemas } from '@/api'

export type Resource = 'FLOW' | 'EXECUTION' | 'TRIGGER' | 'NAMESPACE' | 'KVSTORE' | 'REUSABLE_INPUTS' | 'DASHBOARD' | 'SECRET' | 'CREDENTIAL' | 'BLUEPRINT' | 'APP' | 'AUDITLOG'
  | 'SYSTEM_SETTINGS' | 'TENANT_SETTINGS' | 'TESTSUITE' | 'ASSET' | 'USER' | 'GROUP' | 'ROLE' | 'BINDING' | 'SERVICE_ACCOUNT' | 'INVITATION' | 'COPILOT' | 'MCP_SERVER' | 'POLICY'
export type Action = 'VIEW' | 'LIST' | 'CREATE' | 'UPDATE' | 'DELETE' | 'EXECUTE' | 'RESTART' | 'KILL' | 'REPLAY' | 'PAUSE' | 'RESUME' | 'UNQUEUE' | 'FORCE_RUN' | 'FOLLOW'
  | 'CHANGE_LABELS' | 'ACCESS_LOGS' | 'ACCESS_OUTPUTS' | 'ACCESS_FILES' | 'EXPORT' | 'IMPORT' | 'DISABLE' | 'ENABLE' | 'VALIDATE' | 'UNLOCK' | 'LOCK' | 'BACKFILL'
  | 'MANAGE_FILES' | 'MANAGE_MEMBERS' | 'MANAGE_GROUP_MEMBERSHIP' | 'USE' | 'IMPERSONATE'
export type Need = readonly [Resource, Action]

// Super admins govern who may enter a tenant without a role in it.
const governed = new Set<Resource>(['USER', 'GROUP', 'ROLE', 'BINDING', 'SERVICE_ACCOUNT', 'INVITATION'])

/** A grant for `a.b` holds in `a.b` and in what is below it. */
export function covers(granted: string | null, namespace: string): boolean {
  return granted === null || granted === namespace || namespace.startsWith(`${granted}.`)
}

/** Without a namespace: anywhere in the tenant. */
export function allows(grants: readonly Schemas['Grant'][], superAdmin: boolean, resource: Resource, action: Action, namespace?: string): boolean {
  if (superAdmin && governed.has(resource)) return true
  return grants.some((grant) => (namespace === undefined || covers(grant.namespace, namespace)) && grant.permissions[resource]?.includes(action) === true)
}
