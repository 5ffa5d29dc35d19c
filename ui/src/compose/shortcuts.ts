// Keys: `mod+k` (Ctrl, or Cmd on a Mac), `?`, sequences like `g f`. Shown by the help of the shell.
import { onScopeDispose, shallowReactive } from 'vue'

export interface Shortcut {
  keys: string
  /** Key of the message that tells what it does. */
  label: string
  run(): void
}

export const shortcuts = shallowReactive(new Set<Shortcut>())
export const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent)
const sequenceMs = 1_000

/** Holds as long as the component. */
export function useShortcut(keys: string, label: string, run: () => void): void {
  const shortcut = { keys, label, run }
  shortcuts.add(shortcut)
  onScopeDispose(() => shortcuts.delete(shortcut))
}

export function keysOf(event: KeyboardEvent): string {
  const mod = isMac ? event.metaKey : event.ctrlKey
  const key = event.key.toLowerCase()
  return `${mod ? 'mod+' : ''}${event.altKey ? 'alt+' : ''}${event.shiftKey && key.length > 1 ? 'shift+' : ''}${key}`
}

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest('.monaco-editor, [role="menu"], [role="listbox"]') !== null)
}

let begun = ''
let begunAt = 0

/** The newest shortcut with these keys wins: a page may say what a key of the shell means on it. */
export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.repeat) return
  const keys = keysOf(event)
  const typing = isTyping(event.target)
  if (typing && !keys.startsWith('mod+')) return
  const sequence = begun !== '' && event.timeStamp - begunAt < sequenceMs ? `${begun} ${keys}` : keys
  const all = [...shortcuts].reverse()
  const found = all.find((one) => one.keys === sequence) ?? all.find((one) => one.keys === keys)
  begun = ''
  if (found !== undefined) {
    event.preventDefault()
    found.run()
  } else if (all.some((one) => one.keys.startsWith(`${keys} `))) {
    begun = keys
    begunAt = event.timeStamp
  }
}

/** `mod+k` → `⌘ K` or `Ctrl K` */
export function shownKeys(keys: string): string[] {
  return keys.split(/[ +]/).map((key) => {
    if (key === 'mod') return isMac ? '⌘' : 'Ctrl'
    if (key === 'shift') return isMac ? '⇧' : 'Shift'
    return key.length === 1 ? key.toUpperCase() : key.charAt(0).toUpperCase() + key.slice(1)
  })
}
