// Addresses: `/ui/{tenant}/…`, `/ui/admin/…` for the instance, and a few for people who are not signed in.
import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteLocationRaw } from 'vue-router'
import { api, asApiError, hasSession } from '@/api'
import { useMe, useTenants } from '@/stores'
import { blocked } from './blocked'
import { isOffered, menu, rooms } from './registry'
import type { PageRoute } from './rooms'

const missing = (): Promise<unknown> => import('@/pages/missing/MissingPage.vue')

function below(prefix: string, routes: readonly PageRoute[], meta: Record<string, unknown>): PageRoute[] {
  return routes.map((route) => ({ ...route, path: `${prefix}/${route.path}`.replace(/\/$/, ''), meta: { ...meta, ...route.meta } }) as PageRoute)
}

export const router = createRouter({
  history: createWebHistory('/ui/'),
  routes: [
    ...rooms.flatMap((room) => below('', room.openRoutes ?? [], { open: true, bare: true })),
    ...rooms.flatMap((room) => below('/admin', room.instanceRoutes ?? [], { instance: true })),
    ...rooms.flatMap((room) => below('/:tenant', room.routes ?? [], {})),
    { path: '/', name: 'root', component: () => import('@/pages/missing/WelcomePage.vue'), meta: { bare: true, title: 'missing.welcomeTitle' } },
    { path: '/admin', redirect: { name: 'tenants' } },
    // Its guard leads to the first page that one may see there.
    { path: '/:tenant', name: 'tenant', component: missing, meta: { title: 'missing.title' } },
    { path: '/:tenant/:rest(.*)*', name: 'missing-in-tenant', component: missing, meta: { title: 'missing.title' } },
    { path: '/:rest(.*)*', name: 'missing', component: missing, meta: { bare: true, title: 'missing.title' } },
  ],
  scrollBehavior(to, from, saved) {
    if (saved !== null) return saved
    if (to.path === from.path) return {}
    return to.hash === '' ? { top: 0 } : { el: to.hash, top: 64 }
  },
})

/** The first page of the menu that one may see in a tenant. */
function firstPage(id: string): RouteLocationRaw {
  const tenant = useTenants().list.find((one) => one.id === id)
  const entry = menu.find((one) => one.section !== 'instance' && isOffered(one, tenant))
  return { name: entry?.to ?? 'account', params: { tenant: id }, replace: true }
}

/** Where somebody belongs who asked for nothing in particular. */
export function homeOf(): RouteLocationRaw {
  const tenant = useTenants().preferred()
  if (tenant !== undefined) return firstPage(tenant)
  return useMe().superAdmin ? { name: 'tenants' } : { name: 'root' }
}

// Nobody is signed in: the first start has nobody who could.
async function entrance(to: RouteLocationNormalized): Promise<RouteLocationRaw> {
  try {
    const { isBasicAuthInitialized } = await api.get('/api/v1/configs/login')
    if (!isBasicAuthInitialized) return { name: 'setup' }
  } catch {
    // The page of the sign-in says what is wrong when it is used.
  }
  return { name: 'sign-in', query: to.path === '/' ? {} : { from: to.fullPath } }
}

function blockOf(to: RouteLocationNormalized): typeof blocked.value {
  const me = useMe()
  if (to.meta.instance === true && !me.superAdmin) return 'permission'
  if (typeof to.params.tenant === 'string' && useTenants().current === undefined) return 'tenant'
  if (to.name === 'missing' || to.name === 'missing-in-tenant') return 'page'
  return (to.meta.needs ?? []).every(([resource, action]) => me.can(resource, action)) ? undefined : 'permission'
}

router.beforeEach(async (to) => {
  const me = useMe()
  if (to.meta.open === true) return true
  try {
    await me.load()
  } catch (error) {
    if (hasSession() && asApiError(error).kind !== 'unauthenticated') {
      blocked.value = 'offline'
      return true
    }
  }
  if (!me.signedIn) return entrance(to)
  if (to.name === 'root') {
    const home = homeOf()
    if (typeof home === 'object' && 'name' in home && home.name !== 'root') return home
  }
  const asked = String(to.params.tenant ?? '')
  return to.name === 'tenant' && useTenants().list.some(({ id }) => id === asked) ? firstPage(asked) : true
})

// Only when nothing holds the page back any more (unsaved changes) does the tenant change.
router.beforeResolve((to) => {
  if (to.meta.open === true || blocked.value === 'offline') return
  useTenants().select(typeof to.params.tenant === 'string' ? to.params.tenant : '')
})

router.afterEach((to, _from, failure) => {
  if (failure !== undefined) return
  if (to.meta.open === true) blocked.value = undefined
  else if (blocked.value !== 'offline') blocked.value = blockOf(to)
})

// After an update of the server the old files of the page are gone: load the new page, once.
router.onError((error, to) => {
  if (!/dynamically imported module|Importing a module script failed|error loading dynamically/i.test(String(error))) return
  const key = 'insula/reloaded'
  if (sessionStorage.getItem(key) === to.fullPath) return
  sessionStorage.setItem(key, to.fullPath)
  location.assign(router.resolve(to.fullPath).href)
})

/** The same page in another tenant, where that makes sense. */
export function inTenant(id: string, from: RouteLocationNormalized): RouteLocationRaw {
  const fallback = { name: 'tenant', params: { tenant: id } }
  if (typeof from.params.tenant !== 'string' || typeof from.name !== 'string' || blocked.value !== undefined) return fallback
  if (from.meta.inOtherTenant !== undefined) return { name: from.meta.inOtherTenant, params: { tenant: id } }
  // What else the address names is an object of this tenant.
  const names = Object.keys(from.params).filter((name) => name !== 'tenant')
  return names.length === 0 ? { name: from.name, params: { tenant: id } } : fallback
}
