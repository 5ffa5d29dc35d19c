// One's own account: names, API tokens, password.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { start } from './harness/index.mjs'

let insula
let user
let person
let page
before(async () => {
  insula = await start()
  user = await insula.makeUser('ada@team.test', 'main', 'EDITOR')
  person = await insula.signedIn(user, '/main/account')
  page = person.page
})
after(() => insula.stop())

test('names are changed and shown at once', async () => {
  await page.getByLabel('First name').fill('Ada')
  await page.getByLabel('Last name').fill('Lovelace')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: /Ada Lovelace/ }).waitFor()
})

test('a token is shown once, works, and stops working when it is deleted', async () => {
  await page.getByRole('button', { name: 'New token' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('pipeline')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await dialog.getByText('Copy the token now').waitFor()
  assert.deepEqual(await person.accessibility(), [])
  const token = (await dialog.locator('pre').innerText()).trim()
  await dialog.getByRole('button', { name: 'I have it' }).click()
  const me = () => fetch(`${insula.address}/api/v1/me`, { headers: { Authorization: `Bearer ${token}` } })
  assert.equal((await me()).status, 200)
  await page.getByRole('button', { name: 'Delete token pipeline' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('No tokens').waitFor()
  assert.equal((await me()).status, 401)
})

test('a new password needs the old one and ends the session', async () => {
  await page.locator('input[autocomplete="current-password"]').fill('not-it')
  await page.locator('input[autocomplete="new-password"]').fill('Quite-new-passw0rd')
  await page.getByRole('button', { name: 'Change password' }).click()
  await page.getByText('the old password is wrong').waitFor()
  await page.locator('input[autocomplete="current-password"]').fill(user.password)
  await page.getByRole('button', { name: 'Change password' }).click()
  await page.getByText('Your password is changed').waitFor()
})

test('what one may not do is not offered', async () => {
  const viewer = await insula.signedIn(await insula.makeUser('viewer@team.test', 'main', 'VIEWER'), '/main/account')
  assert.equal(await viewer.page.getByText('Instance').count(), 0)
  await viewer.go('/admin/tenants')
  await viewer.page.getByRole('heading', { name: 'Nothing here' }).waitFor()
  await viewer.close()
})
