// A server of its own for each file of tests: own data, own port. The pages come from it, or with INSULA_UI_DEV=1 from `vite preview` in front of it.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { preview } from 'vite'

const ui = join(import.meta.dirname, '../..')
export const binary = process.env.INSULA_BINARY ?? join(ui, '../build/release/insula')
export const admin = { email: 'admin@insula.test', password: 'Corr3ct-horse-admin' }
const startMs = 60_000

/** `isNew`: nobody is there yet, the setup page waits. */
export async function startServer({ isNew = false, settings = '' } = {}) {
  const data = await mkdtemp(join(tmpdir(), 'insula-ui-'))
  const config = join(data, 'insula.yml')
  await writeFile(config, `insula:\n  setup: ${isNew}\n${settings}`)
  const env = { ...process.env, INSULA_NO_QUESTIONS: '1', ...(isNew ? {} : { INSULA_ADMIN_EMAIL: admin.email, INSULA_ADMIN_PASSWORD: admin.password }) }
  const child = spawn(binary, ['server', 'standalone', '--port', '0', '--data', join(data, 'data'), '--config', config], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const address = await listening(child)
  const pages = process.env.INSULA_UI_DEV === undefined ? undefined : await startPreview(address)
  return {
    address,
    base: pages?.address ?? address,
    async stop() {
      await pages?.stop()
      child.kill('SIGTERM')
      await new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve()))
      await rm(data, { recursive: true, force: true })
    },
  }
}

function listening(child) {
  return new Promise((resolve, reject) => {
    let log = ''
    const timer = setTimeout(() => reject(new Error(`the server did not start:\n${log}`)), startMs)
    const read = (chunk) => {
      log += chunk
      const address = /listening on (http:\/\/\S+)/.exec(log)?.[1]
      if (address === undefined) return
      clearTimeout(timer)
      resolve(address)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${log}`)))
  })
}

async function startPreview(address) {
  process.env.INSULA_SERVER = address
  const outDir = process.env.INSULA_UI_DIST ?? join(ui, 'dist')
  const server = await preview({ root: ui, configFile: join(ui, 'vite.config.ts'), logLevel: 'error', build: { outDir }, preview: { port: 0, host: '127.0.0.1' } })
  return { address: `http://127.0.0.1:${server.httpServer.address().port}`, stop: () => server.close() }
}
