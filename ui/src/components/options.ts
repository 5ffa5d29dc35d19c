/** One choice of a Select, Combobox, RadioGroup or filter. */
export interface Option {
  value: string
  label: string
  hint?: string
  disabled?: boolean
}
