// A new instance: setup, the first page, tenants made and changed, and nothing left after signing out.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { admin, start } from './harness/index.mjs'

let insula
let person
let page
before(async () => {
  insula = await start({ isNew: true })
  person = await insula.person()
  page = person.page
})
after(() => insula.stop())

test('whoever comes first is led to the setup and begins in the first tenant', async () => {
  await person.go('/')
  await page.waitForURL('**/ui/setup')
  assert.deepEqual(await person.accessibility(), [])
  await page.getByLabel('E-mail address').fill(admin.email)
  await page.getByLabel('Password', { exact: false }).first().fill('weak')
  await page.getByRole('alert').first().waitFor()
  await page.locator('input[autocomplete="new-password"]').fill(admin.password)
  await page.getByLabel('Name').fill('Team Alpha')
  assert.equal(await page.getByLabel('Id').inputValue(), 'team-alpha')
  await page.getByRole('button', { name: 'Begin' }).click()
  await page.waitForURL('**/ui/team-alpha/**')
  await person.settled()
  assert.match(await page.title(), /Team Alpha · Insula$/)
})

test('the setup cannot be done again', async () => {
  await person.go('/setup')
  await page.getByText('set up already').waitFor()
})

test('a tenant is made, changed, suspended and resumed', async () => {
  await person.go('/admin/tenants')
  assert.deepEqual(await person.accessibility(), [])
  await page.getByRole('button', { name: 'New tenant' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('Team Beta')
  await page.getByRole('button', { name: 'Create' }).click()
  await page.waitForURL('**/ui/admin/tenants/team-beta')
  await person.settled()
  assert.deepEqual(await person.accessibility(), [])
  await page.getByRole('switch', { name: 'Limit executions at once' }).click()
  await page.getByLabel('Executions at once', { exact: true }).fill('7')
  await page.getByLabel('Weight').fill('3')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved').waitFor()
  const tenant = await insula.api('GET', '/api/v1/tenants/team-beta')
  assert.deepEqual(tenant.concurrency, { limit: 7, behavior: 'QUEUE' })
  assert.equal(tenant.weight, 3)
  await page.getByRole('button', { name: 'Suspend' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Suspend' }).click()
  await page.getByText('Suspended').waitFor()
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.getByText('Active').waitFor()
})

test('what is not saved is asked for before one leaves', async () => {
  await person.go('/admin/tenants/team-beta')
  await page.getByRole('textbox', { name: 'Name' }).fill('Other')
  await page.getByRole('link', { name: 'Tenants' }).first().click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click()
  assert.match(page.url(), /team-beta$/)
  await page.getByRole('link', { name: 'Tenants' }).first().click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).click()
  await page.waitForURL('**/ui/admin/tenants')
})

test('the switcher leads into another tenant by keys, and the page stays', async () => {
  await person.go('/team-alpha/settings')
  const accent = () => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--accent-hue'))
  const before = await accent()
  await page.keyboard.press('g')
  await page.keyboard.press('t')
  await page.getByRole('combobox', { name: 'Find a tenant' }).fill('beta')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/ui/team-beta/settings')
  await page.getByText('For you in Team Beta').waitFor()
  assert.notEqual(await accent(), before)
  assert.match(await page.title(), /Team Beta/)
  await page.goBack()
  await page.getByText('For you in Team Alpha').waitFor()
})

test('the palette finds pages, tenants and commands', async () => {
  await person.go('/team-alpha/settings')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Search' }).fill('beta')
  await page.getByRole('option', { name: /Team Beta/ }).waitFor()
  assert.deepEqual(await person.accessibility(), [])
  await page.keyboard.press('Enter')
  await page.waitForURL('**/ui/team-beta/**')
})

test('a tenant is taken along and brought into another', async () => {
  await insula.api('POST', '/api/v1/team-alpha/flows', 'id: hello\nnamespace: company.team\ntasks:\n  - id: log\n    type: io.kestra.plugin.core.log.Log\n    message: hi\n')
  await person.go('/admin/tenants/team-alpha')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export' }).click()])
  assert.equal(download.suggestedFilename(), 'team-alpha.zip')
  const file = await download.path()
  await person.go('/admin/tenants/team-beta')
  await page.locator('input[type="file"][accept*="zip"]').setInputFiles({ name: 'team-alpha.zip', mimeType: 'application/zip', buffer: await (await import('node:fs/promises')).readFile(file) })
  await page.getByText('The archive is brought in').waitFor()
  await insula.api('GET', '/api/v1/team-beta/flows/company.team/hello')
})

test('a tenant is deleted only by typing its id, and it is told what went', async () => {
  await person.go('/admin/tenants')
  await page.getByRole('button', { name: 'Actions for Team Beta' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  const confirm = page.getByRole('alertdialog')
  const button = confirm.getByRole('button', { name: 'Delete for ever' })
  assert.equal(await button.isDisabled(), true)
  await confirm.getByRole('textbox').fill('team-beta')
  await button.click()
  await page.getByText('Team Beta is deleted').waitFor()
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'Actions for Team Beta' }).waitFor({ state: 'detached' })
})

test('an unknown tenant and an unknown page are a friendly 404', async () => {
  await person.go('/nobody-knows/settings')
  await page.getByText('There is no tenant “nobody-knows”').waitFor()
  assert.deepEqual(await person.accessibility(), [])
  await person.go('/team-alpha/no/such/page')
  await page.getByRole('heading', { name: 'Nothing here' }).waitFor()
  await page.getByRole('link', { name: 'To the home page' }).click()
  await page.waitForURL('**/ui/team-alpha/**')
})

test('after signing out nothing of the person is in the browser, and back shows nothing', async () => {
  await person.go('/team-alpha/settings')
  await page.getByLabel('Default namespace').fill('company.secret')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: /account and settings/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByText('You are signed out').waitFor()
  assert.deepEqual(await person.accessibility(), [])
  const left = await page.evaluate(() => JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.title]))
  assert.doesNotMatch(left, /company|alpha|admin/i)
  await page.goBack()
  await page.waitForURL('**/ui/login**')
  assert.equal(await page.getByText('Team Alpha').count(), 0)
})
