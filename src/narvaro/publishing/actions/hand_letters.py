"""
Letters about what a person publishes by hand: one when it is time, one when the link is still missing.

What was told is a row of its own, written with the letter in one transaction: a worker that is killed in between has
told nothing, and tells it once when it is back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.base.workingtime import reply_due
from narvaro.core import letters
from narvaro.core import queries as core
from narvaro.core.types import Actor, Role
from narvaro.publishing.actions.by_hand import ask_hand
from narvaro.publishing.models import HandTold, Publication
from narvaro.publishing.types import State

if TYPE_CHECKING:
    from narvaro.core.models import Person

DUTY = "tell of posts by hand"
A_WORKING_DAY_HOURS = 24
MOST_AT_A_TIME = 100


def tell_of_hand_posts() -> int:
    """
    Write to whoever is to publish something by hand when it is time, and once more when its link is still missing.

    A post that its author publishes at once is told of only when the link is missing after a working day. Whoever is
    away or has left gets no letter: it goes to whoever has the channel now.

    Returns:
        How many posts were told or reminded of.

    Law: TF-5 (what is published is kept; without the link it is not)
    """
    waits = Publication.objects.everywhere(DUTY).filter(state=State.BY_HAND, not_before__lte=now())
    told = HandTold.objects.everywhere(DUTY)
    due = waits.exclude(pk__in=told.values("publication_id")).order_by("pk").values_list("pk", flat=True)
    late = told.filter(reminded_at=None, remind_at__lte=now(), publication__state=State.BY_HAND)
    keys = list(late.order_by("pk").values_list("pk", flat=True)[:MOST_AT_A_TIME])
    return sum(_tell(key) for key in list(due[:MOST_AT_A_TIME])) + sum(_remind(key) for key in keys)


@transaction.atomic
def _tell(key: int) -> bool:
    publication = _held(key)
    if publication is None:
        return False
    actor = Actor.system(publication.authority, DUTY)
    rows = HandTold.objects.of(actor)
    if rows.filter(publication=publication).exists():
        return False
    remind = reply_due(now(), hours=A_WORKING_DAY_HOURS, calendar=core.calendar_for(publication.authority)).at
    row = HandTold(authority_id=actor.authority_id, publication=publication, told_at=now(), remind_at=remind)
    HandTold.objects.bulk_create([row], ignore_conflicts=True)
    # Whoever pressed "publish" a moment ago stands before the page already.
    if publication.is_planned or publication.released_at is not None:
        _write(actor, publication, "publishing.by_hand", is_late=False)
    return True


@transaction.atomic
def _remind(key: int) -> bool:
    rows = HandTold.objects.everywhere(DUTY).filter(pk=key, reminded_at=None)
    row = rows.select_for_update(of=("self",)).first()
    publication = _held(row.publication_id) if row is not None else None
    if publication is None or not rows.update(reminded_at=now()):
        return False
    _write(Actor.system(publication.authority, DUTY), publication, "publishing.by_hand_late", is_late=True)
    return True


def _held(key: int) -> Publication | None:
    rows = Publication.objects.everywhere(DUTY).filter(pk=key, state=State.BY_HAND)
    found: Publication | None = (
        rows.select_for_update(of=("self",)).select_related("authority", "channel__authority").first()
    )
    return found


def _write(actor: Actor, publication: Publication, kind: str, *, is_late: bool) -> None:
    notes = []
    for person in _recipients(actor, publication):
        with translation.override(person.language):
            subject, body = _words(publication, is_late=is_late)
        notes.append(letters.Note(
            kind, f"{kind}:{publication.uid.hex}:{person.pk}", subject, body, to_person_id=person.pk,
            subject_kind=Publication._meta.label_lower, subject_id=publication.pk,
        ))  # fmt: skip
    letters.write(actor, notes)


def _recipients(actor: Actor, publication: Publication) -> list[Person]:
    """Return who has it in their hands now; it waits for them too. Those who lead communications, where nobody has."""
    person_id = ask_hand(actor, publication, at=now())
    if person_id is not None:
        return [core.person_by_id(person_id)]
    people = core.people_with(actor, Role.COMMUNICATIONS_LEAD)
    away = core.absent_now(actor, [each.pk for each in people])
    return [each for each in people if each.pk not in away] or people


def _words(publication: Publication, *, is_late: bool) -> tuple[str, str]:
    """Return a letter's subject and body; nothing of what the post says stands in it."""
    named = {
        "channel": publication.channel.name, "link": f"{settings.OPTIONS.base_url}/publicerat/{publication.uid}/",
    }  # fmt: skip
    if is_late:
        return _("Länken saknas till ett inlägg i %(channel)s") % named, _(
            "Ett inlägg skulle publiceras för hand i %(channel)s. Länken till det är inte registrerad än, så det är "
            "inte bevarat. Är det ute, registrera länken. Blev det inte av, säg det på samma sida:\n\n%(link)s"
        ) % named
    return _("Dags att publicera ett inlägg i %(channel)s") % named, _(
        "Nu är det dags att publicera ett inlägg för hand i %(channel)s. Texten, bilderna och en checklista står här:"
        "\n\n%(link)s\n\nRegistrera länken där när det är ute, så är det bevarat."
    ) % named
