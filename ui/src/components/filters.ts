import type { Option } from './options'

export interface FilterField<F extends string = string> {
  field: F
  label: string
  /** search: the text box in front; many: several of the options, joined by commas; one: one of them; find: by typing, from options or `search`; text: anything. */
  kind: 'search' | 'many' | 'one' | 'find' | 'text'
  options?: readonly Option[]
  search?: (text: string, signal: AbortSignal) => Promise<Option[]>
  hint?: string
  placeholder?: string
}
