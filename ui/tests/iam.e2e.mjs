// An administrator of a tenant gives access, and finds it all in the audit log; two tenants know nothing of each other.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { start } from './harness/index.mjs'

let insula
let person
let page
before(async () => {
  insula = await start()
  await insula.makeTenant('harbour', 'Harbour Logistics', { mine: false })
  await insula.makeTenant('orchard', 'Orchard Research', { mine: false })
  const ada = await insula.makeUser('ada@harbour.test', 'harbour', 'ADMIN')
  await insula.makeUser('ben@harbour.test', 'harbour', 'VIEWER', 'company.nowhere')
  person = await insula.signedIn(ada, '/harbour/iam/people')
  page = person.page
})
after(() => insula.stop())

const dialog = () => page.getByRole('dialog')
async function choose(scope, label, text, option = text) {
  await scope.getByRole('combobox', { name: label }).fill(text)
  await page.getByRole('option', { name: option }).first().click()
}

test('somebody is invited with a role in a namespace, by a link', async () => {
  await page.getByRole('link', { name: 'Invite' }).click()
  await dialog().getByLabel('E-mail address').fill('fay@harbour.test')
  await choose(dialog(), 'Role', 'Viewer')
  await choose(dialog(), 'Only in namespaces', 'company.ships')
  await dialog().getByRole('button', { name: 'Invite', exact: true }).click()
  await dialog().getByText('fay@harbour.test is invited').waitFor()
  assert.match(await dialog().locator('pre').innerText(), /\/ui\/invitation\/\w+/)
  assert.deepEqual(await person.accessibility(), [])
  await dialog().getByRole('button', { name: 'Close' }).last().click()
  await page.getByText('Viewer in company.ships').waitFor()
})

test('a role is made with the matrix, by mouse and by keyboard', async () => {
  await person.go('/harbour/iam/roles/new')
  await page.getByRole('textbox', { name: 'Name' }).fill('Ship watcher')
  await page.getByRole('button', { name: 'Executions' }).click()
  assert.equal(await page.getByRole('checkbox', { name: 'Executions: Kill' }).getAttribute('aria-checked'), 'true')
  await page.getByRole('checkbox', { name: 'Executions: Delete' }).click()
  await page.getByRole('checkbox', { name: 'Flows: View' }).focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Space')
  assert.equal(await page.getByRole('checkbox', { name: 'Flows: List' }).getAttribute('aria-checked'), 'true')
  await page.keyboard.press('Control+s')
  await page.getByRole('heading', { level: 1, name: 'Ship watcher' }).waitFor()
  const { results } = await insula.api('GET', '/api/v1/harbour/roles/search?filters[q][EQUALS]=Ship')
  const role = await insula.api('GET', `/api/v1/harbour/roles/${results[0].id}`)
  assert.deepEqual(role.permissions.FLOW, ['VIEW', 'LIST'])
  assert.ok(role.permissions.EXECUTION.includes('KILL') && !role.permissions.EXECUTION.includes('DELETE'))
})

