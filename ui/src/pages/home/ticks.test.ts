import { expect, it } from 'vitest'
import { ticksOf } from './ticks'

it('an axis has few round lines and room for what is largest', () => {
  expect(ticksOf(0)).toEqual([0, 1])
  expect(ticksOf(1)).toEqual([0, 1])
  expect(ticksOf(4)).toEqual([0, 1, 2, 3, 4])
  expect(ticksOf(7)).toEqual([0, 2, 4, 6, 8])
  expect(ticksOf(100)).toEqual([0, 50, 100])
  expect(ticksOf(3_400)).toEqual([0, 1_000, 2_000, 3_000, 4_000])
})
