// One request: session cookie, CSRF token, body and answer by content type, errors as ApiError.
import { ApiError, isAbort, problemOf } from './problem'

export type Query = Record<string, string | number | boolean | null | undefined | readonly (string | number)[]>
export type Body = undefined | null | object | string | Blob | FormData

export interface Request {
  method: string
  url: string
  query?: Query
  body?: Body
  /** Of a text body; JSON, forms and blobs name theirs. */
  contentType?: string
  accept?: string
  signal?: AbortSignal
  /** May be asked without a session. */
  open?: boolean
}

export interface Answer<T> {
  data: T
  headers: Headers
  status: number
}

type Listener = () => void
const sessionEndListeners = new Set<Listener>()

/** Tells when the server, or the browser, no longer knows the session. */
export function onSessionEnd(listener: Listener): () => void {
  sessionEndListeners.add(listener)
  return () => sessionEndListeners.delete(listener)
}

export function readCookie(name: string): string {
  for (const part of document.cookie.split('; ')) {
    const at = part.indexOf('=')
    if (part.slice(0, at) === name) return decodeURIComponent(part.slice(at + 1))
  }
  return ''
}

/** The cookie is newer than the page when somebody signed in after it was loaded. */
export function csrfToken(): string {
  return readCookie('csrfToken') || (document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? '')
}

/** Without a session no request that needs one is sent: the answer would make the browser open its own sign-in dialogue. */
export function hasSession(): boolean {
  return readCookie('csrfToken') !== ''
}

export function urlOf(url: string, query?: Query): string {
  const parameters = new URLSearchParams()
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null || value === '') continue
    for (const one of Array.isArray(value) ? value : [value]) parameters.append(key, String(one))
  }
  const text = parameters.toString()
  return text === '' ? url : `${url}?${text}`
}

function endSession(): ApiError {
  for (const listener of sessionEndListeners) listener()
  return new ApiError(401, 'session-ended', '')
}

function headersOf(request: Request): Headers {
  const headers = new Headers()
  headers.set('Accept', request.accept ?? 'application/json, text/plain;q=0.9, */*;q=0.5')
  if (request.method !== 'GET' && request.method !== 'HEAD') headers.set('X-CSRF-TOKEN', csrfToken())
  if (typeof request.body === 'string') headers.set('Content-Type', request.contentType ?? 'text/plain')
  else if (request.body instanceof Blob && request.contentType !== undefined) headers.set('Content-Type', request.contentType)
  else if (isJson(request.body)) headers.set('Content-Type', 'application/json')
  return headers
}

function isJson(body: Body): body is object {
  return body !== undefined && body !== null && typeof body !== 'string' && !(body instanceof Blob) && !(body instanceof FormData)
}

async function failureOf(request: Request, response: Response): Promise<ApiError> {
  const code = response.headers.get('X-Error-Code') ?? ''
  let body: unknown
  try {
    body = await response.json()
  } catch {
    body = undefined
  }
  if (response.status === 401 && request.open !== true) return endSession()
  return problemOf(response.status, code, body)
}

/** The response of a request that went well; everything else is thrown as ApiError (an abort as it is). */
export async function send(request: Request): Promise<Response> {
  if (request.open !== true && !hasSession()) throw endSession()
  let response: Response
  try {
    response = await fetch(urlOf(request.url, request.query), {
      method: request.method,
      headers: headersOf(request),
      body: isJson(request.body) ? JSON.stringify(request.body) : (request.body ?? null),
      signal: request.signal ?? null,
      credentials: 'same-origin',
      cache: 'no-store',
    })
  } catch (error) {
    if (isAbort(error)) throw error
    throw new ApiError(0, 'offline', '')
  }
  if (!response.ok) throw await failureOf(request, response)
  return response
}

export async function read<T>(response: Response): Promise<Answer<T>> {
  const type = response.headers.get('Content-Type') ?? ''
  const text = await response.text()
  const data: unknown = text === '' ? undefined : type.includes('json') ? JSON.parse(text) : text
  return { data: data as T, headers: response.headers, status: response.status }
}
