// The door to what components share in behaviour.
export { useNow } from './clock'
export { confirm, question, type Question } from './confirm'
export { handleKey, isMac, shortcuts, shownKeys, useShortcut, type Shortcut } from './shortcuts'
export { pageTitle, useTitle } from './title'
export { useAction, type Action } from './useAction'
export { useAsync, type Async } from './useAsync'
export { useListQuery, type ListQuery } from './useListQuery'
export { useUnsaved } from './useUnsaved'
