// Two people in two tenants in two browsers at once: neither sees a trace of the other. Nor does the next one in the same browser.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { start } from './harness/index.mjs'

let insula
const teams = {}
before(async () => {
  insula = await start()
  for (const [team, name] of [['zebra', 'Zebra Works'], ['quokka', 'Quokka Labs']]) {
    await insula.makeTenant(team, name)
    const user = await insula.makeUser(`ann@${team}.test`, team, 'ADMIN')
    await insula.api('POST', `/api/v1/${team}/flows`, `id: ${team}-flow\nnamespace: company.${team}\nlabels:\n  team: ${team}\ntasks:\n  - id: say-${team}\n    type: io.kestra.plugin.core.log.Log\n    message: ${team} says hello\n`)
    await insula.api('POST', `/api/v1/${team}/executions/company.${team}/${team}-flow?wait=true`)
    teams[team] = user
  }
})
after(() => insula.stop())

/** Everything a person could find of others on this page. */
const traces = (page) => page.evaluate(() => [document.title, document.body.innerText, ...[...document.querySelectorAll('input, [title], [aria-label]')].map((one) => `${one.value ?? ''} ${one.title ?? ''} ${one.getAttribute('aria-label') ?? ''}`), JSON.stringify(Object.entries(localStorage)), JSON.stringify(Object.entries(sessionStorage))].join('\n'))

async function walk(team, other) {
  const person = await insula.signedIn(teams[team], `/${team}/settings`)
  const { page } = person
  const links = await page.locator('aside nav a').evaluateAll((all) => all.map((one) => new URL(one.href).pathname.replace('/ui', '')))
  for (const link of links) {
    assert.ok(link.startsWith(`/${team}/`), link)
    await person.go(link)
    assert.doesNotMatch(await traces(page), other, link)
  }
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Search' }).fill(other.source.slice(0, 4))
  await page.waitForFunction(() => document.querySelector('[role="dialog"] .spinner') === null)
  assert.equal(await page.getByRole('option').filter({ hasText: other }).count(), 0)
  await page.keyboard.press('Escape')
  return person
}

test('side by side', async () => {
  const people = await Promise.all([walk('zebra', /quokka/i), walk('quokka', /zebra/i)])
  for (const person of people) await person.close()
})

test('the address of the other tenant is a 404 like any that does not exist', async () => {
  const person = await insula.signedIn(teams.zebra, '/quokka/settings')
  await person.page.getByText('There is no tenant “quokka”').waitFor()
  assert.doesNotMatch(await person.page.title(), /quokka/i)
  await person.close()
})

test('one after the other in the same browser', async () => {
  const first = await walk('zebra', /quokka/i)
  const { page } = first
  await page.getByRole('button', { name: /account and settings/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByText('You are signed out').waitFor()
  assert.doesNotMatch(await traces(page), /zebra/i)
  await page.getByLabel('E-mail address').fill(teams.quokka.email)
  await page.locator('input[autocomplete="current-password"]').fill(teams.quokka.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('**/ui/quokka/**')
  await first.settled()
  assert.doesNotMatch(await traces(page), /zebra/i)
  await first.close()
})

test('who signs out in one tab is signed out in the others', async () => {
  const person = await insula.signedIn(teams.zebra, '/zebra/settings')
  const other = await person.context.newPage()
  await other.goto('/ui/zebra/account')
  await other.getByRole('heading', { name: 'Account' }).waitFor()
  await person.page.getByRole('button', { name: /account and settings/ }).click()
  await person.page.getByRole('menuitem', { name: 'Sign out' }).click()
  await other.waitForURL('**/ui/login**')
  assert.doesNotMatch(await traces(other), /zebra/i)
  await person.close()
})
