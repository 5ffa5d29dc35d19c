// What the server does to many things at once, and goes on with while one looks at other pages. Asked about until it has ended.
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { api, asApiError, isAbort, type ApiError, type Schemas } from '@/api'
import { onForget } from './wipe'

export interface Operation {
  id: number
  title: string
  running: boolean
  /** Undefined until the server has counted. */
  total: number | undefined
  processed: number
  failed: number
  error?: ApiError
}

const pollMs = 400
const pollMaxMs = 3_000
const missesMax = 5

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, ms) })
}

export const useOperations = defineStore('operations', () => {
  const list = ref<Operation[]>([])
  /** Grows with each that has ended: lists that may have changed read anew. */
  const ended = ref(0)
  const running = computed(() => list.value.some((one) => one.running))
  let last = 0
  let abort = new AbortController()

  function change(id: number, parts: Partial<Operation>): void {
    list.value = list.value.map((one) => one.id === id ? { ...one, ...parts } : one)
  }
  function close(id: number): void {
    list.value = list.value.filter((one) => one.id !== id)
  }

  async function follow(id: number, operation: string, tenant: string, signal: AbortSignal): Promise<void> {
    let misses = 0
    for (let pause = pollMs; !signal.aborted; pause = Math.min(pause * 1.2, pollMaxMs)) {
      try {
        const { totalItems, processed, failed, endedAt } = await api.get('/api/v1/{tenant}/operations/{id}', { path: { tenant, id: operation }, signal })
        misses = 0
        change(id, { total: totalItems, processed, failed })
        if (endedAt !== undefined && endedAt !== null) return
      } catch (error) {
        if (isAbort(error)) return
        // A server that is away for a moment goes on afterwards; one that knows nothing of it has told all in its first answer.
        if (asApiError(error).kind !== 'offline' && asApiError(error).kind !== 'unavailable') return
        misses += 1
        if (misses > missesMax) throw error
      }
      await wait(pause)
    }
  }

  /** Shows it, and what `act` finds out about it. */
  async function show(title: string, total: number | undefined, act: (id: number, signal: AbortSignal) => Promise<void>): Promise<void> {
    last += 1
    const id = last
    const { signal } = abort
    list.value = [...list.value, { id, title, running: true, total, processed: 0, failed: 0 }]
    try {
      await act(id, signal)
    } catch (error) {
      if (!signal.aborted) change(id, { error: asApiError(error) })
    }
    if (signal.aborted) return
    change(id, { running: false })
    ended.value += 1
  }

  /** `begin` asks the server for it; whoever asked may leave the page. */
  function start(title: string, tenant: string, total: number | undefined, begin: () => Promise<Schemas['BulkDone']>): Promise<void> {
    return show(title, total, async (id, signal) => {
      const { count, totalItems, operationId } = await begin()
      if (signal.aborted) return
      change(id, { total: totalItems ?? count, processed: count })
      if (operationId !== undefined && operationId !== null) await follow(id, operationId, tenant, signal)
    })
  }

  /** Those of somebody that go on in a tenant: begun before the page was loaded anew, or in another tab. */
  async function find(tenant: string, person: string, titleOf: (operation: Schemas['BulkOperation']) => string): Promise<void> {
    const { signal } = abort
    try {
      const { results } = await api.get('/api/v1/{tenant}/operations', { path: { tenant }, signal })
      if (signal.aborted) return
      for (const one of results) if (one.startedBy === person) void show(titleOf(one), one.totalItems, (id) => follow(id, one.id, tenant, signal))
    } catch {
      // Nothing is told then, and nothing is lost.
    }
  }

  onForget(() => {
    abort.abort()
    abort = new AbortController()
    list.value = []
  })
  return { list, ended, running, start, find, close }
})
