// The tenant of the page and those one can switch to.
import { defineStore } from 'pinia'
import { computed, ref, watchEffect } from 'vue'
import { closeAllLive, setApiTenant, type Schemas } from '@/api'
import { hueOf } from '@/format'
import { useMe } from './me'
import { setStorageOwner, readStored, writeStored, isText } from './storage'
import { forgetEverything } from './wipe'

export function hueOfTenant(tenant: Pick<Schemas['MyTenant'], 'id' | 'accentHue'>): number {
  return tenant.accentHue ?? hueOf(tenant.id)
}

export const useTenants = defineStore('tenants', () => {
  const currentId = ref('')
  const list = computed(() => useMe().me?.tenants ?? [])
  const current = computed(() => list.value.find(({ id }) => id === currentId.value))

  /** '' is no tenant: pages of the instance, and outside. */
  function select(id: string): void {
    if (id === currentId.value) return
    closeAllLive()
    forgetEverything()
    // Before the tenant changes for others: they read what is stored for it at once.
    const user = useMe().me?.id ?? ''
    setStorageOwner(user, '')
    if (id !== '') writeStored('person', 'last-tenant', id)
    setStorageOwner(user, id)
    setApiTenant(id)
    currentId.value = id
  }

  /** Where somebody goes who named no tenant: where they were last, else the first one they have a role in. */
  function preferred(): string | undefined {
    setStorageOwner(useMe().me?.id ?? '', '')
    const last = readStored('person', 'last-tenant', isText)
    setStorageOwner(useMe().me?.id ?? '', currentId.value)
    const mine = list.value.filter(({ permissions }) => permissions.length > 0)
    return (list.value.find(({ id }) => id === last) ?? mine[0] ?? list.value[0])?.id
  }

  watchEffect(() => {
    const style = document.documentElement.style
    if (current.value === undefined) style.removeProperty('--accent-hue')
    else style.setProperty('--accent-hue', String(hueOfTenant(current.value)))
  })

  return { currentId, list, current, select, preferred }
})
