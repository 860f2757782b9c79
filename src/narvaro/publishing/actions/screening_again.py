"""What is planned is read once more when the rules have changed since it was approved; then a person decides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro import screening
from narvaro.base.clock import now
from narvaro.core import audit, waiting
from narvaro.core.types import Actor, Role
from narvaro.publishing import queries, rules
from narvaro.publishing.models import Publication, Screened
from narvaro.publishing.types import Purpose, State

PLACE = "publications"
KIND = "publishing.publication"
AHEAD = timedelta(minutes=1)
MOST_AT_A_TIME = 200
STOPS = "! "  # before what stops a text: what was only asked about and agreed to is news when it stops


def note_rules(actor: Actor, publications: Iterable[Publication]) -> None:
    """Note by which rules the words of something planned have been read; part of the caller's transaction."""
    mark = queries.rules_mark(actor)
    Screened.objects.bulk_create(
        [
            Screened(authority_id=actor.authority_id, publication=each, rules=mark, told=_told(actor, each.text))
            for each in publications
        ],
        ignore_conflicts=True,
    )


def hold_what_rules_stop_now() -> int:
    """
    Hold what is due within a minute when rules newer than its reading stop it or ask about it; returns how many.

    Its author, or who leads communications, is told why and lets it out or takes it back. What people need to know in
    a crisis, and corrections, are never held.

    Law: GDPR-7, OSL-1
    """
    due = Publication.objects.everywhere("read planned posts again").filter(
        state=State.QUEUED, is_planned=True, purpose=Purpose.POST, not_before__lte=now() + AHEAD
    )
    held = 0
    for key in list(due.order_by("authority_id").values_list("authority_id", flat=True).distinct()):
        one = due.filter(authority_id=key).select_related("authority").first()
        if one is None:
            continue
        actor = Actor.system(one.authority, "screen")
        mark = queries.rules_mark(actor)
        older = Screened.objects.of(actor).filter(publication__in=due.values("pk")).exclude(rules=mark)
        while rows := list(older.select_related("publication")[:MOST_AT_A_TIME]):
            held += sum(_read_again(actor, row, mark) for row in rows)
    return held


@transaction.atomic
def _read_again(actor: Actor, row: Screened, mark: str) -> bool:
    publication = row.publication
    Screened.objects.of(actor).filter(pk=row.pk).update(rules=mark)
    news = [each for each in _told(actor, publication.text) if each not in row.told]
    if not news:
        return False
    reason = " ".join(each.removeprefix(STOPS) for each in news)[:500]
    waits = Publication.objects.of(actor).filter(pk=publication.pk, state=State.QUEUED)
    if not waits.update(state=State.AWAITING, reason=reason):
        return False
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Hålls inne, reglerna har ändrats: %(text)s") % {"text": rules.beginning(publication.text)}
    whom = {"person_id": publication.written_by_id} if publication.written_by_id else {
        "role": Role.COMMUNICATIONS_LEAD.value
    }  # fmt: skip
    waiting.put(actor, [
        waiting.Wait(PLACE, KIND, publication.pk, title, f"/publicerat/{publication.uid}/", due_at=now(), **whom)
    ])  # fmt: skip
    audit.note(actor, "publishing.hold_by_rules", publication, rules=mark)
    return True


def _told(actor: Actor, text: str) -> list[str]:
    with translation.override(settings.LANGUAGE_CODE):
        checks = queries.checks_of(actor, text, kind=screening.Kind.POST)
        return [*(f"{STOPS}{each}" for each in checks.stops), *checks.asks]
