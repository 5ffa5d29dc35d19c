// Watching work and stepping in: a run seen live, killed, resumed with an answer, restarted, replayed from a task; its logs searched; and long lists that stay quick.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { start } from './harness/index.mjs'

let insula
const process = 'taskRunner: {type: io.kestra.plugin.core.runner.Process}'
const flows = [
  `id: slow
namespace: company.ops
tasks:
  - {id: begin, type: io.kestra.plugin.core.log.Log, message: "Here we go"}
  - id: ticks
    type: io.kestra.plugin.scripts.shell.Commands
    ${process}
    commands: ["for i in $(seq 1 600); do echo tick $i; sleep 0.5; done"]
`,
  `id: payment
namespace: company.finance
tasks:
  - id: approve
    type: io.kestra.plugin.core.flow.Pause
    onResume:
      - {id: approved, type: BOOLEAN, displayName: "Approve the payment?", defaults: false}
      - {id: reason, type: STRING}
  - {id: book, type: io.kestra.plugin.core.log.Log, message: "Booked because {{ outputs.approve.onResume.reason }}"}
`,
  `id: flaky
namespace: company.ops
tasks:
  - {id: first, type: io.kestra.plugin.core.debug.Return, format: "first"}
  - {id: second, type: io.kestra.plugin.core.execution.Fail, errorMessage: "The warehouse is closed"}
`,
  `id: quick
namespace: company.ops
tasks:
  - {id: one, type: io.kestra.plugin.core.debug.Return, format: "one"}
  - {id: two, type: io.kestra.plugin.core.log.Log, message: "two"}
`,
  `id: loop
namespace: company.ops
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    concurrencyLimit: 0
    values: "{{ range(1, 2000) }}"
    tasks:
      - {id: work, type: io.kestra.plugin.core.debug.Return, format: "{{ taskrun.value }}"}
`,
  `id: chatty
namespace: company.ops
tasks:
  - id: talk
    type: io.kestra.plugin.scripts.shell.Commands
    ${process}
    commands: ["seq -f 'line %.0f of a long story' 1 30000", "printf '\\\\033[31mneedle\\\\033[0m <img src=x onerror=alert(1)>\\\\n'"]
`,
]

before(async () => {
  insula = await start()
  for (const source of flows) await insula.api('POST', '/api/v1/main/flows', source)
})
after(() => insula.stop())