test('a column is turned, and leaving asks when something is not saved', async () => {
  await page.getByRole('columnheader', { name: 'View' }).getByRole('button').click()
  assert.equal(await page.getByRole('checkbox', { name: 'Secrets: View' }).getAttribute('aria-checked'), 'true')
  await page.getByRole('link', { name: 'Cancel' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).click()
  await page.getByRole('row', { name: /Ship watcher/ }).waitFor()
})

test('a group gets the role, limited to a namespace', async () => {
  await person.go('/harbour/iam/groups')
  await page.getByRole('button', { name: 'New group' }).first().click()
  await dialog().getByLabel('Name').fill('Night shift')
  await choose(dialog(), 'Members', 'ben')
  await dialog().getByRole('button', { name: 'Create' }).click()
  await page.getByRole('heading', { level: 1, name: 'Night shift' }).waitFor()
  await page.getByRole('button', { name: 'Give a role' }).click()
  await choose(dialog(), 'Roles', 'Ship watcher')
  await choose(dialog(), 'Only in namespaces', 'company.ships')
  await dialog().getByRole('button', { name: 'Give', exact: true }).click()
  await page.getByRole('row', { name: /Ship watcher company\.ships/ }).waitFor()
  // What Ben may is now told with where it comes from.
  await page.getByRole('link', { name: 'ben@harbour.test' }).first().click()
  await page.getByRole('row', { name: /Ship watcher company\.ships group Night shift/ }).waitFor()
})

test('a service account gets a token that works until it is revoked', async () => {
  await person.go('/harbour/iam/service-accounts')
  await page.getByRole('button', { name: 'New service account' }).first().click()
  await dialog().getByLabel('Name').fill('deployer')
  await dialog().getByRole('button', { name: 'Create' }).click()
  await page.getByRole('heading', { level: 1, name: 'deployer' }).waitFor()
  await page.getByRole('button', { name: 'New token' }).click()
  await dialog().getByLabel('Name').fill('ci')
  await dialog().getByRole('button', { name: 'Create' }).click()
  const token = (await dialog().locator('pre').innerText()).trim()
  await dialog().getByRole('button', { name: 'I have it' }).click()
  const me = () => fetch(`${insula.address}/api/v1/me`, { headers: { Authorization: `Bearer ${token}` } })
  assert.equal((await me()).status, 200)
  await page.getByRole('button', { name: 'Revoke token ci' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('No tokens').waitFor()
  assert.equal((await me()).status, 401)
})

test('the audit log has all of it, with what changed', async () => {
  await person.go('/harbour/audit')
  for (const what of ['Invitations', 'Roles', 'Groups', 'Bindings', 'Service accounts']) await page.getByRole('row', { name: new RegExp(`ada@harbour.test .*${what}`) }).first().waitFor()
  // By its name, not by its id.
  await page.getByRole('row', { name: /Created Roles Ship watcher/ }).first().click()
  await dialog().getByText('"name": "Ship watcher"').waitFor()
  assert.match(page.url(), /entry=/)
  await dialog().getByRole('button', { name: 'Close' }).click()
  await person.go('/harbour/audit?resource=ROLE')
  assert.equal(await page.getByRole('row', { name: /Groups/ }).count(), 0)
  await page.getByRole('button', { name: 'Check the chain' }).click()
  await page.getByText('The log is intact').waitFor()
  const [csv] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()])
  assert.equal(csv.suggestedFilename(), 'audit-harbour.csv')
})

test('who may look at one part of the access finds the way there', async () => {
  const role = await insula.api('POST', '/api/v1/harbour/roles', { name: 'Group watcher', permissions: { GROUP: ['VIEW', 'LIST'] } })
  const { page: other, ...cleo } = await insula.signedIn(await insula.makeUser('cleo@harbour.test', 'harbour', role.id), '/harbour')
  await other.getByRole('link', { name: 'Access', exact: true }).click()
  await other.waitForURL('**/ui/harbour/iam/groups')
  await other.getByRole('link', { name: 'Night shift' }).waitFor()
  assert.equal(await other.getByRole('link', { name: 'People', exact: true }).count(), 0)
  await cleo.go('/harbour/iam')
  await other.waitForURL('**/ui/harbour/iam/groups')
  await cleo.close()
})

test('two people in two tenants see no trace of each other', async () => {
  const dan = await insula.signedIn(await insula.makeUser('dan@orchard.test', 'orchard', 'ADMIN'), '/orchard/iam/people')
  const traces = /harbour|ada@|ben@|fay@|night shift|ship watcher/i
  const seen = async () => `${await dan.page.title()} ${await dan.page.locator('body').innerText()} ${await dan.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))}`
  for (const path of ['people', 'groups', 'roles', 'bindings', 'service-accounts', 'invitations']) {
    await dan.go(`/orchard/iam/${path}`)
    assert.doesNotMatch(await seen(), traces, path)
  }
  await dan.go('/orchard/audit')
  assert.doesNotMatch(await seen(), traces)
  // Fields that complete, and the palette.
  await dan.go('/orchard/iam/bindings')
  await dan.page.getByRole('button', { name: 'Give roles' }).first().click()
  await dan.page.getByRole('dialog').getByRole('combobox', { name: 'Who' }).fill('ben')
  await dan.page.getByText('Nothing found').waitFor()
  await dan.page.keyboard.press('Escape')
  await dan.page.keyboard.press('Escape')
  await dan.page.keyboard.press('Control+k')
  await dan.page.getByRole('dialog').getByRole('combobox').fill('ben')
  await dan.page.waitForTimeout(1_000)
  assert.doesNotMatch(await seen(), /ben@|harbour/i)
  await dan.page.keyboard.press('Escape')
  // Their pages are not there, not forbidden: who may not enter does not learn that the tenant exists.
  await dan.go('/harbour/iam/people')
  await dan.page.getByRole('heading', { name: 'Nothing here' }).waitFor()
  // Nothing of one is left after the sign-out.
  await dan.go('/orchard/iam/people')
  await dan.page.getByRole('button', { name: /account and settings/ }).first().click()
  await dan.page.getByRole('menuitem', { name: 'Sign out' }).click()
  await dan.page.locator('input[type="email"]').waitFor()
  assert.doesNotMatch(await dan.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage })), /orchard|dan@|person/i)
  assert.doesNotMatch(await dan.page.title(), /orchard/i)
  // And Ada goes on.
  await person.go('/harbour/iam/people')
  await page.getByText('ben@harbour.test').first().waitFor()
  await dan.close()
})
