// From the graph of the server to boxes with places: clusters hold their nodes, ELK puts them in order in a worker.
import ELK, { type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk-api.js'
import ElkWorker from 'elkjs/lib/elk-worker.min.js?worker'
import type { Schemas } from '@/api'
import { shortType } from '../names'

export type Graph = Schemas['FlowGraph']
export type GraphNode = Schemas['GraphNode']

export interface Box {
  id: string
  parent?: string
  x: number
  y: number
  width: number
  height: number
  kind: 'task' | 'trigger' | 'flow' | 'end' | 'cluster'
  node?: GraphNode
  label: string
  /** Smaller, below the label. */
  detail: string
}

export interface Link {
  id: string
  source: string
  target: string
  label: string
  kind: string
}

/** The type of a node that is a whole flow; its part has the namespace as its type. */
const flowNode = 'Flow'
const taskSize = { width: 190, height: 46 }
const endSize = { width: 10, height: 10 }
const clusterPadding = '[top=34,left=16,bottom=16,right=16]'
// What is inside of a cluster does not inherit them.
const spacing = { 'elk.layered.spacing.nodeNodeBetweenLayers': '36', 'elk.spacing.nodeNode': '28' }

export function kindOf({ type, task, triggerDeclaration }: GraphNode): Box['kind'] {
  if (type === flowNode) return 'flow'
  if (triggerDeclaration !== undefined || type.endsWith('GraphTrigger')) return 'trigger'
  return task === undefined ? 'end' : 'task'
}

export function labelOf({ uid, task, triggerDeclaration }: GraphNode): string {
  return task?.id ?? triggerDeclaration?.id ?? uid.slice(uid.lastIndexOf('.') + 1)
}

function detailOf(node: GraphNode): string {
  const type = node.task?.type ?? node.triggerDeclaration?.type ?? ''
  return kindOf(node) === 'flow' ? type : shortType(type)
}

function clusterLabel({ cluster }: Schemas['GraphCluster']): string {
  const name = cluster.uid.slice(cluster.uid.lastIndexOf('.') + 1)
  return cluster.taskNode?.task?.id ?? name.replace(/^cluster_/, '')
}

/** Flows and what leads from one to another, as a graph to be drawn; flows that nothing touches are left out. */
export function graphOfDependencies({ nodes, edges }: Schemas['Dependencies'], labelOfRelation: (relation: string) => string): Graph {
  const touched = new Set(edges.flatMap(({ source, target }) => [source, target]))
  return {
    nodes: nodes.filter(({ uid }) => touched.has(uid)).map(({ uid, namespace, id }) => ({ uid, type: flowNode, task: { id, type: namespace } })),
    edges: edges.map(({ source, target, relation }) => ({ source, target, relation: { relationType: relation, value: labelOfRelation(relation) } })),
    clusters: [],
  }
}

/** The innermost cluster of each node. */
export function ownersOf(graph: Graph): Map<string, string> {
  const owners = new Map<string, { uid: string; depth: number }>()
  for (const { cluster, nodes, parents } of graph.clusters) {
    for (const uid of nodes) {
      const known = owners.get(uid)
      if (known === undefined || known.depth < parents.length) owners.set(uid, { uid: cluster.uid, depth: parents.length })
    }
  }
  return new Map([...owners].map(([uid, { uid: owner }]) => [uid, owner]))
}

/** The cluster around a cluster: of its parents the one that has the most parents itself. */
function parentOf(graph: Graph, { parents }: Schemas['GraphCluster']): string | undefined {
  const depth = (uid: string): number => graph.clusters.find(({ cluster }) => cluster.uid === uid)?.parents.length ?? -1
  return [...parents].filter((uid) => depth(uid) >= 0).sort((a, b) => depth(b) - depth(a))[0]
}

export function elkGraphOf(graph: Graph): ElkNode {
  const owners = ownersOf(graph)
  const clusters = new Map(graph.clusters.map((one): [string, ElkNode] => [one.cluster.uid, { id: one.cluster.uid, children: [], layoutOptions: { ...spacing, 'elk.padding': clusterPadding } }]))
  const root: ElkNode = {
    id: '', children: [], edges: [],
    layoutOptions: {
      'elk.algorithm': 'layered', 'elk.direction': 'DOWN', 'elk.hierarchyHandling': 'INCLUDE_CHILDREN', ...spacing, 'elk.padding': '[top=16,left=16,bottom=16,right=16]',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES', 'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
    },
  }
  for (const one of graph.clusters) {
    const parent = parentOf(graph, one)
    const own = clusters.get(one.cluster.uid)
    if (own !== undefined) (clusters.get(parent ?? '') ?? root).children?.push(own)
  }
  for (const node of graph.nodes) (clusters.get(owners.get(node.uid) ?? '') ?? root).children?.push({ id: node.uid, ...(kindOf(node) === 'end' ? endSize : taskSize) })
  root.edges = graph.edges.map(({ source, target }, i): ElkExtendedEdge => ({ id: String(i), sources: [source], targets: [target] }))
  return root
}

export function linksOf(graph: Graph): Link[] {
  return graph.edges.map(({ source, target, relation }, i) => ({ id: String(i), source, target, label: relation?.value ?? '', kind: relation?.relationType ?? '' }))
}

let elk: InstanceType<typeof ELK> | undefined

export async function boxesOf(graph: Graph): Promise<Box[]> {
  elk ??= new ELK({ workerFactory: () => new ElkWorker() })
  const nodes = new Map(graph.nodes.map((node) => [node.uid, node]))
  const labels = new Map(graph.clusters.map((one) => [one.cluster.uid, clusterLabel(one)]))
  const boxes: Box[] = []
  function add({ id, x = 0, y = 0, width = 0, height = 0, children = [] }: ElkNode, parent?: string): void {
    const node = nodes.get(id)
    boxes.push({ id, x, y, width, height, parent, kind: node === undefined ? 'cluster' : kindOf(node), label: node === undefined ? labels.get(id) ?? id : labelOf(node), detail: node === undefined ? '' : detailOf(node), ...(node !== undefined && { node }) })
    for (const child of children) add(child, id)
  }
  const placed = await elk.layout(elkGraphOf(graph))
  for (const child of placed.children ?? []) add(child)
  return boxes
}
