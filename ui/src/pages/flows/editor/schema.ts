// Completion of keys and values from the JSON Schema of a flow that the server has: walks it along the levels of a place.
import type { Place } from './place'

export interface Schema {
  $ref?: string
  type?: string | string[]
  properties?: Record<string, Schema | boolean>
  additionalProperties?: Schema | boolean
  items?: Schema | boolean
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  enum?: unknown[]
  const?: unknown
  pattern?: string
  required?: string[]
  title?: string
  description?: string
  markdownDescription?: string
  deprecated?: boolean
  deprecationMessage?: string
  default?: unknown
  definitions?: Record<string, Schema>
}

export interface Entry {
  label: string
  insert: string
  documentation?: string
  detail?: string
  isRequired?: boolean
}

const depthMax = 12

/** What a schema may be, with references followed and alternatives side by side. */
function alternatives(root: Schema, schema: Schema | boolean | undefined, depth = 0): Schema[] {
  if (schema === undefined || typeof schema === 'boolean' || depth > depthMax) return []
  if (schema.$ref !== undefined) {
    const target = root.definitions?.[decodeURIComponent(schema.$ref.replace('#/definitions/', ''))]
    return alternatives(root, target, depth + 1)
  }
  const own = schema.properties ?? schema.items ?? schema.enum ?? schema.const ?? schema.type ?? schema.additionalProperties
  return [...(own === undefined ? [] : [schema]), ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap((one) => alternatives(root, one, depth + 1))]
}

function accepts(root: Schema, schema: Schema | boolean | undefined, text: string): boolean {
  return alternatives(root, schema).some((one) => one.const === text || one.enum?.includes(text) === true || (one.pattern !== undefined && new RegExp(one.pattern).test(text)))
}

function isDiscriminated(root: Schema, schema: Schema): boolean {
  return alternatives(root, schema.properties?.type).some((one) => one.const !== undefined || one.pattern !== undefined)
}

/** With a type only what has that type; before it is written, everything. */
function ofType(root: Schema, schemas: Schema[], type: string | undefined): Schema[] {
  if (type === undefined || type === '') return schemas
  const fitting = schemas.filter((one) => !isDiscriminated(root, one) || accepts(root, one.properties?.type, type))
  return fitting.length > 0 ? fitting : schemas
}

function below(root: Schema, schemas: Schema[], key: string): Schema[] {
  return schemas.flatMap((one) => {
    const direct = one.properties?.[key]
    return alternatives(root, direct ?? (one.properties === undefined || one.additionalProperties !== false ? one.additionalProperties : undefined))
  })
}

function mapsAt(root: Schema, { levels }: Place): Schema[] {
  let schemas = alternatives(root, root.$ref === undefined ? root : { $ref: root.$ref })
  for (const [i, level] of levels.entries()) {
    if (level.key !== undefined) schemas = below(root, schemas, level.key)
    else if (i > 0) schemas = schemas.flatMap((one) => alternatives(root, one.items))
    schemas = ofType(root, schemas, level.type)
  }
  return schemas
}

function kindOf(root: Schema, schema: Schema | boolean): string {
  return [...new Set(alternatives(root, schema).map((one) => one.properties !== undefined ? 'object' : one.items !== undefined ? 'array' : one.enum !== undefined ? 'enum' : [one.type ?? ''].flat()[0] ?? ''))].filter((kind) => kind !== '').join(' | ')
}

function documentationOf(root: Schema, schema: Schema): Pick<Entry, 'documentation'> {
  const referred = alternatives(root, schema)[0]
  const text = schema.markdownDescription ?? schema.description ?? schema.title ?? referred?.markdownDescription ?? referred?.title
  return text === undefined ? {} : { documentation: text }
}

function keyEntries(root: Schema, place: Place): Entry[] {
  const found = new Map<string, Entry>()
  const maps = mapsAt(root, place)
  // Of many possible types only what leads to one of them is offered.
  const isOpen = maps.filter((one) => isDiscriminated(root, one)).length > 1
  for (const map of maps) {
    for (const [name, schema] of Object.entries(map.properties ?? {})) {
      if (place.used.has(name) || found.has(name) || typeof schema === 'boolean' || schema.deprecated === true) continue
      if (isOpen && !(map.required?.includes(name) === true && (name === 'id' || name === 'type'))) continue
      const kind = kindOf(root, schema)
      const insert = kind === 'array' ? `${name}:\n  - ` : kind === 'object' ? `${name}:\n  ` : `${name}: `
      found.set(name, { label: name, insert, detail: kind, isRequired: map.required?.includes(name) === true, ...documentationOf(root, schema) })
    }
  }
  return [...found.values()].sort((a, b) => Number(b.isRequired) - Number(a.isRequired))
}

function valueEntries(root: Schema, place: Place, key: string): Entry[] {
  const last = place.levels.at(-1)
  // While a type is typed, what it was must not narrow the choice.
  const at = key === 'type' && last !== undefined ? { ...place, levels: [...place.levels.slice(0, -1), { ...last, type: undefined }] } : place
  const found = new Map<string, Entry>()
  for (const map of mapsAt(root, at)) {
    for (const one of alternatives(root, map.properties?.[key] ?? (typeof map.additionalProperties === 'object' ? map.additionalProperties : undefined))) {
      const values = one.const !== undefined ? [one.const] : one.enum ?? ([one.type].flat().includes('boolean') && [one.type].flat().length === 1 ? [true, false] : [])
      for (const value of values) {
        const label = String(value)
        if (!found.has(label)) found.set(label, { label, insert: label, ...(key === 'type' ? documentationOf(root, map) : {}) })
      }
    }
  }
  return [...found.values()]
}

export function entriesAt(root: Schema, place: Place): Entry[] {
  return place.key === undefined ? keyEntries(root, place) : valueEntries(root, place, place.key)
}

/** What a key of the source means, for the box that appears above it. */
export function documentationAt(root: Schema, place: Place): string | undefined {
  if (place.key === undefined) return undefined
  for (const map of mapsAt(root, place)) {
    const schema = map.properties?.[place.key]
    if (typeof schema === 'object') return documentationOf(root, schema).documentation
  }
  return undefined
}
