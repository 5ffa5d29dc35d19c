import { describe, expect, it, vi } from 'vitest'
import { elkGraphOf, graphOfDependencies, kindOf, labelOf, ownersOf, type Graph } from './layout'

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

  it('takes flows that are linked for nodes', () => {
    const flow = (id: string): { uid: string; namespace: string; id: string } => ({ uid: `main_a.b_${id}`, namespace: 'a.b', id })
    const drawn = graphOfDependencies({ nodes: [flow('x'), flow('y'), flow('alone')], edges: [{ source: 'main_a.b_x', target: 'main_a.b_y', relation: 'FLOW_TASK' }] }, (relation) => relation.toLowerCase())
    expect(drawn.nodes.map((node) => `${kindOf(node)} ${labelOf(node)}`)).toEqual(['flow x', 'flow y'])
    expect(drawn.edges[0]?.relation?.value).toBe('flow_task')
  })
})
