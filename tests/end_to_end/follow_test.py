"""Streams tell the newest state, at most five times a second, and end."""
import json
import time
import unittest
import urllib.request

from end_to_end.server import Server

BUSY = """id: busy
namespace: a.b
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{ range(1, 80) }}"
    concurrencyLimit: 1
    tasks:
      - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT0.02S}
"""
QUICK = """id: quick
namespace: a.b
tasks:
  - {id: log, type: io.kestra.plugin.core.log.Log, message: hello}
"""


class Follow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        for source in (BUSY, QUICK):
            cls.server.deploy(source)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def start(self, flow: str) -> str:
        return self.server.form(f"/api/v1/main/executions/a.b/{flow}", {}).json["id"]

    def events_with_times(self, path: str) -> list[tuple[float, str, dict]]:
        """Time of arrival, id and data of each event until the stream ends."""
        request = urllib.request.Request(self.server.url + path, headers={"Authorization": "Basic " + self.server.credentials()})
        events, id = [], ""
        with urllib.request.urlopen(request, timeout=60) as stream:
            for line in stream:
                if line.startswith(b"id:"):
                    id = line[3:].strip().decode()
                if line.startswith(b"data:"):
                    events.append((time.monotonic(), id, json.loads(line[5:])))
        return events

    def test_a_busy_execution_is_told_at_most_five_times_a_second_and_the_last_event_is_the_end(self):
        events = self.events_with_times(f"/api/v1/main/executions/{self.start('busy')}/follow")
        self.assertEqual(events[0][1], "start")
        self.assertEqual((events[-1][1], events[-1][2]["state"]["current"]), ("end", "SUCCESS"))
        told = [at for at, id, _ in events if id != "start"]
        self.assertGreater(len(told), 4, "the execution takes at least 1.6 s")
        for first, sixth in zip(told, told[5:]):
            self.assertGreater(sixth - first, 0.8, "six events within a second")  # rounds are 0.2 s apart when they leave, not when they arrive
        counts = [len(data.get("taskRunList") or []) for _, _, data in events[1:]]
        self.assertEqual(counts, sorted(counts), "an older state came after a newer one")
        self.assertEqual(counts[-1], 81)

    def test_no_stream_of_many_short_executions_misses_its_end(self):
        for _ in range(40):
            events = self.events_with_times(f"/api/v1/main/executions/{self.start('quick')}/follow")
            self.assertEqual((events[-1][1], events[-1][2]["state"]["current"]), ("end", "SUCCESS"))

    def test_a_stream_of_logs_has_each_line_once(self):
        lines = self.events_with_times(f"/api/v1/main/logs/{self.start('busy')}/follow")
        messages = [data["message"] for _, id, data in lines if id == "progress"]
        self.assertEqual(messages.count("Waiting for PT0.02S"), 80)
        self.assertEqual(lines[-1][1], "end")
