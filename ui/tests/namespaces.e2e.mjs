// A namespace is made with a limit, found, changed and forgotten; one that flows brought along is set up; who may only look is offered nothing else.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { start } from './harness/index.mjs'

let insula
const flow = (namespace, id) => `id: ${id}\nnamespace: ${namespace}\ntasks:\n  - {id: work, type: io.kestra.plugin.core.log.Log, message: work}\n`
const made = async () => (await insula.api('GET', '/api/v1/main/namespaces/search?size=100&existing=true')).results

before(async () => {
  insula = await start()
  await insula.api('POST', '/api/v1/main/flows', flow('company.sales.emea', 'report'))
  await insula.api('POST', '/api/v1/main/executions/company.sales.emea/report?wait=true')
})
after(() => insula.stop())

test('the tree folds, and the search is in the address', async () => {
  const { page, ...person } = await insula.signedIn(undefined, '/main/namespaces')
  const tree = page.getByRole('table', { name: 'Namespaces' })
  await tree.getByRole('link', { name: 'company.sales.emea', exact: true }).waitFor()
  await tree.getByRole('button', { name: 'What is below company', exact: true }).click()
  await tree.getByRole('link', { name: 'company.sales', exact: true }).waitFor({ state: 'detached' })
  await page.getByRole('searchbox', { name: 'Find a namespace' }).fill('emea')
  await page.waitForURL('**/main/namespaces?q=emea')
  await tree.getByRole('link', { name: 'company', exact: true }).waitFor({ state: 'detached' })
  await tree.getByRole('link', { name: 'company.sales.emea', exact: true }).click()
  await page.waitForURL('**/main/namespaces/company.sales.emea')
  await page.getByRole('link', { name: 'report' }).waitFor()
  await page.getByRole('link', { name: /^Success\s*1$/ }).click()
  await page.waitForURL(/\/main\/executions\?namespace=company\.sales\.emea&state=SUCCESS$/)
  await person.close()
})

test('one is made with a limit, changed and forgotten', async () => {
  const { page, ...person } = await insula.signedIn(undefined, '/main/namespaces')
  await page.getByRole('button', { name: 'New namespace' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Id' }).fill('Team')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await dialog.getByText('must match').first().waitFor()
  await dialog.getByRole('textbox', { name: 'Id' }).fill('team')
  await dialog.getByLabel('Description').fill('What the team runs')
  await dialog.getByRole('switch', { name: 'Limit executions at once' }).click()
  await dialog.getByRole('spinbutton', { name: 'Executions at once' }).fill('3')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await page.waitForURL('**/main/namespaces/team')
  await page.getByText('3 at once, more wait').waitFor()
  assert.deepEqual(await made(), [{ id: 'team', deleted: false, description: 'What the team runs', concurrency: { limit: 3, behavior: 'QUEUE' } }])

  // What the dialogue does not know stays.
  await insula.api('PUT', '/api/v1/main/namespaces/team', { id: 'team', variables: { region: 'emea' } })
  await page.reload()
  await page.getByText('variables').waitFor()
  await page.getByRole('button', { name: 'Edit' }).click()
  await dialog.getByLabel('Description').fill('Changed')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Changed', { exact: true }).first().waitFor()
  await dialog.waitFor({ state: 'detached' })
  assert.deepEqual(await made(), [{ id: 'team', deleted: false, description: 'Changed', variables: { region: 'emea' } }])

  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
  await page.waitForURL('**/main/namespaces')
  assert.deepEqual(await made(), [])
  await person.close()
})

test('one that flows brought along is set up, and its flows stay when it is forgotten', async () => {
  const { page, ...person } = await insula.signedIn(undefined, '/main/namespaces/company')
  await page.getByRole('table', { name: 'Namespaces below' }).getByRole('link', { name: 'company.sales', exact: true }).click()
  await page.waitForURL('**/main/namespaces/company.sales')
  await page.getByRole('button', { name: 'Set up' }).click()
  await page.getByRole('dialog').getByLabel('Description').fill('Orders')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByText('Orders').waitFor()
  assert.deepEqual((await made()).map(({ id }) => id), ['company.sales'])
  await page.getByRole('navigation', { name: 'You are here' }).getByRole('link', { name: 'Namespaces' }).click()
  await page.getByRole('button', { name: 'Actions for company.sales', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('row', { name: /company\.sales\b.*Only flows/ }).first().waitFor()
  assert.deepEqual(await made(), [])
  await person.close()
})

test('who may only look is offered nothing else, and sees only their part', async () => {
  await insula.api('POST', '/api/v1/main/namespaces', { id: 'company.sales', description: 'Orders' })
  const user = await insula.makeUser('looks@team.test', 'main', 'VIEWER', 'company.sales')
  const { page, ...person } = await insula.signedIn(user, '/main/namespaces')
  await page.getByRole('link', { name: 'company.sales', exact: true }).click()
  await page.getByText('Orders').waitFor()
  assert.equal(await page.getByRole('button', { name: /New|Edit|Delete|Set up|Actions for/ }).count(), 0)
  assert.equal(await page.getByRole('link', { name: 'company', exact: true }).count(), 0)
  await person.close()
})
