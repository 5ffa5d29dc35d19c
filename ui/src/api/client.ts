// The API with the types of ui/api: `api.get('/api/v1/{tenant}/flows/search', { query: { page: 1 } })`.
// `{tenant}` is the tenant of the page unless a call names another.
import type { components, paths } from './schema'
import type { Answer, Body, Query } from './http'
import { read, send } from './http'

export type Schemas = components['schemas']

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
type PathsWith<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, object> ? P : never }[keyof paths]
type Operation<P extends keyof paths, M extends Method> = M extends keyof paths[P] ? paths[P][M] : never

type Names<P extends string> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never
type Named<P extends string> = Exclude<Names<P>, 'tenant'>
type PathPart<P extends string> = [Named<P>] extends [never] ? { path?: { tenant?: string } } : { path: Record<Named<P>, string> & { tenant?: string } }

type ContentOf<B> = B extends { content: infer C } ? C : never
type BodyPart<O> = O extends { requestBody: infer B }
  ? ContentOf<B> extends { 'application/json': infer J } ? { body: J } : { body: string | Blob | FormData }
  : O extends { requestBody?: infer B }
    ? ContentOf<NonNullable<B>> extends { 'application/json': infer J } ? { body?: J } : { body?: Body }
    : { body?: undefined }
type QueryPart<O> = O extends { parameters: { query?: infer Q } }
  ? { query?: (Q extends object ? Q : Record<never, never>) & Filters }
  : { query?: Filters }

/** Filters of lists: `{'filters[namespace][PREFIX]': 'company'}`; filterQuery() writes them. */
export type Filters = Record<`filters[${string}`, string | number | boolean | undefined>

type Success<R> = R extends { 200: infer A } ? A : R extends { 201: infer A } ? A : R extends { 202: infer A } ? A : undefined
export type AnswerOf<O> = O extends { responses: infer R }
  ? Success<R> extends { content: infer C }
    ? C extends { 'application/json': infer J } ? J : C extends { 'text/plain': infer T } ? T : C extends Record<string, infer A> ? A : undefined
    : undefined
  : undefined

interface Options {
  signal?: AbortSignal
  contentType?: string
  accept?: string
}
export type CallOptions<P extends keyof paths, M extends Method> = Options & PathPart<P & string> & QueryPart<Operation<P, M>> & BodyPart<Operation<P, M>>
type Rest<O> = Record<never, never> extends O ? [options?: O] : [options: O]

interface LooseOptions extends Options {
  path?: Record<string, string | undefined>
  query?: Query
  body?: Body
}

let currentTenant = ''
/** Set by the router: the tenant that `{tenant}` stands for. */
export function setApiTenant(id: string): void {
  currentTenant = id
}

const open = new Set(['/api/v1/auths', '/api/v1/login', '/api/v1/setup', '/api/v1/configs/login', '/api/v1/validate-password', '/api/v1/forgotten-password',
  '/api/v1/reset-password', '/api/v1/invitation/create/{invitationId}'])

export function fillPath(pattern: string, path: Record<string, string | undefined> = {}): string {
  return pattern.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = path[name] ?? (name === 'tenant' ? currentTenant : '')
    if (value === '') throw new Error(`${pattern}: ${name} is empty`)
    return encodeURIComponent(value)
  })
}

function respond(method: string, pattern: string, options: LooseOptions): Promise<Response> {
  const { path, ...rest } = options
  return send({ method: method.toUpperCase(), url: fillPath(pattern, path), open: open.has(pattern), ...rest })
}

async function ask<T>(method: string, pattern: string, options: LooseOptions = {}): Promise<Answer<T>> {
  return read<T>(await respond(method, pattern, options))
}

export const api = {
  async get<P extends PathsWith<'get'>>(path: P, ...[options]: Rest<CallOptions<P, 'get'>>): Promise<AnswerOf<Operation<P, 'get'>>> {
    return (await ask<AnswerOf<Operation<P, 'get'>>>('get', path, options as LooseOptions)).data
  },
  async post<P extends PathsWith<'post'>>(path: P, ...[options]: Rest<CallOptions<P, 'post'>>): Promise<AnswerOf<Operation<P, 'post'>>> {
    return (await ask<AnswerOf<Operation<P, 'post'>>>('post', path, options as LooseOptions)).data
  },
  async put<P extends PathsWith<'put'>>(path: P, ...[options]: Rest<CallOptions<P, 'put'>>): Promise<AnswerOf<Operation<P, 'put'>>> {
    return (await ask<AnswerOf<Operation<P, 'put'>>>('put', path, options as LooseOptions)).data
  },
  async patch<P extends PathsWith<'patch'>>(path: P, ...[options]: Rest<CallOptions<P, 'patch'>>): Promise<AnswerOf<Operation<P, 'patch'>>> {
    return (await ask<AnswerOf<Operation<P, 'patch'>>>('patch', path, options as LooseOptions)).data
  },
  async delete<P extends PathsWith<'delete'>>(path: P, ...[options]: Rest<CallOptions<P, 'delete'>>): Promise<AnswerOf<Operation<P, 'delete'>>> {
    return (await ask<AnswerOf<Operation<P, 'delete'>>>('delete', path, options as LooseOptions)).data
  },
  /** Status and headers too, for the few answers that differ by them. */
  async full<M extends Method, P extends PathsWith<M>>(method: M, path: P, ...[options]: Rest<CallOptions<P, M>>): Promise<Answer<AnswerOf<Operation<P, M>>>> {
    return ask<AnswerOf<Operation<P, M>>>(method, path as string, options as LooseOptions)
  },
  /** The bytes of an answer: exports and files. */
  async blob<M extends Method, P extends PathsWith<M>>(method: M, path: P, ...[options]: Rest<CallOptions<P, M>>): Promise<Blob> {
    return (await respond(method, path as string, { accept: '*/*', ...(options as LooseOptions) })).blob()
  },
}

export type FilterOp = 'EQUALS' | 'NOT_EQUALS' | 'GREATER_THAN' | 'LESS_THAN' | 'GREATER_THAN_OR_EQUAL_TO' | 'LESS_THAN_OR_EQUAL_TO' | 'IN' | 'NOT_IN'
  | 'STARTS_WITH' | 'ENDS_WITH' | 'CONTAINS' | 'REGEX' | 'PREFIX'
export type Filter = [field: string, op: FilterOp, value: string | number | boolean | readonly string[] | undefined, key?: string]

/** `filterQuery([['state', 'IN', ['FAILED']], ['labels', 'EQUALS', 'data', 'team']])`: empty values ask for nothing and are left out. */
export function filterQuery(filters: readonly Filter[]): Filters {
  const query: Filters = {}
  for (const [field, op, value, key] of filters) {
    if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) continue
    query[`filters[${field}][${op}]${key === undefined ? '' : `[${key}]`}`] = Array.isArray(value) ? value.join(',') : (value as string | number | boolean)
  }
  return query
}

/** Hands a blob to the browser as a download. */
export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
