// What went wrong with a request, in a form that a page can act on.

export interface Violation {
  path: string
  message: string
}

export type ProblemKind = 'offline' | 'unauthenticated' | 'forbidden' | 'not-found' | 'conflict' | 'invalid' | 'throttled' | 'unavailable' | 'other'

export class ApiError extends Error {
  readonly status: number
  /** Stable code of the server (docs/reference/errors.md); '' when it named none. */
  readonly code: string
  readonly violations: Violation[]

  constructor(status: number, code: string, message: string, violations: Violation[] = []) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.violations = violations
  }

  get kind(): ProblemKind {
    switch (this.status) {
      case 0: return 'offline'
      case 401: return 'unauthenticated'
      case 403: return 'forbidden'
      case 404: case 410: return 'not-found'
      case 409: return 'conflict'
      case 400: case 413: case 415: case 422: return 'invalid'
      case 429: return 'throttled'
      case 502: case 503: case 504: return 'unavailable'
      default: return 'other'
    }
  }

  /** The violation of a field, by the end of its path: `tenant.name` answers for `name`. */
  of(field: string): string | undefined {
    return this.violations.find(({ path }) => path === field || path.endsWith(`.${field}`))?.message
  }
}

const reasons = /^(Illegal argument|Illegal state|Unprocessable Entity|Invalid entity|Bad Request|Not Found|Forbidden|Unauthorized|Service Unavailable): /

interface ProblemBody {
  message?: unknown
  invalids?: { message?: unknown; invalidValue?: unknown }[]
  _embedded?: { errors?: { message?: unknown; path?: unknown }[] }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The error of an answer: the reason phrase in front of a message says nothing to people and is dropped. */
export function problemOf(status: number, code: string, body: unknown): ApiError {
  const problem: ProblemBody = typeof body === 'object' && body !== null ? body : {}
  const violations: Violation[] = []
  for (const error of problem._embedded?.errors ?? []) {
    const path = text(error.path)
    const message = text(error.message)
    violations.push({ path, message: path !== '' && message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message })
  }
  for (const invalid of problem.invalids ?? []) violations.push({ path: text(invalid.invalidValue), message: text(invalid.message) })
  const message = text(problem.message).replace(reasons, '')
  return new ApiError(status, code, message, violations)
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  return new ApiError(-1, 'client', error instanceof Error ? error.message : String(error))
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}
