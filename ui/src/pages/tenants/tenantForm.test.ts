import { expect, it } from 'vitest'
import { formOf, tenantOf } from './tenantForm'

it('what the page does not know goes back as it came', () => {
  const before = { id: 'a', name: 'A', state: 'active' as const, logo: 'data:image/png;base64,AA==', storageType: 's3', weight: 3 }
  const form = formOf(before)
  expect(tenantOf(form, before)).toEqual({ id: 'a', name: 'A', storageType: 's3', weight: 3 })
  form.weight = '1'
  form.isLimited = true
  form.limit = '7'
  form.ownHue = true
  form.hue = 100
  expect(tenantOf(form, before)).toMatchObject({ concurrency: { limit: 7, behavior: 'QUEUE' }, accentHue: 100 })
  expect(tenantOf(form, before)).not.toHaveProperty('weight')
})

it('quotas are kept in the spelling of the form, and each span is offered once', () => {
  const before = { id: 'a', name: 'A', requireExistingNamespace: true, quotas: [{ duration: 'P1D', limit: 3, behavior: 'CANCEL' as const }, { duration: 'PT2H', limit: 1, behavior: 'FAIL' as const }] }
  const form = formOf(before)
  expect(tenantOf(form, before)).toMatchObject({ requireExistingNamespace: true, quotas: [{ duration: 'PT24H', limit: 3, behavior: 'CANCEL' }, { duration: 'PT2H', limit: 1, behavior: 'FAIL' }] })
  form.quotas = []
  form.requiresNamespace = false
  expect(tenantOf(form, before)).toEqual({ id: 'a', name: 'A' })
})
