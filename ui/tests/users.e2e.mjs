// A super admin looks after people of the instance: makes and changes accounts, hands out links, acts as somebody else, and what is written down of it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { admin, start } from './harness/index.mjs'

let insula
let person
let page
before(async () => {
  insula = await start({ settings: 'kestra:\n  security:\n    login:\n      failed-attempts:\n        threshold: 3\n' })
  await insula.makeTenant('harbour', 'Harbour Logistics')
  await insula.api('PATCH', '/api/v1/me', { firstName: 'Grace', lastName: 'Hopper' })
  person = await insula.signedIn(admin, '/admin/users')
  page = person.page
})
after(() => insula.stop())

const dialog = () => page.getByRole('dialog')
const password = 'Corr3ct-horse-battery'
const act = async (name, item) => {
  await page.getByRole('button', { name: `Actions for ${name}` }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

test('an account is made and let into a tenant', async () => {
  await page.getByRole('button', { name: 'New user' }).click()
  await dialog().getByLabel('E-mail address').fill('ben@harbour.test')
  await dialog().locator('input[autocomplete="new-password"]').fill(password)
  await dialog().getByRole('combobox', { name: 'Tenants' }).fill('harbour')
  await page.getByRole('option', { name: 'Harbour Logistics' }).first().click()
  await dialog().getByRole('button', { name: 'Create' }).click()
  await page.getByRole('heading', { level: 1, name: 'ben@harbour.test' }).waitFor()
  await page.getByLabel('First name').fill('Ben')
  await page.getByLabel('Last name').fill('Okafor')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { level: 1, name: 'Ben Okafor' }).waitFor()
  const [ben] = (await insula.api('GET', '/api/v1/users?filters[q][EQUALS]=ben')).results
  await insula.api('POST', '/api/v1/harbour/bindings', { type: 'USER', externalId: ben.id, roleId: 'EDITOR' })
})

test('who may not change their profile, and who governs, is set by a switch', async () => {
  await page.getByRole('switch', { name: 'Restricted' }).click()
  await page.locator('header').getByText('Restricted').waitFor()
  await page.getByRole('switch', { name: 'Super admin' }).click()
  await page.locator('header').getByText('Super admin').waitFor()
  await page.getByRole('switch', { name: 'Super admin' }).click()
  await page.getByRole('switch', { name: 'Restricted' }).click()
  await page.locator('header').getByText('Restricted').waitFor({ state: 'detached' })
  const [ben] = (await insula.api('GET', '/api/v1/users?filters[q][EQUALS]=ben')).results
  assert.deepEqual([ben.superAdmin, ben.restricted], [false, false])
})

test('who is locked after wrong passwords is seen, and let in again', async () => {
  for (let i = 0; i < 3; i += 1) await fetch(`${insula.address}/api/v1/login`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username: 'ben@harbour.test', password: 'Wr0ng-password' }) })
  await person.go('/admin/users')
  await page.getByRole('row', { name: /Ben Okafor.*Locked/ }).click()
  await page.getByText('Too many wrong passwords').waitFor()
  assert.deepEqual(await person.accessibility(), [])
  await page.getByRole('button', { name: 'Unlock' }).click()
  await page.getByText('Ben Okafor can sign in again').waitFor()
  await page.getByText('Too many wrong passwords').waitFor({ state: 'detached' })
})

test('sessions are ended', async () => {
  const ben = await insula.signedIn({ email: 'ben@harbour.test', password }, '/harbour/account')
  await act('Ben Okafor', 'End all sessions')
  await page.getByRole('alertdialog').getByRole('button', { name: 'End all sessions' }).click()
  await page.getByText('Sessions of Ben Okafor have ended').waitFor()
  await ben.page.reload()
  await ben.page.waitForURL('**/ui/login**')
  await ben.close()
})

test('a super admin acts as somebody else, with their rights and no others, and everybody sees it', async () => {
  await act('Ben Okafor', 'Act as this user')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Act as this user' }).click()
  await page.waitForURL('**/ui/harbour/**')
  await page.getByText('You act as Ben Okafor.').waitFor()
  assert.equal(await page.getByRole('heading', { name: 'Instance' }).count(), 0)
  await person.go('/admin/users')
  await page.getByRole('heading', { name: 'Nothing here' }).waitFor()
  await person.go('/harbour/flows/new')
  await page.locator('.monaco-editor .view-line').first().waitFor()
  await page.getByText('You act as Ben Okafor.').waitFor()
  assert.deepEqual(await person.accessibility(), [])
  await page.getByText('Valid', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.waitForURL('**/ui/harbour/flows/company.team/hello/edit')
  await page.getByRole('button', { name: 'End', exact: true }).click()
  await page.waitForURL('**/ui/login**')
  await page.goBack()
  await page.waitForURL('**/ui/login**')
})

test('the audit log names both', async () => {
  await person.signIn(admin)
  await person.go('/harbour/audit')
  const row = page.getByRole('row', { name: /ben@harbour\.test impersonated.*Created.*hello/ })
  await row.click()
  await dialog().getByText('Impersonated by').waitFor()
  await dialog().getByText('Grace Hopper').waitFor()
  await person.go('/admin/audit?type=IMPERSONATE')
  await page.getByRole('row', { name: /admin@insula\.test.*Impersonated.*Ben Okafor/ }).waitFor()
})
