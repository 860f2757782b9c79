"""Starting and stopping a server process, with every wait bounded."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

START_SECONDS = 20.0
STOP_SECONDS = 5.0


class ServerMissing(Exception):
    """A server that tests need is not installed; `str()` says how it is."""


class ServerFailed(Exception):
    """A server did not start or did not answer as it should."""


def free_port() -> int:
    """Return a port on 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(
    command: Sequence[str], *, log: Path, is_up: Callable[[], bool], env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """
    Start a process and return when it answers.

    Raises:
        ServerFailed: It ended, or did not answer within `START_SECONDS`; holds the end of its log.
    """
    with log.open("ab") as out:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=dict(env) if env is not None else None,
            start_new_session=True,
        )
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        if is_up():
            return process
        time.sleep(0.02)
    stop(process)
    raise ServerFailed(f"{command[0]} did not start. Its last words:\n{log.read_text(errors='replace')[-2000:]}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the process: politely, then by force."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)
