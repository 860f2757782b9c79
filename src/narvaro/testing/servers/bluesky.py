"""
The real Bluesky network on loopback, and citizens who use it with an app of their own.

`python -m narvaro.testing.servers.bluesky install` fetches and builds the network's packages (minutes, once
for each lock file); without an argument it starts a network, prints where it stands and waits for Enter.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from narvaro.testing.folders import temporary
from narvaro.testing.servers.child import Child, answers, free_ports
from narvaro.testing.servers.person import call
from narvaro.testing.servers.postgres import PostgresServer
from narvaro.testing.servers.processes import ServerFailed, ServerMissing

_ROOT = Path(__file__).resolve().parents[4]
_AS_ADMIN = {"authorization": f"Basic {base64.b64encode(b'admin:admin-pass').decode()}"}  # of the development network
_SCRIPTS = _ROOT / "tools" / "bluesky"
_START_SECONDS = 90.0
_SEEN_SECONDS = 30.0

Json = dict[str, Any]


@dataclass(frozen=True)
class Ref:
    """One version of one record: its at:// address and the hash of its content."""

    uri: str
    cid: str

    @property
    def did(self) -> str:
        return self.uri.split("/")[2]

    @property
    def collection(self) -> str:
        return self.uri.split("/")[3]

    @property
    def rkey(self) -> str:
        return self.uri.split("/")[4]

    @property
    def value(self) -> Json:
        return {"uri": self.uri, "cid": self.cid}


