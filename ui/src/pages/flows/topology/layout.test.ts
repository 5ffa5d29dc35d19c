import { describe, expect, it, vi } from 'vitest'
import { elkGraphOf, ownersOf, type Graph } from './layout'

vi.mock('elkjs/lib/elk-worker.min.js?worker', () => ({ default: vi.fn() }))

const cluster = (uid: string, nodes: string[], parents: string[]): Graph['clusters'][number] => ({ cluster: { uid }, nodes, parents, start: '', end: '' })
const graph: Graph = {
  nodes: ['root', 'each', 'inner', 'end'].map((uid) => ({ uid, type: uid === 'root' || uid === 'end' ? 'GraphClusterRoot' : 'GraphTask', ...(uid !== 'root' && uid !== 'end' && { task: { id: uid, type: 'a.B' } }) })),
  edges: [{ source: 'root', target: 'each', relation: { relationType: 'SEQUENTIAL' } }],
  clusters: [cluster('outer', ['each', 'inner'], []), cluster('deep', ['inner'], ['outer'])],
}

describe('layout of a graph', () => {
  it('puts each node into its innermost cluster', () => {
    expect(ownersOf(graph)).toEqual(new Map([['each', 'outer'], ['inner', 'deep']]))
  })

  it('nests clusters', () => {
    const root = elkGraphOf(graph)
    expect(root.children?.map(({ id }) => id)).toEqual(['outer', 'root', 'end'])
    expect(root.children?.[0]?.children?.map(({ id }) => id)).toEqual(['deep', 'each'])
    expect(root.edges?.[0]).toMatchObject({ sources: ['root'], targets: ['each'] })
  })
})
