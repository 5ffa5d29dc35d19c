// Signing in, links for new passwords, invitations, and a session that ends under an open page.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { admin, start } from './harness/index.mjs'

let insula
before(async () => {
  insula = await start()
})
after(() => insula.stop())

/** The path of a link that the server writes with its own address. */
const pathOf = (link) => new URL(link).pathname.replace(/^\/ui/, '') + new URL(link).search

async function signInByForm(page, email, password) {
  await page.getByLabel('E-mail address').fill(email)
  await page.locator('input[autocomplete="current-password"]').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

test('a wrong password is told, a right one leads where one wanted to go', async () => {
  const { page, ...person } = await insula.person()
  await page.goto('/ui/main/settings?x=1')
  await page.waitForURL('**/ui/login?from=**')
  await signInByForm(page, admin.email, 'wrong')
  await page.getByText('The e-mail address or the password is wrong.').waitFor()
  await signInByForm(page, admin.email, admin.password)
  await page.waitForURL('**/ui/main/settings?x=1')
  await person.close()
})

test('a link in the address of the sign-in leads nowhere else', async () => {
  const { page, ...person } = await insula.person()
  await page.goto('/ui/login?from=//evil.example/')
  await signInByForm(page, admin.email, admin.password)
  await page.waitForURL('**/ui/main/**')
  await person.close()
})

test('whoever is signed in already is not asked again', async () => {
  const person = await insula.signedIn()
  await person.page.goto('/ui/login')
  await person.page.waitForURL('**/ui/main/**')
  await person.close()
})

test('a session that ended elsewhere ends here, and one comes back to the page', async () => {
  const user = await insula.makeUser('ended@team.test', 'main', 'ADMIN')
  const person = await insula.signedIn(user, '/main/account')
  await insula.api('DELETE', `/api/v1/users/${user.id}/refresh-token`)
  await person.page.getByLabel('First name').fill('Ada')
  await person.page.getByRole('button', { name: 'Save' }).click()
  await person.page.getByText('Your session has ended').waitFor()
  assert.equal(await person.page.getByText('Ada').count(), 0)
  await signInByForm(person.page, user.email, user.password)
  await person.page.waitForURL('**/ui/main/account')
  await person.close()
})

test('a forgotten password is asked for, and set with a link', async () => {
  const user = await insula.makeUser('forgetful@team.test', 'main', 'VIEWER')
  const person = await insula.person()
  const { page } = person
  await person.go('/login')
  await page.getByRole('link', { name: 'Forgotten your password?' }).click()
  await page.getByLabel('E-mail address').fill(user.email)
  await page.getByRole('button', { name: 'Ask for a new password' }).click()
  await page.getByText('Your wish is noted').waitFor()
  const { link } = await insula.api('POST', `/api/v1/users/${user.id}/password-reset-link`)
  await person.go(pathOf(link))
  const field = page.locator('input[autocomplete="new-password"]')
  await field.fill('short')
  await page.getByRole('alert').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Set password' }).isDisabled(), true)
  await field.fill('Quite-new-passw0rd')
  await page.getByRole('button', { name: 'Set password' }).click()
  await page.getByText('Your new password is set').waitFor()
  await page.getByRole('link', { name: 'To the sign-in' }).click()
  await signInByForm(page, user.email, 'Quite-new-passw0rd')
  await page.waitForURL('**/ui/main/**')
  await person.go(pathOf(link))
  await page.locator('input[autocomplete="new-password"]').fill('Another-passw0rd')
  await page.getByRole('button', { name: 'Set password' }).click()
  await page.getByRole('alert').waitFor()
  await person.close()
})

test('an invitation makes an account', async () => {
  const { link } = await insula.api('POST', '/api/v1/main/invitations', { email: 'new@team.test', roles: [{ id: 'VIEWER' }] })
  const person = await insula.person()
  const { page } = person
  await person.go(pathOf(link))
  await page.getByLabel('First name').fill('Grace')
  await page.getByLabel('Last name').fill('Hopper')
  await page.locator('input[autocomplete="new-password"]').fill('Corr3ct-horse-grace')
  await page.getByRole('button', { name: 'Make account' }).click()
  await page.getByText('Your account is made').waitFor()
  await page.getByRole('link', { name: 'To the sign-in' }).click()
  await signInByForm(page, 'new@team.test', 'Corr3ct-horse-grace')
  await page.waitForURL('**/ui/main/**')
  await page.getByText('Grace Hopper').waitFor()
  await person.close()
})

test('somebody with an account and no tenant sees what waits for them and accepts it', async () => {
  await insula.makeUser('outside@team.test')
  await insula.makeTenant('club', 'The Club')
  await insula.api('POST', '/api/v1/club/invitations', { email: 'outside@team.test', roles: [{ id: 'VIEWER' }] }).catch(() => undefined)
  const person = await insula.signedIn({ email: 'outside@team.test', password: 'Corr3ct-horse-battery' })
  const invitations = await insula.api('GET', '/api/v1/me/invitations', undefined, { email: 'outside@team.test', password: 'Corr3ct-horse-battery' })
  if (invitations.length > 0) await person.page.getByRole('button', { name: 'Accept' }).click()
  await person.page.waitForURL('**/ui/club/**')
  await person.close()
})

test('in German everything is German', async () => {
  const person = await insula.person({ locale: 'de-DE' })
  await person.go('/login')
  await person.page.getByRole('heading', { name: 'Anmelden' }).waitFor()
  assert.equal(await person.page.evaluate(() => document.documentElement.lang), 'de')
  await person.page.getByRole('button', { name: 'Language' }).or(person.page.getByRole('button', { name: 'Sprache' })).click()
  await person.page.getByRole('menuitem', { name: 'English' }).click()
  await person.page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await person.close()
})
