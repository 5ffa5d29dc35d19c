// Access management and audit logs.
const team = 'harbour-logistics'

export async function seed(insula) {
  await insula.makeTenant(team, 'Harbour Logistics')
  const path = `/api/v1/${team}`
  const people = []
  for (const [email, firstName, lastName] of [['ben@harbour.test', 'Ben', 'Okafor'], ['cleo@harbour.test', 'Cleo', 'Marin'], ['dana@harbour.test', 'Dana', 'Weiss']]) {
    people.push(await insula.api('POST', '/api/v1/users', { email, firstName, lastName, password: 'Corr3ct-horse-battery', tenants: [team] }))
  }
  const [ben, cleo] = people
  const group = await insula.api('POST', `${path}/groups`, { name: 'Night shift', description: 'Watches the ships at night', membersId: [ben.id, cleo.id] })
  await insula.api('PUT', `${path}/groups/${group.id}/members/membership/${ben.id}?membership=OWNER`)
  const role = await insula.api('POST', `${path}/roles`, { name: 'Ship watcher', description: 'Sees runs and starts them again', permissions: { FLOW: ['VIEW', 'LIST'], EXECUTION: ['VIEW', 'LIST', 'RESTART', 'ACCESS_LOGS'] } })
  const program = await insula.api('POST', `${path}/service-accounts`, { name: 'deployer', description: 'Brings flows from the repository', groups: [] })
  await insula.api('POST', `${path}/service-accounts/${program.id}/api-tokens`, { name: 'ci', maxAge: 'P90D', extended: true })
  await insula.api('POST', `${path}/bindings/bulk`, [
    { type: 'GROUP', externalId: group.id, roleId: role.id, namespaceId: 'company.ships' },
    { type: 'USER', externalId: ben.id, roleId: 'LAUNCHER', namespaceId: 'company' },
    { type: 'USER', externalId: program.id, roleId: 'DEVELOPER', namespaceId: 'company' },
  ])
  await insula.api('POST', `${path}/invitations`, { email: 'fay@harbour.test', roles: [{ id: 'VIEWER', namespaces: ['company'] }], groups: [group.id] })
  await insula.api('PUT', `${path}/roles/${role.id}`, { name: 'Ship watcher', description: 'Sees runs, starts and ends them', permissions: { FLOW: ['VIEW', 'LIST'], EXECUTION: ['VIEW', 'LIST', 'RESTART', 'KILL', 'ACCESS_LOGS'] } })
}

const open = (name) => async (page) => {
  await page.getByRole('link', { name }).first().click()
  await page.getByRole('heading', { level: 1, name }).waitFor()
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"], .skeleton') === null)
}

export const pages = [
  { name: 'iam-people', path: `/${team}/iam/people` },
  { name: 'iam-person', path: `/${team}/iam/people`, prepare: open('Ben Okafor') },
  { name: 'iam-groups', path: `/${team}/iam/groups`, shot: false },
  { name: 'iam-group', path: `/${team}/iam/groups`, prepare: open('Night shift') },
  { name: 'iam-roles', path: `/${team}/iam/roles` },
  { name: 'iam-role', path: `/${team}/iam/roles`, prepare: open('Ship watcher') },
  { name: 'iam-role-managed', path: `/${team}/iam/roles/VIEWER`, shot: false },
  { name: 'iam-bindings', path: `/${team}/iam/bindings` },
  { name: 'iam-service-accounts', path: `/${team}/iam/service-accounts`, shot: false },
  { name: 'iam-service-account', path: `/${team}/iam/service-accounts`, prepare: open('deployer') },
  { name: 'iam-invitations', path: `/${team}/iam/invitations` },
  {
    name: 'iam-invite', path: `/${team}/iam/invitations`,
    async prepare(page) {
      await page.getByRole('button', { name: 'Invite', exact: true }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'users', path: '/admin/users' },
  { name: 'user', path: '/admin/users', prepare: open('Ben Okafor') },
  { name: 'service-accounts', path: '/admin/service-accounts', shot: false },
  { name: 'audit', path: `/${team}/audit` },
  {
    name: 'audit-entry', path: `/${team}/audit?type=UPDATE&resource=ROLE`,
    async prepare(page) {
      await page.getByRole('row', { name: /Changed/ }).first().click()
      await page.getByRole('dialog').getByText('Whole text').or(page.getByRole('dialog').locator('.diff')).first().waitFor()
    },
  },
  { name: 'instance-audit', path: '/admin/audit' },
]
