import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { allows, covers, isTimeZone, readStored, useMe, useSettings, useTenants, useToasts, writeStored, isText } from '.'
import { setStorageOwner } from './storage'

const everywhere = { namespace: null, permissions: { FLOW: ['VIEW', 'LIST'] } }
const inTeam = { namespace: 'company.team', permissions: { FLOW: ['UPDATE'] } }
const person = { id: 'u1', superAdmin: false, restricted: false, profile: { email: 'ada@x.org', username: 'ada@x.org', firstName: 'Ada', lastName: '' }, tenants: [
  { id: 'alpha', name: 'Alpha', permissions: [everywhere, inTeam] }, { id: 'beta', name: 'Beta', permissions: [everywhere], accentHue: 42 }] }

beforeEach(() => {
  setActivePinia(createPinia())
  localStorage.clear()
  document.cookie = 'csrfToken=abc; path=/'
  vi.stubGlobal('fetch', vi.fn(async (url: string) => new Response(url.endsWith('/me') ? JSON.stringify(person) : '{}', { headers: { 'Content-Type': 'application/json' } })))
})

describe('permissions', () => {
  it('hold in a namespace and below it', () => {
    expect(covers('a.b', 'a.b.c')).toBe(true)
    expect(covers('a.b', 'a.bc')).toBe(false)
    expect(covers(null, 'x')).toBe(true)
  })
  it('are asked of the namespace, or of anywhere', () => {
    expect(allows([everywhere, inTeam], false, 'FLOW', 'UPDATE')).toBe(true)
    expect(allows([everywhere, inTeam], false, 'FLOW', 'UPDATE', 'company')).toBe(false)
    expect(allows([everywhere, inTeam], false, 'FLOW', 'UPDATE', 'company.team.x')).toBe(true)
  })
  it('of a super admin reach who may enter, not what is inside', () => {
    expect(allows([], true, 'ROLE', 'CREATE')).toBe(true)
    expect(allows([], true, 'FLOW', 'LIST')).toBe(false)
  })
})

describe('the signed-in person', () => {
  it('is asked for once', async () => {
    const me = useMe()
    await Promise.all([me.load(), me.load()])
    await me.load()
    expect(fetch).toHaveBeenCalledOnce()
    expect(me.name).toBe('Ada')
  })
  it('may do in each tenant what they may there', async () => {
    const me = useMe()
    await me.load()
    expect(me.can('FLOW', 'LIST')).toBe(false)
    useTenants().select('alpha')
    expect(me.can('FLOW', 'UPDATE', 'company.team')).toBe(true)
    useTenants().select('beta')
    expect(me.can('FLOW', 'UPDATE', 'company.team')).toBe(false)
    await nextTick()
    expect(document.documentElement.style.getPropertyValue('--accent-hue')).toBe('42')
  })
  it('leaves nothing behind', async () => {
    const me = useMe()
    await me.load()
    useTenants().select('alpha')
    useSettings().setDefaultNamespace('company.secret')
    useSettings().theme = 'dark'
    useToasts().success('Flow company.secret is saved')
    await nextTick()
    expect(JSON.stringify(localStorage)).toContain('company.secret')
    await me.signOut()
    expect(me.signedIn).toBe(false)
    expect(useTenants().list).toEqual([])
    expect(useToasts().list).toEqual([])
    expect(useSettings().defaultNamespace).toBe('')
    expect(Object.keys(localStorage)).toEqual(['insula/device/theme'])
  })
})

describe('storage', () => {
  it('is apart for people and tenants', () => {
    setStorageOwner('u1', 'alpha')
    writeStored('person', 'x', 'mine')
    setStorageOwner('u1', 'beta')
    expect(readStored('person', 'x', isText)).toBeUndefined()
    setStorageOwner('u2', 'alpha')
    expect(readStored('person', 'x', isText)).toBeUndefined()
    setStorageOwner('u1', 'alpha')
    expect(readStored('person', 'x', isText)).toBe('mine')
  })
  it('passes over what it does not understand', () => {
    localStorage.setItem('insula/device/theme', '{broken')
    expect(readStored('device', 'theme', isText)).toBeUndefined()
  })
  it('knows time zones', () => {
    expect(isTimeZone('Europe/Berlin')).toBe(true)
    expect(isTimeZone('Atlantis/Insula')).toBe(false)
  })
})