@dataclass
class Citizen:
    """Somebody with an account, writing from an ordinary app: straight to the data server, not through Närvaro."""

    network: BlueskyNetwork
    did: str
    handle: str
    password: str = field(repr=False)
    token: str = field(repr=False)

    def post(
        self,
        text: str,
        *,
        reply_to: Ref | None = None,
        root: Ref | None = None,
        quote: Ref | None = None,
        mention: Citizen | None = None,
        pictures: Sequence[tuple[bytes, str]] = (),
        language: str = "sv",
    ) -> Ref:
        """
        Write a post, a reply, a quote or a mention, and wait until the network shows it.

        Args:
            root: The first post of the thread when `reply_to` is itself a reply.
            mention: Must stand in the text as @handle.
            pictures: (PNG bytes, alt text).
        """
        record: Json = {"$type": "app.bsky.feed.post", "text": text, "createdAt": _now(), "langs": [language]}
        if reply_to is not None:
            record["reply"] = {"root": (root or reply_to).value, "parent": reply_to.value}
        if mention is not None:
            before, name, _after = text.partition(f"@{mention.handle}")
            start = len(before.encode())
            feature = {"$type": "app.bsky.richtext.facet#mention", "did": mention.did}
            index = {"byteStart": start, "byteEnd": start + len(name.encode())}
            record["facets"] = [{"index": index, "features": [feature]}]
        images = {
            "$type": "app.bsky.embed.images",
            "images": [{"image": self.upload(content), "alt": alt} for content, alt in pictures],
        }
        quoted = {"$type": "app.bsky.embed.record", "record": quote.value if quote else {}}
        if quote is not None and pictures:
            record["embed"] = {"$type": "app.bsky.embed.recordWithMedia", "record": quoted, "media": images}
        elif quote is not None:
            record["embed"] = quoted
        elif pictures:
            record["embed"] = images
        made = self.create("app.bsky.feed.post", record)
        self.network.wait_for(made.uri)
        return made

    def create(self, collection: str, record: Json) -> Ref:
        """Write any record as it stands, without waiting for it to be seen."""
        made = self.call("com.atproto.repo.createRecord", repo=self.did, collection=collection, record=record)
        return Ref(made["uri"], made["cid"])

    def create_many(self, collection: str, records: Mapping[str, Json]) -> list[Ref]:
        """Write many records (at most 200) in one commit, each under the key it stands at, without waiting."""
        kind = "com.atproto.repo.applyWrites#create"
        writes = [
            {"$type": kind, "collection": collection, "rkey": key, "value": each} for key, each in records.items()
        ]
        made = self.call("com.atproto.repo.applyWrites", repo=self.did, writes=writes)
        return [Ref(each["uri"], each["cid"]) for each in made["results"]]

    def delete(self, ref: Ref) -> None:
        """Remove a record; a post is waited for until the network has forgotten it."""
        self.call("com.atproto.repo.deleteRecord", repo=self.did, collection=ref.collection, rkey=ref.rkey)
        if ref.collection == "app.bsky.feed.post":
            self.network.wait_until_gone(ref.uri)

    def like(self, ref: Ref) -> Ref:
        return self.create(
            "app.bsky.feed.like", {"$type": "app.bsky.feed.like", "subject": ref.value, "createdAt": _now()}
        )

    def repost(self, ref: Ref) -> Ref:
        return self.create(
            "app.bsky.feed.repost", {"$type": "app.bsky.feed.repost", "subject": ref.value, "createdAt": _now()}
        )

    def follow(self, other: Citizen) -> Ref:
        return self.create(
            "app.bsky.graph.follow", {"$type": "app.bsky.graph.follow", "subject": other.did, "createdAt": _now()}
        )

    def block(self, other: Citizen) -> Ref:
        return self.create(
            "app.bsky.graph.block", {"$type": "app.bsky.graph.block", "subject": other.did, "createdAt": _now()}
        )

    def set_profile(self, display_name: str, about: str = "") -> None:
        """Change the public name and description, and wait until the network shows it."""
        record = {"$type": "app.bsky.actor.profile", "displayName": display_name, "description": about}
        self.call(
            "com.atproto.repo.putRecord", repo=self.did, collection="app.bsky.actor.profile", rkey="self", record=record
        )
        self.network.until(lambda: self.network.profile(self.did).get("displayName") == display_name, "the new name")

    def upload(self, content: bytes, media_type: str = "image/png") -> Json:
        """Upload a file and return the reference to put in a record."""
        found = self._answer("POST", "com.atproto.repo.uploadBlob", raw=(media_type, content))
        blob: Json = found["blob"]
        return blob

    def app_password(self, name: str = "") -> str:
        """Make a password for one app, as a person does before connecting a channel."""
        made = self.call("com.atproto.server.createAppPassword", name=name or f"app-{secrets.token_hex(4)}")
        return str(made["password"])

    def posts(self) -> list[Json]:
        """Return the records of all the account's posts straight from the data server, newest first, at most 100."""
        return self.records("app.bsky.feed.post")

    def records(self, collection: str) -> list[Json]:
        found = self.ask("com.atproto.repo.listRecords", repo=self.did, collection=collection, limit="100")
        records: list[Json] = found["records"]
        return records

    def ask(self, method: str, **params: str) -> Json:
        """Make one reading call, signed in."""
        return self._answer("GET", f"{method}?{urlencode(params)}")

    def call(self, method: str, **body: Any) -> Json:
        """Make one acting call, signed in."""
        return self._answer("POST", method, body=body)

    def _answer(self, verb: str, path: str, **how: Any) -> Json:
        url = f"{self.network.pds_url}/xrpc/{path}"
        return _json(path, *call(verb, url, token=self.token, **how))


