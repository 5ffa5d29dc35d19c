// All task runs of an execution: those that came with it and, of very long ones, the others page by page when somebody asks for them.
import { computed, onScopeDispose, ref, shallowRef, type ComputedRef, type Ref } from 'vue'
import { api, isAbort } from '@/api'
import { useToasts } from '@/stores'
import { runOf, type Run } from './run'
import type { LiveExecution } from './useExecution'

export interface TaskRuns {
  runs: ComputedRef<readonly Run[]>
  truncated: ComputedRef<boolean>
  /** All there are, once one page was read. */
  total: Ref<number | undefined>
  loading: Ref<boolean>
  loadAll(): Promise<void>
}

const pageSize = 5_000

export function useTaskRuns(execution: LiveExecution): TaskRuns {
  const more = shallowRef<readonly Run[]>([])
  const total = ref<number>()
  const loading = ref(false)
  const abort = new AbortController()
  const own = computed(() => (execution.data.value?.taskRunList ?? []).map(runOf))
  const runs = computed(() => {
    if (more.value.length === 0) return own.value
    // What came with the execution is newer than the pages.
    const newer = new Map(own.value.map((run) => [run.id, run]))
    const merged = more.value.map((run) => {
      const fresh = newer.get(run.id)
      newer.delete(run.id)
      return fresh ?? run
    })
    return [...merged, ...newer.values()]
  })
  const truncated = computed(() => execution.data.value?.taskRunsTruncated === true && (total.value === undefined || runs.value.length < total.value))

  async function loadAll(): Promise<void> {
    if (loading.value) return
    loading.value = true
    const read: Run[] = []
    try {
      for (let page = 1; ; page += 1) {
        const answer = await api.get('/api/v1/{tenant}/executions/{execution}/taskruns', { path: { execution: execution.id }, query: { page, size: pageSize }, signal: abort.signal })
        for (const taskRun of answer.results) read.push(runOf(taskRun))
        total.value = answer.total
        more.value = [...read]
        if (answer.results.length < pageSize) break
      }
    } catch (error) {
      if (!isAbort(error)) useToasts().problem(error)
    } finally {
      loading.value = false
    }
  }

  onScopeDispose(() => abort.abort())
  return { runs, truncated, total, loading, loadAll }
}
