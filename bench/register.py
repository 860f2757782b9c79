"""
The register's public face at scale: 13,000 accounts of some 740 authorities, read over HTTP and asked about.

The authorities and the accounts' names are real ones, out of registers (CC0) that stand in `NARVARO_SHARED`; each
authority gets accounts by turns. Every figure stands beside what an empty Django view does in the same run, under the
same server with as many threads and asked by the same client.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

from bench.table import Row
from narvaro.testing.servers.child import free_ports

ROOT = Path(__file__).resolve().parents[1]
ACCOUNTS = 13_000
CONNECTIONS = 4
PAGE_BOUND_MS, PAGE_BOUND_RATE, VERIFY_BOUND_MS = 50, 500, 5

_EMPTY = """
import sys
sys.setswitchinterval(0.0005)  # as our own server does
from django.conf import settings
settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="x", MIDDLEWARE=[])
import django; django.setup()
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
urlpatterns = [path("", lambda request: HttpResponse(b"x", headers={"Content-Length": "1"}))]
from waitress import serve
serve(get_wsgi_application(), host="127.0.0.1", port=int(sys.argv[1]), threads=int(sys.argv[2]), ident=None)
"""


SHARED = Path(os.environ.get("NARVARO_SHARED", ROOT.parent / "shared" / "data"))


def is_at_hand() -> bool:
    """Whether the registers of authorities and accounts stand where they are looked for."""
    return (SHARED / "swe-agencies" / "merged.json").exists()


def rows(database: str, environment: dict[str, str], say: Callable[[str], None]) -> list[Row]:
    """Build the register, read it, and return what came of it against the bounds."""
    if not is_at_hand():
        raise SystemExit("The registers of authorities are needed: say where they stand with NARVARO_SHARED.")
    command = [sys.executable, "-m", "bench.inside_register", str(SHARED), str(ACCOUNTS)]
    done = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    say(f"{database}: {found['accounts']} accounts in {found['authorities']} authorities")
    threads = found["threads"]
    with _served(environment, threads) as (port, empty):
        pages = [f"/{slug}/kanaler/" for slug in found["slugs"]]
        first, tags = _asked(port, pages, {}, connections=1)
        data, _tags = _asked(port, [f"/{slug}/kanaler.json" for slug in found["slugs"]], {}, connections=1)
        verify = [f"/api/v1/accounts/verify?url={each}" for each in found["asked"]]
        told = [
            _measured(port, empty, "page of accounts, kept ready", pages * 3, {}),
            _measured(port, empty, "page of accounts, known to whoever asks (304)", pages * 3, tags),
            _measured(port, empty, "verify", verify, {}),
        ]
    name = f"{found['accounts']:,} accounts, {found['authorities']} authorities"
    return [
        Row(database, "10,000 rows of a register brought in", f"{found['brought_in_s']:.1f} s", bound="seconds"),
        Row(database, "the same again, nothing changed", f"{found['again_s']:.1f} s"),
        Row(database, f"{found['authorities']} authorities out of registers", f"{found['authorities_s']:.1f} s"),
        _first(database, f"page of accounts, made anew ({name})", first),
        _first(database, "accounts as JSON, made anew", data),
        *(_row(database, *each) for each in told),
        Row(database, "verify: time in the server",
            f"p95 {found['verify_ms']:.1f} ms, {found['verify_queries']} queries",
            bound=f"< {VERIFY_BOUND_MS} ms", holds=found["verify_ms"] < VERIFY_BOUND_MS),
    ]  # fmt: skip


def _first(database: str, what: str, one: Asked) -> Row:
    holds = one.p95 < PAGE_BOUND_MS
    return Row(database, what, f"p95 {one.p95:.1f} ms", bound=f"< {PAGE_BOUND_MS} ms", holds=holds)


def _row(database: str, what: str, one: Asked, ours: Asked, against: Asked) -> Row:
    holds = one.p95 < PAGE_BOUND_MS and ours.rate >= PAGE_BOUND_RATE
    is_page = what != "verify"
    return Row(
        database, what, f"p95 {one.p95:.1f} ms, {ours.rate:,.0f}/s", f"empty view {against.rate:,.0f}/s",
        f"1/{against.rate / ours.rate:.1f}", f"< {PAGE_BOUND_MS} ms, {PAGE_BOUND_RATE}/s" if is_page else "",
        holds if is_page else None,
    )  # fmt: skip


def _measured(
    port: int, empty: int, what: str, paths: list[str], tags: dict[str, str]
) -> tuple[str, Asked, Asked, Asked]:  # fmt: skip
    """Ask for the paths: one after another for how long it takes, a few at once and by turns for how many a second."""
    one, _tags = _asked(port, paths[:1_000], tags, connections=1)
    size = max(len(paths) // 6, 1)
    ours, theirs = [], []
    for at in range(0, len(paths), size):
        ours.append(_asked(port, paths[at : at + size], tags)[0])
        theirs.append(_asked(empty, ["/"] * size, {})[0])
    middle = [sorted(each, key=lambda one: one.rate)[len(each) // 2] for each in (ours, theirs)]
    return what, one, middle[0], middle[1]


class Asked:
    """What came of asking: answers a second, and how long 95 of 100 took at most, in ms."""

    def __init__(self, seconds: float, took: list[float]) -> None:
        self.rate = len(took) / seconds
        self.p95 = statistics.quantiles(took, n=20)[-1] * 1000


@contextmanager
def _served(environment: dict[str, str], threads: int) -> Iterator[tuple[int, int]]:
    """Serve the installation, and an empty view beside it; give the ports of both."""
    port, empty = free_ports(2)
    log = (Path(environment["NARVARO_DATA"]) / "web.log").open("wb")
    commands = [
        [sys.executable, "-m", "narvaro.web.command", "web"],
        [sys.executable, "-c", _EMPTY, str(empty), str(threads)],
    ]
    running = [
        subprocess.Popen(
            command, env=environment | {"NARVARO_PORT": str(port)}, cwd=ROOT, stdout=log, stderr=log,
            stdin=subprocess.DEVNULL,
        )
        for command in commands
    ]  # fmt: skip
    try:
        for at, path in ((port, "/healthz"), (empty, "/")):
            _wait_for(at, path)
        yield port, empty
    except RuntimeError:
        sys.stderr.write((Path(environment["NARVARO_DATA"]) / "web.log").read_text(encoding="utf-8")[-4000:])
        raise
    finally:
        for each in running:
            each.terminate()
        for each in running:
            with suppress(subprocess.TimeoutExpired):
                each.wait(20)
            each.kill()
        log.close()


def _wait_for(port: int, path: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with suppress(OSError, RuntimeError):
            _asked(port, [path, path], {})
            return
        time.sleep(0.2)
    raise SystemExit("The server did not start.")


def _asked(
    port: int, paths: list[str], tags: dict[str, str], *, connections: int = CONNECTIONS
) -> tuple[Asked, dict[str, str]]:  # fmt: skip
    """
    Ask for the paths over connections that are kept open; returns what came of it and the tag of each answer.

    Raises:
        RuntimeError: Anything but 200 and 304 was answered.
    """
    took: list[float] = []
    found: dict[str, str] = {}
    failed: list[str] = []
    parts = [paths[number::connections] for number in range(connections)]
    threads = [Thread(target=_ask, args=(port, part, tags, took, found, failed)) for part in parts if part]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise RuntimeError(failed[0])
    return Asked(time.perf_counter() - begun, took), found


def _ask(
    port: int, paths: list[str], tags: dict[str, str], took: list[float], found: dict[str, str], failed: list[str]
) -> None:
    path, connection = "", None
    try:
        for path in paths:
            known = f"If-None-Match: {tags[path]}\r\n" if path in tags else ""
            begun = time.perf_counter()
            connection = connection or socket.create_connection(("127.0.0.1", port), timeout=30)
            connection.sendall(
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n{known}\r\n".encode()
            )
            head = _answer(connection)
            took.append(time.perf_counter() - begun)
            if head.split(" ")[1] not in ("200", "304"):
                failed.append(f"{path}: {head.splitlines()[0]}")
                return
            for line in head.lower().splitlines():
                if line.startswith("etag:"):
                    found[path] = line.partition(":")[2].strip().replace("w/", "W/")
                elif line == "connection: close":  # waitress does so after each 304
                    connection.close()
                    connection = None
    except OSError as error:
        failed.append(f"{path}: {error}")
    finally:
        if connection is not None:
            connection.close()


def _answer(connection: socket.socket) -> str:
    """Read one answer whole; returns its head."""
    read = b""
    while b"\r\n\r\n" not in read:
        more = connection.recv(65_536)
        if not more:
            raise OSError("the server closed the connection")
        read += more
    head, _mark, body = read.partition(b"\r\n\r\n")
    text = head.decode("latin-1")
    length = next(
        (int(line.partition(":")[2]) for line in text.splitlines() if line.lower().startswith("content-length:")), 0
    )
    left = length - len(body) if text.split(" ")[1] != "304" else 0
    while left > 0:
        more = connection.recv(min(left, 65_536))
        if not more:
            raise OSError("the server closed the connection")
        left -= len(more)
    return text
