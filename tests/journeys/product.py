"""The real product as a process on loopback, as somebody who installs it would start it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from narvaro.testing import tables
from narvaro.testing.servers.child import free_ports

ROOT = Path(__file__).parents[2]
UP_SECONDS = 90
_EACH = "import json, sys; from narvaro.web.command import main; sys.exit(max(map(main, json.loads(sys.argv[1]))))"


class Product:
    """
    One running Närvaro with a data folder of its own; a context manager.

    Args:
        begins_from: A data folder to copy; None begins from nothing, and left out from where a first start ends.
        settings: More settings, by name without NARVARO_.
    """

    template: Path | None = None
    """Where a data folder is kept as a first start leaves it; None: each begins from nothing."""

    def __init__(self, folder: Path, *, begins_from: Path | Literal["start"] | None = "start", **settings: str) -> None:
        (self.port,) = free_ports(1)
        self.url = f"http://localhost:{self.port}"
        self.folder = folder
        self.settings = settings
        self._begins_from = begins_from
        self._log = folder.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self, **more: str) -> None:
        """Start, or start again with more settings (a moved clock), and wait until it answers."""
        self.settings |= more
        source = self._begins_from
        if source == "start":
            source = made_once(self.template, _first_start) if self.template else None
        if source is not None and not self.folder.exists():
            shutil.copytree(source, self.folder)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "narvaro.web.command", "run"],
                cwd=ROOT, env=self.environment(), stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + UP_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"Närvaro did not start:\n{self.log()}")
            time.sleep(0.2)

    def stop(self) -> None:
        """Ask it to stop, and insist after 20 seconds."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=25)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(timeout=10)
        self._process = None

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a subcommand of narvaro on the same data."""
        return subprocess.run(
            [sys.executable, "-m", "narvaro.web.command", *words],
            cwd=ROOT, env=self.environment(), capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def commands(self, *many: Sequence[str]) -> None:
        """Run subcommands one after another on the same data, in one process. Raises AssertionError: one failed."""
        done = subprocess.run(
            [sys.executable, "-c", _EACH, json.dumps(many)],
            cwd=ROOT, env=self.environment(), capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def environment(self) -> dict[str, str]:
        """Return the environment the product runs in."""
        given = {
            "data": str(self.folder), "port": str(self.port), "testing": "true", "allow_private_hosts": "true",
            "poll_seconds": "5", **self.settings,
        }  # fmt: skip
        clean = {k: v for k, v in os.environ.items() if not k.startswith("NARVARO_") and k != "DJANGO_SETTINGS_MODULE"}
        return clean | {f"NARVARO_{name.upper()}": value for name, value in given.items()}

    def log(self) -> str:
        """Return the end of what it has written."""
        return self._log.read_text(errors="replace")[-6000:] if self._log.exists() else ""

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def made_once(place: Path, make: Callable[[Path], None]) -> Path:
    """Let `make` fill a folder, unless another process of the same run has; returns the folder, to be copied from."""
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            begun = place.with_name(f"{place.name}-begun")
            make(begun)
            begun.rename(place)
    return place


def _first_start(folder: Path) -> None:
    tables.begin_from_them(folder / "narvaro.sqlite3")
    with Product(folder, begins_from=None):
        pass
