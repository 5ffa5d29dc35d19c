// Chromium and people in it. Each person has a browser of their own, and whatever the console says against a page fails the test at its end.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
// A browser says this of every answer of 400 and more, also of those that a test asks for.
const expected = /Failed to load resource: the server responded with a status of 4\d\d/

export async function openBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args })
}

export async function openPerson(browser, base, { locale = 'en-US', dark = false, viewport = { width: 1280, height: 800 }, timezoneId = 'UTC', ...rest } = {}) {
  const context = await browser.newContext({ baseURL: base, locale, viewport, timezoneId, colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce', ...rest })
  context.setDefaultTimeout(Number(process.env.INSULA_WAIT_MS ?? 60_000))
  const page = await context.newPage()
  const complaints = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !expected.test(message.text())) complaints.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.stack ?? error}`))

  return {
    context,
    page,
    complaints,
    /** Goes to a page of the application and waits until it shows what it has read. */
    async go(path) {
      await page.goto(`/ui${path}`)
      await this.settled()
    },
    async settled() {
      await page.locator('h1').first().waitFor()
      await page.waitForFunction(() => document.querySelector('[aria-busy="true"], .skeleton') === null)
    },
    /** Signed in without the page of the sign-in. */
    async signIn({ email, password }) {
      const answer = await context.request.post('/api/v1/login', { data: { username: email, password } })
      if (!answer.ok()) throw new Error(`signing in as ${email}: ${answer.status()} ${await answer.text()}`)
    },
    /** What axe finds against WCAG 2.1 AA; [] is right. */
    async accessibility() {
      // What fades in has its colours only afterwards.
      await page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== 'running' || one.effect?.getTiming().iterations === Infinity))
      await page.evaluate(axe)
      return page.evaluate(async () => {
        const { violations } = await globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })
        return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 200)} (${failureSummary?.replace(/\s+/g, ' ').slice(0, 200)})`).join(' | ')}`)
      })
    },
    close: () => context.close(),
  }
}
