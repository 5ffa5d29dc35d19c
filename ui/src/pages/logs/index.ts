// The door to what other rooms show of logs.
export { ansiPieces, hasAnsi, withoutAnsi } from './ansi'
export { LogPages, type LogLine } from './logPages'
export { default as LogText } from './LogText.vue'
export { default as LogView } from './LogView.vue'
export { levels, levelTone, levelOptions } from './levels'
