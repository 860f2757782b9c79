"""
Builds a month's plan and measures its pages and its delivery, in one process on one database.

One line of JSON on stdout at the end; settings are in the environment.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import threading
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from narvaro.core.jobs import Lane


def main() -> None:
    """Build it, ask for its pages, then let what is due go out."""
    parser = argparse.ArgumentParser()
    for name in ("messages", "channels", "asked", "port", "rate", "seconds"):
        parser.add_argument(f"--{name}", type=int, required=True)
    given = parser.parse_args()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    django.setup()
    from narvaro.web import serving  # noqa: PLC0415 - models are ready only now

    serving.prepare(with_files=True)
    plan = Plan(given.channels, given.port)
    plan.fill(given.messages)
    plan.fill_library(given.messages)
    settle()
    gc.collect()
    gc.freeze()  # what the plan was built with is no part of a web process
    found: dict[str, Any] = {"pages": plan.pages(given.asked)}
    found["delivery"] = plan.deliver(given.rate, given.seconds)
    answers.write(json.dumps(found) + "\n")
    answers.flush()


def settle() -> None:
    """Let PostgreSQL look over its tables, as it does by itself within minutes of so many new rows."""
    from django.db import connection  # noqa: PLC0415

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


class Plan:
    """One authority with its channels, and a month of messages in them."""

    def __init__(self, channels: int, port: int) -> None:
        from narvaro.base.ids import uuid7  # noqa: PLC0415
        from narvaro.channels import custody  # noqa: PLC0415
        from narvaro.channels.models import Channel, ChannelSecret  # noqa: PLC0415
        from narvaro.core.testing import a_unit, an_actor, an_authority, person_of  # noqa: PLC0415
        from narvaro.core.types import Role  # noqa: PLC0415
        from narvaro.publishing.models import Label  # noqa: PLC0415

        self.authority = an_authority()
        units = [a_unit(self.authority, name=f"Enhet {number:02d}") for number in range(40)]
        self.lead = an_actor(self.authority, role=Role.COMMUNICATIONS_LEAD)
        self.someone = person_of(an_actor(self.authority, role=Role.REPRESENTATIVE, unit=units[0]))
        self.labels = Label.objects.bulk_create(
            Label(authority=self.authority, name=f"Etikett {number}") for number in range(10)
        )
        self.channels = Channel.objects.bulk_create(
            Channel(
                authority=self.authority, platform="mastodon", name=f"Kanal {number:04d}", unit=units[number % 40],
                handle=f"kanal{number}@localhost", base_url=f"http://127.0.0.1:{port}", remote_id="1",
                responsible=self.someone, uid=uuid7(),
            )
            for number in range(channels)
        )  # fmt: skip
        ChannelSecret.objects.bulk_create(
            ChannelSecret(
                authority=self.authority, channel=each,
                sealed=custody.sealed({"access_token": "bench"}, f"channel:{each.uid}"),
            )
            for each in self.channels
        )  # fmt: skip

    def fill(self, count: int) -> None:
        """Plan so many messages over the month that holds today, each in two channels, handed to the schedule."""
        from narvaro.base.clock import STOCKHOLM, today  # noqa: PLC0415
        from narvaro.publishing.types import State  # noqa: PLC0415

        first = today().replace(day=1)
        days = ((first + timedelta(31)).replace(day=1) - first).days
        planned = []
        for number in range(count):
            wall = datetime(first.year, first.month, 1 + number % days, 7 + number % 11, number % 60, tzinfo=STOCKHOLM)
            planned.append((wall, State.QUEUED if wall > datetime.now(STOCKHOLM) else State.DELIVERED))
        for at in range(0, count, 2000):
            self._plan(planned[at : at + 2000], since=at)

    def _plan(self, planned: list[tuple[datetime, str]], *, since: int) -> list[int]:
        """Put messages with their publications where `actions.messages` puts them; returns the publications' keys."""
        from narvaro.publishing.models import Message, MessageChannel, MessageLabel, Publication  # noqa: PLC0415

        owner = {"authority": self.authority}
        rows = Message.objects.bulk_create(
            Message(
                text=f"Nummer {since + n}: biblioteket är öppet på lördag mellan tio och fjorton.", state="planned",
                planned_day=at.date(), planned_clock=at.time(), planned_at=at, shows_at=at, shows_on=at.date(),
                sent_at=at, written_by=self.someone, changed_by=self.someone, **owner,
            )
            for n, (at, _state) in enumerate(planned)
        )  # fmt: skip
        MessageLabel.objects.bulk_create(
            MessageLabel(message=row, marked=self.labels[n % 10], **owner) for n, row in enumerate(rows)
        )
        sent = Publication.objects.bulk_create(
            Publication(
                channel=self._channel(since + n, turn), purpose="post", text=row.text, visibility="public",
                content_hash="", key=f"{row.uid}-{turn}", written_by=self.someone, not_before=at, is_planned=True,
                state=state, remote_id="sent" if state == "delivered" else "", **owner,
            )
            for n, (row, (at, state)) in enumerate(zip(rows, planned, strict=True))
            for turn in (0, 1)
        )  # fmt: skip
        MessageChannel.objects.bulk_create(
            MessageChannel(message=rows[n // 2], channel=each.channel, publication=each, **owner)
            for n, each in enumerate(sent)
        )
        return [each.pk for each in sent]

    def fill_library(self, count: int) -> None:
        """Put so many pictures in the library; their files are not asked for."""
        from narvaro.media.models import Asset, Picture  # noqa: PLC0415

        owner = {"authority": self.authority, "added_by": self.someone}
        assets = Asset.objects.bulk_create(
            Asset(title=f"Bild {number}", words=f"bild {number} badplatsen vid ån", basis="nobody", people=0, **owner)
            for number in range(count)
        )
        Picture.objects.bulk_create(
            Picture(
                asset=each, is_current=True, digest="0" * 64, thumb="0" * 64, media_type="image/jpeg", size_bytes=1000,
                width=1200, height=800, alt=f"Badplatsen {number} en solig dag", **owner,
            )
            for number, each in enumerate(assets)
        )  # fmt: skip

    def _channel(self, number: int, turn: int) -> Any:
        return self.channels[(number * 2 + turn) % len(self.channels)]

    # --- Pages ------------------------------------------------------------------------------------------------------

    def pages(self, asked: int) -> dict[str, dict[str, float]]:
        """Ask for each kind of page as the communications lead does; time in the server, and questions."""
        from django.db import connection  # noqa: PLC0415
        from django.test import Client  # noqa: PLC0415
        from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

        from bench.measures import cookie_of  # noqa: PLC0415
        from narvaro.base.clock import today  # noqa: PLC0415
        from narvaro.core.testing import person_of  # noqa: PLC0415

        client = Client(HTTP_HOST="localhost", headers={"cookie": cookie_of(person_of(self.lead))})
        day, start = today(), "/publicerat/kalender/"
        drafts = "/publicerat/utkast/?lista=planerat"
        found = {}
        for name, address in {
            "month": start, "week": f"{start}?vy=vecka", "list": f"{start}?vy=lista&dag={day}",
            "month, one channel": f"{start}?kanal={self.channels[7].uid}",
            "month, one unit": f"{start}?enhet={self.channels[7].unit.uid}",
            "month, one label": f"{start}?etikett={self.labels[3].uid}", "one day": f"{start}{day}/",
            "what to think of": f"{start}tank-pa/", "the part with what to think of": f"{start}tank-pa/",
            "what is planned, in a list": drafts, "what is planned, searched": f"{drafts}&q=lördag",
            "the library": "/bilder/", "the library, searched": "/bilder/?q=badplats",
            "the library, searched in vain": "/bilder/?q=finnsinte",
        }.items():  # fmt: skip
            times, headers = [], {"HX-Request": "true"} if name.startswith("the part") else {}
            client.get(address, headers=headers)  # a template is read from its file once
            for _turn in range(asked):
                begun = time.perf_counter()
                answer = client.get(address, headers=headers)
                times.append((time.perf_counter() - begun) * 1000)
                assert answer.status_code == 200, f"{address}: {answer.status_code}"
            with CaptureQueriesContext(connection) as queries:
                size = len(client.get(address, headers=headers).content)
            p95 = sorted(times)[min(len(times) - 1, int(0.95 * len(times)))]
            found[name] = {"p95": p95, "queries": len(queries), "bytes": size}
            sys.stderr.write(f"  {name}: p95 {p95:.0f} ms, {len(queries)} queries, {size:,} bytes\n")
        return found

    # --- Delivery ---------------------------------------------------------------------------------------------------

    def deliver(self, rate: int, seconds: int) -> dict[str, float]:
        """Let so many a second become due, with the lanes of sending and looking at work as in the product."""
        from narvaro.core.jobs import SWEPT, Lane  # noqa: PLC0415
        from narvaro.publishing.models import Publication  # noqa: PLC0415

        begins = datetime.now().astimezone() + timedelta(seconds=5)
        planned = [(begins + timedelta(seconds=n / (rate / 2)), "queued") for n in range(rate * seconds // 2)]
        keys = self._plan(planned, since=1_000_000)
        stop = threading.Event()
        lanes = [lane for lane in SWEPT if lane in (Lane.SENDING, Lane.LOOKING)]
        workers = [threading.Thread(target=_run, args=(lane, stop)) for lane in lanes]
        for worker in workers:
            worker.start()
        rows = Publication.objects.everywhere("bench").filter(pk__in=keys)
        deadline = time.monotonic() + seconds * 3 + 60
        while rows.filter(state="queued").exists() and time.monotonic() < deadline:
            time.sleep(2)
        stop.set()
        for worker in workers:
            worker.join()
        waits = sorted(
            (at - due).total_seconds() for due, at in rows.values_list("not_before", "attempted_at") if at is not None
        )
        return {
            "asked": len(keys), "attempted": len(waits), "delivered": rows.filter(state="delivered").count(),
            "median": waits[len(waits) // 2], "p99": waits[int(0.99 * len(waits))], "most": waits[-1],
        }  # fmt: skip


def _run(lane: Lane, stop: threading.Event) -> None:
    """Run a lane as `core.jobs.Worker` does."""
    from django.db import connection  # noqa: PLC0415

    from narvaro.core.jobs import run_lane  # noqa: PLC0415

    taken: dict[str, datetime] = {}
    while not stop.is_set():
        run_lane(lane, taken)
        stop.wait(0.5)
    connection.close()


if __name__ == "__main__":
    main()
