import { watch } from 'vue'
import { useAsync, type Async, type ListQuery } from '@/compose'

/** What a list shows, read anew whenever its query in the URL changes. */
export function useList<T, F extends string>(query: ListQuery<F>, read: (signal: AbortSignal) => Promise<T>): Async<T> {
  const list = useAsync(read)
  watch(() => JSON.stringify([query.page, query.size, query.sort, query.values]), () => void list.run())
  return list
}
