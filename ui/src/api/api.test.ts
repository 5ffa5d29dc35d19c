import { beforeEach, describe, expect, it, vi } from 'vitest'
import { api, ApiError, filterQuery, fillPath, onSessionEnd, setApiTenant, urlOf } from '.'
import { reconnectPause } from './live'
import { problemOf } from './problem'
import { EventParser } from './sse'

function answer(status: number, body: string, headers: Record<string, string> = {}): void {
  vi.stubGlobal('fetch', vi.fn(async () => new Response(status === 204 ? null : body, { status, headers })))
}
const asked = (): [string, RequestInit] => vi.mocked(fetch).mock.calls[0] as [string, RequestInit]

beforeEach(() => {
  document.cookie = 'csrfToken=abc; path=/'
  setApiTenant('alpha')
})

describe('a request', () => {
  it('goes to the tenant of the page with the token of the session', async () => {
    answer(200, '["a"]', { 'Content-Type': 'application/json' })
    expect(await api.get('/api/v1/{tenant}/flows/distinct-namespaces')).toEqual(['a'])
    expect(asked()[0]).toBe('/api/v1/alpha/flows/distinct-namespaces')
    answer(204, '')
    await api.delete('/api/v1/tenants/{id}', { path: { id: 'a/b' } })
    expect(asked()[0]).toBe('/api/v1/tenants/a%2Fb')
    expect(new Headers(asked()[1].headers).get('X-CSRF-TOKEN')).toBe('abc')
  })
  it('is not sent without a session, or the browser would ask for a password itself', async () => {
    document.cookie = 'csrfToken=; path=/; max-age=0'
    answer(200, '{}')
    const ended = vi.fn()
    const stop = onSessionEnd(ended)
    await expect(api.get('/api/v1/me')).rejects.toMatchObject({ status: 401, code: 'session-ended' })
    expect(fetch).not.toHaveBeenCalled()
    expect(ended).toHaveBeenCalledOnce()
    stop()
  })
  it('that fails says what, where and why', async () => {
    answer(422, JSON.stringify({ message: 'Invalid entity: tenant.name: must not be empty', _embedded: { errors: [{ path: 'tenant.name', message: 'tenant.name: must not be empty' }] } }), { 'X-Error-Code': 'tenant-invalid' })
    const error: ApiError = await api.post('/api/v1/tenants', { body: { id: 'x', name: '' } }).catch((caught: unknown) => caught as ApiError) as ApiError
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status: 422, code: 'tenant-invalid', kind: 'invalid' })
    expect(error.of('name')).toBe('must not be empty')
  })
  it('that does not arrive is told as such', async () => {
    vi.stubGlobal('fetch', vi.fn(async () => { throw new TypeError('network') }))
    await expect(api.get('/api/v1/me')).rejects.toMatchObject({ kind: 'offline' })
  })
  it('never has a hole in its path', () => {
    expect(() => fillPath('/api/v1/{tenant}/flows/{flow}', { flow: '' })).toThrow('flow is empty')
  })
})

it('problems of bulk actions name each thing that is wrong', () => {
  expect(problemOf(400, 'bulk-invalid', { message: 'invalid bulk kill', invalids: [{ message: 'execution not found', invalidValue: 'abc' }] }).violations).toEqual([{ path: 'abc', message: 'execution not found' }])
  expect(problemOf(500, '', 'no json').kind).toBe('other')
})

it('filters are written as the server reads them', () => {
  expect(filterQuery([['state', 'IN', ['FAILED', 'KILLED']], ['labels', 'EQUALS', 'data', 'team'], ['q', 'EQUALS', ''], ['flowId', 'IN', []]]))
    .toEqual({ 'filters[state][IN]': 'FAILED,KILLED', 'filters[labels][EQUALS][team]': 'data' })
  expect(urlOf('/x', { a: undefined, b: ['1', '2'], c: false })).toBe('/x?b=1&b=2&c=false')
})

describe('server-sent events', () => {
  it('come out whole, however the chunks fall', () => {
    const text = 'id: progress\r\ndata: {"a":\r\ndata: 1}\r\n\r\n: comment\n\nid: end\ndata: x\n\n'
    const whole = new EventParser().push(text)
    expect(whole).toEqual([{ id: 'progress', event: '', data: '{"a":\n1}' }, { id: 'end', event: '', data: 'x' }])
    const parser = new EventParser()
    expect([...text].flatMap((char) => parser.push(char))).toEqual(whole)
  })
  it('are asked for again with growing pauses, up to a limit', () => {
    expect(reconnectPause(1, 1)).toBe(500)
    expect(reconnectPause(3, 0)).toBe(1_000)
    expect(reconnectPause(50, 1)).toBe(15_000)
  })
})
