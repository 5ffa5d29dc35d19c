// Values of inputs and outputs: how they are shown, where their files are, how an expression names them.

export const filePrefix = 'kestra://'

export function isFile(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(filePrefix)
}

export interface FoundFile {
  uri: string
  name: string
  /** Where it was found: `outputs.fetch.outputFiles`. */
  from: string
}

function nameOf(uri: string): string {
  return decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1))
}

/** All files in a value, at any depth. */
export function filesIn(value: unknown, from: string, found: FoundFile[] = []): FoundFile[] {
  if (isFile(value)) found.push({ uri: value, name: nameOf(value), from })
  else if (Array.isArray(value)) for (const one of value) filesIn(one, from, found)
  else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) filesIn(one, from, found)
  return found
}

/** `outputs.fetch` and `rows.csv` → `outputs.fetch['rows.csv']` */
export function member(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`
  return /^[A-Za-z_]\w*$/.test(key) ? `${path}.${key}` : `${path}['${key.replaceAll("'", String.raw`\'`)}']`
}

/** The outputs of a task run, as expressions name them. */
export function outputsPath(taskId: string, value: string | undefined): string {
  const path = member('outputs', taskId)
  return value === undefined ? path : `${path}['${value.replaceAll("'", String.raw`\'`)}']`
}
