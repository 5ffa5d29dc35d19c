// Reading from the server for a component: a new run cancels the one before, leaving the page cancels all; while a run goes on the last value stays.
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { asApiError, isAbort, type ApiError } from '@/api'

export interface Async<T> {
  data: ShallowRef<T | undefined>
  error: ShallowRef<ApiError | undefined>
  /** True for the first run only with `data` undefined: show skeletons then. */
  loading: Ref<boolean>
  run(): Promise<void>
}

export function useAsync<T>(read: (signal: AbortSignal) => Promise<T>, options: { immediate?: boolean } = {}): Async<T> {
  const data = shallowRef<T>()
  const error = shallowRef<ApiError>()
  const loading = ref(false)
  let abort: AbortController | undefined

  async function run(): Promise<void> {
    abort?.abort()
    const mine = new AbortController()
    abort = mine
    loading.value = true
    try {
      const value = await read(mine.signal)
      if (mine.signal.aborted) return
      data.value = value
      error.value = undefined
    } catch (failure) {
      if (mine.signal.aborted || isAbort(failure)) return
      error.value = asApiError(failure)
    } finally {
      if (abort === mine) loading.value = false
    }
  }

  onScopeDispose(() => abort?.abort())
  if (options.immediate !== false) void run()
  return { data, error, loading, run }
}
