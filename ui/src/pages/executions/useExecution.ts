// One execution, as it goes on: read once, then followed until it ends. What is done to it brings it back to life.
import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { api, asApiError, fillPath, isAbort, openLive, type ApiError, type LiveHandle, type Schemas } from '@/api'
import { isEnded } from '@/format'
import { useMe } from '@/stores'

export type Execution = Schemas['Execution']

export interface LiveExecution {
  id: string
  data: ShallowRef<Execution | undefined>
  error: ShallowRef<ApiError | undefined>
  ended: ComputedRef<boolean>
  /** Grows with each news: whoever shows logs looks for new lines. */
  tick: Ref<number>
  refresh(): Promise<void>
}

const pollMs = 3_000
// A long execution is told as a long text, up to five times a second: only the newest is read, with pauses that grow with its length.
const pauseMsOf = (length: number): number => length < 100_000 ? 0 : Math.min(2_000, length / 2_000)

export function useExecution(id: string): LiveExecution {
  const me = useMe()
  const data = shallowRef<Execution>()
  const error = shallowRef<ApiError>()
  const tick = ref(0)
  const ended = computed(() => data.value !== undefined && isEnded(data.value.state.current))
  const abort = new AbortController()
  let live: LiveHandle | undefined
  let poll: ReturnType<typeof setInterval> | undefined
  let newest: string | undefined
  let reading: ReturnType<typeof setTimeout> | undefined

  async function refresh(): Promise<void> {
    try {
      data.value = await api.get('/api/v1/{tenant}/executions/{execution}', { path: { execution: id }, signal: abort.signal })
      error.value = undefined
      tick.value += 1
    } catch (failure) {
      if (!isAbort(failure)) error.value = asApiError(failure)
    }
  }

  function readNewest(): void {
    reading = undefined
    if (newest === undefined) return
    data.value = JSON.parse(newest) as Execution
    newest = undefined
    tick.value += 1
  }

  function watchByAsking(): void {
    poll = setInterval(() => { if (document.visibilityState !== 'hidden') void refresh() }, pollMs)
  }

  function follow(): void {
    if (live !== undefined || poll !== undefined) return
    if (!me.can('EXECUTION', 'FOLLOW', data.value?.namespace)) {
      watchByAsking()
      return
    }
    live = openLive({
      url: fillPath('/api/v1/{tenant}/executions/{execution}/follow', { execution: id }),
      onEvent(event) {
        // The first one is only a sign that the stream is open.
        if (event.id === 'start') return
        newest = event.data
        reading ??= setTimeout(readNewest, pauseMsOf(event.data.length))
      },
      onEnd(failure) {
        live = undefined
        if (failure !== undefined && failure.kind !== 'not-found') watchByAsking()
        if (failure !== undefined || newest === undefined) void refresh()
      },
      poll: () => void refresh(),
    })
  }

  function rest(): void {
    live?.close()
    live = undefined
    if (poll !== undefined) clearInterval(poll)
    poll = undefined
  }

  // The stream ends by itself when the last of the execution has; without it, with the state.
  watch([() => data.value?.state.current, ended], ([state]) => {
    if (state === undefined) return
    if (!ended.value) follow()
    else if (poll !== undefined) rest()
  })
  onScopeDispose(() => {
    abort.abort()
    rest()
    if (reading !== undefined) clearTimeout(reading)
  })
  void refresh()
  return { id, data, error, ended, tick, refresh }
}
