"""A real file system without space (needs the right to mount one): starts are refused, deletes work, and everything goes on when there is space."""
import os
import subprocess
import time
import unittest
from pathlib import Path

from end_to_end.server import Server

FLOW = """id: writes
namespace: a.b
tasks:
  - {id: log, type: io.kestra.plugin.core.log.Log, message: before}
  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT2S}
  - {id: after, type: io.kestra.plugin.core.log.Log, message: after}
"""
SIZE_MB = 96


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.server = Server(start=False)
        self.server.data.mkdir(parents=True)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(self.server.data)], capture_output=True)
        if mounted.returncode != 0:
            self.server.folder.cleanup()
            self.skipTest("no right to mount a file system")
        self.server.start()
        self.server.deploy(FLOW)

    def tearDown(self):
        self.server.terminate()
        subprocess.run(["umount", str(self.server.data)], check=True)
        self.server.folder.cleanup()

    def start(self):
        return self.server.form("/api/v1/main/executions/a.b/writes", {})

    def fill(self) -> Path:
        filler = self.server.data / "filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 65536)
            except OSError:
                pass
            try:
                while True:
                    file.write(b"\0")
            except OSError:
                pass
        return filler

    def until(self, wanted: int, call):
        """Calls until the answer has the status."""
        give_up = time.monotonic() + 30
        while (answer := call()).status != wanted and time.monotonic() < give_up:
            pass
        self.assertEqual(answer.status, wanted, answer.body)
        return answer

    def test_starts_are_refused_deletes_work_and_all_goes_on_when_there_is_space(self):
        old = self.server.run("a.b", "writes")["id"]
        waiting = self.start().json["id"]
        ballast = self.server.data / "ballast"
        self.assertTrue(ballast.exists())
        filler = self.fill()
        # The write-ahead log has some room that it reuses: the disk is full when it has to grow.
        refused = self.until(503, self.start)
        self.assertIn("full", refused.json["message"])
        self.assertFalse(ballast.exists())
        self.assertIsNone(self.server.process.poll(), "the process goes on")
        self.assertEqual(self.start().status, 503)
        self.assertEqual(self.server.call("GET", f"/api/v1/main/executions/{old}").status, 200)
        self.assertEqual(self.server.call("DELETE", f"/api/v1/main/executions/{old}").status, 204)
        self.assertEqual(self.server.call("GET", f"/api/v1/main/executions/{old}").status, 404)
        os.unlink(filler)
        self.until(200, self.start)
        self.assertEqual(self.server.wait_for(waiting)["state"]["current"], "SUCCESS")
        self.assertEqual([log["message"] for log in self.server.logs(waiting)], ["before", "Waiting for PT2S", "after"])
        self.assertTrue(ballast.exists())
