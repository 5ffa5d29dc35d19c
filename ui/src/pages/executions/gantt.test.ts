import { describe, expect, it } from 'vitest'
import { domainOf, GanttTree, ticksOf } from './gantt'
import { worstOf, type Run } from './run'

function run(id: string, parts: Partial<Run> = {}): Run {
  return { id, taskId: id, parent: '', value: undefined, iteration: undefined, state: 'SUCCESS', start: 0, end: 10, attempts: [], ...parts }
}
const shown = (runs: Run[], folded = new Map<string, boolean>()): string[] => new GanttTree(runs).rows(folded).map(({ depth, label, value }) => `${'.'.repeat(depth)}${label}${value === undefined ? '' : `=${value}`}`)

describe('rows of the timeline', () => {
  it('puts task runs below what started them', () => {
    expect(shown([run('both'), run('a', { parent: 'both' }), run('b', { parent: 'both' }), run('last')])).toEqual(['both', '.a', '.b', 'last'])
  })

  it('shows what hangs on something that is not loaded', () => {
    expect(shown([run('a', { parent: 'gone' })])).toEqual(['a'])
  })

  it('groups the rounds of a loop', () => {
    const loop = [run('each'), ...[0, 1].flatMap((i) => ['x', 'y'].map((taskId) => run(`${taskId}${i}`, { taskId, parent: 'each', iteration: i, value: `v${i}` })))]
    expect(shown(loop)).toEqual(['each', '.0=v0', '..x', '..y', '.1=v1', '..x', '..y'])
    expect(shown(loop, new Map([['each/0', true]]))).toEqual(['each', '.0=v0', '.1=v1', '..x', '..y'])
    expect(shown(loop, new Map([['each', true]]))).toEqual(['each'])
  })

  it('leaves out the round when it has one task run', () => {
    expect(shown([run('each'), run('r0', { taskId: 'x', parent: 'each', iteration: 0, value: 'a' })])).toEqual(['each', '.x=a'])
  })

  it('takes what is nested in a round for no loop', () => {
    const runs = [run('each'), run('p', { parent: 'each', iteration: 3, value: 'c' }), run('q', { parent: 'p', iteration: 3, value: 'c' }), run('r', { parent: 'p', iteration: 3, value: 'c' })]
    expect(shown(runs)).toEqual(['each', '.p=c', '..q=c', '..r=c'])
  })

  it('folds long loops and counts them', () => {
    const runs = [run('each'), ...Array.from({ length: 100_000 }, (_, i) => run(`r${i}`, { taskId: 'work', parent: 'each', iteration: i, value: String(i), state: i % 10 === 0 ? 'FAILED' : 'SUCCESS' }))]
    const tree = new GanttTree(runs)
    const rows = tree.rows(new Map())
    expect(rows).toHaveLength(1)
    expect(rows[0]?.rounds).toBe(100_000)
    expect(rows[0]?.counts?.get('FAILED')).toBe(10_000)
    expect(tree.rows(new Map([['each', false]]))).toHaveLength(100_001)
  })
})

describe('the axis', () => {
  it('reaches from the first start to the last end', () => {
    expect(domainOf([run('a', { start: 5, end: 30 })], 10, 20)).toEqual([5, 30])
    expect(domainOf([], 10, 10)).toEqual([10, 11])
  })
  it('has round marks', () => {
    expect(ticksOf(42, 5)).toEqual([0, 10, 20, 30, 40])
    expect(ticksOf(3_600_000 * 5, 6)).toEqual([0, 1, 2, 3, 4, 5].map((h) => h * 3_600_000))
    expect(ticksOf(86_400_000 * 100, 5).length).toBeLessThanOrEqual(6)
  })
})

it('says what is most urgent', () => {
  expect(worstOf(['SUCCESS', 'RUNNING', 'FAILED'])).toBe('FAILED')
  expect(worstOf(['SKIPPED', 'SUCCESS'])).toBe('SUCCESS')
  expect(worstOf([])).toBe('SKIPPED')
})
