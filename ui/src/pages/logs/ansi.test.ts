import { describe, expect, it } from 'vitest'
import { ansiPieces, hasAnsi, withoutAnsi } from './ansi'

const esc = '\u001b'

describe('ANSI colours', () => {
  it('are pieces of text', () => {
    expect(ansiPieces(`a${esc}[32mgreen${esc}[0mb`)).toEqual([{ text: 'a' }, { text: 'green', classes: 'fg-2' }, { text: 'b' }])
    expect(ansiPieces(`${esc}[1;31mx${esc}[22my${esc}[39mz`)).toEqual([{ text: 'x', classes: 'bold fg-1' }, { text: 'y', classes: 'fg-1' }, { text: 'z' }])
    expect(ansiPieces(`${esc}[97;44mx`)).toEqual([{ text: 'x', classes: 'fg-15 bg-4' }])
  })
  it('of more than sixteen are taken over', () => {
    expect(ansiPieces(`${esc}[38;5;196mx`)).toEqual([{ text: 'x', colour: 'rgb(255 0 0)' }])
    expect(ansiPieces(`${esc}[38;2;1;2;3mx${esc}[38;5;9my`)).toEqual([{ text: 'x', colour: 'rgb(1 2 3)' }, { text: 'y', classes: 'fg-9' }])
    expect(ansiPieces(`${esc}[38;2;999;2;3mx`)).toEqual([{ text: 'x' }])
  })
  it('drop what is no colour', () => {
    expect(withoutAnsi(`${esc}[2J${esc}[10;3Hhome${esc}]8;;https://x${esc}\\link${esc}]0;title\u0007!\u0008`)).toBe('homelink!')
    expect(ansiPieces(`${esc}[2Kprogress`)).toEqual([{ text: 'progress' }])
  })
  it('leave text alone', () => {
    expect(ansiPieces('<b>&amp;</b>\ttab')).toEqual([{ text: '<b>&amp;</b>\ttab' }])
    expect(ansiPieces('')).toEqual([])
    expect(hasAnsi('plain')).toBe(false)
  })
})
