// The first week of somebody new, in one browser: from an empty server over flows that run, fail, wait and repeat, to a second tenant with people in it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { admin, start } from './harness/index.mjs'

let insula
let person
let page
before(async () => {
  insula = await start({ isNew: true })
  person = await insula.person()
  await person.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  page = person.page
})
after(() => insula.stop())

const dialog = () => page.getByRole('dialog')
const problems = () => page.getByRole('list', { name: 'Problems' }).getByRole('button')
const state = (word) => page.locator('header').getByText(word, { exact: true }).waitFor()
const tab = (name) => page.locator('#page nav').getByRole('link', { name, exact: true }).click()
const executionId = () => new URL(page.url()).pathname.split('/')[6]

async function choose(scope, label, text, option = text) {
  await scope.getByRole('combobox', { name: label }).fill(text)
  await page.getByRole('option', { name: option }).first().click()
}
/** Replaces the whole source by pasting: typed, each line would be indented by the editor. */
async function write(source) {
  await page.evaluate((text) => navigator.clipboard.writeText(text), source)
  await page.locator('.monaco-editor .view-line').first().click()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Control+v')
  await page.getByText('Valid', { exact: true }).waitFor()
}
async function save(revision) {
  await page.keyboard.press('Control+s')
  await page.getByText(`Saved as revision ${revision}`).waitFor()
}
async function create(source, id) {
  await person.go('/team/flows/new')
  await write(source)
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.waitForURL(`**/ui/team/flows/company.team/${id}/edit`)
}
async function execute() {
  await page.getByRole('button', { name: 'Execute' }).click()
  await dialog().getByRole('button', { name: 'Execute' }).click()
  await page.waitForURL(/\/executions\/company\.team\/[\w-]+\/\w+$/)
}

const greet = (more = '', wait = 2) => `id: hello
namespace: company.team
labels: {team: alpha}
inputs:
  - {id: name, type: STRING, defaults: World}
  - {id: times, type: INT, defaults: 2, max: 5}
tasks:
  - {id: greet, type: io.kestra.plugin.core.debug.Return, format: "Hello {{ inputs.name }}, {{ inputs.times }} times"}
  - id: count
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    commands: ["for i in 1 2 3 4; do echo step $i of 4; sleep ${wait / 4}; done"]
${more}`

test('day 1: a new server leads to the setup, and the setup to a first flow', async () => {
  await person.go('/')
  await page.waitForURL('**/ui/setup')
  await page.getByLabel('E-mail address').fill(admin.email)
  await page.locator('input[autocomplete="new-password"]').fill(admin.password)
  await page.getByLabel('Name').fill('Team')
  await page.getByRole('button', { name: 'Begin' }).click()
  await page.waitForURL('**/ui/team/home')
  await page.getByRole('heading', { name: 'Your first flow in two minutes' }).waitFor()
  await page.getByRole('link', { name: 'Begin with Hello' }).click()
  await page.waitForURL('**/ui/team/flows/new?template=hello')
  await page.locator('.monaco-editor .view-line', { hasText: 'id: hello' }).waitFor()
})

