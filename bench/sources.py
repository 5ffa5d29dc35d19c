"""The flows that are measured."""
from __future__ import annotations

KEY = "bench-key"

ONE_LOG = "id: one\nnamespace: bench\ntasks:\n  - id: log\n    type: io.kestra.plugin.core.log.Log\n    message: hello\n"
TWO = f"""id: two
namespace: bench
tasks:
  - id: values
    type: io.kestra.plugin.core.output.OutputValues
    values:
      a: "{{{{ trigger.body }}}}"
  - id: log
    type: io.kestra.plugin.core.log.Log
    message: "{{{{ outputs.values.values.a }}}}"
triggers:
  - id: hook
    type: io.kestra.plugin.core.trigger.Webhook
    key: {KEY}
"""
FIVE = "id: five\nnamespace: bench\ntasks:\n" + "".join(f"  - id: t{i}\n    type: io.kestra.plugin.core.debug.Return\n    format: \"{{{{ taskrun.id }}}}\"\n" for i in range(5))
EACH = """id: each{n}
namespace: bench
tasks:
  - id: loop
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{{{ range(1, {n}) }}}}"
    concurrencyLimit: {limit}
    tasks:
      - id: first
        type: io.kestra.plugin.core.debug.Return
        format: "{{{{ taskrun.value }}}}"
      - id: second
        type: io.kestra.plugin.core.debug.Return
        format: "{{{{ outputs.first[taskrun.value].value }}}}"
"""
PYTHON = "id: py\nnamespace: bench\ntasks:\n" + "".join(
    f"  - id: t{i}\n    type: io.kestra.plugin.scripts.python.Script\n    taskRunner:\n      type: io.kestra.plugin.core.runner.Process\n    script: \"print(1)\"\n" for i in range(40))
WITH_SCHEDULE = TWO + """  - id: yearly
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "0 0 1 1 *"
"""
# 100,000 of these wait for the one that is paused; then they pass one slot, one after another.
QUEUED = f"""id: queued
namespace: bench
concurrency:
  limit: 1
  behavior: QUEUE
tasks:
  - id: hold
    type: io.kestra.plugin.core.flow.If
    condition: "{{{{ trigger.body == 'hold' }}}}"
    then:
      - id: pause
        type: io.kestra.plugin.core.flow.Pause
  - id: log
    type: io.kestra.plugin.core.log.Log
    message: done
triggers:
  - id: hook
    type: io.kestra.plugin.core.trigger.Webhook
    key: {KEY}
"""


def hook(tenant: str, flow: str = "two") -> str:
    return f"/api/v1/{tenant}/executions/webhook/bench/{flow}/{KEY}"
