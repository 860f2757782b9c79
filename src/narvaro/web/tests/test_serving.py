"""`narvaro run` as people start it: one command, one address, and a clean end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import pytest
from django.conf import settings
from django.urls import reverse
from waitress.adjustments import Adjustments

from narvaro.testing.servers.processes import free_port
from narvaro.web import serving
from narvaro.web.tests.installation import Installation, fresh_database

pytestmark = pytest.mark.seldom

START_SECONDS = 60.0
STOP_SECONDS = 30.0
MAX_RESIDENT_MB = 400


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with fresh_database() as url:
        yield Installation(tmp_path / "data", database_url=url, PORT=str(free_port()))


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=STOP_SECONDS)


def lines_of(process: subprocess.Popen[str]) -> Queue[str]:
    """Read what a process says in the background, so that no wait is without end."""
    said: Queue[str] = Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said.put(line.rstrip("\n"))

    Thread(target=read, daemon=True).start()
    return said


def first_line(process: subprocess.Popen[str]) -> str:
    try:
        return lines_of(process).get(timeout=START_SECONDS)
    except Empty:
        process.kill()
        pytest.fail(f"Nothing was said in {START_SECONDS} s:\n{process.communicate()[1]}")


def answered(address: str) -> int:
    """Return the status of a page, followed to its end; 0 while nobody answers."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def until(address: str, status: int) -> None:
    end, last = time.monotonic() + START_SECONDS, 0
    while time.monotonic() < end:
        last = answered(address)
        if last == status:
            return
        time.sleep(0.05)
    pytest.fail(f"{address} never answered {status}; the last answer was {last or 'none'}.")


@pytest.mark.one_database
def test_run_prepares_an_empty_folder_and_says_exactly_where_it_is(installation, started):
    process = installation.start("run")
    started.append(process)

    address = first_line(process)

    assert address == f"http://localhost:{installation.environ['PORT']}"
    assert answered(address) == 200
    until(f"{address}/readyz", 200)


@pytest.mark.one_database
def test_a_script_is_told_the_address_when_all_is_ready(installation, started):
    process = installation.start("web", "--json")
    started.append(process)

    told = json.loads(first_line(process))

    assert told == {"ok": True, "code": 0, "address": f"http://localhost:{installation.environ['PORT']}"}
    assert answered(f"{told['address']}/healthz") == 200


def test_run_stays_small_and_ends_cleanly_when_told(installed, started):
    process = installed.at(installed.data, PORT=str(free_port())).start("run")
    started.append(process)
    address = first_line(process)
    for _ in range(50):
        assert answered(address) == 200
    resident_mb = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    process.send_signal(signal.SIGTERM)

    assert process.wait(STOP_SECONDS) == 0
    assert resident_mb < MAX_RESIDENT_MB
    assert answered(address) == 0


@pytest.mark.one_database
def test_a_busy_port_is_told_in_a_sentence_that_says_what_to_do(installation, started):
    first = installation.start("run")
    started.append(first)
    first_line(first)

    second = installation.run("run")

    assert second.returncode == 4
    assert f"Port {installation.environ['PORT']} är upptagen" in second.stderr
    assert "PORT=" in second.stderr.split("Välj en annan")[1]
    assert "Traceback" not in second.stderr


def test_web_and_worker_started_at_once_do_not_race(installation, started):
    web, worker, other = (installation.start(name) for name in ("web", "worker", "worker"))
    started.extend((web, worker, other))

    address = first_line(web)
    said = first_line(worker), first_line(other)

    assert all("arbetar i bakgrunden" in line for line in said)
    until(f"{address}/readyz", 200)
    for process in (web, worker, other):
        process.send_signal(signal.SIGINT)
    assert [process.wait(STOP_SECONDS) for process in (web, worker, other)] == [0, 0, 0]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("NARVARO_BASE_URL", "http://storkoping.example", "https://"),
        ("NARVARO_PROT", "80", "NARVARO_PROT"),
        ("NARVARO_SECRET_KEY", "kort", "NARVARO_SECRET_KEY"),
        ("NARVARO_DATABASE_URL", "mysql://x", "postgresql://"),
        ("NARVARO_PORT", "99999", "NARVARO_PORT"),
    ],
)
def test_unsafe_settings_are_refused_with_what_to_do(installation, name, value, sentence):
    installation.environ |= {"NARVARO_TESTING": "false", name: value}
    if name == "NARVARO_PORT":
        del installation.environ["PORT"]

    done = installation.run("run")

    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_of_a_newer_version_is_left_alone(installed):
    installed.python(
        "from django.db import connection\n"
        "with connection.cursor() as c:\n"
        '    c.execute("INSERT INTO django_migrations (app, name, applied) '
        "VALUES ('records', '9999_from_the_future', '2030-01-01')\")"
    )

    done = installed.run("run")

    assert done.returncode == 2
    assert "9999_from_the_future" in done.stderr


def test_sec_1_only_who_sends_a_film_from_a_session_may_send_more_than_64_mb():
    usual = Adjustments(max_request_body_size=serving.USUAL_BODY_BYTES)
    parser_class = serving._channel_class(usual, 500_000_000).parser_class

    def refused(path: str, cookie: str, size: int) -> bool:
        parser = parser_class(usual)
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Length: {size}\r\n\r\n"
        parser.received(head.encode())
        return parser.error is not None

    session = f"{settings.SESSION_COOKIE_NAME}=abc"
    assert not refused(serving.FILM_PATH, session, 400_000_000)
    assert refused(serving.FILM_PATH, session, 600_000_000)
    assert refused(serving.FILM_PATH, "", 400_000_000)
    assert refused("/bilder/lagg-till/", session, 400_000_000)
    assert reverse("media:add_film") == serving.FILM_PATH
