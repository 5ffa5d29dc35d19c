// The description of the API is one file per room, so that rooms grow side by side; here they become one document.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const folder = join(import.meta.dirname, '../api')

function merge(into, from, what, file) {
  for (const [key, value] of Object.entries(from ?? {})) {
    if (key in into) throw new Error(`${file}: ${what} ${key} is described twice`)
    into[key] = value
  }
}

export function description() {
  const root = parse(readFileSync(join(folder, 'openapi.yml'), 'utf8'))
  for (const file of readdirSync(join(folder, 'rooms')).filter((name) => name.endsWith('.yml')).sort()) {
    const room = parse(readFileSync(join(folder, 'rooms', file), 'utf8'))
    for (const [path, operations] of Object.entries(room.paths ?? {})) {
      root.paths[path] ??= {}
      merge(root.paths[path], operations, path, file)
    }
    merge(root.components.schemas, room.schemas, 'schema', file)
  }
  return root
}
