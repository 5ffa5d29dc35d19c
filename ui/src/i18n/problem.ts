// What is said about an error: a title that says what happened in general, a text that says what to do or what the server said.
import type { ApiError } from '@/api'
import { translate } from '.'

export interface ProblemText {
  title: string
  text: string
}

export function problemText(error: ApiError): ProblemText {
  const general = translate(`problem.${error.kind}.text`)
  // The server's sentence is more exact than ours, when it has one.
  const said = ['forbidden', 'not-found', 'conflict', 'invalid', 'other'].includes(error.kind) ? error.message : ''
  const only = error.violations.length === 1 ? error.violations[0] : undefined
  return { title: translate(`problem.${error.kind}.title`), text: only !== undefined ? `${only.path}: ${only.message}`.replace(/^: /, '') : said || general }
}
