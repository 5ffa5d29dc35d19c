// Why the page of this address is not shown; the address stays, so that it can be corrected.
import { shallowRef } from 'vue'

export type Blocked = 'page' | 'tenant' | 'permission' | 'offline' | undefined
export const blocked = shallowRef<Blocked>()
