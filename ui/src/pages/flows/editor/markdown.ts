// The part of Markdown that the documentation of types uses, as blocks; drawn as text and elements, never as HTML.
export type Span = { text: string; kind: 'text' | 'code' | 'strong' } | { text: string; kind: 'link'; href: string }
export type Block =
  | { kind: 'heading'; level: number; spans: Span[] }
  | { kind: 'text'; spans: Span[] }
  | { kind: 'list'; items: Span[][] }
  | { kind: 'code'; language: string; text: string }

const inline = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)/g

export function spansOf(text: string): Span[] {
  const spans: Span[] = []
  let at = 0
  for (const match of text.matchAll(inline)) {
    if (match.index > at) spans.push({ kind: 'text', text: text.slice(at, match.index) })
    const [all, code, strong, label, href = ''] = match
    if (code !== undefined) spans.push({ kind: 'code', text: code })
    else if (strong !== undefined) spans.push({ kind: 'strong', text: strong })
    // Another scheme could run a script.
    else if (/^https?:\/\//.test(href)) spans.push({ kind: 'link', text: label ?? href, href })
    else spans.push({ kind: 'text', text: label ?? all })
    at = match.index + all.length
  }
  if (at < text.length) spans.push({ kind: 'text', text: text.slice(at) })
  return spans
}

export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  const lines = markdown.replace(/^---\n[\s\S]*?\n---\n/, '').split('\n')
  let text: string[] = []
  let items: string[] = []
  function end(): void {
    if (text.length > 0) blocks.push({ kind: 'text', spans: spansOf(text.join(' ')) })
    if (items.length > 0) blocks.push({ kind: 'list', items: items.map(spansOf) })
    text = []
    items = []
  }
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? ''
    const fence = /^```(\w*)/.exec(line)
    const heading = /^(#{1,6}) (.*)/.exec(line)
    const item = /^\s*[*-] (.*)/.exec(line)
    if (fence !== null) {
      end()
      const code: string[] = []
      while (++i < lines.length && !(lines[i] ?? '').startsWith('```')) code.push(lines[i] ?? '')
      blocks.push({ kind: 'code', language: fence[1] ?? '', text: code.join('\n') })
    } else if (heading !== null) {
      end()
      blocks.push({ kind: 'heading', level: heading[1]?.length ?? 1, spans: spansOf(heading[2] ?? '') })
    } else if (item !== null) {
      if (text.length > 0) end()
      items.push(item[1] ?? '')
    } else if (line.trim() === '') end()
    else if (items.length > 0) items[items.length - 1] += ` ${line.trim()}`
    else text.push(line.trim())
  }
  end()
  return blocks
}
