// Short messages at the edge of the page: what was done, what failed and which fields were wrong.
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { asApiError, isAbort, type Violation } from '@/api'
import { problemText } from '@/i18n'
import { onForget } from './wipe'

export interface Toast {
  id: number
  tone: 'good' | 'bad' | 'info'
  title: string
  text?: string
  violations?: Violation[]
  /** Offered as a button: undo, open what was made. */
  action?: { label: string; run: () => void }
}

const shownMax = 4

export const useToasts = defineStore('toasts', () => {
  const list = ref<Toast[]>([])
  let last = 0

  function show(toast: Omit<Toast, 'id'>): void {
    list.value = [...list.value, { ...toast, id: ++last }].slice(-shownMax)
  }
  function close(id: number): void {
    list.value = list.value.filter((toast) => toast.id !== id)
  }
  function success(title: string, action?: Toast['action']): void {
    show({ tone: 'good', title, ...(action === undefined ? {} : { action }) })
  }
  /** For what fails in answer to a click; a page that cannot be shown has ErrorState. */
  function problem(error: unknown): void {
    if (isAbort(error)) return
    const api = asApiError(error)
    if (api.code === 'session-ended') return
    const { title, text } = problemText(api)
    show({ tone: 'bad', title, text, violations: api.violations })
  }

  onForget(() => { list.value = [] })
  return { list, show, close, success, problem }
})
