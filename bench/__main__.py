"""
`python -m bench`: measure screening, the register, a month of plans, capture, lists, search, verification and memory.

Every ratio is taken within one run, turn by turn with what it is compared to, on the same database with the
same durability (fsync on). Nothing here is a timed test: the figures depend on the machine.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import publishing, register, screening
from bench.table import Row
from narvaro.testing.servers.child import free_ports
from narvaro.testing.servers.postgres import PostgresServer

ROOT = Path(__file__).resolve().parents[1]
MEMORY_BOUND_MB = 400
PAGE_BOUND_MS = 100
QUERIES_BOUND = 12
CAPTURE_BOUNDS = {"sqlite": 2000, "postgres": 1200}
VISITS = 300


def main() -> int:
    """Measure, print the table; 0 when every bound holds, else 1."""
    given = _given()
    rows: list[Row] = []
    if given.part in (None, "screening"):
        rows += screening.rows(quick=given.quick, say=_say)
    databases = ("sqlite", "postgres") if given.database == "both" else (given.database,)
    is_register = given.part == "register" or (given.part is None and register.is_at_hand())
    if given.part is None and not is_register:
        _say("register: left out, since the registers of authorities are not at hand (NARVARO_SHARED)")
    for database in databases if is_register else ():
        with _installation(database) as environment:
            rows += register.rows(database, environment, _say)
    for database in databases if given.part in (None, "publishing") else ():
        with _installation(database) as environment:
            rows += publishing.rows(database, environment, _say, quick=given.quick)
    for database in databases if given.part in (None, "records") else ():
        _say(f"{database}: {given.items} items")
        with _installation(database) as environment:
            figures = _measured(environment, given)
            rows += _rows(database, figures, given)
            if not given.without_memory:
                rows.append(_memory(database, environment, figures))
    if given.json:
        sys.stdout.write(json.dumps({"machine": _machine(), "rows": [asdict(row) for row in rows]}, indent=2) + "\n")
    else:
        _print_table(rows)
    return 0 if all(row.holds is not False for row in rows) else 1


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.split("\n\n")[0])
    parts = ["screening", "register", "publishing", "records"]
    parser.add_argument("part", nargs="?", choices=parts, help="measure only this part")
    parser.add_argument("--items", type=int, help="how many records to grow to (1 000 000; quick: 100 000)")
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--quick", action="store_true", help="from 20 000 to 100 000 records instead of to a million")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--without-memory", action="store_true", help="do not start narvaro run")
    given = parser.parse_args()
    given.items = given.items or (100_000 if given.quick else 1_000_000)
    given.early = given.items // 5 if given.quick else given.items // 10
    return given


@contextmanager
def _installation(database: str) -> Iterator[dict[str, str]]:
    """Give the settings of an empty installation with a durable database; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="narvaro-bench-"))
    bare = {name: value for name, value in os.environ.items() if not name.startswith("NARVARO_")}
    environment = {
        **bare,
        "NARVARO_DATA": str(folder),
        "NARVARO_TESTING": "true",
        "NARVARO_LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "narvaro.web.settings",
    }
    try:
        if database == "sqlite":
            yield environment
            return
        with PostgresServer(durable=True) as server:
            url = server.fresh_database("narvaro")
            # Nobody is behind the wall between authorities as a superuser, and its rule is part of every plan.
            server.execute("CREATE ROLE narvaro LOGIN NOSUPERUSER NOBYPASSRLS", url=url)
            server.execute("ALTER SCHEMA public OWNER TO narvaro", url=url)
            yield environment | {"NARVARO_DATABASE_URL": url.replace("postgres@", "narvaro@")}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measured(environment: dict[str, str], given: argparse.Namespace) -> dict[str, dict[str, Any]]:
    command = [
        sys.executable, "-m", "bench.inside", "--items", str(given.items), "--early", str(given.early),
        "--blobs", "16" if given.quick else "64", "--asked", "40" if given.quick else "100",
    ]  # fmt: skip
    done = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found = {}
    for line in done.stdout.splitlines():
        figure = json.loads(line)
        found[figure.get("name", "session")] = figure
    return found


