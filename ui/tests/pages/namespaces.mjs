// Pages of namespaces.
const flow = (namespace, id, more = '') => `id: ${id}\nnamespace: ${namespace}\n${more}tasks:\n  - {id: work, type: io.kestra.plugin.core.log.Log, message: work}\n`

export async function seed(insula) {
  await insula.makeTenant('works', 'Works')
  await insula.makeTenant('bare', 'New team')
  const flows = [
    flow('company.sales', 'hourly-report', 'description: Collects the orders of the last hour.\n'), flow('company.sales', 'import-orders'), flow('company.sales.emea', 'tax', 'disabled: true\n'), flow('company.ops', 'clean-up'), flow('lab.trials', 'first'),
  ]
  for (const source of flows) await insula.api('POST', '/api/v1/works/flows', source)
  await insula.api('POST', '/api/v1/works/namespaces', { id: 'company', description: 'Everything that runs for the whole company.' })
  await insula.api('POST', '/api/v1/works/namespaces', { id: 'company.sales', description: 'Orders, returns and reports.\nAsk the sales team before you raise the limit.', concurrency: { limit: 5, behavior: 'QUEUE' }, variables: { region: 'emea' } })
  await insula.api('POST', '/api/v1/works/namespaces', { id: 'partners.north.archive', concurrency: { limit: 1, behavior: 'CANCEL' } })
  for (const path of ['company.sales/hourly-report', 'company.sales/import-orders', 'company.sales/import-orders']) await insula.api('POST', `/api/v1/works/executions/${path}?wait=true`)
}

export const pages = [
  { name: 'namespaces', path: '/works/namespaces' },
  { name: 'namespaces-empty', path: '/bare/namespaces', shot: false },
  { name: 'namespace', path: '/works/namespaces/company.sales' },
  { name: 'namespace-of-flows', path: '/works/namespaces/lab', shot: false },
  {
    name: 'namespace-edit', path: '/works/namespaces/company.sales', shot: false,
    async prepare(page) {
      await page.getByRole('button', { name: 'Edit' }).click()
      await page.getByRole('dialog').getByRole('spinbutton', { name: 'Executions at once' }).waitFor()
    },
  },
]
