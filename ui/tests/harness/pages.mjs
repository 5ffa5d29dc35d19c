// All pages of tests/pages/, and a server with what they show.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { admin, start } from './index.mjs'

const folder = join(import.meta.dirname, '../pages')

/** With names only the rooms, or pages, that are called so. */
export async function startWithPages(wanted = []) {
  const rooms = await Promise.all(readdirSync(folder).filter((name) => name.endsWith('.mjs')).sort().map(async (name) => ({ room: name.slice(0, -4), ...await import(join(folder, name)) })))
  const isWanted = (room, page) => wanted.length === 0 || wanted.includes(room.room) || wanted.includes(page.name)
  const insula = await start()
  try {
    for (const room of rooms) if (room.pages.some((page) => isWanted(room, page))) await room.seed?.(insula)
  } catch (error) {
    await insula.stop()
    throw error
  }
  return { insula, pages: rooms.flatMap((room) => room.pages.filter((page) => isWanted(room, page))) }
}

/** A browser for pages with a menu and one for those without. */
export async function viewers(insula, settings) {
  const inside = await insula.person(settings)
  await inside.signIn(admin)
  const outside = await insula.person(settings)
  return {
    async show(page) {
      const person = page.open === true ? outside : inside
      // The dialogue or menu of the page before is gone with it.
      await person.page.goto('about:blank')
      await person.go(page.path)
      await page.prepare?.(person.page)
      return person
    },
    close: () => Promise.all([inside.close(), outside.close()]),
  }
}
