import { CalendarClock, Radar, Webhook, Workflow, Zap } from 'lucide-vue-next'
import type { Component } from 'vue'
import type { Schemas } from '@/api'

export type TriggerRow = Schemas['TriggerRow']
export type TriggerName = Schemas['TriggerName']

export function keyOf({ triggerContext: { namespace, flowId, triggerId } }: TriggerRow): string {
  return `${namespace}/${flowId}/${triggerId}`
}

export function nameOf({ triggerContext: { namespace, flowId, triggerId } }: TriggerRow): TriggerName {
  return { namespace, flowId, triggerId }
}

/** Of a trigger that has no state yet, because it waits for others (webhooks) or was never evaluated. */
export function stateRow(flow: Schemas['FlowName'], trigger: Schemas['FlowPart'], states: readonly Schemas['TriggerState'][]): TriggerRow {
  const state = states.find(({ triggerId }) => triggerId === trigger.id)
  return { abstractTrigger: trigger, triggerContext: state ?? { namespace: flow.namespace, flowId: flow.id, triggerId: trigger.id, disabled: false } }
}

export function isWebhook({ abstractTrigger }: TriggerRow): boolean {
  return abstractTrigger.type.endsWith('.Webhook')
}

/** Switched off in the source: only a change of the flow switches it on. */
export function isOffInSource({ abstractTrigger }: TriggerRow): boolean {
  return abstractTrigger.disabled === true
}

export function isOff(row: TriggerRow): boolean {
  return isOffInSource(row) || row.triggerContext.disabled
}

export function iconOf(type: string): Component {
  if (type.endsWith('.Schedule') || type.endsWith('.ScheduleOnDates')) return CalendarClock
  if (type.endsWith('.Webhook')) return Webhook
  if (type.endsWith('.Flow')) return Workflow
  return type.includes('.http.') ? Radar : Zap
}

/** What it waits for, in a few signs: cron with its zone, or an interval. */
export function rhythmOf({ cron, timezone, interval }: Schemas['FlowPart']): string {
  if (typeof cron === 'string') return typeof timezone === 'string' ? `${cron} ${timezone}` : cron
  return typeof interval === 'string' ? interval : ''
}
