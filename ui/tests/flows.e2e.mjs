// The first days with flows: write one with a mistake, see it at its line, correct it, save, run it with inputs, turn a trigger off, go back to an old revision.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { start } from './harness/index.mjs'

let insula
before(async () => {
  insula = await start()
})
after(() => insula.stop())

const flow = `id: greet
namespace: company.team
inputs:
  - {id: who, type: STRING, defaults: World}
  - {id: times, type: INT, defaults: 1, max: 5}
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, message: "Hello {{ inputs.who }}"}
triggers:
  - {id: hourly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 * * * *"}
`

test('a mistake stands at its line, and what is right can be created', async () => {
  const { page, ...person } = await insula.signedIn(undefined, '/main/flows/new')
  await page.locator('.monaco-editor .view-line').first().waitFor()
  await page.locator('.view-line', { hasText: 'io.kestra.plugin.core.log.Log' }).click()
  await page.keyboard.press('End')
  await page.keyboard.press('Escape')
  await page.keyboard.type('x')
  const problem = page.getByRole('list', { name: 'Problems' }).getByRole('button')
  await problem.filter({ hasText: 'Invalid type: io.kestra.plugin.core.log.Logx' }).filter({ hasText: '12:5' }).waitFor()
  await page.locator('.squiggly-error').first().waitFor()
  // What was probably meant stands beside it.
  await page.getByRole('button', { name: 'Replace by io.kestra.plugin.core.log.Log' }).click()
  await page.getByText('Valid', { exact: true }).waitFor()
  await page.locator('.squiggly-error').first().waitFor({ state: 'detached' })
  await page.keyboard.press('Control+s')
  await page.waitForURL('**/ui/main/flows/company.team/hello/edit')
  assert.equal((await insula.api('GET', '/api/v1/main/flows/company.team/hello')).revision, 1)
  await person.close()
})

