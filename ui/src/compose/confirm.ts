// One question at a time: `if (await confirm({ title, text, danger: true })) …`. ConfirmHost in the shell shows it.
import { shallowRef } from 'vue'

export interface Question {
  title: string
  text?: string
  confirm: string
  danger?: boolean
  /** What has to be typed before it can be confirmed: for what cannot be undone. */
  typed?: string
}

export const question = shallowRef<(Question & { answer(yes: boolean): void }) | undefined>()

export function confirm(asked: Question): Promise<boolean> {
  question.value?.answer(false)
  return new Promise((resolve) => {
    question.value = {
      ...asked,
      answer(yes) {
        question.value = undefined
        resolve(yes)
      },
    }
  })
}
