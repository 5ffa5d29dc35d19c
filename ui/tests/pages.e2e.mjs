// Every page: WCAG 2.1 AA in both themes, and on a phone nothing beyond its edge.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startWithPages, viewers } from './harness/pages.mjs'

const { insula, pages } = await startWithPages(process.env.INSULA_PAGES?.split(','))
after(() => insula.stop())

const looks = [
  ['light', {}],
  ['dark', { dark: true }],
  ['on a phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
]

for (const [look, settings] of looks) {
  test(look, async (t) => {
    const seen = await viewers(insula, settings)
    for (const page of pages) {
      if (page.phone !== undefined && page.phone !== (settings.isMobile ? 'only' : false)) continue
      await t.test(page.name, async () => {
        const person = await seen.show(page)
        assert.deepEqual(await person.accessibility(), [])
        if (settings.isMobile) {
          const beyond = await person.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
          assert.equal(beyond, 0, 'nothing is wider than the screen')
        }
      })
    }
    await seen.close()
  })
}
