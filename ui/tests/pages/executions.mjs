// Pages of executions and logs.
const flows = [
  `id: nightly-import
namespace: company.sales
labels: {team: data}
inputs:
  - {id: region, type: STRING, defaults: north}
tasks:
  - id: fetch
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    outputFiles: ["*.csv"]
    commands:
      - printf '\\033[32mfetched\\033[0m 2 rows from \\033[1mwarehouse\\033[0m\\n'
      - printf 'id,name\\n1,Ada\\n2,Grace\\n' > rows.csv
      - echo '::{"outputs":{"rows":2,"regions":{"north":{"open":true}}}}::'
  - id: both
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - {id: check, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.region }} checked"}
      - {id: rest, type: io.kestra.plugin.core.flow.Sleep, duration: PT0.4S}
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [berlin, paris]
    tasks:
      - {id: city, type: io.kestra.plugin.core.log.Log, message: "City {{ taskrun.value }}"}
      - {id: upper, type: io.kestra.plugin.core.debug.Return, format: "{{ taskrun.value | upper }}"}
`,
  `id: warehouse-sync
namespace: company.sales
labels: {team: data, tier: gold}
tasks:
  - {id: begin, type: io.kestra.plugin.core.log.Log, message: "Connecting"}
  - id: sync
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    commands: ["echo 'cannot reach the warehouse' >&2", "exit 3"]
`,
  `id: payment
namespace: company.finance
tasks:
  - {id: prepare, type: io.kestra.plugin.core.log.Log, message: "Prepared the payment"}
  - id: approve
    type: io.kestra.plugin.core.flow.Pause
    onResume:
      - {id: approved, type: BOOLEAN, displayName: "Approve the payment?", defaults: false}
      - {id: reason, type: STRING, description: "Shown in the ledger"}
`,
]
const ids = {}

async function ended(insula, id, state) {
  for (let i = 0; i < 300; i += 1) {
    const { state: { current } } = await insula.api('GET', `/api/v1/harbour/executions/${id}`)
    if (current === state) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${id} is not ${state}`)
}

export async function seed(insula) {
  await insula.makeTenant('harbour', 'Harbour')
  await insula.makeTenant('quay', 'Quay')
  for (const source of flows) await insula.api('POST', '/api/v1/harbour/flows', source)
  for (const [flow, state] of [['company.sales/nightly-import', 'SUCCESS'], ['company.sales/warehouse-sync', 'FAILED'], ['company.finance/payment', 'PAUSED']]) {
    const { id } = await insula.api('POST', `/api/v1/harbour/executions/${flow}`)
    ids[flow.split('/')[1]] = `/harbour/executions/${flow}/${id}`
    await ended(insula, id, state)
  }
}

const page = (name, flow, tab = '', rest = {}) => ({ name, get path() { return `${ids[flow]}${tab}` }, ...rest })
const lines = async (of) => { await of.locator('.row-line .message').first().waitFor() }

export const pages = [
  { name: 'executions', path: '/harbour/executions', prepare: async (of) => { await of.getByText('nightly-import').first().waitFor() } },
  { name: 'executions-selected', path: '/harbour/executions', async prepare(of) { await of.locator('tbody').getByRole('checkbox').first().click() } },
  { name: 'executions-empty', path: '/quay/executions', shot: false },
  page('execution', 'warehouse-sync'),
  page('execution-overview', 'nightly-import', '', { shot: false }),
  page('execution-gantt', 'nightly-import', '/gantt'),
  page('execution-task', 'nightly-import', '/gantt', { async prepare(of) { await of.getByRole('button', { name: 'fetch', exact: true }).click(); await of.getByRole('dialog').waitFor() } }),
  page('execution-logs', 'nightly-import', '/logs', { prepare: lines }),
  page('execution-topology', 'nightly-import', '/topology', { prepare: (of) => of.locator('.vue-flow__node').first().waitFor() }),
  page('execution-outputs', 'nightly-import', '/outputs', { async prepare(of) { await of.getByRole('button', { name: 'Evaluate' }).click(); await of.getByLabel('Result').waitFor() } }),
  page('execution-files', 'nightly-import', '/files', { shot: false }),
  page('execution-file', 'nightly-import', '/files', { async prepare(of) { await of.getByRole('button', { name: 'rows.csv', exact: true }).click(); await of.getByText('1,Ada').waitFor() } }),
  page('execution-resume', 'payment', '', { async prepare(of) { await of.getByRole('button', { name: 'Answer and resume' }).click(); await of.getByRole('dialog').getByLabel('reason').waitFor() } }),
  { name: 'logs', path: '/harbour/logs', prepare: lines },
]
