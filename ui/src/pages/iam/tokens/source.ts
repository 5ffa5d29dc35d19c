// API tokens of whoever has them: a service account of the tenant, one of the instance, or a user. What differs is the address.
import { api, type Schemas } from '@/api'

export interface TokenSource {
  list(signal: AbortSignal): Promise<Schemas['ApiToken'][]>
  create(body: Schemas['NewApiToken']): Promise<string>
  remove(tokenId: string): Promise<unknown>
}

export function tokensOfTenantProgram(id: string): TokenSource {
  return {
    list: async (signal) => (await api.get('/api/v1/{tenant}/service-accounts/{id}/api-tokens', { path: { id }, signal })).results,
    create: async (body) => (await api.post('/api/v1/{tenant}/service-accounts/{id}/api-tokens', { path: { id }, body })).fullToken,
    remove: (tokenId) => api.delete('/api/v1/{tenant}/service-accounts/{id}/api-tokens/{tokenId}', { path: { id, tokenId } }),
  }
}

export function tokensOfProgram(id: string): TokenSource {
  return {
    list: async (signal) => (await api.get('/api/v1/service-accounts/{id}/api-tokens', { path: { id }, signal })).results,
    create: async (body) => (await api.post('/api/v1/service-accounts/{id}/api-tokens', { path: { id }, body })).fullToken,
    remove: (tokenId) => api.delete('/api/v1/service-accounts/{id}/api-tokens/{tokenId}', { path: { id, tokenId } }),
  }
}

export function tokensOfUser(id: string): TokenSource {
  return {
    list: async (signal) => (await api.get('/api/v1/users/{id}/api-tokens', { path: { id }, signal })).results,
    create: async (body) => (await api.post('/api/v1/users/{id}/api-tokens', { path: { id }, body })).fullToken,
    remove: (tokenId) => api.delete('/api/v1/users/{id}/api-tokens/{tokenId}', { path: { id, tokenId } }),
  }
}
