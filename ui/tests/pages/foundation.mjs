// Pages that are looked at: by axe in both themes and on a phone (pages.e2e.mjs), and as pictures (shots.mjs). One file per room.
// `phone`: false is not looked at on a phone, 'only' nowhere else.
export async function seed(insula) {
  await insula.makeTenant('analytics', 'Analytics', { concurrency: { limit: 20, behavior: 'QUEUE' }, quotas: [{ duration: 'PT1H', limit: 500, behavior: 'FAIL' }], weight: 3 })
  await insula.makeTenant('logistics', 'Logistics', { concurrency: { limit: 5, behavior: 'QUEUE' } })
  await insula.makeTenant('research', 'Research lab')
  await insula.makeTenant('stage', 'Staging', { mine: false })
  await insula.api('POST', '/api/v1/tenants/research/suspend')
  await insula.api('PATCH', '/api/v1/me', { firstName: 'Ada', lastName: 'Lovelace' })
  await insula.api('POST', '/api/v1/me/api-tokens', { name: 'pipeline', description: 'Deploys from the repository', maxAge: 'P90D', extended: true })
}

export const pages = [
  { name: 'sign-in', path: '/login', open: true },
  { name: 'forgotten-password', path: '/forgotten-password', open: true },
  { name: 'reset-password', path: '/reset-password?token=x', open: true },
  {
    // As a new instance answers; this one is not new any more.
    name: 'setup', path: '/setup', open: true,
    async prepare(page) {
      await page.route('**/api/v1/setup', (route) => route.fulfill({ json: { done: false } }))
      await page.reload()
      await page.getByRole('button', { name: 'Begin' }).waitFor()
      await page.unroute('**/api/v1/setup')
    },
  },
  { name: 'invitation', path: '/invitation/x', open: true },
  { name: 'not-found', path: '/nobody/knows' },
  { name: 'account', path: '/analytics/account' },
  { name: 'settings', path: '/analytics/settings' },
  { name: 'tenants', path: '/admin/tenants' },
  { name: 'tenant', path: '/admin/tenants/analytics' },
  {
    name: 'tenant-delete', path: '/admin/tenants',
    async prepare(page) {
      await page.getByRole('button', { name: 'Actions for Staging' }).click()
      await page.getByRole('menuitem', { name: 'Delete' }).click()
    },
  },
  {
    name: 'tenant-switcher', path: '/logistics/settings',
    async prepare(page) {
      await page.getByRole('button', { name: /switch tenant/ }).first().click()
      await page.getByRole('combobox', { name: 'Find a tenant' }).waitFor()
    },
    phone: false,
  },
  {
    name: 'palette', path: '/logistics/settings',
    async prepare(page) {
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: 'Search' }).fill('a')
    },
  },
  { name: 'menu', path: '/analytics/settings', phone: 'only', prepare: (page) => page.getByRole('button', { name: 'Menu' }).click() },
  { name: 'shortcuts', path: '/logistics/settings', shot: false, prepare: (page) => page.keyboard.press('?') },
]
