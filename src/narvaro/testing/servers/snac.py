"""
snac: a real, small fediverse server with the Mastodon API, on loopback.

    with Snac() as snac:
        authority = snac.person("kommunen")
        resident = snac.person("invanare")
        post = authority.post("Vattnet stängs av.")
        resident.post(f"@{authority.handle} Hur länge?", answers=post)
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit

from narvaro.testing.folders import temporary
from narvaro.testing.servers.person import Person, call
from narvaro.testing.servers.processes import ServerFailed, ServerMissing, free_port, start, stop

SCOPES = "read write"
CALLBACK = "http://127.0.0.1/callback"
COMMAND_SECONDS = 30.0

_REPOSITORY = Path(__file__).resolve().parents[4]
_HIDDEN_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
_PASSWORD = re.compile(r"User password is (\S+)")


def binary() -> Path:
    """
    Return the snac program: NARVARO_TEST_SNAC, else the cache of tools in the repository, else the PATH.

    Raises:
        ServerMissing: It is in none of them.
    """
    named = os.environ.get("NARVARO_TEST_SNAC", "")
    if named:
        if not os.access(named, os.X_OK):
            raise ServerMissing(f"NARVARO_TEST_SNAC is {named}, which is no program that can be run.")
        return Path(named)
    cached = _REPOSITORY / ".tools" / "snac" / "usr" / "bin" / "snac"
    if os.access(cached, os.X_OK):
        return cached
    found = shutil.which("snac")
    if found:
        return Path(found)
    raise ServerMissing(
        "snac is not installed. It comes with the test tools (make test fetches them), "
        "or set NARVARO_TEST_SNAC to the program from Debian's snac2 package."
    )


_ENOUGH = {"num_threads": 128, "queue_retry_minutes": 0}
"""
More threads than it ever has calls to itself under way. It hands a post from one of its users to another by calling
its own inbox, all of a burst at once: when every thread is busy calling, none is left to answer, each call is given up
after 6 seconds ("599 Timeout" in its log) and made again two minutes later; whatever others ask for meanwhile waits.
"""


class Snac:
    """
    One running snac with its own temporary folder; a context manager.

    `stop` and `start` may be called in between: the data stays until the end.
    """

    def __init__(self, port: int | None = None) -> None:
        self._program = str(binary())
        self.port = port or free_port()
        self.domain = f"localhost:{self.port}"
        self.base_url = f"http://{self.domain}"
        self._home = temporary("snac")
        self.folder = self._home / "server"
        self._people: dict[str, Person] = {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def __enter__(self) -> Self:
        try:
            self._run("init", str(self.folder), typed=f"127.0.0.1\n{self.port}\n{self.domain}\n\n\n")
            settings = self.folder / "server.json"
            settings.write_text(json.dumps({**json.loads(settings.read_text()), "protocol": "http", **_ENOUGH}))
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def start(self) -> None:
        if self._process is None:
            command = [self._program, "httpd", str(self.folder)]
            self._process = start(command, log=self._home / "log", is_up=self._answers)

    def stop(self) -> None:
        if self._process is not None:
            stop(self._process)
            self._process = None

    def person(self, name: str) -> Person:
        """Return a person with a token got through the OAuth form; the account is made at the first asking."""
        if name not in self._people:
            password = self.add_user(name)
            token = self.token_for(name, password)
            _status, _headers, answer = call("GET", f"{self.base_url}/api/v1/accounts/verify_credentials", token=token)
            remote_id = str(json.loads(answer)["id"])
            self._people[name] = Person(self.base_url, name, password, token, remote_id, self.domain)
        return self._people[name]

    def add_user(self, name: str) -> str:
        """Make an account, and return its password."""
        said = self._run("adduser", str(self.folder), name)
        password = _PASSWORD.search(said)
        if password is None:
            raise ServerFailed(f"snac made no account {name}: {said[-300:]}")
        return password[1]

    def token_for(self, name: str, password: str) -> str:
        """Walk through the OAuth form as a browser would, and return an access token."""
        app = self._posted("/api/v1/apps", client_name="tests", redirect_uris=CALLBACK, scopes=SCOPES)
        asked = {"client_id": app["client_id"], "redirect_uri": CALLBACK, "response_type": "code", "scope": SCOPES}
        place = self.allow(f"{self.base_url}/oauth/authorize?{urlencode(asked)}", name, password)
        code = parse_qs(urlsplit(place).query)["code"][0]
        token = self._posted(
            "/oauth/token",
            grant_type="authorization_code",
            code=code,
            client_id=app["client_id"],
            client_secret=app["client_secret"],
            redirect_uri=CALLBACK,
        )
        return str(token["access_token"])

    def delete(self, author: Person, status_id: str) -> None:
        """Remove a post in snac's own web pages: its API cannot."""
        place = f"{self.base_url}/{author.name}"
        key = base64.b64encode(f"{author.name}:{author.password}".encode()).decode()
        form = {"id": str(author.status(status_id)["uri"]), "actor": place, "action": "Delete", "redir": ""}
        status, _headers, answer = call(
            "POST", f"{place}/admin/action", form=form, headers={"authorization": f"Basic {key}"}
        )
        if status != 303:
            raise ServerFailed(f"snac removed nothing ({status}): {answer[:300]!r}")

    def allow(self, authorize_url: str, name: str, password: str) -> str:
        """Sign in on the authorisation page at `authorize_url`, and return the address it leads back to."""
        _status, _headers, page = call("GET", authorize_url)
        fields = dict(_HIDDEN_FIELD.findall(page.decode()))
        form = {**fields, "login": name, "passwd": password}
        status, headers, answer = call("POST", f"{self.base_url}/oauth/x-snac-login", form=form)
        if status not in {302, 303}:
            raise ServerFailed(f"snac let nobody in ({status}): {answer[:300]!r}")
        return headers["location"]

    def _posted(self, path: str, **form: str) -> dict[str, str]:
        status, _headers, answer = call("POST", self.base_url + path, form=form)
        if status != 200:
            raise ServerFailed(f"snac: POST {path} gave {status}: {answer[:300]!r}")
        found: dict[str, str] = json.loads(answer)
        return found

    def _answers(self) -> bool:
        try:
            return call("GET", f"{self.base_url}/api/v1/instance")[0] == 200
        except OSError:
            return False

    def _run(self, *words: str, typed: str = "") -> str:
        done = subprocess.run(
            [self._program, *words], input=typed, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
        )
        if done.returncode != 0:
            raise ServerFailed(f"snac {words[0]} ended with {done.returncode}: {(done.stdout + done.stderr)[-500:]}")
        return done.stdout + done.stderr