class BlueskyNetwork:
    """
    A whole network of one's own on free ports of 127.0.0.1, empty at start, as a context manager.

    Args:
        rate_limits: Count calls as the public network does (30 sessions in 5 minutes).

    Raises:
        ServerMissing: Node, Redis or PostgreSQL is not installed.
        ServerFailed: It did not come up in time.
    """

    def __init__(self, *, rate_limits: bool = False) -> None:
        self._rate_limits = rate_limits
        self._stack = ExitStack()
        self.pds_url = self.appview_url = self.plc_url = self.ozone_url = ""

    def start(self) -> Self:
        """Start databases and network; returns itself when all of it answers."""
        modules = installed()
        with ExitStack() as stack:
            folder = temporary("bluesky")
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            database = stack.enter_context(PostgresServer()).fresh_database("bluesky")
            redis, *ports = free_ports(5)
            self._start_redis(stack, folder, redis)
            env = {
                **os.environ,
                **dict(zip(("PLC_PORT", "PDS_PORT", "BSKY_PORT", "OZONE_PORT"), map(str, ports), strict=True)),
                "DB_POSTGRES_URL": database,
                "REDIS_HOST": f"127.0.0.1:{redis}",
                "NODE_MODULES": str(modules),
                "RATE_LIMITS": "1" if self._rate_limits else "0",
                "TMPDIR": str(folder),  # the data server keeps its files there
            }
            command = [_program("node"), "--dns-result-order=ipv4first", "-r", str(_SCRIPTS / "loopback.cjs")]
            child = Child([*command, str(_SCRIPTS / "network.cjs")], log=folder / "network.log", env=env, cwd=folder)
            stack.callback(child.stop)
            found: Json = {}
            child.wait_until(lambda: _told(child.output(), found), seconds=_START_SECONDS)
            self.pds_url, self.appview_url, self.plc_url = found["pds"], found["appview"], found["plc"]
            self.ozone_url = found["ozone"]
            self._stack = stack.pop_all()
        return self

    def stop(self) -> None:
        """End everything that was started. May be called again."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def create_account(self, handle: str, email: str, password: str) -> str:
        """Create an account (handle ends in .test) and return its DID at once, before the view knows it."""
        return self._created(handle, email, password)["did"]

    def citizen(self, name: str = "", *, display_name: str = "") -> Citizen:
        """Create an account named `<name>.test` (by chance when not told) and wait until the network knows it."""
        handle = f"{name or 'invanare-' + secrets.token_hex(4)}.test"
        password = secrets.token_urlsafe(12)
        made = self._created(handle, f"{handle.removesuffix('.test')}@example.test", password)
        citizen = Citizen(self, made["did"], handle, password, made["accessJwt"])
        self.until(lambda: bool(self.profile(citizen.did)), f"the account {handle}")
        if display_name:
            citizen.set_profile(display_name)
        return citizen

    def take_down(self, did: str, *, applied: bool = True) -> None:
        """Close an account as the network's moderators do, or open it again."""
        subject = {"$type": "com.atproto.admin.defs#repoRef", "did": did}
        url = f"{self.pds_url}/xrpc/com.atproto.admin.updateSubjectStatus"
        body = {"subject": subject, "takedown": {"applied": applied}}
        _json(url, *call("POST", url, body=body, headers=_AS_ADMIN))

    def reports(self, uri: str) -> list[str]:
        """Return what those who reported a post wrote, as the network's moderators read it."""
        wanted = {"subject": uri, "types": "tools.ozone.moderation.defs#modEventReport"}
        url = f"{self.ozone_url}/xrpc/tools.ozone.moderation.queryEvents?{urlencode(wanted)}"
        found = _json(url, *call("GET", url, headers=_AS_ADMIN))
        return [str(each["event"].get("comment", "")) for each in found["events"]]

    def profile(self, did: str) -> Json:
        """Return the public profile, {} while there is none."""
        return self._public("app.bsky.actor.getProfile", actor=did)

    def seen(self, uri: str) -> Json:
        """Return the post as the public network shows it, {} when it does not."""
        found = self._public("app.bsky.feed.getPosts", uris=uri).get("posts", [])
        return found[0] if found else {}

    def wait_for(self, uri: str) -> None:
        """Wait until the network shows the post."""
        self.until(lambda: bool(self.seen(uri)), uri)

    def wait_until_gone(self, uri: str) -> None:
        """Wait until the network no longer shows the post."""
        self.until(lambda: not self.seen(uri), f"{uri} to be gone")

    def until(self, ready: Callable[[], bool], what: str) -> None:
        """Wait, bounded, for what the network does in its own time."""
        until = time.monotonic() + _SEEN_SECONDS
        while time.monotonic() < until:
            if ready():
                return
            time.sleep(0.05)
        raise ServerFailed(f"The network did not show {what} within {_SEEN_SECONDS} s.")

    def _public(self, method: str, **params: str) -> Json:
        status, _headers, answer = call("GET", f"{self.appview_url}/xrpc/{method}?{urlencode(params)}")
        found: Json = json.loads(answer) if status == 200 else {}
        return found

    def _created(self, handle: str, email: str, password: str) -> dict[str, str]:
        url = f"{self.pds_url}/xrpc/com.atproto.server.createAccount"
        return _json(url, *call("POST", url, body={"handle": handle, "email": email, "password": password}))

    @staticmethod
    def _start_redis(stack: ExitStack, folder: Path, port: int) -> None:
        command = [_program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        child = Child([*command, "--appendonly", "no", "--dir", str(folder)], log=folder / "redis.log")
        stack.callback(child.stop)
        child.wait_until(lambda: answers(port), seconds=10)


def installed() -> Path:
    """
    Return the folder of the network's packages, fetching and building them when this lock has not been yet.

    Safe to call from several processes: one builds, the others wait.

    Raises:
        ServerMissing: Node or npm is not installed, or a package could not be fetched or built.
    """
    cache = _tools() / "bluesky"
    place = cache / _lock_name()
    if (place / "complete").exists():
        return place / "node_modules"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "complete").exists():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            for name in ("package.json", "package-lock.json"):
                shutil.copy(_SCRIPTS / name, place / name)
            _npm(place, "ci", "--no-audit", "--no-fund", "--ignore-scripts")
            # The one package that must be compiled here; npm runs no install scripts by itself. To compile SQLite
            # with any optimisation takes a minute or two, and tests of a minute never get them back.
            _npm(place, "rebuild", "better-sqlite3", "--foreground-scripts", CFLAGS="-O0", CXXFLAGS="-O0")
            (place / "complete").touch()
    return place / "node_modules"


