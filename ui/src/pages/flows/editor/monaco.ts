// The editor itself, loaded only by pages that edit: the parts of Monaco that YAML needs, its worker, our colours, our completion.
import * as monaco from 'monaco-editor/editor/editor.api.js'
import EditorWorker from 'monaco-editor/editor/editor.worker.js?worker'
import 'monaco-editor/editor/contrib/suggest/browser/suggestController.js'
import 'monaco-editor/features/bracketMatching/register.js'
import 'monaco-editor/features/caretOperations/register.js'
import 'monaco-editor/features/clipboard/register.js'
import 'monaco-editor/features/codeEditor/register.js'
import 'monaco-editor/features/codicon/register.js'
import 'monaco-editor/features/comment/register.js'
import 'monaco-editor/features/contextmenu/register.js'
import 'monaco-editor/features/cursorUndo/register.js'
import 'monaco-editor/features/diffEditor/register.js'
import 'monaco-editor/features/find/register.js'
import 'monaco-editor/features/folding/register.js'
import 'monaco-editor/features/gotoError/register.js'
import 'monaco-editor/features/hover/register.js'
import 'monaco-editor/features/indentation/register.js'
import 'monaco-editor/features/lineSelection/register.js'
import 'monaco-editor/features/linesOperations/register.js'
import 'monaco-editor/features/multicursor/register.js'
import 'monaco-editor/features/smartSelect/register.js'
import 'monaco-editor/features/snippet/register.js'
import 'monaco-editor/features/tokenization/register.js'
import 'monaco-editor/features/wordHighlighter/register.js'
import 'monaco-editor/features/wordOperations/register.js'
import 'monaco-editor/languages/definitions/yaml/register.js'
import { registerCompletion } from './completion'
import { defineThemes } from './themes'

self.MonacoEnvironment = { getWorker: () => new EditorWorker() }
registerCompletion(monaco)
defineThemes(monaco)

export const options: monaco.editor.IStandaloneEditorConstructionOptions = {
  language: 'yaml', automaticLayout: true, fontFamily: 'JetBrains Mono, ui-monospace, monospace', fontSize: 13, lineHeight: 20, fontLigatures: false, minimap: { enabled: false }, scrollBeyondLastLine: false, renderFinalNewline: 'on',
  tabSize: 2, insertSpaces: true, detectIndentation: false, renderLineHighlight: 'line', renderWhitespace: 'selection', smoothScrolling: true, padding: { top: 10, bottom: 10 }, overviewRulerBorder: false,
  wordBasedSuggestions: 'off', quickSuggestions: { other: true, strings: true, comments: false }, suggest: { showWords: false, preview: false }, fixedOverflowWidgets: true, folding: true, lineNumbersMinChars: 3,
  guides: { indentation: true, bracketPairs: false }, formatOnPaste: false, formatOnType: false, bracketPairColorization: { enabled: false }, unicodeHighlight: { ambiguousCharacters: false }, stickyScroll: { enabled: false },
}

export { monaco }
export { setContext, type Context } from './completion'
