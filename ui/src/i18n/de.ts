import shared from './de.json'
import { byRoom } from './rooms'

const rooms = import.meta.glob('../pages/*/de.json', { eager: true, import: 'default' })
export const messages: Record<string, unknown> = { ...shared, ...byRoom(rooms) }
