// What a list shows is in the URL: page, size, sort and filters. Links, reload and the back button find the same list again.
import { computed, reactive, type ComputedRef } from 'vue'
import { useRoute, useRouter, type LocationQueryValue } from 'vue-router'

export interface ListQuery<F extends string> {
  page: number
  size: number
  /** `field:asc`; '' leaves the order to the server. */
  sort: string
  /** Filters as text; several values of one are joined by commas. */
  values: Record<F, string>
  isFiltered: boolean
  set(changes: Partial<Record<F, string>> & { page?: number; size?: number; sort?: string }): void
  clear(): void
}

interface Options<F extends string> {
  fields: readonly F[]
  sort?: string
  size?: number
  /** Values of filters that the URL does not name. */
  defaults?: Partial<Record<F, string>>
}

function first(value: LocationQueryValue | LocationQueryValue[] | undefined): string | undefined {
  return (Array.isArray(value) ? value[0] : value) ?? undefined
}

function whole(text: string | undefined, fallback: number, max: number): number {
  const number = Number(text)
  return Number.isInteger(number) && number >= 1 ? Math.min(number, max) : fallback
}

export function useListQuery<F extends string>(options: Options<F>): ListQuery<F> {
  const route = useRoute()
  const router = useRouter()
  // The list keeps its values while the next page slides in.
  const home = route.name
  const size = options.size ?? 25
  const sort = options.sort ?? ''
  const fallback = (field: F): string => options.defaults?.[field] ?? ''

  let kept = route.query
  const query = computed(() => {
    if (route.name === home) kept = route.query
    return kept
  })
  const values = computed(() => Object.fromEntries(options.fields.map((field) => [field, first(query.value[field]) ?? fallback(field)])) as Record<F, string>)

  function set(changes: Partial<Record<string, string | number>>): void {
    const next: Record<string, string | undefined> = Object.fromEntries(Object.entries(route.query).map(([key, value]) => [key, first(value)]))
    const defaults: Record<string, string> = { page: '1', size: String(size), sort }
    for (const field of options.fields) defaults[field] = fallback(field)
    // Whoever changes what is listed begins at its first page.
    if (!('page' in changes)) delete next.page
    for (const [key, value] of Object.entries(changes)) next[key] = String(value ?? '') === defaults[key] ? undefined : String(value ?? '')
    const navigation = { query: next, hash: route.hash }
    void ('page' in changes ? router.push(navigation) : router.replace(navigation))
  }

  return reactive({
    page: computed(() => whole(first(query.value.page), 1, 1_000_000)),
    size: computed(() => whole(first(query.value.size), size, 1_000)),
    sort: computed(() => first(query.value.sort) ?? sort),
    values,
    isFiltered: computed(() => options.fields.some((field) => values.value[field] !== fallback(field))) as ComputedRef<boolean>,
    set,
    clear: () => set(Object.fromEntries(options.fields.map((field) => [field, fallback(field)]))),
  }) as unknown as ListQuery<F>
}
