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
  // All tabs of a browser have one session: who signs out or in elsewhere does so here.
  const tabs = new BroadcastChannel('insula-session')
  const replacedListeners = new Set<() => void>()

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

  tabs.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (me.value === null || data === me.value.id) return
    forget()
    for (const listener of replacedListeners) listener()
  })

  /** Tells when another tab has signed out, or in as somebody else. */
  function onReplaced(listener: () => void): void {
    replacedListeners.add(listener)
  }

  async function signIn(username: string, password: string): Promise<void> {
    await api.post('/api/v1/login', { body: { username, password } })
    forget()
    await refresh()
    setStorageOwner(me.value?.id ?? '', '')
    tabs.postMessage(me.value?.id ?? '')
  }

  async function signOut(): Promise<void> {
    // Here it is over at once, whatever the server says.
    forget()
    tabs.postMessage('')
    if (hasSession()) await api.post('/api/v1/logout')
  }

  return { me, signedIn, superAdmin, name, load, refresh, can, forget, signIn, signOut, onReplaced }
})
