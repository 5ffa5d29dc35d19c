// What this browser remembers. Two kinds: of the device (theme, language: they tell nothing of anybody), and of a person in a tenant, which is wiped at sign-out.
const device = 'insula/device/'
const person = 'insula/person/'

let owner = ''

/** Whose values are read and written from now on: `user/tenant`. */
export function setStorageOwner(user: string, tenant: string): void {
  owner = user === '' ? '' : `${user}/${tenant}/`
}

function keyOf(kind: 'device' | 'person', name: string): string | undefined {
  if (kind === 'device') return device + name
  return owner === '' ? undefined : person + owner + name
}

/** The value as it was written; undefined when there is none, or none that this version understands. */
export function readStored<T>(kind: 'device' | 'person', name: string, isValid: (value: unknown) => value is T): T | undefined {
  const key = keyOf(kind, name)
  if (key === undefined) return undefined
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? 'null')
    return isValid(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Storage that is full or forbidden only means that nothing is remembered. */
export function writeStored(kind: 'device' | 'person', name: string, value: unknown): void {
  const key = keyOf(kind, name)
  if (key === undefined) return
  try {
    if (value === undefined) localStorage.removeItem(key)
    else localStorage.setItem(key, JSON.stringify(value))
  } catch {
    return
  }
}

export function wipePersonal(): void {
  owner = ''
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(person)) localStorage.removeItem(key)
    sessionStorage.clear()
  } catch {
    return
  }
}

export const isText = (value: unknown): value is string => typeof value === 'string'
export const isFlag = (value: unknown): value is boolean => typeof value === 'boolean'
export const isTextList = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText)