const run = async (flow) => (await insula.api('POST', `/api/v1/main/executions/${flow}`)).id
async function reaches(id, ...states) {
  for (let i = 0; i < 600; i += 1) {
    const execution = await insula.api('GET', `/api/v1/main/executions/${id}`)
    if (states.includes(execution.state.current)) return execution
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${id} does not reach ${states}`)
}
const state = (page, word) => page.locator('header').getByText(word, { exact: true }).waitFor()

test('a run is seen live and killed', async () => {
  const id = await run('company.ops/slow')
  const { page, ...person } = await insula.signedIn(undefined, `/main/executions/company.ops/slow/${id}/logs`)
  await page.getByText('tick 3', { exact: true }).waitFor()
  await page.getByText('tick 6', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'Gantt' }).click()
  await page.getByRole('button', { name: 'ticks', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Kill', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Kill' }).click()
  await state(page, 'Killed')
  assert.equal((await reaches(id, 'KILLED')).state.current, 'KILLED')
  await person.close()
})

test('a paused one is answered on a phone', async () => {
  const id = await run('company.finance/payment')
  await reaches(id, 'PAUSED')
  const { page, ...person } = await insula.signedIn(undefined, `/main/executions/company.finance/payment/${id}`, { viewport: { width: 390, height: 844 }, hasTouch: true })
  await page.getByRole('button', { name: 'Answer and resume' }).tap()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('radio', { name: 'Yes' }).tap()
  // What is missing is said, and nothing is lost.
  await dialog.getByRole('button', { name: 'Resume' }).tap()
  await dialog.getByRole('alert').filter({ hasText: 'reason' }).first().waitFor()
  await dialog.getByLabel('reason').fill('it is due')
  await dialog.getByRole('button', { name: 'Resume' }).tap()
  await state(page, 'Success')
  const { taskRunList } = await reaches(id, 'SUCCESS')
  assert.deepEqual([taskRunList[0].outputs.onResume.approved, taskRunList[0].outputs.onResume.reason], [true, 'it is due'])
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than a phone')
  await person.close()
})

test('the cause of a failure comes first, and it can be restarted', async () => {
  const id = await run('company.ops/flaky')
  await reaches(id, 'FAILED')
  const { page, ...person } = await insula.signedIn(undefined, `/main/executions/company.ops/flaky/${id}`)
  await page.getByRole('heading', { name: 'Failed at second' }).waitFor()
  await page.getByText('The warehouse is closed').first().waitFor()
  await page.keyboard.press('r')
  await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click()
  await page.getByText('The execution is restarted').waitFor()
  const { state: { histories } } = await reaches(id, 'FAILED')
  assert.ok(histories.some((one) => one.state === 'RESTARTED'))
  await person.close()
})

test('it is replayed from a task', async () => {
  const id = await run('company.ops/quick')
  await reaches(id, 'SUCCESS')
  const { page, ...person } = await insula.signedIn(undefined, `/main/executions/company.ops/quick/${id}/gantt`)
  await page.getByRole('button', { name: 'two', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Replay from here' }).click()
  await page.getByRole('dialog', { name: 'Replay the execution' }).getByRole('button', { name: 'Replay' }).click()
  await page.waitForURL((url) => /executions\/company\.ops\/quick\/\w+$/.test(url.pathname) && !url.pathname.includes(id))
  const made = new URL(page.url()).pathname.split('/').at(-1)
  assert.equal((await reaches(made, 'SUCCESS')).originalId, id)
  // The page is that of the new one, not of the one before.
  await page.getByRole('link', { name: id.slice(-8) }).waitFor()
  await state(page, 'Success')
  await person.close()
})

test('lines of a log are searched, shown as text, linked, and take little memory', async () => {
  const id = await run('company.ops/chatty')
  await reaches(id, 'SUCCESS')
  const { page, ...person } = await insula.signedIn(undefined, `/main/executions/company.ops/chatty/${id}/logs#L20000`)
  await page.getByText('line 20000 of a long story', { exact: true }).first().waitFor()
  assert.equal(await page.locator('.row-line.chosen .number').textContent(), '20000')
  assert.ok(await page.locator('.row-line').count() < 120, 'only what is in sight is drawn')
  const heap = await page.evaluate(() => performance.memory.usedJSHeapSize)
  assert.ok(heap < 200e6, `${Math.round(heap / 1e6)} MB`)
  await page.getByRole('searchbox', { name: 'Search in messages' }).fill('needle')
  await page.locator('.row-line .ansi', { hasText: 'needle' }).waitFor()
  await page.getByText('<img src=x onerror=alert(1)>').first().waitFor()
  assert.equal(await page.locator('.row-line img').count(), 0)
  assert.equal(await page.locator('.row-line').count(), 1)
  await person.close()
})

test('a loop of thousands is one row until it is opened', async () => {
  const id = await run('company.ops/loop')
  await reaches(id, 'SUCCESS')
  const { page, ...person } = await insula.signedIn(undefined, `/main/executions/company.ops/loop/${id}/gantt`)
  await page.getByText('2,000 rounds').waitFor()
  assert.equal(await page.locator('.gantt .task-row').count(), 1)
  await page.getByRole('button', { name: 'Unfold each' }).click()
  await page.locator('.gantt .task-row', { hasText: 'work' }).first().waitFor()
  assert.ok(await page.locator('.gantt .task-row').count() < 60)
  await person.close()
})