test('what was typed is not lost by a wrong click', async () => {
  const { page, ...person } = await insula.signedIn(undefined, '/main/flows/company.team/hello/edit')
  await page.locator('.monaco-editor .view-line').first().waitFor()
  await page.locator('.view-line', { hasText: 'description' }).click()
  await page.keyboard.press('End')
  await page.keyboard.type(' Twice.')
  await page.getByRole('link', { name: 'Overview' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved as revision 2').waitFor()
  await page.getByRole('link', { name: 'Revisions' }).click()
  await page.getByRole('button', { name: 'Restore' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Restore' }).click()
  await page.getByText('Restored').waitFor()
  const { revision, source } = await insula.api('GET', '/api/v1/main/flows/company.team/hello?source=true')
  assert.equal(revision, 3)
  assert.ok(!source.includes('Twice'))
  await person.close()
})

test('a flow is run with inputs that the server finds right', async () => {
  await insula.api('POST', '/api/v1/main/flows', flow)
  const { page, ...person } = await insula.signedIn(undefined, '/main/flows/company.team/greet')
  await page.getByRole('button', { name: 'Execute' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('who').fill('Ada')
  await dialog.getByLabel('times').fill('9')
  await dialog.getByRole('alert').filter({ hasText: 'less than' }).waitFor()
  await dialog.getByLabel('times').fill('2')
  await dialog.getByRole('button', { name: 'As curl' }).click()
  await dialog.getByText('--form-string who=Ada').waitFor()
  await dialog.getByRole('button', { name: 'Execute' }).click()
  await page.waitForURL('**/ui/main/executions/company.team/greet/*')
  const { results } = await insula.api('GET', '/api/v1/main/executions/search?size=1')
  assert.deepEqual(results[0].inputs, { who: 'Ada', times: 2 })
  await person.close()
})

test('an expression is tried before anything runs, and with what happened in a run', async () => {
  const source = `id: tried\nnamespace: company.team\nvariables: {port: harbour}\ninputs:\n  - {id: who, type: STRING, defaults: Ada}\ntasks:\n  - {id: give, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.who }} at {{ vars.port }}"}\n`
  await insula.api('POST', '/api/v1/main/flows', source)
  const { page, ...person } = await insula.signedIn(undefined, '/main/flows/company.team/tried/edit')
  await page.locator('.view-line', { hasText: 'inputs.who' }).click()
  await page.getByRole('button', { name: 'Try an expression' }).click()
  const pane = page.getByRole('complementary', { name: 'Try an expression' })
  const field = pane.getByLabel('Try an expression')
  // What stands at the cursor is taken over.
  assert.equal(await field.inputValue(), '{{ inputs.who }}')
  await pane.getByRole('button', { name: 'Evaluate' }).click()
  await pane.getByLabel('Result').filter({ hasText: 'Ada' }).waitFor()
  await field.fill('{{ vars.port | upper }}')
  await page.keyboard.press('Control+Enter')
  await pane.getByLabel('Result').filter({ hasText: 'HARBOUR' }).waitFor()
  await field.fill('{{ inputs.who | nosuchfilter }}')
  await page.keyboard.press('Control+Enter')
  await pane.getByText('It cannot be evaluated').waitFor()
  // What only a run knows is told apart from what is wrong.
  await field.fill('{{ outputs.give.value }}')
  await page.keyboard.press('Control+Enter')
  await pane.getByText('Known only while it runs').waitFor()
  assert.deepEqual(await person.accessibility(), [])
  await insula.api('POST', '/api/v1/main/executions/company.team/tried?wait=true')
  await person.go('/main/flows/company.team/tried/edit')
  await pane.getByRole('combobox', { name: 'With the values of' }).click()
  await page.getByRole('option', { name: /the execution of/ }).first().click()
  await field.fill('{{ outputs.give.value }}')
  await page.keyboard.press('Control+Enter')
  await pane.getByLabel('Result').filter({ hasText: 'Ada at harbour' }).waitFor()
  await person.close()
})

test('flows that start or follow each other are linked, and one walks along the links', async () => {
  const say = (id, more = '') => `id: ${id}\nnamespace: company.links\ntasks:\n  - {id: say, type: io.kestra.plugin.core.log.Log, message: hi}\n${more}`
  await insula.api('POST', '/api/v1/main/flows', say('load'))
  await insula.api('POST', '/api/v1/main/flows', say('nightly', '  - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: company.links, flowId: load}\n'))
  await insula.api('POST', '/api/v1/main/flows', say('mail', 'triggers:\n  - {id: after, type: io.kestra.plugin.core.trigger.Flow, preconditions: {id: done, flows: [{namespace: company.links, flowId: load, states: [SUCCESS]}]}}\n'))
  await insula.api('POST', '/api/v1/main/flows', say('hermit'))
  const { page, ...person } = await insula.signedIn(undefined, '/main/flows/company.links/load/dependencies')
  const picture = page.locator('.vue-flow')
  for (const name of ['load', 'nightly', 'mail']) await picture.getByRole('link', { name: new RegExp(`^${name}`) }).waitFor()
  await picture.getByText('is followed by').waitFor()
  await picture.getByRole('link', { name: /^nightly/ }).click()
  await page.waitForURL('**/ui/main/flows/company.links/nightly/dependencies')
  await page.waitForFunction(() => document.querySelectorAll('.vue-flow__node').length === 2)
  await page.getByRole('switch', { name: 'Everything that hangs together' }).click()
  await picture.getByRole('link', { name: /^mail/ }).waitFor()
  assert.match(page.url(), /all=true/)
  await person.go('/main/flows/company.links/hermit/dependencies')
  await page.getByRole('heading', { name: 'It stands alone' }).waitFor()
  await person.go('/main/namespaces/company.links')
  await picture.getByRole('link', { name: /^mail/ }).click()
  await page.waitForURL('**/ui/main/flows/company.links/mail')
  await person.close()
})

test('a trigger is turned off', async () => {
  const { page, ...person } = await insula.signedIn(undefined, '/main/triggers')
  await page.getByRole('switch', { name: 'hourly is enabled' }).click()
  await page.getByText('Saved').waitFor()
  const { results } = await insula.api('GET', '/api/v1/main/triggers/company.team/greet')
  assert.equal(results[0].disabled, true)
  await person.close()
})

test('who may only look is offered nothing else', async () => {
  const viewer = await insula.makeUser('viewer@team.test', 'main', 'VIEWER')
  const { page, ...person } = await insula.signedIn(viewer, '/main/flows')
  await page.getByRole('link', { name: 'greet' }).waitFor()
  assert.equal(await page.getByRole('link', { name: 'New flow' }).count(), 0)
  assert.equal(await page.getByRole('button', { name: 'Import' }).count(), 0)
  await page.getByRole('link', { name: 'greet' }).click()
  await page.getByRole('link', { name: 'Source' }).waitFor()
  assert.equal(await page.getByRole('button', { name: 'Execute' }).count(), 0)
  await person.close()
})
