// The title of the tab: what the page says; the shell adds the tenant and the product.
import { onScopeDispose, shallowRef, watchEffect } from 'vue'

const said = shallowRef<{ by: symbol; title: string }>()
/** Replaces the title of the route while a component says so. */
export const pageTitle = (): string => said.value?.title ?? ''

export function useTitle(title: () => string): void {
  const by = Symbol('title')
  watchEffect(() => { said.value = { by, title: title() } })
  // The next page speaks before this one has gone.
  onScopeDispose(() => { if (said.value?.by === by) said.value = undefined })
}