test('day 1: the editor completes, marks what is wrong, and saves what is right', async () => {
  await page.locator('.view-line', { hasText: 'message:' }).click()
  await page.keyboard.press('End')
  await page.keyboard.press('Enter')
  await page.keyboard.type('lev')
  await page.locator('.suggest-widget').getByRole('option', { name: /level/ }).first().waitFor()
  assert.deepEqual(await person.accessibility(), [])
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await page.keyboard.type('DEBUG')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Enter')
  await page.keyboard.type('colour: blue')
  await page.keyboard.press('Escape')
  await page.locator('.squiggly-error').first().waitFor()
  await problems().filter({ hasText: 'Unrecognized field "colour"' }).first().waitFor()
  assert.equal(await page.getByText('Valid', { exact: true }).count(), 0)
  await page.keyboard.press('Control+Shift+k')
  await page.getByText('Valid', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.waitForURL('**/ui/team/flows/company.team/hello/edit')
  await write(greet())
  await save(2)
})

test('day 1: it is run with inputs and watched live', async () => {
  await page.getByRole('button', { name: 'Execute' }).click()
  await dialog().getByLabel('name').fill('Ada')
  await dialog().getByLabel('times').fill('9')
  await dialog().getByRole('alert').filter({ hasText: 'less than' }).waitFor()
  await dialog().getByLabel('times').fill('3')
  await dialog().getByRole('button', { name: 'Execute' }).click()
  await page.waitForURL('**/ui/team/executions/company.team/hello/*')
  await tab('Gantt')
  await page.getByRole('button', { name: 'count', exact: true }).waitFor()
  await tab('Logs')
  await page.getByText('step 1 of 4', { exact: true }).waitFor()
  // The lines that follow come by themselves, and the state with them.
  await page.getByText('step 4 of 4', { exact: true }).waitFor()
  await state('Success')
})

test('day 1: its outputs are looked at, also through an expression', async () => {
  await tab('Outputs')
  await page.getByText('Hello Ada, 3 times').first().waitFor()
  await page.getByLabel('Try an expression').fill('{{ outputs.greet.value | upper }}')
  await page.getByRole('button', { name: 'Evaluate' }).click()
  await page.getByLabel('Result').filter({ hasText: 'HELLO ADA, 3 TIMES' }).waitFor()
})

test('day 2: what is broken fails, says why, and goes on from there after an edit', async () => {
  await person.go('/team/flows/company.team/hello/edit')
  const closed = '  - {id: ship, type: io.kestra.plugin.core.execution.Fail, errorMessage: The harbour is closed}\n'
  await write(greet(closed, 0))
  await save(3)
  await execute()
  await page.getByRole('heading', { name: 'Failed at ship' }).waitFor()
  await page.getByText('The harbour is closed').first().waitFor()
  await state('Failed')
  const failed = executionId()
  await person.go('/team/flows/company.team/hello/edit')
  await write(greet('  - {id: ship, type: io.kestra.plugin.core.log.Log, message: Shipped}\n', 0))
  await save(4)
  await person.go(`/team/executions/company.team/hello/${failed}`)
  await page.keyboard.press('r')
  await dialog().getByRole('radio', { name: 'The newest' }).click()
  await dialog().getByRole('button', { name: 'Restart' }).click()
  // With another revision a new execution goes on from what succeeded; the page is that of the new one.
  await page.waitForURL((url) => url.pathname.includes('/executions/') && !url.pathname.includes(failed))
  await state('Success')
  const restarted = executionId()
  const { taskRunList, flowRevision, originalId } = await insula.api('GET', `/api/v1/team/executions/${restarted}`)
  assert.deepEqual([flowRevision, originalId], [4, failed])
  assert.deepEqual(taskRunList.map(({ taskId }) => taskId), ['greet', 'count', 'ship'])
  await page.getByRole('button', { name: 'Replay', exact: true }).click()
  await dialog().getByRole('button', { name: 'Replay' }).click()
  await page.waitForURL((url) => url.pathname.includes('/executions/') && !url.pathname.includes(restarted))
  await state('Success')
})

test('day 2: retry, errors, allowFailure and timeout change how it ends', async () => {
  await create(`id: careful
namespace: company.team
tasks:
  - {id: flaky, type: io.kestra.plugin.core.execution.Fail, errorMessage: Not today, allowFailure: true, retry: {type: constant, interval: PT0.1S, maxAttempts: 2}}
  - {id: slow, type: io.kestra.plugin.core.flow.Sleep, duration: PT10S, timeout: PT0.3S}
errors:
  - {id: tell, type: io.kestra.plugin.core.log.Log, message: Somebody is told}
`, 'careful')
  await execute()
  await state('Failed')
  await page.getByRole('heading', { name: 'Failed at slow' }).waitFor()
  await tab('Logs')
  await page.getByText('Somebody is told', { exact: true }).waitFor()
  const { taskRunList } = await insula.api('GET', `/api/v1/team/executions/${executionId()}`)
  const flaky = taskRunList.find(({ taskId }) => taskId === 'flaky')
  assert.deepEqual([flaky.state.current, flaky.attempts.length], ['WARNING', 2])
})

test('day 3: a schedule and a webhook start it, and are turned off and on', async () => {
  await person.go('/team/flows/company.team/hello/edit')
  await write(greet(`triggers:
  - {id: hourly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 * * * *"}
  - {id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: first-week-key}
`, 0))
  await save(5)
  await tab('Triggers')
  const hourly = page.getByRole('row', { name: /hourly/ })
  await hourly.getByText('in ').first().waitFor()
  await page.getByRole('switch', { name: 'hourly is enabled' }).click()
  await page.getByText('Saved', { exact: true }).waitFor()
  const off = async () => (await insula.api('GET', '/api/v1/team/triggers/company.team/hello')).results.find(({ triggerId }) => triggerId === 'hourly').disabled
  assert.equal(await off(), true)
  await page.getByRole('switch', { name: 'hourly is enabled' }).click()
  await page.waitForFunction(() => document.querySelector('[role="switch"][aria-checked="true"]') !== null)
  for (let i = 0; i < 50 && await off(); i += 1) await page.waitForTimeout(100)
  assert.equal(await off(), false)
  const address = await page.getByRole('row', { name: /hook/ }).locator('code').getAttribute('title')
  assert.match(address, /\/api\/v1\/team\/executions\/webhook\/company\.team\/hello\/first-week-key$/)
  const { id } = await (await fetch(address, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"from":"outside"}' })).json()
  await person.go(`/team/executions/company.team/hello/${id}`)
  await state('Success')
  await page.getByText('trigger hook').waitFor()
})

test('day 4: a loop, a branch, parallel tasks and a subflow are one picture', async () => {
  await create(`id: tour
namespace: company.team
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [north, south, west]
    concurrencyLimit: 2
    tasks:
      - {id: visit, type: io.kestra.plugin.core.debug.Return, format: "visited {{ taskrun.value }}"}
  - id: choice
    type: io.kestra.plugin.core.flow.If
    condition: "{{ outputs.visit.north.value == 'visited north' }}"
    then:
      - {id: taken, type: io.kestra.plugin.core.log.Log, message: The condition held}
    else:
      - {id: missed, type: io.kestra.plugin.core.log.Log, message: It did not}
  - id: both
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - {id: left, type: io.kestra.plugin.core.debug.Return, format: left}
      - {id: right, type: io.kestra.plugin.core.debug.Return, format: right}
  - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: company.team, flowId: hello, wait: true}
`, 'tour')
  await execute()
  await state('Success')
  await page.getByRole('heading', { name: /Executions it started/ }).waitFor()
  await tab('Topology')
  for (const name of ['visit', 'taken', 'left', 'call']) await page.locator('.vue-flow__node').getByRole('button', { name: new RegExp(`^${name}`) }).first().waitFor()
  await page.locator('.vue-flow__node').getByRole('button', { name: /^taken/ }).click()
  await dialog().getByRole('heading', { name: 'taken' }).waitFor()
  await page.keyboard.press('Escape')
  const { taskRunList } = await insula.api('GET', `/api/v1/team/executions/${executionId()}`)
  assert.ok(taskRunList.some(({ taskId }) => taskId === 'taken') && !taskRunList.some(({ taskId }) => taskId === 'missed'))
  // The flow knows what hangs on it.
  await person.go('/team/flows/company.team/hello/dependencies')
  await page.locator('.vue-flow').getByRole('link', { name: /^tour/ }).waitFor()
})

test('day 4: an approval waits for somebody and goes on with the answer', async () => {
  await create(`id: approval
namespace: company.team
tasks:
  - id: ask
    type: io.kestra.plugin.core.flow.Pause
    onResume:
      - {id: approved, type: BOOLEAN, defaults: false}
      - {id: reason, type: STRING}
  - id: choice
    type: io.kestra.plugin.core.flow.If
    condition: "{{ outputs.ask.onResume.approved }}"
    then:
      - {id: release, type: io.kestra.plugin.core.log.Log, message: "Released, {{ outputs.ask.onResume.reason }}"}
`, 'approval')
  await execute()
  await page.getByText('Waits at ask').waitFor()
  await page.getByRole('button', { name: 'Answer and resume' }).click()
  await dialog().getByRole('radio', { name: 'Yes' }).click()
  await dialog().getByLabel('reason').fill('all is well')
  await dialog().getByRole('button', { name: 'Resume' }).click()
  await state('Success')
  await tab('Logs')
  await page.getByText('Released, all is well', { exact: true }).waitFor()
})

test('day 5: labels are set and filtered by, and many are changed at once', async () => {
  for (let i = 0; i < 12; i += 1) await insula.api('POST', '/api/v1/team/executions/company.team/hello?wait=true')
  await person.go('/team/executions?flow=hello&size=10')
  await page.locator('tbody tr').nth(9).waitFor()
  await page.getByRole('checkbox', { name: 'Select all on this page' }).click()
  const { total } = await insula.api('GET', '/api/v1/team/executions/search?size=1&filters[flowId][EQUALS]=hello')
  // All that match, not only those in sight.
  await page.getByRole('button', { name: `Select all ${total} that match` }).click()
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Label' }).click()
  await dialog().getByLabel('Key').fill('week')
  await dialog().getByLabel('Value').fill('one')
  await dialog().getByRole('button', { name: 'Label', exact: true }).click()
  await page.getByRole('status').filter({ hasText: `${total} of ${total} done` }).waitFor()
  await person.go('/team/executions?labels=week:one,team:alpha')
  await page.getByText(`of ${total}`).first().waitFor()
  await page.getByRole('button', { name: 'State' }).first().click()
  await page.getByRole('checkbox', { name: 'Killed' }).click()
  await page.getByRole('heading', { name: 'Nothing matches' }).waitFor()
  await page.keyboard.press('Escape')
  assert.match(page.url(), /state=KILLED/)
  await page.getByRole('button', { name: 'Clear filters' }).first().click()
  await page.locator('tbody tr').first().waitFor()
  // A flow that nobody needs goes, and its executions stay.
  await person.go('/team/flows')
  await page.getByRole('checkbox', { name: 'Select company.team/careful' }).click()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('link', { name: 'careful', exact: true }).waitFor({ state: 'detached' })
})

test('day 6: a second tenant is made and entered', async () => {
  await person.go('/admin/tenants')
  await page.getByRole('button', { name: 'New tenant' }).click()
  await dialog().getByLabel('Name').fill('Stage')
  assert.equal(await dialog().getByLabel(/^Id/).inputValue(), 'stage')
  await dialog().getByRole('button', { name: 'Create' }).click()
  await page.waitForURL('**/ui/admin/tenants/stage')
  await person.go('/team/flows')
  await page.getByRole('button', { name: /switch tenant/ }).first().click()
  await page.getByRole('combobox', { name: 'Find a tenant' }).fill('stage')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/ui/stage/flows')
  await page.getByRole('heading', { name: 'No flows yet' }).waitFor()
})

test('day 6: people, groups, roles and bindings say who may do what there', async () => {
  await person.go('/admin/users')
  await page.getByRole('button', { name: 'New user' }).click()
  await dialog().getByLabel('E-mail address').fill('ben@team.test')
  await dialog().getByLabel('First name').fill('Ben')
  await dialog().getByLabel('Last name').fill('Okafor')
  await dialog().locator('input[autocomplete="new-password"]').fill('Corr3ct-horse-ben')
  await choose(dialog(), 'Tenants', 'Stage')
  await dialog().getByRole('button', { name: 'Create' }).click()
  await page.getByRole('heading', { level: 1, name: 'Ben Okafor' }).waitFor()

  await person.go('/stage/iam/roles/new')
  await page.getByRole('textbox', { name: 'Name' }).fill('Watcher')
  for (const one of ['Flows: View', 'Flows: List', 'Executions: View', 'Executions: List']) await page.getByRole('checkbox', { name: one }).click()
  await page.keyboard.press('Control+s')
  await page.getByRole('heading', { level: 1, name: 'Watcher' }).waitFor()

  await person.go('/stage/iam/groups')
  await page.getByRole('button', { name: 'New group' }).first().click()
  await dialog().getByLabel('Name').fill('Readers')
  await choose(dialog(), 'Members', 'Ben')
  await dialog().getByRole('button', { name: 'Create' }).click()
  await page.getByRole('heading', { level: 1, name: 'Readers' }).waitFor()

  await person.go('/stage/iam/bindings')
  await page.getByRole('button', { name: 'Give roles' }).first().click()
  await choose(dialog(), 'Who', 'Readers')
  await choose(dialog(), 'Roles', 'Watcher')
  await dialog().getByRole('button', { name: 'Give', exact: true }).click()
  await page.getByRole('row', { name: /Readers.*Watcher/ }).waitFor()

  const ben = await insula.signedIn({ email: 'ben@team.test', password: 'Corr3ct-horse-ben' }, '/stage/flows')
  await ben.page.getByRole('heading', { name: 'No flows yet' }).waitFor()
  assert.equal(await ben.page.getByRole('link', { name: 'New flow' }).count(), 0)
  await ben.go('/team/flows')
  await ben.page.getByText('There is no tenant “team”').waitFor()
  await ben.close()
})

test('day 6: somebody is invited, and comes in', async () => {
  await person.go('/stage/iam/invitations')
  await page.getByRole('button', { name: 'Invite', exact: true }).first().click()
  await dialog().getByLabel('E-mail address').fill('cleo@team.test')
  await choose(dialog(), 'Role', 'Viewer')
  await dialog().getByRole('button', { name: 'Invite', exact: true }).click()
  const link = new URL((await dialog().locator('pre').innerText()).trim())
  await dialog().getByRole('button', { name: 'Close' }).last().click()
  const cleo = await insula.person()
  await cleo.go(link.pathname.replace(/^\/ui/, ''))
  await cleo.page.getByLabel('First name').fill('Cleo')
  await cleo.page.getByLabel('Last name').fill('Marin')
  await cleo.page.locator('input[autocomplete="new-password"]').fill('Corr3ct-horse-cleo')
  await cleo.page.getByRole('button', { name: 'Make account' }).click()
  await cleo.page.getByText('Your account is made').waitFor()
  await cleo.signIn({ email: 'cleo@team.test', password: 'Corr3ct-horse-cleo' })
  await cleo.go('/')
  await cleo.page.waitForURL('**/ui/stage/**')
  await cleo.close()
})

test('day 7: a pipeline brings a flow with a token of its own', async () => {
  await person.go('/stage/iam/service-accounts')
  await page.getByRole('button', { name: 'New service account' }).first().click()
  await dialog().getByLabel('Name').fill('pipeline')
  await dialog().getByRole('button', { name: 'Create' }).click()
  await page.getByRole('heading', { level: 1, name: 'pipeline' }).waitFor()
  await page.getByRole('button', { name: 'Give a role' }).click()
  await choose(dialog(), 'Roles', 'Developer')
  await dialog().getByRole('button', { name: 'Give', exact: true }).click()
  await page.getByRole('row', { name: /Developer/ }).waitFor()
  await page.getByRole('button', { name: 'New token' }).click()
  await dialog().getByLabel('Name').fill('ci')
  await dialog().getByRole('button', { name: 'Create' }).click()
  const token = (await dialog().locator('pre').innerText()).trim()
  await dialog().getByRole('button', { name: 'I have it' }).click()
  const answer = await fetch(`${insula.address}/api/v1/stage/flows`, { method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/x-yaml' }, body: greet('', 0) })
  assert.equal(answer.status, 200, await answer.text())
  await person.go('/stage/flows')
  await page.getByRole('link', { name: 'hello', exact: true }).waitFor()
})

test('day 7: the audit log tells all of it, by name', async () => {
  await person.go('/stage/audit')
  for (const what of [/Created.*Roles.*Watcher/, /Created.*Groups.*Readers/, /Created.*Bindings/, /Created.*Invitations/, /Created.*Service accounts.*pipeline/, /pipeline.*Created.*Flows.*hello/]) await page.getByRole('row', { name: what }).first().waitFor()
  await page.getByRole('button', { name: 'Check the chain' }).click()
  await page.getByText('The log is intact').waitFor()
  // What happened in the other tenant is in the log of the other tenant.
  assert.equal(await page.getByRole('row', { name: /approval/ }).count(), 0)
  assert.deepEqual(await person.accessibility(), [])
})
