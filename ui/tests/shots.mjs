// Pictures of the pages for docs/ui/, light and dark: `npm run shots [room or page …]`.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { palettePng } from './harness/png.mjs'
import { startWithPages, viewers } from './harness/pages.mjs'

const out = process.env.INSULA_SHOTS ?? join(import.meta.dirname, '../../docs/ui')
const bytesMax = 120_000
const { insula, pages } = await startWithPages(process.argv.slice(2))
mkdirSync(out, { recursive: true })
for (const [look, settings] of [['light', {}], ['dark', { dark: true }]]) {
  const seen = await viewers(insula, settings)
  for (const page of pages.filter(({ shot, phone }) => shot !== false && phone !== 'only')) {
    const person = await seen.show(page)
    await person.page.waitForTimeout(400)
    const shot = await person.page.screenshot()
    const colours = [128, 64, 32].map((count) => palettePng(shot, count)).find((png) => png.length <= bytesMax)
    if (colours === undefined) throw new Error(`${page.name} is larger than ${bytesMax} bytes`)
    writeFileSync(join(out, `${page.name}-${look}.png`), colours)
    console.log(`${page.name}-${look}.png ${colours.length}`)
  }
  await seen.close()
}
await insula.stop()
