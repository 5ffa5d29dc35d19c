// What the first look costs, and how fast one gets from page to page.
import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { after, before, test } from 'node:test'
import { start } from './harness/index.mjs'

const firstLoadMax = 250_000
const routeChangeMaxMs = 100

let insula
before(async () => {
  insula = await start()
})
after(() => insula.stop())

test('the first load is less than 250 KB of compressed JavaScript', async () => {
  const person = await insula.signedIn()
  const scripts = await person.page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => /\.js(\?|$)/.test(name)))
  let bytes = 0
  for (const script of scripts) bytes += gzipSync(Buffer.from(await (await fetch(script)).arrayBuffer())).length
  console.log(`first load: ${scripts.length} scripts, ${bytes} bytes`)
  assert.ok(scripts.length > 0 && bytes < firstLoadMax, `${bytes} bytes`)
  await person.close()
})

// Time of the page's own thread, so that whatever else the machine does is not counted.
test('a page that was loaded once comes in less than 100 ms', async () => {
  const person = await insula.signedIn()
  const { page } = person
  await person.go('/main/settings')
  const session = await person.context.newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const spent = async () => (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value * 1_000
  const change = async (path, heading) => {
    const before = await spent()
    await page.evaluate(([to, text]) => new Promise((resolve) => {
      const look = () => requestAnimationFrame(document.querySelector('h1')?.textContent === text ? resolve : look)
      history.pushState({}, '', to)
      dispatchEvent(new PopStateEvent('popstate', { state: history.state }))
      look()
    }), [path, heading])
    return await spent() - before
  }
  const times = []
  for (let round = 0; round < 4; round += 1) times.push(await change('/ui/main/account', 'Account'), await change('/ui/main/settings', 'Settings'))
  const warm = times.slice(2)
  console.log(`route change: ${warm.map((ms) => Math.round(ms)).join(', ')} ms`)
  assert.ok(Math.max(...warm) < routeChangeMaxMs, `${warm}`)
  await person.close()
})
