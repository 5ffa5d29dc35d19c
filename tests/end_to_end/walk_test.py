"""The commands of docs/tenants.md, word for word: each block of `sh` runs in a shell; those marked `fails` must be refused."""
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from end_to_end.server import BINARY, EMAIL, PASSWORD, ROOT, Server


class Walk(unittest.TestCase):
    def test_every_command_of_the_page_does_what_it_says(self):
        page = (ROOT / "docs" / "tenants.md").read_text()
        blocks = re.findall(r"^```sh( fails)?\n(.*?)^```$", page, re.M | re.S)
        self.assertGreaterEqual(len(blocks), 8)
        server = Server()
        self.addCleanup(server.close)
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "insula").symlink_to(BINARY)
            environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "INSULA_SERVER": server.url, "INSULA_USER": f"{EMAIL}:{PASSWORD}", "INSULA_CONTEXTS": f"{folder}/contexts.yml",
                           "NO_COLOR": "1"}
            for fails, text in blocks:
                with self.subTest(block=text.splitlines()[0]):
                    done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
                    if fails:
                        self.assertNotEqual(done.returncode, 0, done.stdout + done.stderr)
                    else:
                        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
