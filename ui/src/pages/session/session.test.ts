import { expect, it } from 'vitest'
import { idOf, pathWithin } from './session'

it('after signing in one stays in this application', () => {
  expect(pathWithin('/main/flows?q=1')).toBe('/main/flows?q=1')
  for (const elsewhere of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '/login', undefined, ['/a']]) expect(pathWithin(elsewhere)).toBeUndefined()
})

it('a name proposes an id', () => {
  expect(idOf('Team Alpha')).toBe('team-alpha')
  expect(idOf('Größe & Maß')).toBe('grosse-mass')
  expect(idOf('--')).toBe('')
})
