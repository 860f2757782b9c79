"""An installation of Närvaro under test: a folder, a database, workers that are killed and started again."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from narvaro.testing.folders import temporary

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = int(os.environ.get("NARVARO_TEST_CRASH_ROUNDS", "12"))
ERRAND_SECONDS = 120.0 + ROUNDS  # what so many rounds left undone is done in one errand


class House:
    """
    One installation with a database of its own; a context manager.

    Args:
        database_url: PostgreSQL's address; "" for SQLite in the installation's folder.
        like: A house at rest whose folder is copied; its database when that is SQLite.
    """

    def __init__(self, database_url: str = "", *, like: House | None = None, **settings: str) -> None:
        self.folder = temporary("crash")
        self.database_url = database_url
        self.in_hand: set[int] = set()  # the publications that somebody held in the middle of the attempt when killed
        if like is not None:
            shutil.copytree(like.folder, self.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("log"))
        mine = {name: value for name, value in os.environ.items() if not name.startswith("NARVARO_")}
        self.environment = {
            **mine,
            "NARVARO_DATA": str(self.folder),
            "NARVARO_DATABASE_URL": database_url,
            "NARVARO_TESTING": "true",
            "NARVARO_ALLOW_PRIVATE_HOSTS": "true",
            "NARVARO_LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "narvaro.web.settings",
            **settings,
        }
        self._log = self.folder / "log"
        with self._log.open("ab") as log:
            self._nursery = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.inside"], cwd=ROOT, env=self.environment, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True,
            )  # fmt: skip
        self._alive: set[int] = set()
        self._product: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for pid in list(self._alive):
            os.kill(pid, signal.SIGKILL)
        self.kill_product()
        if self._nursery.stdin:
            self._nursery.stdin.close()
        try:
            self._nursery.wait(10)
        except subprocess.TimeoutExpired:
            self._nursery.kill()
            self._nursery.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def do(self, errand: str, **values: Any) -> dict[str, Any]:
        """Have an errand done inside (see `inside.ERRANDS`); fails with what went wrong there."""
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(json.dumps({"do": errand, "with": values}) + "\n")
        self._nursery.stdin.flush()
        if not select.select([self._nursery.stdout], [], [], ERRAND_SECONDS)[0]:
            raise AssertionError(f"{errand} gave no answer in {ERRAND_SECONDS} s:\n{self.log()}")
        line = self._nursery.stdout.readline()
        assert line, f"The installation ended:\n{self.log()}"
        said: dict[str, Any] = json.loads(line)
        assert "error" not in said, said["error"]
        return said

    def start_worker(self, **how: Any) -> int:
        """Start a worker process in a session of its own; returns its process id."""
        pid = int(self.do("work", **how)["pid"])
        self._alive.add(pid)
        return pid

    def kill(self, pid: int) -> int:
        """SIGKILL a worker (it may be dead already by its own hand) and return the signal it died of."""
        os.kill(pid, signal.SIGKILL)  # a dead child keeps its id until it is buried
        self._alive.discard(pid)
        return int(self.do("bury", pid=pid)["status"]) & 0x7F

    def after_a_kill(self) -> None:
        """With every worker dead: note which answers were in their hands, and let all leases and pauses run out."""
        assert not self._alive
        self.in_hand |= set(self.do("back_date")["in_hand"])

    def start_product(self) -> None:
        """Start `narvaro worker` itself, as in operation."""
        with self._log.open("ab") as log:
            self._product = subprocess.Popen(
                [sys.executable, "-m", "narvaro.web.command", "worker"], cwd=ROOT, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def kill_product(self) -> None:
        if self._product is not None:
            self._product.kill()
            self._product.wait(10)
            self._product = None

    def log(self, most: int = 4000) -> str:
        return self._log.read_text("utf-8", "replace")[-most:]
