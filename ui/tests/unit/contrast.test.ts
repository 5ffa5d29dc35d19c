import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

// WCAG 2.1 contrast of the tokens, in both themes and for every hue that a tenant can have.
type Tokens = Map<string, string>
const css = readFileSync(join(import.meta.dirname, '../../src/design/tokens.css'), 'utf8')

function tokensOf(block: string): Tokens {
  return new Map([...block.matchAll(/--([\w-]+):\s*(oklch\([^;]*\));/g)].map(([, name, value]) => [name ?? '', value ?? '']))
}
const light = tokensOf(css.slice(css.indexOf(':root {'), css.indexOf(':root[data-theme')))
const dark = new Map([...light, ...tokensOf(css.slice(css.indexOf(':root[data-theme')))])

// OKLCH to linear sRGB, cut off to what a screen can show (Björn Ottosson's matrices).
function linear(color: string, hue: number): number[] {
  const [l = 0, c = 0, h = 0] = color.replace('var(--accent-hue)', String(hue)).replace(/oklch\(|\)|\/.*/g, '').trim().split(/\s+/).map(Number)
  const a = c * Math.cos((h * Math.PI) / 180)
  const b = c * Math.sin((h * Math.PI) / 180)
  const [x, y, z] = [l + 0.3963377774 * a + 0.2158037573 * b, l - 0.1055613458 * a - 0.0638541728 * b, l - 0.0894841775 * a - 1.291485548 * b].map((v) => v ** 3) as [number, number, number]
  return [4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z, -1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z, -0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z].map((v) => Math.min(1, Math.max(0, v)))
}
function luminance(color: string, hue: number): number {
  const [r = 0, g = 0, b = 0] = linear(color, hue)
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function contrast(one: string, other: string, hue: number): number {
  const [a, b] = [luminance(one, hue), luminance(other, hue)]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

const grounds = ['canvas', 'surface', 'raised', 'sunken', 'hover']
const texts: [string, string[]][] = [
  ['ink', [...grounds, 'pressed', 'accent-soft']], ['ink-soft', [...grounds, 'accent-soft', 'pressed']], ['ink-faint', grounds],
  ['accent-ink', [...grounds, 'accent-soft']], ['on-accent', ['accent', 'accent-strong']], ['on-danger', ['danger', 'danger-strong']],
  ...['good', 'warn', 'bad', 'live', 'rest', 'odd', 'idle'].map((tone): [string, string[]] => [`tone-${tone}`, [`tone-${tone}-soft`, 'surface', 'canvas']]),
  ...['key', 'string', 'number', 'comment', 'keyword'].map((kind): [string, string[]] => [`syntax-${kind}`, ['sunken', 'surface']]),
]
const edges: [string, string[]][] = [['line-control', ['surface', 'canvas']], ['focus', grounds], ['accent', ['surface', 'canvas']]]

describe.each([['light', light], ['dark', dark]] as const)('%s', (_, tokens) => {
  const worst = (text: string, ground: string): number => Math.min(...Array.from({ length: 72 }, (_, i) => contrast(tokens.get(text) ?? '', tokens.get(ground) ?? '', i * 5)))
  it('text can be read on what it stands on', () => {
    const poor = texts.flatMap(([text, on]) => on.map((ground) => [`${text} on ${ground}`, worst(text, ground)] as const)).filter(([, value]) => !(value >= 4.5))
    expect(poor).toEqual([])
  })
  it('edges of controls can be seen', () => {
    const poor = edges.flatMap(([edge, on]) => on.map((ground) => [`${edge} on ${ground}`, worst(edge, ground)] as const)).filter(([, value]) => !(value >= 3))
    expect(poor).toEqual([])
  })
})
