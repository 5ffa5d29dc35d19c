// First flows: each shows one idea, runs as it is, and says what to change. `{namespace}` becomes the default namespace of the person.
export const templates = {
  hello: `id: hello
namespace: {namespace}
description: Says hello. Press Execute to see it run.

inputs:
  - id: name
    type: STRING
    defaults: World

tasks:
  - id: greet
    type: io.kestra.plugin.core.log.Log
    message: Hello {{ inputs.name }}!
`,
  schedule: `id: every-morning
namespace: {namespace}
description: Runs every morning at seven.

tasks:
  - id: work
    type: io.kestra.plugin.core.log.Log
    message: It is {{ trigger.date ?? now() }}

triggers:
  - id: morning
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "0 7 * * *"
    timezone: Europe/Berlin
`,
  http: `id: call-a-service
namespace: {namespace}
description: Asks a web service and goes on with its answer; tries again when it fails.

inputs:
  - id: url
    type: URI
    defaults: https://example.com

tasks:
  - id: ask
    type: io.kestra.plugin.core.http.Request
    uri: "{{ inputs.url }}"
    retry:
      type: constant
      interval: PT5S
      maxAttempts: 3

  - id: show
    type: io.kestra.plugin.core.log.Log
    message: "Status {{ outputs.ask.code }}"

errors:
  - id: alert
    type: io.kestra.plugin.core.log.Log
    level: ERROR
    message: The service does not answer.
`,
  each: `id: for-each-region
namespace: {namespace}
description: Does the same for several values, two at a time.

tasks:
  - id: regions
    type: io.kestra.plugin.core.flow.ForEach
    values: [emea, amer, apac]
    concurrencyLimit: 2
    tasks:
      - id: load
        type: io.kestra.plugin.core.debug.Return
        format: "loaded {{ taskrun.value }}"

  - id: done
    type: io.kestra.plugin.core.log.Log
    message: All regions are loaded.
`,
  approve: `id: with-approval
namespace: {namespace}
description: Waits for somebody to say yes, then goes on.

tasks:
  - id: prepare
    type: io.kestra.plugin.core.log.Log
    message: Everything is ready.

  - id: approval
    type: io.kestra.plugin.core.flow.Pause
    timeout: P1D
    onResume:
      - id: reason
        type: STRING

  - id: release
    type: io.kestra.plugin.core.log.Log
    message: "Released: {{ outputs.approval.onResume.reason }}"
`,
  webhook: `id: on-webhook
namespace: {namespace}
description: Starts when somebody calls its address. The key is its secret, make it long.

tasks:
  - id: show
    type: io.kestra.plugin.core.log.Log
    message: "{{ trigger.body }}"

triggers:
  - id: hook
    type: io.kestra.plugin.core.trigger.Webhook
    key: {key}
`,
} as const

export type TemplateName = keyof typeof templates
export const templateNames = Object.keys(templates) as TemplateName[]

export function isTemplate(name: unknown): name is TemplateName {
  return typeof name === 'string' && Object.hasOwn(templates, name)
}

export function sourceOf(name: TemplateName, namespace: string): string {
  const key = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return templates[name].replace('{namespace}', namespace).replace('{key}', key)
}
