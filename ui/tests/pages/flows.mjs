// Pages of home, flows and triggers.
const report = `id: hourly-report
namespace: company.sales
description: Collects the orders of the last hour and writes a **report**.
labels: {team: data, stage: production}
inputs:
  - {id: region, type: SELECT, values: [emea, amer, apac], defaults: emea}
  - {id: rows, type: INT, defaults: 100, min: 1, max: 5000}
  - {id: dry, type: BOOL, defaults: false}
tasks:
  - id: begin
    type: io.kestra.plugin.core.log.Log
    message: "Report for {{ inputs.region }}"
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [orders, returns]
    tasks:
      - {id: part, type: io.kestra.plugin.core.debug.Return, format: "{{ taskrun.value }}"}
  - {id: done, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.each }}"}
triggers:
  - {id: hourly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 * * * *"}
  - {id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: 4f1b2c9d}
errors:
  - {id: alert, type: io.kestra.plugin.core.log.Log, message: The report failed.}
`
const others = [
  'id: import-orders\nnamespace: company.sales\nlabels: {team: sales}\ntasks:\n  - {id: read, type: io.kestra.plugin.core.execution.Fail, errorMessage: The file is empty}\n',
  'id: clean-up\nnamespace: company.ops\ndescription: Removes old executions every night.\ntasks:\n  - {id: work, type: io.kestra.plugin.core.log.Log, message: clean}\ntriggers:\n  - {id: nightly, type: io.kestra.plugin.core.trigger.Schedule, cron: "15 2 * * *"}\n',
  'id: release\nnamespace: company.ops\ndescription: Waits for an approval.\ntasks:\n  - {id: approval, type: io.kestra.plugin.core.flow.Pause}\n  - {id: ship, type: io.kestra.plugin.core.log.Log, message: shipped}\n',
  'id: month-end\nnamespace: company.finance\ndescription: Closes the books.\ntasks:\n  - {id: report, type: io.kestra.plugin.core.flow.Subflow, namespace: company.sales, flowId: hourly-report, wait: true}\n  - {id: close, type: io.kestra.plugin.core.log.Log, message: closed}\n',
  'id: tell-sales\nnamespace: company.sales\ntasks:\n  - {id: tell, type: io.kestra.plugin.core.log.Log, message: the report is there}\ntriggers:\n  - {id: report, type: io.kestra.plugin.core.trigger.Flow, preconditions: {id: done, flows: [{namespace: company.sales, flowId: hourly-report, states: [SUCCESS]}]}}\n',
]

export async function seed(insula) {
  await insula.makeTenant('shop', 'Web shop')
  await insula.makeTenant('empty', 'New team')
  for (const source of [report, ...others]) await insula.api('POST', '/api/v1/shop/flows', source)
  await insula.api('PUT', '/api/v1/shop/flows/company.sales/hourly-report', report.replace('[orders, returns]', '[orders, returns, refunds]').replace('max: 5000', 'max: 9000'))
  for (const flow of ['company.sales/hourly-report', 'company.sales/hourly-report', 'company.sales/import-orders', 'company.ops/clean-up', 'company.ops/release']) await insula.api('POST', `/api/v1/shop/executions/${flow}`)
}

const editor = async (page) => {
  await page.locator('.monaco-editor .view-line').first().waitFor()
}
async function documented(page) {
  await editor(page)
  const button = page.getByRole('button', { name: 'Documentation' })
  if (await button.getAttribute('aria-pressed') !== 'true') await button.click()
  await page.getByRole('complementary', { name: 'Documentation' }).getByRole('heading').first().waitFor()
}
const flow = '/shop/flows/company.sales/hourly-report'

export const pages = [
  { name: 'home', path: '/shop/home' },
  { name: 'home-empty', path: '/empty/home' },
  { name: 'flows', path: '/shop/flows' },
  { name: 'flows-empty', path: '/empty/flows', shot: false },
  { name: 'flow-new', path: '/shop/flows/new', prepare: documented },
  { name: 'flow', path: flow },
  { name: 'flow-edit', path: `${flow}/edit`, prepare: documented },
  {
    name: 'flow-completion', path: `${flow}/edit`, shot: false,
    async prepare(page) {
      await editor(page)
      await page.locator('.view-line', { hasText: 'tasks:' }).first().click()
      await page.keyboard.press('Home')
      await page.keyboard.press('Control+Space')
      await page.locator('.suggest-widget').getByRole('option').first().waitFor()
    },
  },
  {
    name: 'flow-try', path: `${flow}/edit`,
    async prepare(page) {
      await editor(page)
      await page.locator('.view-line', { hasText: 'inputs.region' }).click()
      const button = page.getByRole('button', { name: 'Try an expression' })
      // What stands at the side is remembered.
      if (await button.getAttribute('aria-pressed') !== 'true') await button.click()
      await page.getByRole('button', { name: 'Evaluate' }).click()
      await page.getByLabel('Result').waitFor()
    },
  },
  { name: 'flow-executions', path: `${flow}/executions`, shot: false },
  { name: 'flow-revisions', path: `${flow}/revisions`, prepare: editor },
  { name: 'flow-triggers', path: `${flow}/triggers` },
  { name: 'flow-logs', path: `${flow}/logs`, shot: false },
  { name: 'flow-topology', path: `${flow}/topology`, prepare: (page) => page.locator('.vue-flow__node').first().waitFor() },
  { name: 'flow-dependencies', path: `${flow}/dependencies`, prepare: (page) => page.locator('.vue-flow__node').first().waitFor() },
  { name: 'flow-alone', path: '/shop/flows/company.ops/clean-up/dependencies', shot: false },
  {
    name: 'flow-run', path: flow,
    async prepare(page) {
      await page.getByRole('button', { name: 'Execute' }).click()
      await page.getByRole('dialog').getByText('region').waitFor()
    },
  },
  { name: 'triggers', path: '/shop/triggers' },
]
