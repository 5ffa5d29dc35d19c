import { describe, expect, it } from 'vitest'
import { blocksOf, spansOf } from './markdown'

describe('Markdown of documentation', () => {
  it('becomes blocks, without its front matter', () => {
    const blocks = blocksOf('---\ntitle: x\n---\n\n# Log\n\nWrites\na line.\n\n* **Type:** `string`\n* two\n\n```yaml\na: 1\n```\n')
    expect(blocks.map(({ kind }) => kind)).toEqual(['heading', 'text', 'list', 'code'])
    expect(blocks[1]).toEqual({ kind: 'text', spans: [{ kind: 'text', text: 'Writes a line.' }] })
    expect(blocks[3]).toEqual({ kind: 'code', language: 'yaml', text: 'a: 1' })
  })

  it('has links to the web only', () => {
    expect(spansOf('[a](https://x.y) [b](javascript:alert(1)')).toEqual([{ kind: 'link', text: 'a', href: 'https://x.y' }, { kind: 'text', text: ' ' }, { kind: 'text', text: 'b' }])
  })
})
