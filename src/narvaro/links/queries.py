"""Every read of short links; those of a person start from the actor, the one of a visitor from the code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet, Sum

from narvaro.base.clock import STOCKHOLM, today
from narvaro.core import queries as core
from narvaro.core.gathering import Part, gathered
from narvaro.core.types import READS_ALL, Actor, NotFound
from narvaro.links import rules
from narvaro.links.models import LinkHour, LinkTarget, ShortLink

if TYPE_CHECKING:
    from narvaro.core.models import Authority

PAGE = 30
SHOWN_DAYS = 30


@dataclass(frozen=True, slots=True)
class Followed:
    """How often a link was followed, by day (oldest first) and in all; and where it has led, latest first."""

    days: tuple[tuple[date, int], ...]
    total: int
    targets: tuple[LinkTarget, ...]


def link_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> ShortLink:
    """
    Return one short link of the actor's authority.

    Args:
        lock: Hold the row until the transaction ends.

    Raises:
        NotFound: Missing, another authority's, or the actor reads no links.
    """
    rows = _readable(actor)
    rows = rows.select_for_update(of=("self",)) if lock else rows.select_related("made_by")
    found: ShortLink | None = rows.filter(uid=uid).first()
    if found is None:
        raise NotFound
    return found


def links(actor: Actor, *, text: str = "", before: int | None = None, limit: int = PAGE) -> list[ShortLink]:
    """Return short links, newest first; older than id `before`, with `text` in title, code or target, when given."""
    rows = _readable(actor).select_related("made_by")
    if text:
        rows = rows.filter(title__icontains=text) | rows.filter(code__icontains=text) | rows.filter(
            target__icontains=text
        )  # fmt: skip
    rows = rows.filter(pk__lt=before) if before else rows
    return list(rows.order_by("-id")[:limit])


def totals(actor: Actor, found: Iterable[ShortLink]) -> dict[int, int]:
    """Return how often each of several links was followed, by its key; one that nobody followed is absent."""
    rows = LinkHour.objects.of(actor).filter(link__in=[each.pk for each in found])
    return {row["link_id"]: row["n"] for row in rows.values("link_id").annotate(n=Sum("clicks")).order_by()}


def clicks_of(actor: Actor, texts: Iterable[str]) -> tuple[int, int]:
    """
    Return how many short links of ours stand in some texts, and how often they were followed in all.

    A link that stands elsewhere too is counted with what it got there. No statement where there is no link.

    Law: GDPR-1
    """
    base = settings.OPTIONS.base_url
    found = {each for text in texts for each in rules.addresses_in(text) if rules.is_ours(each, base)}
    codes = {rules.tidy_code(urlsplit(each).path.removeprefix(rules.ROOT).strip("/+")) for each in found}
    if not codes:
        return 0, 0
    listed = list(_readable(actor).filter(code__in=codes))
    return len(listed), sum(totals(actor, listed).values())


def followed(actor: Actor, link: ShortLink, *, days: int = SHOWN_DAYS) -> Followed:
    """
    Return how often a link was followed, day by day, and where it has led.

    Args:
        days: How many of the last days, today too; a day is Swedish time's.

    Returns:
        Every day of the span, 0 where nobody followed it.

    Law: GDPR-1 (counts, and nothing of whoever followed it)
    """
    first = today() - timedelta(days - 1)
    since = datetime.combine(first, time(), STOCKHOLM)
    by_day = dict.fromkeys((first + timedelta(n) for n in range(days)), 0)
    found = gathered({
        "hours": Part(LinkHour.objects.of(actor).filter(link=link, hour__gte=since)),
        "targets": Part(LinkTarget.objects.of(actor).filter(link=link), names=("by__name",)),
    })  # fmt: skip
    for row in found["hours"]:
        day = row.hour.astimezone(STOCKHOLM).date()
        by_day[day] = by_day.get(day, 0) + row.clicks
    total = totals(actor, [link]).get(link.pk, 0)
    return Followed(tuple(by_day.items()), total, tuple(reversed(found["targets"])))


def hours(actor: Actor, link: ShortLink) -> Iterable[tuple[datetime, int]]:
    """Return each hour in which a link was followed with how many times, oldest first, for a file."""
    rows = LinkHour.objects.of(actor).filter(link=link).order_by("hour")
    return rows.values_list("hour", "clicks").iterator()


def link_at(code: str) -> tuple[ShortLink, Authority]:
    """
    Return the link that a code stands for, whoever asks, with its authority. Retired ones too.

    Raises:
        NotFound: There has never been such a code.
    """
    rows = ShortLink.objects.everywhere("follow").select_related("authority")
    found: ShortLink | None = rows.filter(code=rules.tidy_code(code)).first()
    if found is None:
        raise NotFound
    return found, found.authority


def address_of(link: ShortLink) -> str:
    """Return the short address itself."""
    return f"{settings.OPTIONS.base_url.rstrip('/')}{rules.ROOT}{link.code}"


def is_foreign(actor: Actor, address: str) -> bool:
    """Whether an address leads to another site than the actor's authority's own website."""
    return rules.is_foreign(address, core.authority_of(actor).website)


def _readable(actor: Actor) -> QuerySet[ShortLink]:
    rows = ShortLink.objects.of(actor)
    return rows if actor.has_anywhere(*READS_ALL) else rows.none()
