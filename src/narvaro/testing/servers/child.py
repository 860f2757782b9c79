"""A server process that never outlives the test that started it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from narvaro.testing.servers.processes import ServerFailed

# The server runs beside a shell that waits for our end of a pipe: however we die, the pipe closes and
# the server is told to end. (Signals at a parent's death follow threads, and fixtures start in any.)
_BESIDE = 'signal=$1; shift; "$@" </dev/null & child=$!; read -r _; kill -"$signal" "$child" 2>/dev/null; wait "$child"'


def free_ports(count: int) -> list[int]:
    """Return ports on 127.0.0.1 that nobody listens on now, all different."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def answers(port: int) -> bool:
    """Return whether something accepts connections on the port of 127.0.0.1."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def as_user(name: str | None) -> dict[str, Any]:
    """Return what subprocess needs to run something as another user; {} for ourselves."""
    return {"user": name, "group": name, "extra_groups": [name]} if name else {}


class Child:
    """
    One running server process. Its output goes to `log`.

    Args:
        ends_on: The signal that makes it close in good order.
        user: Run as this user; only root may ask for another than itself.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
        ends_on: signal.Signals = signal.SIGTERM,
    ) -> None:
        self._log = log
        self._name = Path(command[0]).name
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _BESIDE, "sh", ends_on.name.removeprefix("SIG"), *command],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=cwd,
                start_new_session=True,
                **as_user(user),
            )

    @property
    def pid(self) -> int:
        """The process id of the group the server runs in."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def output(self) -> str:
        """Return what the server wrote so far."""
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """
        Wait until `ready()` is true.

        Raises:
            ServerFailed: The process ended, or the time ran out.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if ready():
                return
            if not self.alive:
                raise ServerFailed(f"{self._name} ended while starting:\n{self.output()[-3000:]}")
            time.sleep(0.03)
        raise ServerFailed(f"{self._name} did not answer within {seconds} s:\n{self.output()[-3000:]}")

    def stop(self, *, seconds: float = 8) -> None:
        """End the server and all it started; asks first, insists after `seconds`. May be called again."""
        if self._process.stdin and not self._process.stdin.closed:
            with suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait(seconds)
