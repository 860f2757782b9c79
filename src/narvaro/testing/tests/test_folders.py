"""A run of tests leaves nothing behind, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from narvaro.testing.folders import PREFIX

pytestmark = pytest.mark.one_database
MAKES = "from narvaro.testing.folders import temporary; (temporary('snac') / 'x').write_text('x');"
WAITS = "print('ready', flush=True); import sys; sys.stdin.read()"
A_RUN = f"""
import pytest

@pytest.fixture
def server():
    {MAKES}
    yield
    print("ended", flush=True)

def test_waits(server):
    {WAITS}
"""


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith(PREFIX))


@contextmanager
def running(*command: str, temporary: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has said it is ready, and waits for us to close its standard input."""
    process = subprocess.Popen(
        [sys.executable, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=temporary,
        env={**os.environ, "TMPDIR": str(temporary), "NARVARO_TEST_TURN": ""},
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    try:
        said = ""
        while "ready" not in said:
            said = process.stdout.readline()
            assert said, "It ended before it was ready."
        yield process
    finally:
        process.kill()
        process.communicate(timeout=30)


def test_a_process_that_ends_takes_its_folders_with_it(tmp_path):
    with running("-c", MAKES + WAITS, temporary=tmp_path) as process:
        assert len(left_in(tmp_path)) == 1
        process.communicate("", timeout=30)

    assert left_in(tmp_path) == []


def test_what_a_killed_process_left_is_removed_by_the_next_and_nothing_else_is(tmp_path):
    with running("-c", MAKES + WAITS, temporary=tmp_path) as alive:
        with running("-c", MAKES + WAITS, temporary=tmp_path) as killed:
            assert len(left_in(tmp_path)) == 2
            killed.send_signal(signal.SIGKILL)
            killed.wait(30)
        with running("-c", MAKES + WAITS, temporary=tmp_path) as following:
            assert len(left_in(tmp_path)) == 2  # the one that lives, and the new one
            following.communicate("", timeout=30)
        assert len(left_in(tmp_path)) == 1
        alive.communicate("", timeout=30)

    assert left_in(tmp_path) == []


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_run_of_tests_that_is_interrupted_ends_its_servers_and_removes_its_folders(tmp_path, how):
    (tmp_path / "test_run.py").write_text(A_RUN)
    command = ("-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "-p", "narvaro.testing.ground", "test_run.py")
    with running(*command, temporary=tmp_path) as process:
        assert left_in(tmp_path)
        process.send_signal(how)
        said, _nothing = process.communicate(timeout=60)

    assert process.returncode == pytest.ExitCode.INTERRUPTED
    assert "ended" in said
    assert left_in(tmp_path) == []
