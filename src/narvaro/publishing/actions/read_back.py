"""What the platform shows after delivery and after a change, compared with what was approved; written once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels.types import Platform
from narvaro.connectors.port import Item as Found
from narvaro.connectors.port import Outgoing, Page
from narvaro.core import audit, waiting
from narvaro.core import queries as core
from narvaro.core.types import Actor, NotPermitted, Role, Stale
from narvaro.publishing import rules
from narvaro.publishing.actions.chains import PLACE
from narvaro.publishing.comparing import differences
from narvaro.publishing.models import Publication, ReadBack
from narvaro.publishing.queries import afterwards as queries
from narvaro.publishing.types import Differs, State
from narvaro.records import actions as records

if TYPE_CHECKING:
    from narvaro.publishing.comparing import Difference

KIND = "publishing.read_back"
LOOK_AFTER = timedelta(seconds=20)
TELLS_FILM_ALT = (Platform.BLUESKY, Platform.MASTODON, Platform.THREADS)
PAUSES_SECONDS = (60, 300, 1800, 7200, 6 * 3600)
LOOKS_FOR_CAPTIONS = 3  # before somebody is told that a film lacks them: a platform may take some minutes


def claim_look_back() -> Publication | None:
    """Take the next delivered publication that is due to be compared with what was approved; None: there is none."""
    with transaction.atomic():
        rows = _rows().filter(look_back_at__lte=now(), state=State.DELIVERED)
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        row: Publication | None = rows.order_by("look_back_at", "id").first()
        if row is None:
            return None
        pause = PAUSES_SECONDS[min(row.looks_back, len(PAUSES_SECONDS) - 1)]
        _rows().filter(pk=row.pk).update(
            looks_back=F("looks_back") + 1, look_back_at=now() + timedelta(seconds=pause)
        )  # fmt: skip
        return row


def is_last_look_back(publication: Publication) -> bool:
    """Whether a claimed publication was now looked for as many times as we try."""
    return publication.looks_back + 1 >= len(PAUSES_SECONDS)


def store_look_back(publication: Publication, approved: Outgoing, shown: Found | None, *, number: int = 0) -> None:
    """
    Keep what the platform shows, and write down in what it differs from what was approved; a person is told of that.

    A film whose captions alone are missing is looked at again some times first.

    Law: TF-5, DOS-2; P24
    """
    if shown is None:
        records.capture_gone(channel=publication.channel, remote_ids=[publication.remote_id])
    else:
        records.capture(channel=publication.channel, page=Page(items=(shown,), next_cursor=""))
    tells = publication.channel.platform in TELLS_FILM_ALT
    found = differences(approved, shown, tells_film_alt=tells)
    if not (_lacks_captions(found) and publication.looks_back < LOOKS_FOR_CAPTIONS):
        _store(publication, number, found, was_read=True)


def _lacks_captions(found: list[Difference]) -> bool:
    """Whether a film's captions are all that differs."""
    return [each["what"] for each in found] == [Differs.CAPTIONS]


def give_up_looking_back(publication: Publication, *, number: int = 0) -> None:
    """Write down that the platform could not be read in the end; a person looks instead."""
    _store(publication, number, [], was_read=False)


def leave_looking_back(publication: Publication) -> None:
    """Compare no more: it is removed, or the platform shows nothing by its id."""
    _rows().filter(pk=publication.pk).update(look_back_at=None)


@transaction.atomic
def settle_read_back(*, actor: Actor, publication: Publication) -> None:
    """
    Say that one has seen in what the platform shows something else than was approved.

    Raises:
        NotPermitted: The actor may not change what is out there.
        Stale: Somebody has seen it already.
    """
    if not queries.may_change(actor, publication):
        raise NotPermitted
    rows = ReadBack.objects.of(actor).filter(publication=publication, settled_at=None)
    seen = [row.pk for row in rows if row.differences or not row.was_read]
    if not rows.filter(pk__in=seen).update(settled_by_id=actor.person_id, settled_at=now()):
        raise Stale
    waiting.settle(actor, PLACE, KIND, [publication.pk])
    audit.note(actor, "publishing.settle_read_back", publication)


def _store(publication: Publication, number: int, found: list[Difference], *, was_read: bool) -> None:
    actor = Actor.system(publication.channel.authority, "compare")
    with transaction.atomic():
        _rows().filter(pk=publication.pk).update(look_back_at=None)
        _row, is_new = ReadBack.objects.of(actor).get_or_create(
            publication=publication, number=number,
            defaults={"authority_id": actor.authority_id, "differences": found, "was_read": was_read},
        )  # fmt: skip
        if not is_new or (was_read and not found):
            return
        audit.note(actor, "publishing.read_back", publication, number=number, differs=[each["what"] for each in found])
        _tell(actor, publication, found, was_read=was_read)


def _tell(actor: Actor, publication: Publication, found: list[Difference], *, was_read: bool) -> None:
    has_left = publication.written_by_id is None or bool(core.gone(actor, [publication.written_by_id]))
    with translation.override(settings.LANGUAGE_CODE):
        if _lacks_captions(found):
            words = {"channel": publication.channel.name, "text": rules.beginning(publication.text)}
            title = _("Filmen saknar undertexter i %(channel)s. Lägg till dem där: %(text)s") % words
        elif was_read:
            title = _("Det som syns är inte det som godkändes: %(text)s") % {"text": rules.beginning(publication.text)}
        else:
            title = _("Se efter hur det blev på plattformen: %(text)s") % {"text": rules.beginning(publication.text)}
    waiting.put(
        actor,
        [
            waiting.Wait(
                place=PLACE, subject_kind=KIND, subject_id=publication.pk, title=title,
                link=f"/publicerat/{publication.uid}/", due_at=now(),
                person_id=None if has_left else publication.written_by_id,
                role=Role.COMMUNICATIONS_LEAD.value if has_left else "",
            )
        ],
    )  # fmt: skip


def _rows() -> QuerySet[Publication]:
    rows: QuerySet[Publication] = Publication.objects.everywhere("compare").select_related("channel__authority")
    return rows
