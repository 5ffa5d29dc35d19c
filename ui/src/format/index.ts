// Values as people read them. Pure: no clock, no store.
export { formatBytes, formatNumber, formatPercent } from './bytes'
export { hueOf, initialsOf } from './color'
export { formatDuration, isoDuration, parseDuration } from './duration'
export { prettyJson } from './json'
export { executionStates, isEnded, isRunning, isState, states, toneOf, type State, type Tone } from './state'
export { formatClock, formatDay, formatExact, formatInstant, formatRelative, fromLocalInput, toLocalInput, type TimeStyle } from './time'
