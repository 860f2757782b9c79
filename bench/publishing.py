"""A month's plan at scale: 10,000 messages to 1,000 channels, its calendar, and what is due on its way out."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.table import Row
from narvaro.testing.servers.child import free_ports

ROOT = Path(__file__).resolve().parents[1]
MESSAGES, CHANNELS = 10_000, 1_000
PAGE_BOUND_MS, QUERIES_BOUND = 150, 12
RATE, BOUND_SECONDS = 20, 5


def rows(database: str, environment: dict[str, str], say: Callable[[str], None], *, quick: bool) -> list[Row]:
    """Build the plan, ask for its pages, let what is due go out, and return what came of it against the bounds."""
    (port,) = free_ports(1)
    platform = subprocess.Popen([sys.executable, "-m", "bench.fake_platform", str(port)], cwd=ROOT)
    seconds, asked = (20, 60) if quick else (60, 60)
    command = [
        sys.executable, "-m", "bench.inside_publishing", "--messages", str(MESSAGES), "--channels", str(CHANNELS),
        "--asked", str(asked), "--port", str(port), "--rate", str(RATE), "--seconds", str(seconds),
    ]  # fmt: skip
    say(f"{database}: {MESSAGES:,} messages in {CHANNELS:,} channels")
    try:
        time.sleep(0.5)
        own = environment | {"NARVARO_ALLOW_PRIVATE_HOSTS": "true", "NARVARO_LOG_LEVEL": "ERROR"}
        done = subprocess.run(command, env=own, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    finally:
        platform.terminate()
        platform.wait(10)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    pages = [_page(database, name, figure) for name, figure in found["pages"].items()]
    return [*pages, _delivery(database, found["delivery"], seconds)]


def _page(database: str, name: str, figure: dict[str, float]) -> Row:
    holds = figure["p95"] < PAGE_BOUND_MS and figure["queries"] <= QUERIES_BOUND
    ours = f"p95 {figure['p95']:.0f} ms, {figure['queries']:.0f} queries, {figure['bytes'] / 1000:.0f} kB"
    return Row(
        database, f"page: {name}", ours, bound=f"< {PAGE_BOUND_MS} ms, <= {QUERIES_BOUND}", holds=holds
    )  # fmt: skip


def _delivery(database: str, figure: dict[str, float], seconds: int) -> Row:
    holds = figure["p99"] < BOUND_SECONDS and figure["delivered"] == figure["asked"]
    ours = (
        f"p50 {figure['median']:.1f} s, p99 {figure['p99']:.1f} s, most {figure['most']:.1f} s; "
        f"{figure['delivered']:.0f} of {figure['asked']:.0f} delivered"
    )
    what = f"due until handed to the connector, {RATE} a second for {seconds} s"
    return Row(database, what, ours, bound=f"p99 < {BOUND_SECONDS} s, all", holds=holds)
