"""
Builds the register that `bench.register` reads, in one process on one database; settings are in the environment.

One line of JSON on stdout at the end.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import django

HEAD = "platform;handle;url;name;unit;purpose;audience;languages;staffed_hours;elsewhere"
TOLD = (
    "Kommunikation;Det här är vi här för att berätta om;Alla som bor här;svenska, engelska;Vardagar 8–16;Ring växeln."
)


def main() -> None:
    """Build it, and measure what needs no server."""
    shared, wanted = Path(sys.argv[1]), int(sys.argv[2])
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    django.setup()
    from django.conf import settings  # noqa: PLC0415 - settings are read only when they are needed

    from narvaro.core import actions  # noqa: PLC0415
    from narvaro.core.types import Actor  # noqa: PLC0415
    from narvaro.web import serving  # noqa: PLC0415

    serving.prepare(with_files=True)
    home, admin = actions.set_up(
        organisation="Storköping", authority="Storköping", admin_email="admin@storkoping.example",
        admin_name="Administratör", admin_password="bench bench bench 1",
    )  # fmt: skip
    begun = time.perf_counter()
    every = _authorities(shared)
    authorities_s = time.perf_counter() - begun
    asked = _accounts(shared, wanted, every)
    brought_in_s, again_s = _ten_thousand(Actor.system(home, "bench"), admin.person_id)
    sample = asked[:: max(len(asked) // 1_000, 1)]
    found = {
        "authorities": len(every), "accounts": len(asked), "authorities_s": authorities_s, "asked": sample,
        "brought_in_s": brought_in_s, "again_s": again_s, "slugs": [each.slug for each in every],
        "threads": settings.OPTIONS.web_threads, **_verified(sample),
    }  # fmt: skip
    answers.write(json.dumps(found) + "\n")
    answers.flush()


def _authorities(shared: Path) -> list[Any]:
    """Take in the municipalities and the agencies that there are now."""
    from narvaro.core import actions, queries  # noqa: PLC0415
    from narvaro.formats import authorities  # noqa: PLC0415

    for name in ("swe-geodata/municipalities.csv", "swe-agencies/merged.json"):
        for each in authorities.read((shared / name).read_bytes()) or []:
            if not (each.ended or each.is_elsewhere):
                actions.take_in_authority(
                    name=each.name, kind=each.kind, website=each.website, organisation_number=each.organisation_number
                )
    return queries.all_authorities()[1:]


def _accounts(shared: Path, wanted: int, every: list[Any]) -> list[str]:
    """Give each authority accounts by turns, called as real ones are; returns their addresses."""
    from narvaro.channels import actions  # noqa: PLC0415
    from narvaro.channels.queries import Understanding  # noqa: PLC0415
    from narvaro.core import actions as house  # noqa: PLC0415
    from narvaro.core.types import Actor  # noqa: PLC0415
    from narvaro.formats import tables  # noqa: PLC0415

    real = tables.read((shared / "us-legislators-social" / "legislators-social-media.yaml").read_bytes())
    handles = [(row.cells[1], row.cells[2]) for row in real.rows if row.cells[1] != "mastodon"]
    lines: list[list[str]] = [[] for _each in every]
    addresses = []
    for number, (platform, handle) in islice(enumerate(cycle(handles)), wanted):
        address = f"https://{platform}.com/{handle}.{number}"
        lines[number % len(every)].append(f"{platform};{handle}.{number};{address};Konto {number};{TOLD}")
        addresses.append(address)
    for at, authority in enumerate(every):
        actor = Actor.system(authority, "bench")
        someone = house.add_person(actor=actor, email=f"ansvarig@authority{at}.example", name=f"Ansvarig {at}")
        actions.bring_in_rows(
            actor=actor, table=tables.read("\n".join([HEAD, *lines[at]]).encode()), name="bench",
            understanding=Understanding(responsible=someone),
        )  # fmt: skip
    return addresses


def _ten_thousand(actor: Any, person_id: int) -> list[float]:
    """Bring in ten thousand rows, twice; returns the seconds each took."""
    from narvaro.channels import actions  # noqa: PLC0415
    from narvaro.channels.queries import Understanding  # noqa: PLC0415
    from narvaro.core import queries  # noqa: PLC0415
    from narvaro.formats import tables  # noqa: PLC0415

    text = "platform;handle;name\n" + "".join(f"x;egen{n};Konto {n}\n" for n in range(10_000))
    how = Understanding(new_unit="Kommunikation", responsible=queries.person_by_id(person_id))
    took = []
    for _turn in range(2):
        begun = time.perf_counter()
        actions.bring_in_rows(actor=actor, table=tables.read(text.encode()), name="bench", understanding=how)
        took.append(time.perf_counter() - begun)
    return took


def _verified(sample: list[str]) -> dict[str, float]:
    """Ask whose accounts are, within this process: 95 of 100 answers in ms, and how many questions to the database."""
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    anybody, took = Client(SERVER_NAME="localhost"), []
    for address in sample:
        begun = time.perf_counter()
        answer = anybody.get("/api/v1/accounts/verify", {"url": address})
        took.append(time.perf_counter() - begun)
        assert json.loads(answer.content)["answer"] == "ours", address
    with CaptureQueriesContext(connection) as found:
        anybody.get("/api/v1/accounts/verify", {"url": sample[0]})
    return {"verify_ms": statistics.quantiles(took, n=20)[-1] * 1000, "verify_queries": len(found)}


if __name__ == "__main__":
    main()
