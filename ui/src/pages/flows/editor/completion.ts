// Completion and explanations for the source of a flow: expressions inside of braces, keys and values by the schema elsewhere.
import type * as Monaco from 'monaco-editor/editor/editor.api.js'
import { expressionBefore, proposals, type Proposal, type Vocabulary } from './expressions'
import type { Outline } from './outline'
import { placeOf } from './place'
import { documentationAt, entriesAt, type Schema } from './schema'

/** What an editor knows when it completes. */
export interface Context {
  outline(): Outline
  words: Vocabulary
  schema?: Schema
}

const contexts = new WeakMap<Monaco.editor.ITextModel, Context>()

export function setContext(model: Monaco.editor.ITextModel, context: Context): void {
  contexts.set(model, context)
}

// An expression may begin some lines above.
const linesBack = 20

function textBefore(model: Monaco.editor.ITextModel, { lineNumber, column }: Monaco.IPosition): string {
  return model.getValueInRange({ startLineNumber: Math.max(1, lineNumber - linesBack), startColumn: 1, endLineNumber: lineNumber, endColumn: column })
}

export function registerCompletion(monaco: typeof Monaco): void {
  const { CompletionItemKind, CompletionItemInsertTextRule } = monaco.languages
  const kinds: Record<Proposal['kind'], Monaco.languages.CompletionItemKind> = { name: CompletionItemKind.Variable, function: CompletionItemKind.Function, filter: CompletionItemKind.Operator }

  // As a description the detail is part of what is read aloud; the space keeps it apart from the label.
  const labelOf = (label: string, detail: string | undefined): Monaco.languages.CompletionItemLabel => ({ label, ...(detail !== undefined && { description: ` ${detail}` }) })

  function expressions(context: Context, expression: string, range: Monaco.IRange): Monaco.languages.CompletionItem[] {
    return proposals(expression, context.outline(), context.words).map(({ label, insert, kind, detail, isSnippet }) => ({
      label: labelOf(label, detail), insertText: insert, filterText: label, kind: kinds[kind], range, ...(isSnippet && { insertTextRules: CompletionItemInsertTextRule.InsertAsSnippet }),
    }))
  }

  function keys(model: Monaco.editor.ITextModel, schema: Schema, position: Monaco.IPosition): Monaco.languages.CompletionItem[] {
    const place = placeOf(model.getValue(), position.lineNumber, position.column)
    // Types contain dots, at which a word would end.
    const typed = /[\w.$-]*$/.exec(model.getLineContent(position.lineNumber).slice(0, position.column - 1))?.[0] ?? ''
    const range = { startLineNumber: position.lineNumber, endLineNumber: position.lineNumber, startColumn: position.column - typed.length, endColumn: position.column }
    return entriesAt(schema, place).map(({ label, insert, detail, documentation, isRequired }, i) => ({
      label: labelOf(label, detail), insertText: insert, range, filterText: label, sortText: `${isRequired ? 0 : 1}${String(i).padStart(4, '0')}`,
      kind: place.key === undefined ? CompletionItemKind.Property : place.key === 'type' ? CompletionItemKind.Class : CompletionItemKind.EnumMember,
      ...(documentation !== undefined && { documentation: { value: documentation } }),
      // A list or map goes on with its first line; a key with its value.
      ...(place.key === undefined && { command: { id: 'editor.action.triggerSuggest', title: '' } }),
    }))
  }

  monaco.languages.registerCompletionItemProvider('yaml', {
    triggerCharacters: [' ', '.', '|', '{'],
    provideCompletionItems(model, position) {
      const context = contexts.get(model)
      if (context === undefined) return { suggestions: [] }
      const expression = expressionBefore(textBefore(model, position))
      const word = model.getWordUntilPosition(position)
      const range = { startLineNumber: position.lineNumber, endLineNumber: position.lineNumber, startColumn: word.startColumn, endColumn: word.endColumn }
      if (expression !== undefined) return { suggestions: expressions(context, expression, range) }
      return { suggestions: context.schema === undefined ? [] : keys(model, context.schema, position) }
    },
  })

  monaco.languages.registerHoverProvider('yaml', {
    provideHover(model, position) {
      const schema = contexts.get(model)?.schema
      const line = model.getLineContent(position.lineNumber)
      const key = /^(\s*(?:- +)?)([\w.$-]+)\s*:/.exec(line)
      if (schema === undefined || key === null || position.column > (key[1]?.length ?? 0) + (key[2]?.length ?? 0) + 1) return null
      const text = documentationAt(schema, placeOf(model.getValue(), position.lineNumber, key[0].length + 2))
      return text === undefined ? null : { contents: [{ value: text }] }
    },
  })
}
