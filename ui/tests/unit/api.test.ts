import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
// eslint-disable-next-line @typescript-eslint/ban-ts-comment
// @ts-ignore: a script without types.
import { description } from '../../scripts/openapi.mjs'

// The names of parameters are ours.
function operationOf(method = '', path = ''): string {
  return `${method.toLowerCase()} ${path.replace(/\{(?!tenant)\w+\}/g, '{}')}`
}

// docs/reference/api.md is generated from the routes of the server, and a test of the server keeps it so.
it('describes only what the server serves', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/reference/api.md'), 'utf8')
  const served = new Set([...page.matchAll(/^\| ([A-Z]+) \| `([^`]+)` \|/gm)].map(([, method, path]) => operationOf(method, path)))
  const { paths } = description() as { paths: Record<string, Record<string, unknown>> }
  const described = Object.entries(paths).flatMap(([path, operations]) => Object.keys(operations).map((method) => operationOf(method, path)))
  expect(served.size).toBeGreaterThan(200)
  expect(described.filter((operation) => !served.has(operation))).toEqual([])
})