test('many are listed, filtered by the address, and changed at once', async () => {
  for (let i = 0; i < 60; i += 1) await run('company.ops/quick')
  const { page, ...person } = await insula.signedIn(undefined, '/main/executions?flow=quick&size=50')
  await page.locator('tbody tr').nth(49).waitFor()
  // In time of the processor: other work on the machine says nothing about the page.
  const tools = await person.context.newCDPSession(page)
  await tools.send('Performance.enable', { timeDomain: 'threadTicks' })
  const spent = async () => (await tools.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value
  const begun = await spent()
  await page.mouse.move(640, 500)
  for (let i = 0; i < 10; i += 1) await page.mouse.wheel(0, 300)
  const seconds = await spent() - begun
  assert.ok(seconds < 0.5, `scrolling took ${seconds} s`)
  await page.getByRole('checkbox', { name: 'Select all on this page' }).click()
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Label' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Key').fill('batch')
  await dialog.getByLabel('Value').fill('seven')
  await dialog.getByRole('button', { name: 'Label', exact: true }).click()
  await dialog.getByText('50 of 50 done').waitFor()
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  const { total } = await insula.api('GET', '/api/v1/main/executions/search?size=1&filters[labels][EQUALS][batch]=seven')
  assert.equal(total, 50)
  await page.goBack()
  await person.close()
})

test('what concerns all that match goes on while one looks at other pages', async () => {
  const { page, ...person } = await insula.signedIn(undefined, '/main/executions?flow=quick&size=10')
  let asked = 0
  // As a server answers that has very many to do.
  await page.route('**/executions/labels/by-query**', (route) => route.fulfill({ json: { count: 200, operationId: 'op', totalItems: 1_000 } }))
  await page.route('**/operations/op', (route) => {
    asked += 1
    return route.fulfill({ json: { id: 'op', kind: 'labels', state: asked < 8 ? 'RUNNING' : 'DONE', totalItems: 1_000, processed: Math.min(1_000, 200 + asked * 100), failed: 0, startedAt: '2026-01-01T00:00:00Z', ...(asked < 8 ? {} : { endedAt: '2026-01-01T00:00:10Z' }) } })
  })
  await page.locator('tbody tr').nth(9).waitFor()
  await page.getByRole('checkbox', { name: 'Select all on this page' }).click()
  await page.getByRole('button', { name: /Select all \d+ that match/ }).click()
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Label' }).click()
  await page.getByRole('dialog').getByLabel('Key').fill('batch')
  await page.getByRole('dialog').getByLabel('Value').fill('eight')
  await page.getByRole('dialog').getByRole('button', { name: 'Label', exact: true }).click()
  const tray = page.getByRole('status').filter({ hasText: /^Label: \d+ executions/ })
  await tray.getByRole('progressbar').waitFor()
  await page.getByRole('link', { name: 'Flows', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Flows' }).waitFor()
  await tray.getByText(/^\d00 of 1,000$/).waitFor()
  assert.deepEqual(await person.accessibility(), [])
  await tray.getByText('1,000 of 1,000 done').waitFor()
  await tray.getByRole('button', { name: 'Close' }).click()
  await tray.waitFor({ state: 'detached' })
  await person.close()
})

test('only states are offered that can be searched by', async () => {
  const { page, ...person } = await insula.signedIn(undefined, '/main/executions')
  await page.getByRole('button', { name: 'State' }).first().click()
  const boxes = page.getByRole('dialog').getByRole('checkbox')
  const count = await boxes.count()
  assert.equal(count, 14)
  for (let i = 0; i < count; i += 1) await boxes.nth(i).click()
  await page.waitForFunction((n) => new URL(location.href).searchParams.get('state')?.split(',').length === n, count)
  await page.locator('tbody tr').first().waitFor()
  await person.close()
})

test('who may only look is offered nothing else', async () => {
  const id = await run('company.ops/quick')
  await reaches(id, 'SUCCESS')
  const viewer = await insula.makeUser('vera@insula.test', 'main', 'VIEWER')
  const { page, ...person } = await insula.signedIn(viewer, `/main/executions/company.ops/quick/${id}`)
  await state(page, 'Success')
  for (const name of ['Replay', 'Restart', 'Kill']) assert.equal(await page.getByRole('button', { name, exact: true }).count(), 0, name)
  await person.close()
})
