"""What screening found, of items and never of people; the only place of these reads that opens the findings (RF-3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Max, Q

from narvaro.connectors.port import Visibility
from narvaro.core.gathering import Part
from narvaro.core.types import Actor
from narvaro.inbox import rules
from narvaro.inbox.models import Finding, Incoming
from narvaro.inbox.types import Outcome
from narvaro.moderation import queries as moderation
from narvaro.moderation.types import NumbersFound, Suspected
from narvaro.records import queries as records
from narvaro.screening import Severity

MOST_SUSPECTED = 1000
AT_ONCE = 3000  # how many findings are looked at in one turn
IDENTITY_NUMBER = "personal_data.identity_number"  # the rule that counts its checksum and its date
BY_LAW = "BBS-5"  # how the grounds begin that the law itself wants gone


def findings_of(actor: Actor, incoming: Incoming) -> list[Finding]:
    """Return what screening found in the version it last read, gravest first."""
    rows = Finding.objects.of(actor).filter(incoming=incoming, version_number=incoming.screened_version)
    return list(rows.order_by("-severity", "start", "pk"))


def findings_part(actor: Actor, incoming: Incoming) -> Part:
    """Return what to gather to know what screening found in the version it last read."""
    return Part(Finding.objects.of(actor).filter(incoming=incoming, version_number=incoming.screened_version))


def suspected(actor: Actor) -> list[Suspected]:
    """
    Return what is not done, open to anybody, and in which screening found something that BBS 5 § may want gone.

    What was private and is shown to more on the platform is open to anybody, also while it is private here.

    Law: BBS-1, BBS-4, BBS-5
    """
    rows = Finding.objects.of(actor).filter(
        ground__startswith=BY_LAW, version_number=F("incoming__screened_version"), incoming__done_at=None,
        incoming__item__gone_at=None,
    ).filter(Q(incoming__is_private=False) | records.is_open_there("incoming__item"))  # fmt: skip
    found = rows.order_by("incoming_id", "-severity").select_related("incoming__channel")[:MOST_SUSPECTED]
    by_item = {row.incoming.item_id: row for row in reversed(found)}  # the gravest of each
    return [Suspected(row.incoming.uid, item_id, row.incoming.channel, row.ground) for item_id, row in by_item.items()]


def numbers_found(actor: Actor, since: datetime, after: int | None) -> NumbersFound:
    """
    Return where screening has certainly found an identity number that anybody can read now: in the latest words of
    something that is not from before the channel's time.

    Args:
        since: What came before is left out when nothing was looked at yet.
        after: The key of the last finding that was looked at. Keys rise in the order in which an authority's findings
            are written: its feed is taken in one part at a time.

    Law: GDPR-7
    """
    everything = Finding.objects.of(actor)
    if after is None:
        after = everything.filter(incoming__received_at__lt=since).aggregate(last=Max("pk"))["last"] or 0
    keys = list(everything.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    rows = Finding.objects.of(actor).filter(
        pk__in=keys, rule=IDENTITY_NUMBER, severity__gte=Severity.LOOK, version_number=F("incoming__screened_version"),
        incoming__item__gone_at=None, incoming__item__sealed_at=None,
    ).exclude(incoming__outcome=Outcome.BEFORE_OPERATION)  # fmt: skip
    return NumbersFound(
        upto=keys[-1] if keys else after,
        found=tuple(
            (row.incoming.item, row.version_number, rules.link_to(row.incoming.uid))
            for row in rows.select_related("incoming__item").order_by("pk")
            if not row.incoming.is_private or _is_open_there(actor, row.incoming)
        ),
    )


def _is_open_there(actor: Actor, incoming: Incoming) -> bool:
    """Whether what is private here can be read by others on the platform since: its author has shown it to more."""
    return records.latest_said(actor, incoming.item).visibility != Visibility.PRIVATE


def removal_parts(actor: Actor, listed: Sequence[Incoming]) -> dict[str, Part]:
    """Return what is gathered to know what must go, and until when, among the rows of a list. Law: BBS-4"""
    open_rows = [row for row in listed if row.done_at is None]
    if not open_rows:
        return {}
    held = [row.pk for row in open_rows if row.is_private]
    shown_there = Incoming.objects.of(actor).filter(records.is_open_there("item"), pk__in=held)
    unlawful = Finding.objects.of(actor).filter(
        incoming_id__in=[row.pk for row in open_rows], ground__startswith=BY_LAW
    )  # fmt: skip
    parts = {"unlawful": Part(unlawful), **({"shown_there": Part(shown_there)} if held else {})}
    return parts | moderation.knowledge_parts(actor, [row.item_id for row in open_rows])


def removal_dues(listed: Sequence[Incoming], found: Mapping[str, list[Any]]) -> dict[int, datetime]:
    """Return until when each row that must go may stand, by its item, from what was gathered. Law: BBS-4"""
    shown_there = {row.pk for row in found.get("shown_there", ())}
    rows = {row.pk: row for row in listed if not row.is_private or row.pk in shown_there}
    suspected = {
        rows[one.incoming_id].item_id: rows[one.incoming_id].channel_id
        for one in found.get("unlawful", ())
        if one.incoming_id in rows
        and one.version_number == rows[one.incoming_id].screened_version
        and rows[one.incoming_id].item.gone_at is None
    }
    return moderation.removal_dues(found, suspected) if suspected else {}
