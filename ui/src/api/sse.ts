// Server-sent events out of chunks of text (WHATWG HTML §9.2.6).

export interface ServerEvent {
  id: string
  event: string
  data: string
}

export class EventParser {
  private rest = ''
  private event: ServerEvent & { lines: string[] } = { id: '', event: '', data: '', lines: [] }

  /** Events that are whole after this chunk. */
  push(chunk: string): ServerEvent[] {
    const events: ServerEvent[] = []
    // A chunk may end between CR and LF; the CR waits for what follows.
    const text = this.rest + chunk
    const end = text.endsWith('\r') ? text.length - 1 : text.length
    const lines = text.slice(0, end).split(/\r\n|\n|\r/)
    this.rest = (lines.pop() ?? '') + text.slice(end)
    for (const line of lines) {
      if (line !== '') this.field(line)
      else if (this.event.lines.length > 0) events.push(this.finish())
    }
    return events
  }

  private field(line: string): void {
    const colon = line.indexOf(':')
    if (colon === 0) return
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'data') this.event.lines.push(value)
    else if (name === 'id') this.event.id = value
    else if (name === 'event') this.event.event = value
  }

  private finish(): ServerEvent {
    const { id, event, lines } = this.event
    this.event = { id: '', event: '', data: '', lines: [] }
    return { id, event, data: lines.join('\n') }
  }
}
