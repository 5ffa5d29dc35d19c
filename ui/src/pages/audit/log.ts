// The audit log of the tenant of the page, or of the instance: the same questions at two addresses.
import { api, type Filters, type Schemas } from '@/api'

interface Asked {
  page?: number
  size?: number
  sort?: string[]
}
export interface AuditLog {
  search(asked: Asked & Filters, signal: AbortSignal): Promise<{ results: Schemas['AuditItem'][]; total: number }>
  history(objectId: string, namespace: string | undefined, signal: AbortSignal): Promise<Schemas['AuditMark'][]>
  diff(id: string, signal: AbortSignal): Promise<Schemas['AuditDiff']>
  csv(filters: Filters): Promise<Blob>
  verify(): Promise<Schemas['AuditVerdict']>
}

const ofTenant: AuditLog = {
  search: (query, signal) => api.get('/api/v1/{tenant}/auditlogs/search', { query, signal }),
  history: (detailId, namespace, signal) => api.get('/api/v1/{tenant}/auditlogs/history/{detailId}', { path: { detailId }, query: { namespace }, signal }),
  diff: (id, signal) => api.get('/api/v1/{tenant}/auditlogs/{id}/diff', { path: { id }, signal }),
  csv: (query) => api.blob('get', '/api/v1/{tenant}/auditlogs/export', { query }),
  verify: () => api.get('/api/v1/{tenant}/auditlogs/verify'),
}

const ofInstance: AuditLog = {
  search: (query, signal) => api.get('/api/v1/auditlogs/search', { query, signal }),
  history: (detailId, _, signal) => api.get('/api/v1/auditlogs/history/{detailId}', { path: { detailId }, signal }),
  diff: (id, signal) => api.get('/api/v1/auditlogs/{id}/diff', { path: { id }, signal }),
  csv: (query) => api.blob('get', '/api/v1/auditlogs/export', { query }),
  verify: () => api.get('/api/v1/auditlogs/verify'),
}

export const auditLog = (isInstance: boolean): AuditLog => isInstance ? ofInstance : ofTenant

export const kinds = ['CREATE', 'UPDATE', 'DELETE', 'READ'] as const
export const instanceKinds = [...kinds, 'LOGIN', 'LOGOUT', 'LOGIN_FAILURE', 'ACCOUNT_LOCKED', 'IMPERSONATE'] as const
export const resources = ['FLOW', 'EXECUTION', 'TRIGGER', 'NAMESPACE', 'USER', 'TENANT_ACCESS', 'GROUP', 'ROLE', 'BINDING', 'SERVICE_ACCOUNT', 'INVITATION', 'TENANT', 'AUDITLOG'] as const
export const instanceResources = ['USER', 'SERVICE_ACCOUNT', 'TENANT', 'INSTANCE'] as const
