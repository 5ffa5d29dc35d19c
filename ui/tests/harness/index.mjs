// What a file of tests begins with: `const insula = await start()`, and `after(insula.stop)`.
import assert from 'node:assert/strict'
import { admin, startServer } from './server.mjs'
import { openBrowser, openPerson } from './browser.mjs'

export { admin, binary } from './server.mjs'

export async function start(options = {}) {
  const server = await startServer(options)
  const browser = await openBrowser()
  const people = []

  /** A request as somebody, without a browser; JSON in and out. */
  async function api(method, path, body, as = admin) {
    const isText = typeof body === 'string'
    const headers = { Authorization: `Basic ${btoa(`${as.email}:${as.password}`)}`, ...(body === undefined ? {} : { 'Content-Type': isText ? 'application/x-yaml' : 'application/json' }) }
    const answer = await fetch(server.address + path, { method, headers, body: body === undefined || isText ? body : JSON.stringify(body) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text !== '' && (answer.headers.get('Content-Type') ?? '').includes('json') ? JSON.parse(text) : text
  }

  /** A tenant; the administrator of the instance is Admin in it unless `mine` is false. */
  async function makeTenant(id, name, { mine = true, ...rest } = {}) {
    await api('POST', '/api/v1/tenants', { id, name, ...rest })
    if (!mine) return
    const me = await api('GET', '/api/v1/me')
    await api('POST', `/api/v1/${id}/bindings`, { type: 'USER', externalId: me.id, roleId: 'ADMIN' })
  }

  /** A user with a role in a tenant (ADMIN, DEVELOPER, EDITOR, LAUNCHER, VIEWER). */
  async function makeUser(email, tenant, roleId, namespaceId) {
    const password = 'Corr3ct-horse-battery'
    const { id } = await api('POST', '/api/v1/users', { email, password })
    if (tenant !== undefined) await api('POST', `/api/v1/${tenant}/bindings`, { type: 'USER', externalId: id, roleId, ...(namespaceId === undefined ? {} : { namespaceId }) })
    return { id, email, password }
  }

  return {
    ...server,
    api,
    makeTenant,
    makeUser,
    async person(settings) {
      const person = await openPerson(browser, server.base, settings)
      people.push(person)
      return person
    },
    /** Signed in and on a page. */
    async signedIn(user = admin, path = '/', settings = {}) {
      const person = await this.person(settings)
      await person.signIn(user)
      await person.go(path)
      return person
    },
    async stop() {
      await browser.close()
      await server.stop()
      assert.deepEqual(people.flatMap(({ complaints }) => complaints), [], 'the console has nothing to say')
    },
  }
}
