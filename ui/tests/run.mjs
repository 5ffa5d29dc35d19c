// Journeys of people through the whole application: `npm run e2e [part of a file name …]`. The last line is for programs.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

const wanted = process.argv.slice(2)
const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.e2e.mjs') && (wanted.length === 0 || wanted.some((part) => name.includes(part))))
  .sort().map((name) => join(import.meta.dirname, name))
const counts = { passed: 0, failed: 0 }
// One after another: each has a server and a browser.
const stream = run({ files, concurrency: 1, timeout: 3_600_000 })
const isLeaf = ({ details, nesting, file, name }) => details?.type !== 'suite' && !(nesting === 0 && name === file)
stream.on('test:pass', (event) => { if (isLeaf(event)) counts.passed += 1 })
stream.on('test:fail', (event) => {
  counts.failed += 1
  process.exitCode = 1
  return event
})
stream.compose(new spec()).pipe(process.stdout)
stream.on('end', () => setImmediate(() => console.log(`ui: ${counts.passed} passed, ${counts.failed} failed`)))
