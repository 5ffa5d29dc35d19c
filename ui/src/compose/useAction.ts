// Changing something on the server in answer to a click: busy while it runs, one at a time, what fails is told.
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { asApiError, type ApiError } from '@/api'
import { useToasts } from '@/stores'

export interface Action<A extends unknown[]> {
  busy: Ref<boolean>
  /** The last failure, for violations beside the fields. */
  error: ShallowRef<ApiError | undefined>
  /** Whether it went well. */
  run(...given: A): Promise<boolean>
}

export function useAction<A extends unknown[]>(act: (...given: A) => Promise<unknown>, options: { done?: string | (() => string); quiet?: boolean } = {}): Action<A> {
  const busy = ref(false)
  const error = shallowRef<ApiError>()

  async function run(...given: A): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    error.value = undefined
    try {
      await act(...given)
      if (options.done !== undefined) useToasts().success(typeof options.done === 'string' ? options.done : options.done())
      return true
    } catch (failure) {
      error.value = asApiError(failure)
      // With `quiet` the form shows it.
      if (options.quiet !== true) useToasts().problem(failure)
      return false
    } finally {
      busy.value = false
    }
  }

  return { busy, error, run }
}
