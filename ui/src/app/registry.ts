import type { Schemas } from '@/api'
import { allows, useMe, type Need } from '@/stores'
import type { MenuEntry, Room } from './rooms'

const files = import.meta.glob<Room>('../pages/*/routes.ts', { eager: true, import: 'default' })

export const rooms: readonly Room[] = Object.values(files)
export const menu = rooms.flatMap((room) => room.menu ?? []).sort((a, b) => a.order - b.order)

/** Whether the signed-in person may open it: in this tenant, or in the instance. */
export function isOffered({ section, needs = [], anyOf }: MenuEntry, tenant: Schemas['MyTenant'] | undefined): boolean {
  const { superAdmin } = useMe()
  if (section === 'instance') return superAdmin
  if (tenant === undefined) return false
  const may = ([resource, action]: Need): boolean => allows(tenant.permissions, superAdmin, resource, action)
  return needs.every(may) && (anyOf === undefined || anyOf.some(may))
}
