// Where the keyboard begins in a dialogue: at what is to be filled in, else at the dialogue itself. Never at the button that closes it.
export function focusFirst(event: Event): void {
  event.preventDefault()
  const box = event.target as HTMLElement
  const first = box.querySelector<HTMLElement>('.overlay-body :is([autofocus], input:not([type="hidden"]), textarea, select, [role="combobox"], [role="radio"])')
  ;(first ?? box).focus()
}
