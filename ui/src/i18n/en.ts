import shared from './en.json'
import { byRoom } from './rooms'

const rooms = import.meta.glob('../pages/*/en.json', { eager: true, import: 'default' })
export const messages: Record<string, unknown> = { ...shared, ...byRoom(rooms) }
