// Who is signed in, and what they may do in the tenant of the page.
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { api, closeAllLive, hasSession, type Schemas } from '@/api'
import { allows, type Action, type Resource } from './permissions'
import { setStorageOwner, wipePersonal } from './storage'
import { useTenants } from './tenants'
import { forgetEverything } from './wipe'

export const useMe = defineStore('me', () => {
  const me = ref<Schemas['Me'] | null>(null)
  let asked: Promise<void> | undefined

  const signedIn = computed(() => me.value !== null)
  const superAdmin = computed(() => me.value?.superAdmin === true)
  const name = computed(() => {
    const profile = me.value?.profile
    return profile === undefined ? '' : `${profile.firstName ?? ''} ${profile.lastName ?? ''}`.trim() || profile.username
  })

  async function refresh(): Promise<void> {
    me.value = await api.get('/api/v1/me')
  }

  /** Asks once; the guards of the router call it before every page. */
  async function load(): Promise<void> {
    if (me.value !== null || !hasSession()) return
    asked ??= refresh().finally(() => { asked = undefined })
    await asked
  }

  function can(resource: Resource, action: Action, namespace?: string): boolean {
    const grants = useTenants().current?.permissions ?? []
    return allows(grants, superAdmin.value, resource, action, namespace)
  }

  /** Everything of the person and the tenant goes: stores, storage, open streams. */
  function forget(): void {
    me.value = null
    closeAllLive()
    useTenants().select('')
    forgetEverything()
    wipePersonal()
  }

  async function signIn(username: string, password: string): Promise<void> {
    await api.post('/api/v1/login', { body: { username, password } })
    forget()
    await refresh()
    setStorageOwner(me.value?.id ?? '', '')
  }

  async function signOut(): Promise<void> {
    try {
      if (hasSession()) await api.post('/api/v1/logout')
    } finally {
      forget()
    }
  }

  return { me, signedIn, superAdmin, name, load, refresh, can, forget, signIn, signOut }
})
