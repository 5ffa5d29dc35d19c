import { expect, it } from 'vitest'
import { isPossible } from './possible'

it('offers what a state allows', () => {
  expect(isPossible('resume', 'PAUSED')).toBe(true)
  expect(isPossible('resume', 'RUNNING')).toBe(false)
  expect(isPossible('kill', 'PAUSED')).toBe(true)
  expect(isPossible('kill', 'KILLING')).toBe(false)
  expect(isPossible('kill', 'SUCCESS')).toBe(false)
  // A killed one is not restarted, only replayed.
  expect(isPossible('restart', 'KILLED')).toBe(false)
  expect(isPossible('replay', 'KILLED')).toBe(true)
  expect(isPossible('replay', 'RUNNING')).toBe(false)
  expect(isPossible('delete', 'QUEUED')).toBe(false)
})
