import type { Room } from './rooms'

const files = import.meta.glob<Room>('../pages/*/routes.ts', { eager: true, import: 'default' })

export const rooms: readonly Room[] = Object.values(files)
export const menu = rooms.flatMap((room) => room.menu ?? []).sort((a, b) => a.order - b.order)
