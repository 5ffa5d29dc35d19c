// Colours for JSON and YAML that is only shown (the editor has its own). Gives pieces of text, never HTML.

export interface Piece {
  text: string
  kind: '' | 'key' | 'string' | 'number' | 'keyword' | 'comment'
}

const json = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)|\b(true|false|null)\b/g
const yaml = /(#.*$)|^(\s*(?:- )*)([\w.$/-]+)(?=\s*:(?:\s|$))|("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')|(?<=[:\s-])(-?\d+(?:\.\d+)?)(?=\s*$)|(?<=[:\s-])(true|false|null|~)(?=\s*$)/gm

function pieces(source: string, pattern: RegExp, read: (match: RegExpMatchArray) => Piece[]): Piece[] {
  const out: Piece[] = []
  let at = 0
  for (const match of source.matchAll(pattern)) {
    if (match.index > at) out.push({ text: source.slice(at, match.index), kind: '' })
    out.push(...read(match).filter(({ text }) => text !== ''))
    at = match.index + match[0].length
  }
  if (at < source.length) out.push({ text: source.slice(at), kind: '' })
  return out
}

export function highlight(source: string, language: string): Piece[] {
  if (language === 'json') {
    return pieces(source, json, ([all, text, colon, number]) => {
      if (text !== undefined) return colon === undefined ? [{ text, kind: 'string' }] : [{ text, kind: 'key' }, { text: colon, kind: '' }]
      return [{ text: all, kind: number === undefined ? 'keyword' : 'number' }]
    })
  }
  if (language === 'yaml') {
    return pieces(source, yaml, ([all, comment, indent, key, text, number]) => {
      if (comment !== undefined) return [{ text: all, kind: 'comment' }]
      if (key !== undefined) return [{ text: indent ?? '', kind: '' }, { text: key, kind: 'key' }]
      if (text !== undefined) return [{ text: all, kind: 'string' }]
      return [{ text: all, kind: number === undefined ? 'keyword' : 'number' }]
    })
  }
  return [{ text: source, kind: '' }]
}
