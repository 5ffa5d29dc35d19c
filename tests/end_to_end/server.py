"""A real server of the build under test, and calls to it."""
from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BINARY = Path(os.environ["INSULA_BINARY"])
ROOT = Path(__file__).resolve().parent.parent.parent
EMAIL, PASSWORD = "admin@example.com", "Passw0rd-for-tests"
TERMINAL = {"SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "RETRIED", "SKIPPED"}


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    set_cookies: list[str] = field(default_factory=list)

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


class Server:
    def __init__(self, environment: dict[str, str] | None = None, start: bool = True):
        self.folder = tempfile.TemporaryDirectory()
        self.data = Path(self.folder.name) / "data"
        self.environment = {**os.environ, "INSULA_ADMIN_EMAIL": EMAIL, "INSULA_ADMIN_PASSWORD": PASSWORD, "INSULA_NO_QUESTIONS": "1",
                            "KESTRA_ENCRYPTION_SECRET_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", **(environment or {})}
        if start:
            self.start()

    def start(self) -> None:
        self.process = subprocess.Popen([str(BINARY), "server", "standalone", "--port", "0", "--data", str(self.data)], stderr=subprocess.PIPE, text=True, env=self.environment, cwd=self.folder.name)
        self.lines: list[str] = []
        self.url = ""
        for line in self.process.stderr:
            self.lines.append(line)
            match = re.search(r"listening on (http://[\d.]+:\d+)", line)
            if match:
                self.url = match.group(1)
                break
        assert self.url, "the server did not start: " + "".join(self.lines)
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.process.stderr), daemon=True)
        self.reader.start()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stderr.close()

    def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        self.reader.join()
        self.process.stderr.close()
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.terminate()
        self.folder.cleanup()

    def call(self, method: str, path: str, body: Any = None, *, content_type: str | None = None, user: str | None = f"{EMAIL}:{PASSWORD}", headers: dict[str, str] | None = None, timeout: int = 60) -> Answer:
        data = body if isinstance(body, bytes) or body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=headers or {})
        if user:
            for name, value in self.authorization(user).items():
                request.add_header(name, value)
        if data is not None:
            request.add_header("Content-Type", content_type or ("application/x-yaml" if isinstance(body, str) else "application/json"))
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read(), answer.headers.get_all("Set-Cookie") or [])
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read(), error.headers.get_all("Set-Cookie") or [])

    def form(self, path: str, fields: dict[str, Any]) -> Answer:
        boundary = uuid.uuid4().hex
        body = b""
        for name, value in fields.items():
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'
            if isinstance(value, tuple):
                head += f'; filename="{value[0]}"\r\nContent-Type: application/octet-stream'
                value = value[1]
            body += head.encode() + b"\r\n\r\n" + (value if isinstance(value, bytes) else str(value).encode()) + b"\r\n"
        body += f"--{boundary}--\r\n".encode()
        return self.call("POST", path, body, content_type=f"multipart/form-data; boundary={boundary}")

    @staticmethod
    def authorization(user: str = f"{EMAIL}:{PASSWORD}") -> dict[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(user.encode()).decode()}

    def create_tenant(self, tenant: str) -> None:
        """A tenant in which the administrator works: a super admin has no rights in one by making it."""
        made = self.call("POST", "/api/v1/tenants", {"id": tenant, "name": tenant})
        assert made.status == 200, made.body
        me = self.call("GET", "/api/v1/me").json
        bound = self.call("POST", f"/api/v1/{tenant}/bindings", {"type": "USER", "externalId": me["id"], "roleId": "ADMIN"})
        assert bound.status == 200, bound.body

    def deploy(self, source: str, tenant: str = "main") -> dict:
        answer = self.call("POST", f"/api/v1/{tenant}/flows", source)
        assert answer.status == 200, answer.body
        return answer.json

    def run(self, namespace: str, flow: str, tenant: str = "main", fields: dict[str, Any] | None = None) -> dict:
        answer = self.form(f"/api/v1/{tenant}/executions/{namespace}/{flow}?wait=true", fields or {})
        assert answer.status == 200, answer.body
        return answer.json

    def execution(self, id: str, tenant: str = "main") -> dict:
        return self.call("GET", f"/api/v1/{tenant}/executions/{id}").json

    def wait_for(self, id: str, states: set[str] = TERMINAL, tenant: str = "main") -> dict:
        """The execution once it is in one of the states: told by the event stream, not by asking again and again."""
        found = self.execution(id, tenant)
        if found["state"]["current"] in states:
            return found
        for event in self.events(f"/api/v1/{tenant}/executions/{id}/follow"):
            state = (event.get("state") or {}).get("current")
            if state in states:
                return self.execution(id, tenant)
        return self.execution(id, tenant)

    def credentials(self) -> str:
        return base64.b64encode(f"{EMAIL}:{PASSWORD}".encode()).decode()

    def events(self, path: str):
        request = urllib.request.Request(self.url + path, headers={"Authorization": "Basic " + self.credentials()})
        with urllib.request.urlopen(request, timeout=60) as stream:
            for line in stream:
                if line.startswith(b"data:"):
                    text = line[5:].strip()
                    if text:
                        yield json.loads(text)

    def logs(self, id: str, tenant: str = "main") -> list[dict]:
        return self.call("GET", f"/api/v1/{tenant}/logs/{id}").json


def insula(*arguments: str, folder: str | None = None, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    return subprocess.run([str(BINARY), *arguments], capture_output=True, text=True, cwd=folder, timeout=120, env={**os.environ, "INSULA_NO_QUESTIONS": "1", **(environment or {})})
