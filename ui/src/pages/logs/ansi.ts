// Colours of terminals (ECMA-48 SGR) as pieces of text with a style. Everything else that such text may order is dropped; nothing becomes HTML.

export interface AnsiPiece {
  text: string
  /** Classes: `bold dim italic underline fg-1 bg-4`; absent for plain text. */
  classes?: string
  /** A colour that is none of the sixteen; shown as light or dark as the theme needs. */
  colour?: string
}

interface Style {
  bold: boolean
  dim: boolean
  italic: boolean
  underline: boolean
  inverse: boolean
  fg: string
  bg: string
  own: string
}

const plain: Style = { bold: false, dim: false, italic: false, underline: false, inverse: false, fg: '', bg: '', own: '' }
// CSI … final byte; OSC … BEL or ST; other two-byte escapes; remaining control characters except tab and line ends.
const escape = /\u001b\[([0-9;:]*)([ -/]*[@-~])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[@-Z\\-_]|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g

export function hasAnsi(text: string): boolean {
  return text.includes('\u001b')
}

function cube(index: number): string {
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10
    return `rgb(${grey} ${grey} ${grey})`
  }
  const part = (n: number): number => n === 0 ? 0 : 55 + n * 40
  const at = index - 16
  return `rgb(${part(Math.floor(at / 36))} ${part(Math.floor(at / 6) % 6)} ${part(at % 6)})`
}

/** Reads `38;5;n` and `38;2;r;g;b`; answers how many numbers it took. */
function extended(codes: readonly number[], at: number, set: (index: string, own: string) => void): number {
  if (codes[at + 1] === 5) {
    const index = codes[at + 2] ?? -1
    if (index >= 0 && index < 16) set(String(index), '')
    else if (index >= 16 && index <= 255) set('', cube(index))
    return 2
  }
  if (codes[at + 1] === 2) {
    const rgb = [codes[at + 2], codes[at + 3], codes[at + 4]]
    if (rgb.every((one): one is number => one !== undefined && one >= 0 && one <= 255)) set('', `rgb(${rgb.join(' ')})`)
    return 4
  }
  return 0
}

function apply(style: Style, parameters: string): Style {
  const codes = parameters === '' ? [0] : parameters.split(/[;:]/).map((code) => code === '' ? 0 : Number(code))
  let next = { ...style }
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0
    if (code === 0) next = { ...plain }
    else if (code === 1) next.bold = true
    else if (code === 2) next.dim = true
    else if (code === 3) next.italic = true
    else if (code === 4) next.underline = true
    else if (code === 7) next.inverse = true
    else if (code === 22) { next.bold = false; next.dim = false }
    else if (code === 23) next.italic = false
    else if (code === 24) next.underline = false
    else if (code === 27) next.inverse = false
    else if (code >= 30 && code <= 37) { next.fg = String(code - 30); next.own = '' }
    else if (code >= 90 && code <= 97) { next.fg = String(code - 82); next.own = '' }
    else if (code === 39) { next.fg = ''; next.own = '' }
    else if (code >= 40 && code <= 47) next.bg = String(code - 40)
    else if (code >= 100 && code <= 107) next.bg = String(code - 92)
    else if (code === 49) next.bg = ''
    else if (code === 38) at += extended(codes, at, (index, own) => { next.fg = index; next.own = own })
    else if (code === 48) at += extended(codes, at, (index) => { next.bg = index })
  }
  return next
}

function piece(text: string, style: Style): AnsiPiece {
  const fg = style.inverse ? style.bg : style.fg
  const bg = style.inverse ? (style.fg === '' ? 'none' : style.fg) : style.bg
  const classes = [style.bold && 'bold', style.dim && 'dim', style.italic && 'italic', style.underline && 'underline', fg !== '' && `fg-${fg}`, bg !== '' && `bg-${bg}`].filter(Boolean).join(' ')
  return { text, ...(classes === '' ? {} : { classes }), ...(style.own === '' || style.inverse ? {} : { colour: style.own }) }
}

export function ansiPieces(source: string): AnsiPiece[] {
  const out: AnsiPiece[] = []
  let style = plain
  let at = 0
  for (const match of source.matchAll(escape)) {
    if (match.index > at) out.push(piece(source.slice(at, match.index), style))
    at = match.index + match[0].length
    if (match[2] === 'm') style = apply(style, match[1] ?? '')
  }
  if (at < source.length) out.push(piece(source.slice(at), style))
  return out
}

export function withoutAnsi(source: string): string {
  return source.replace(escape, '')
}
