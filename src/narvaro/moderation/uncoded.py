"""
Finding the decision that a complaint without a code is about: by the link to what was written, or by its own words.

No code reaches whoever nobody told, and none is kept to be handed out: then somebody would have to show who they are,
and the law gives no ground to ask (TF-10). What they wrote is what they know, and the authority finds the decision.

Law: FL-1, FL-8, TF-10
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from narvaro.core import queries as core
from narvaro.core.types import Actor
from narvaro.moderation import queries, rules
from narvaro.moderation.models import Measure, Report
from narvaro.moderation.types import MeasureState
from narvaro.records import queries as records

if TYPE_CHECKING:
    from django.db.models import QuerySet

FEWEST_LETTERS = 12  # fewer are in anybody's words
DAYS_AROUND = timedelta(days=2)
MOST_COMPARED = 500
MOST_OFFERED = 100
_NO_LETTERS = re.compile(r"[\W_]+")


def decision_about(actor: Actor, *, url: str = "", quote: str = "", written_on: date | None = None) -> Measure | None:
    """
    Return the one decision in force that a link, or words and the day they were written, lead to with certainty.

    None where there is none or several, and of words also where the day is missing: then a person looks.
    """
    found = _by_link(actor, url.strip()) if url.strip() else _by_words(actor, quote, written_on)
    return found[0] if len(found) == 1 else None


def decisions_for(actor: Actor, report: Report) -> list[Measure]:
    """Return the decisions to choose among for a complaint without a code: those about its item, else the latest."""
    about = _in_force(actor).filter(item_id=report.item_id) if report.item_id else Measure.objects.of(actor).none()
    rows = about if about.exists() else _in_force(actor)
    return list(rows.select_related("channel", "item").order_by("-pk")[:MOST_OFFERED])


def _by_link(actor: Actor, url: str) -> list[Measure]:
    item = queries.item_by_link(actor, url)
    return list(_in_force(actor).filter(item=item)[:2]) if item is not None else []


def _by_words(actor: Actor, quote: str, written_on: date | None) -> list[Measure]:
    wanted = _plain(quote)
    if written_on is None or len(wanted) < FEWEST_LETTERS:
        return []
    day = core.calendar_for(core.authority_of(actor)).moment(datetime.combine(written_on, time()))
    near = _in_force(actor).filter(
        item__published_at__gte=day - DAYS_AROUND, item__published_at__lt=day + timedelta(days=1) + DAYS_AROUND,
        item__sealed_at=None,
    )  # fmt: skip
    return [
        measure
        for measure in near.select_related("item").order_by("-pk")[:MOST_COMPARED]
        if measure.item is not None
        and any(wanted in _plain(version.text) for version in records.versions_of(actor, measure.item))
    ]


def _in_force(actor: Actor) -> QuerySet[Measure]:
    rows = Measure.objects.of(actor).filter(kind__in=rules.ON_PLATFORM)
    return rows.exclude(state__in=(MeasureState.UNDOING, MeasureState.UNDONE))


def _plain(words: str) -> str:
    """Return words as they are compared: letters and digits alone, however they were typed or broken."""
    return _NO_LETTERS.sub("", words.casefold())
