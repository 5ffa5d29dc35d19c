// A flow is named by its namespace and id; keys of rows and selections are both in one text.
import type { Schemas } from '@/api'

export type FlowName = Schemas['FlowName']

export function keyOf({ namespace, id }: FlowName): string {
  return `${namespace}/${id}`
}

export function nameOf(key: string): FlowName {
  const at = key.lastIndexOf('/')
  return { namespace: key.slice(0, at), id: key.slice(at + 1) }
}

/** `io.kestra.plugin.core.log.Log` → `Log` */
export function shortType(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1)
}

/** The first line of a description, without the signs of Markdown. */
export function summaryOf(description: string | undefined): string {
  const line = (description ?? '').split('\n').find((one) => one.trim() !== '') ?? ''
  return line.replace(/^#+\s*/, '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[*`]/g, '').trim()
}

/** `team:data, stage:test` as filters of the API. */
export function labelsOf(text: string): { key: string; value: string }[] {
  return text.split(',').map((pair) => pair.trim()).filter((pair) => pair.includes(':')).map((pair) => {
    const at = pair.indexOf(':')
    return { key: pair.slice(0, at).trim(), value: pair.slice(at + 1).trim() }
  })
}

/** The page of an execution, as the server writes it into `url`. */
export function runPath(tenant: string, run: { namespace: string; flowId: string; id: string }): string {
  return `/${tenant}/executions/${run.namespace}/${run.flowId}/${run.id}`
}
