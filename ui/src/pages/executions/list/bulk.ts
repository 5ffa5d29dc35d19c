// One thing done to many executions: in portions, so that one sees how far it is; or to all that match, which the server goes on with by itself.
import { reactive } from 'vue'
import { api, asApiError, type ApiError, type Filters, type Schemas } from '@/api'
import type { Deed } from '../possible'

export type BulkDeed = Deed

export interface BulkWish {
  deed: BulkDeed
  state: string
  labels: readonly Schemas['Label'][]
  latestRevision: boolean
}

export interface BulkProgress {
  running: boolean
  total: number
  sent: number
  done: number
  problems: ApiError[]
}

const portion = 20

type Done = Schemas['BulkDone']

function byIds({ deed, state, labels, latestRevision }: BulkWish, ids: string[]): Promise<Done> {
  switch (deed) {
    case 'kill': return api.delete('/api/v1/{tenant}/executions/kill/by-ids', { body: ids })
    case 'delete': return api.delete('/api/v1/{tenant}/executions/by-ids', { body: ids })
    case 'pause': return api.post('/api/v1/{tenant}/executions/pause/by-ids', { body: ids })
    case 'resume': return api.post('/api/v1/{tenant}/executions/resume/by-ids', { body: ids })
    case 'restart': return api.post('/api/v1/{tenant}/executions/restart/by-ids', { body: ids })
    case 'replay': return api.post('/api/v1/{tenant}/executions/replay/by-ids', { body: ids, query: { latestRevision } })
    case 'unqueue': return api.post('/api/v1/{tenant}/executions/unqueue/by-ids', { body: ids, query: { state } })
    case 'force-run': return api.post('/api/v1/{tenant}/executions/force-run/by-ids', { body: ids })
    case 'change-status': return api.post('/api/v1/{tenant}/executions/change-status/by-ids', { body: ids, query: { newStatus: state } })
    case 'labels': return api.post('/api/v1/{tenant}/executions/labels/by-ids', { body: { executionsId: ids, executionLabels: [...labels] } })
  }
}

export function byQuery({ deed, state, labels, latestRevision }: BulkWish, filters: Filters): Promise<Done> {
  switch (deed) {
    case 'kill': return api.delete('/api/v1/{tenant}/executions/kill/by-query', { query: filters })
    case 'delete': return api.delete('/api/v1/{tenant}/executions/by-query', { query: filters })
    case 'pause': return api.post('/api/v1/{tenant}/executions/pause/by-query', { query: filters })
    case 'resume': return api.post('/api/v1/{tenant}/executions/resume/by-query', { query: filters })
    case 'restart': return api.post('/api/v1/{tenant}/executions/restart/by-query', { query: filters })
    case 'replay': return api.post('/api/v1/{tenant}/executions/replay/by-query', { query: { ...filters, latestRevision } })
    case 'unqueue': return api.post('/api/v1/{tenant}/executions/unqueue/by-query', { query: { ...filters, state } })
    case 'force-run': return api.post('/api/v1/{tenant}/executions/force-run/by-query', { query: filters })
    case 'change-status': return api.post('/api/v1/{tenant}/executions/change-status/by-query', { query: { ...filters, newStatus: state } })
    case 'labels': return api.post('/api/v1/{tenant}/executions/labels/by-query', { query: filters, body: [...labels] })
  }
}

export function newProgress(): BulkProgress {
  return reactive({ running: false, total: 0, sent: 0, done: 0, problems: [] })
}

export async function runBulk(wish: BulkWish, ids: readonly string[], progress: BulkProgress): Promise<void> {
  Object.assign(progress, { running: true, total: ids.length, sent: 0, done: 0, problems: [] })
  for (let at = 0; at < ids.length; at += portion) {
    const part = ids.slice(at, at + portion)
    try {
      progress.done += (await byIds(wish, part)).count
    } catch (error) {
      progress.problems.push(asApiError(error))
    }
    progress.sent += part.length
  }
  progress.running = false
}