def _tools() -> Path:
    return Path(os.environ.get("NARVARO_TEST_TOOLS") or _ROOT / ".tools")


def _path() -> str:
    # The machine's own Node first; else the one that was put among the tools.
    return f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{_tools() / 'node' / 'bin'}"


def _lock_name() -> str:
    version = subprocess.run([_program("node"), "--version"], check=True, capture_output=True, text=True).stdout
    lock = (_SCRIPTS / "package-lock.json").read_bytes()
    return f"{hashlib.sha256(lock).hexdigest()[:16]}-node{version.strip().removeprefix('v').partition('.')[0]}"


def _npm(place: Path, *arguments: str, **variables: str) -> None:
    made = subprocess.run(
        [_program("npm"), *arguments],
        cwd=place,
        env={**os.environ, **variables, "PATH": _path()},
        check=False,
        capture_output=True,
        text=True,
        timeout=1200,
    )
    if made.returncode:
        raise ServerMissing(f"npm {arguments[0]} failed:\n{(made.stdout + made.stderr)[-3000:]}")


def _program(name: str) -> str:
    found = shutil.which(name, path=_path())
    if found is None:
        raise ServerMissing(
            f"{name} is missing. Install it (Debian: apt-get install nodejs npm redis-server postgresql)."
        )
    return found


def _told(output: str, found: Json) -> bool:
    for line in output.splitlines():
        if line.startswith('{"plc"'):
            found.update(json.loads(line))
            return True
    return False


def _json(what: str, status: int, _headers: Mapping[str, str], answer: bytes) -> Json:
    if status != 200:
        raise ServerFailed(f"{what} gave {status}: {answer[:300]!r}")
    found: Json = json.loads(answer or b"{}")
    return found


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def main() -> None:
    """Install, or start a network by hand."""
    if sys.argv[1:] == ["install"]:
        sys.stdout.write(f"{installed()}\n")
        return
    with BlueskyNetwork() as network:
        places = {"pds": network.pds_url, "appview": network.appview_url, "plc": network.plc_url}
        sys.stdout.write(json.dumps(places) + "\n")
        sys.stdout.flush()
        sys.stdin.readline()


if __name__ == "__main__":
    main()
