"""
mastodon_mock: the broadest Mastodon API there is to test against, on loopback, in memory.

    with MastodonMock() as mock:
        authority = mock.person("kommunen")
        with mock.fault("/api/v1/statuses", {"type": "status", "status": 503}): ...
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from narvaro.testing.folders import temporary
from narvaro.testing.servers.person import Person, call
from narvaro.testing.servers.processes import ServerFailed, ServerMissing, free_port, start, stop


class MastodonMock:
    """One running mock; a context manager. It forgets everything when it stops."""

    def __init__(self, port: int | None = None) -> None:
        if find_spec("mastodon_mock") is None:
            raise ServerMissing("mastodon_mock is not installed. It comes with the test dependencies (make test).")
        self.port = port or free_port()
        self.domain = f"localhost:{self.port}"
        self.base_url = f"http://{self.domain}"
        self._home = temporary("mock")
        self._people: dict[str, Person] = {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def __enter__(self) -> Self:
        config = self._home / "mock.toml"
        config.write_text("[seed]\naccounts = []\n")
        command = [sys.executable, "-m", "mastodon_mock", "serve", "--in-memory", "--config", str(config)]
        command += ["--host", "127.0.0.1", "--port", str(self.port), "--domain", self.domain, "--log-level", "warning"]
        env = {**os.environ, "HOST": "127.0.0.1", "PORT": str(self.port), "TMPDIR": str(self._home)}
        try:
            self._process = start(command, log=self._home / "log", is_up=self._answers, env=env)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process is not None:
            stop(self._process)
            self._process = None
        shutil.rmtree(self._home, ignore_errors=True)

    def person(self, name: str) -> Person:
        """Return a person with a token; the account is made at the first asking. The mock knows no passwords."""
        if name not in self._people:
            made = self._control("POST", "/api/v1/_mock/dev_user", {"username": name})
            token, remote_id = str(made["access_token"]), str(made["id"])
            self._people[name] = Person(self.base_url, name, "", token, remote_id, self.domain)
        return self._people[name]

    def allow(self, authorize_url: str, name: str, password: str = "") -> str:
        """Choose an account on the authorisation page at `authorize_url`; return the address it leads back to."""
        form = {**dict(parse_qsl(urlsplit(authorize_url).query)), "username": name}
        status, headers, answer = call("POST", f"{self.base_url}/oauth/authorize", form=form)
        if status not in {302, 303, 307}:
            raise ServerFailed(f"The mock let nobody in ({status}): {answer[:300]!r}")
        return headers["location"]

    @contextmanager
    def fault(
        self, path: str, effect: Mapping[str, Any], *, methods: tuple[str, ...] = (), times: int = 0
    ) -> Iterator[None]:
        """
        Make calls to `path` (with * as wildcard) go wrong inside the block.

        `effect` is what the mock understands: type (status, ratelimit, latency, malformed, timeout), status,
        body, headers, delay_ms. `times` 0 means every time.
        """
        rule: dict[str, Any] = {"match": {"path": path}, "effect": dict(effect)}
        if methods:
            rule["match"]["methods"] = list(methods)
        if times:
            rule["count"] = times
        self._control("POST", "/api/v1/_mock/faults", rule)
        try:
            yield
        finally:
            self._control("DELETE", "/api/v1/_mock/faults", None)

    def _control(self, method: str, path: str, body: Any) -> dict[str, Any]:
        status, _headers, answer = call(method, self.base_url + path, body=body)
        if status != 200:
            raise ServerFailed(f"The mock: {method} {path} gave {status}: {answer[:300]!r}")
        found: dict[str, Any] = json.loads(answer or b"{}")
        return found

    def _answers(self) -> bool:
        try:
            return call("GET", f"{self.base_url}/api/v1/instance")[0] == 200
        except OSError:
            return False
