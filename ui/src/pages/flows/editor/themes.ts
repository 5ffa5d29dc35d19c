// The colours of the design tokens for Monaco, which wants hexadecimal ones.
import type * as Monaco from 'monaco-editor/editor/editor.api.js'

let brush: CanvasRenderingContext2D | null | undefined

/** The colour of a token as `#rrggbb(aa)`; a pixel of it says what it is, however it is written. */
function hexOf(token: string): string {
  brush ??= Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true })
  const written = getComputedStyle(document.documentElement).getPropertyValue(token).trim()
  if (!brush || written === '') return '#808080'
  brush.clearRect(0, 0, 1, 1)
  brush.fillStyle = written
  brush.fillRect(0, 0, 1, 1)
  return `#${[...brush.getImageData(0, 0, 1, 1).data].map((part) => part.toString(16).padStart(2, '0')).join('')}`
}

/** Reads the tokens of the theme that the page has now. */
export function defineThemes(monaco: typeof Monaco): void {
  const isDark = document.documentElement.dataset.theme === 'dark'
  const word = (token: string): string => hexOf(token).slice(1, 7)
  monaco.editor.defineTheme('insula', {
    base: isDark ? 'vs-dark' : 'vs', inherit: true,
    rules: [
      { token: 'type.yaml', foreground: word('--syntax-key') }, { token: 'string.yaml', foreground: word('--syntax-string') }, { token: 'number', foreground: word('--syntax-number') },
      { token: 'keyword.yaml', foreground: word('--syntax-keyword') }, { token: 'comment', foreground: word('--syntax-comment'), fontStyle: 'italic' }, { token: 'operators.yaml', foreground: word('--ink-faint') },
    ],
    colors: {
      'editor.background': hexOf('--surface'), 'editor.foreground': hexOf('--ink'), 'editorLineNumber.foreground': hexOf('--ink-faint'), 'editorLineNumber.activeForeground': hexOf('--ink'),
      'editor.lineHighlightBackground': hexOf('--sunken'), 'editor.lineHighlightBorder': '#00000000', 'editorIndentGuide.background1': hexOf('--line'), 'editorCursor.foreground': hexOf('--accent'),
      'editorWidget.background': hexOf('--raised'), 'editorWidget.border': hexOf('--line-strong'), 'editorSuggestWidget.background': hexOf('--raised'), 'editorSuggestWidget.border': hexOf('--line-strong'),
      'editorSuggestWidget.selectedBackground': hexOf('--accent-soft'), 'editorSuggestWidget.selectedForeground': hexOf('--ink'), 'editorSuggestWidget.highlightForeground': hexOf('--accent-ink'), 'editorSuggestWidget.focusHighlightForeground': hexOf('--accent-ink'),
      'editorHoverWidget.background': hexOf('--raised'), 'editorHoverWidget.border': hexOf('--line-strong'), 'editorError.foreground': hexOf('--tone-bad-solid'), 'editorWarning.foreground': hexOf('--tone-warn-solid'),
      'editorInfo.foreground': hexOf('--tone-live-solid'), 'focusBorder': hexOf('--focus'), 'diffEditor.insertedTextBackground': `${hexOf('--tone-good-solid').slice(0, 7)}33`, 'diffEditor.removedTextBackground': `${hexOf('--tone-bad-solid').slice(0, 7)}33`,
    },
  })
  monaco.editor.setTheme('insula')
}