def _rows(database: str, found: dict[str, dict[str, Any]], given: argparse.Namespace) -> list[Row]:
    capture, flat, told = found["capture"], found["flat"], found["notified"]
    share, slowest = capture["ours"] / capture["peer"], found["capture_rate"]["ours"]
    growth = flat["ours"]
    told_share = told["ours"] / told["peer"]
    rows = [
        Row(database, f"capture end to end, at {capture['at']:,} records", f"{capture['ours']:,.0f}/s",
            f"bare inserts {capture['peer']:,.0f}/s", f"1/{1 / share:.1f}", ">= 1/8", share >= 1 / 8),
        Row(database, "capture end to end, slowest window", f"{slowest:,.0f}/s",
            bound=f">= {CAPTURE_BOUNDS[database]:,}/s", holds=slowest >= CAPTURE_BOUNDS[database]),
        *(Row(database, f"  of which {name.removeprefix('step:')}", f"{figure['ours']:.0f} µs/item")
          for name, figure in found.items() if name.startswith("step:")),
        Row(database, f"cost per item, {flat['from']:,} to {flat['at']:,} records", f"x {growth:.2f}",
            f"bare x {flat['peer']:.2f}", bound="0.80 to 1.20", holds=growth <= 1.2),
        Row(database, f"capture with {told['people']} people told", f"{told['ours']:,.0f}/s",
            f"with 1: {told['peer']:,.0f}/s", f"{told_share:.2f}", ">= 0.85", told_share >= 0.85),
        Row(database, "indexing for search", f"{found['index']['ours']:,.0f}/s"),
    ]  # fmt: skip
    for name, figure in found.items():
        if name.startswith("page:"):
            rows.append(_page_row(database, name.removeprefix("page:"), figure))
    items, blobs = found["verify_items"], found["verify_blobs"]
    blob_share = blobs["ours"] / blobs["peer"]
    rows += [
        Row(database, f"verify, {items['at']:,} small items", f"{items['ours']:,.0f}/s", bound=">= 25,000/s",
            holds=items["ours"] >= 25_000),
        Row(database, "verify, payloads of 4 MiB", f"{blobs['ours']:,.0f} MB/s", f"hashlib {blobs['peer']:,.0f} MB/s",
            f"{blob_share:.2f}", ">= 0.70", blob_share >= 0.7),
    ]  # fmt: skip
    return rows


def _page_row(database: str, name: str, figure: dict[str, Any]) -> Row:
    holds = figure["ours"] < PAGE_BOUND_MS and figure["queries"] <= QUERIES_BOUND
    ours = f"p95 {figure['ours']:.0f} ms, {figure['queries']} queries"
    return Row(database, f"page: {name}", ours, bound=f"< {PAGE_BOUND_MS} ms, <= {QUERIES_BOUND}", holds=holds)


# --- Memory ---------------------------------------------------------------------------------------------------------


def _memory(database: str, environment: dict[str, str], found: dict[str, dict[str, Any]]) -> Row:
    """Start `narvaro run` on what was built, visit its pages as a day's work does, and read its resident memory."""
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "narvaro.web.command", "run"]
    with (Path(environment["NARVARO_DATA"]) / "run.log").open("wb") as log:
        running = subprocess.Popen(
            command, env=environment | {"NARVARO_PORT": str(port)}, cwd=ROOT, stdout=log, stderr=log,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    try:
        _wait_for(port, running)
        cookie = found["session"]["session"]
        paths = ("/att-gora/", "/inkorg/?lista=alla", "/inkorg/?lista=mina", "/handlingar/sok/?q=trafiken", "/antal/")
        for number in range(VISITS):
            for word in ("trafiken", "bussarna", "belysningen", "maten"):
                path = paths[number % len(paths)].replace("trafiken", word)
                _visited(port, path, cookie)
        peak = _resident_mb(running.pid)
    finally:
        running.terminate()
        with suppress(subprocess.TimeoutExpired):
            running.wait(30)
        running.kill()
    what = f"resident memory of narvaro run after {VISITS * 4:,} pages"
    return Row(database, what, f"{peak:.0f} MB", bound=f"< {MEMORY_BOUND_MB} MB", holds=peak < MEMORY_BOUND_MB)


def _wait_for(port: int, running: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with suppress(OSError):
            if _visited(port, "/healthz", "") == 200:
                return
        if running.poll() is not None:
            break
        time.sleep(0.2)
    raise SystemExit("narvaro run did not start.")


def _visited(port: int, path: str, cookie: str) -> int:
    connection = http.client.HTTPConnection("localhost", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    return 0.0


# --- Telling --------------------------------------------------------------------------------------------------------


def _print_table(rows: list[Row]) -> None:
    heads = ("database", "what", "ours", "against", "ratio", "bound", "")
    lines = [heads] + [
        (r.database, r.what, r.ours, r.against, r.ratio, r.bound, {True: "holds", False: "FAILS", None: ""}[r.holds])
        for r in rows
    ]
    widths = [max(len(line[n]) for line in lines) for n in range(len(heads))]
    sys.stdout.write(_machine() + "\n\n")
    for line in lines:
        row = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        sys.stdout.write(row.rstrip() + "\n")


def _machine() -> str:
    cores, load = os.cpu_count() or 1, os.getloadavg()[1]
    busy = " (the machine had other work: only the ratios mean something)" if load > cores * 1.5 else ""
    return f"{platform.machine()}, {cores} cores, Python {platform.python_version()}, load {load:.1f}{busy}"


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
