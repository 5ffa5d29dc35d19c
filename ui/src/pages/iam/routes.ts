import { Bot, KeyRound, ShieldCheck, UserRound, Users } from 'lucide-vue-next'
import type { RouteLocationRaw } from 'vue-router'
import { api } from '@/api'
import { defineRoom, type PaletteItem } from '@/app/rooms'
import { translate } from '@/i18n'
import { allows, useMe, useTenants } from '@/stores'
import { areas } from './areas'

const title = 'iam.title'
const foundMax = 5

/** The first part that one may see; of those who may see none, the first. */
function firstArea(tenant: string): RouteLocationRaw {
  const grants = useTenants().list.find(({ id }) => id === tenant)?.permissions ?? []
  const area = areas.find(({ needs }) => allows(grants, useMe().superAdmin, ...needs)) ?? areas[0]
  return { name: area?.route ?? 'account', params: { tenant }, replace: true }
}

export default defineRoom({
  routes: [
    { path: 'iam', name: 'iam', component: () => import('./people/PeoplePage.vue'), meta: { title, menu: 'iam' }, beforeEnter: ({ params }) => firstArea(String(params.tenant)) },
    { path: 'iam/people', name: 'iam-people', component: () => import('./people/PeoplePage.vue'), meta: { title, menu: 'iam', needs: [['USER', 'LIST']] } },
    { path: 'iam/people/:id', name: 'iam-person', component: () => import('./people/PersonPage.vue'), meta: { title, menu: 'iam', needs: [['USER', 'VIEW']], inOtherTenant: 'iam-people' } },
    { path: 'iam/groups', name: 'iam-groups', component: () => import('./groups/GroupsPage.vue'), meta: { title: 'iam.groups', menu: 'iam', needs: [['GROUP', 'LIST']] } },
    // The owner of a group may look after it without a permission: the server knows.
    { path: 'iam/groups/:id', name: 'iam-group', component: () => import('./groups/GroupPage.vue'), meta: { title: 'iam.groups', menu: 'iam', inOtherTenant: 'iam-groups' } },
    { path: 'iam/roles', name: 'iam-roles', component: () => import('./roles/RolesPage.vue'), meta: { title: 'iam.roles', menu: 'iam', needs: [['ROLE', 'LIST']] } },
    { path: 'iam/roles/new', name: 'iam-role-new', component: () => import('./roles/RolePage.vue'), meta: { title: 'iam.newRole', menu: 'iam', needs: [['ROLE', 'CREATE']] } },
    { path: 'iam/roles/:id', name: 'iam-role', component: () => import('./roles/RolePage.vue'), meta: { title: 'iam.roles', menu: 'iam', needs: [['ROLE', 'VIEW']], inOtherTenant: 'iam-roles' } },
    { path: 'iam/bindings', name: 'iam-bindings', component: () => import('./bindings/BindingsPage.vue'), meta: { title: 'iam.bindings', menu: 'iam', needs: [['BINDING', 'LIST']] } },
    { path: 'iam/service-accounts', name: 'iam-programs', component: () => import('./programs/ProgramsPage.vue'), meta: { title: 'iam.programs', menu: 'iam', needs: [['SERVICE_ACCOUNT', 'LIST']] } },
    { path: 'iam/service-accounts/:id', name: 'iam-program', component: () => import('./programs/ProgramPage.vue'), meta: { title: 'iam.programs', menu: 'iam', needs: [['SERVICE_ACCOUNT', 'VIEW']], inOtherTenant: 'iam-programs' } },
    { path: 'iam/invitations', name: 'iam-invitations', component: () => import('./invitations/InvitationsPage.vue'), meta: { title: 'iam.invitations', menu: 'iam', needs: [['INVITATION', 'LIST']] } },
  ],
  instanceRoutes: [
    { path: 'users', name: 'users', component: () => import('./users/UsersPage.vue'), meta: { title: 'iam.users' } },
    { path: 'users/:id', name: 'user', component: () => import('./users/UserPage.vue'), meta: { title: 'iam.users', menu: 'users' } },
    { path: 'service-accounts', name: 'service-accounts', component: () => import('./users/AccountsPage.vue'), meta: { title: 'iam.programs' } },
    { path: 'service-accounts/:id', name: 'service-account', component: () => import('./users/AccountPage.vue'), meta: { title: 'iam.programs', menu: 'service-accounts' } },
  ],
  menu: [
    { id: 'iam', label: 'iam.title', icon: ShieldCheck, to: 'iam', order: 110, section: 'admin', anyOf: areas.map(({ needs }) => needs), keys: 'g a' },
    { id: 'users', label: 'iam.users', icon: Users, to: 'users', order: 210, section: 'instance' },
    { id: 'service-accounts', label: 'iam.programs', icon: Bot, to: 'service-accounts', order: 220, section: 'instance' },
  ],
  search: {
    needs: [['USER', 'LIST']],
    async find(q, signal) {
      const people = await api.post('/api/v1/{tenant}/tenant-access/autocomplete', { body: { q }, signal })
      const tenant = useTenants().currentId
      return people.slice(0, foundMax).map((one): PaletteItem => ({
        id: `person-${one.id}`, label: one.displayName, hint: one.username === one.displayName ? translate(`iam.kind.${one.type}`) : one.username, icon: one.type === 'SERVICE_ACCOUNT' ? KeyRound : UserRound,
        to: { name: one.type === 'SERVICE_ACCOUNT' ? 'iam-program' : 'iam-person', params: { tenant, id: one.id } },
      }))
    },
  },
  // Each part on its own, for those who may see one of them only.
  commands() {
    const tenant = useTenants().currentId
    if (tenant === '') return []
    return areas.filter(({ needs }) => useMe().can(...needs)).map(({ id, route }) => ({ id: `iam-${id}`, label: translate(`iam.${id}`), hint: translate('iam.title'), icon: ShieldCheck, to: { name: route, params: { tenant } } }))
  },
})
