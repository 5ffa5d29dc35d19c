// The door to the server: typed calls, errors, the live connection. Nothing else in the application sends a request.
export { api, filterQuery, fillPath, saveBlob, setApiTenant, type AnswerOf, type Filter, type FilterOp, type Filters, type Schemas } from './client'
export { hasSession, onSessionEnd, urlOf, type Query } from './http'
export { closeAllLive, liveStatus, openLive, type LiveHandle, type LiveSource, type LiveState } from './live'
export { ApiError, asApiError, isAbort, type ProblemKind, type Violation } from './problem'
export type { ServerEvent } from './sse'
