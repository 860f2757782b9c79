"""What a person publishes where no machine does: the work put before somebody, registered afterwards, or not done."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.core import audit, waiting
from narvaro.core import queries as core
from narvaro.core.types import ANSWERS, Actor, Invalid, NotPermitted, Role, Stale
from narvaro.publishing import queries, rules
from narvaro.publishing.actions.chains import KIND, PLACE
from narvaro.publishing.models import Publication
from narvaro.publishing.types import State
from narvaro.records import actions as records
from narvaro.records.actions.manual import HandItem, HandPicture

MOST_WHY = 500


def ask_hand(actor: Actor, publication: Publication, *, at: datetime | None = None) -> int | None:
    """
    Put before somebody that a publication is theirs to make: its author at once; at a time whoever then is in charge.

    Where nobody is in charge then, those who lead communications.

    Args:
        at: When whoever it waits for must be there; its own time when None.

    Returns:
        Whose it is; None for those who lead communications.
    """
    channel, due_at = publication.channel, publication.not_before
    person_id = publication.written_by_id
    if publication.is_planned or (at is not None and core.not_here(actor, [person_id])):
        person_id = channels.holders(actor, [channel], at=at or due_at).get(channel.pk)
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Publicera för hand i %(channel)s: %(text)s") % {
            "channel": channel.name, "text": rules.beginning(publication.text, 60),
        }  # fmt: skip
    wait = waiting.Wait(
        place=PLACE, subject_kind=KIND, subject_id=publication.pk, title=title,
        link=f"/publicerat/{publication.uid}/", due_at=due_at, person_id=person_id,
        role="" if person_id else Role.COMMUNICATIONS_LEAD.value,
    )  # fmt: skip
    waiting.put(actor, [wait])
    return person_id


@transaction.atomic
def register_by_hand(
    *, actor: Actor, publication: Publication, link: str, published_at: datetime | None = None
) -> Publication:  # fmt: skip
    """
    Register where a person has published a post, and keep it as a record: its parts as a thread, its pictures too.

    Raises:
        NotPermitted: The actor does not answer residents.
        Stale: Somebody registered it already, or it was taken back.
        Invalid: The link is none, or the time is to come.

    Law: TF-5 (drawn up when it is published)
    """
    row = _held(actor, publication)
    if not link.strip():
        raise Invalid(_("Klistra in länken till det som är publicerat."), field="link")
    if published_at is not None and published_at > now():
        raise Invalid(_("Tiden har inte varit än."), field="published_at")
    parts = queries.parts_by_hand(row)
    items = [
        HandItem(text=part, is_own=True, published_at=published_at, parent=0 if place else None)
        for place, part in enumerate(parts)
    ]
    pictures = [
        HandPicture(each.picture.digest, each.picture.media_type, alt=each.picture.alt)
        for each in queries.pictures_shown(row)
    ]
    kept = records.capture_by_hand(actor=actor, channel=row.channel, items=items, pictures=pictures, link=link)
    moment = now()
    _rows(actor).filter(pk=row.pk).update(
        state=State.DELIVERED, remote_id=kept[0].remote_id, remote_url=link.strip(), kept_item=kept[0],
        attempted_at=published_at or moment, settled_at=moment,
    )  # fmt: skip
    waiting.settle(actor, PLACE, KIND, [row.pk])
    audit.note(actor, "publishing.register_by_hand", row, record=kept[0].uid)
    return queries.publication_for(actor, row.uid)


@transaction.atomic
def say_not_done(*, actor: Actor, publication: Publication, why: str) -> None:
    """
    Say that a post was not published by hand and is not going to be, and why.

    Raises: NotPermitted, Stale: As `register_by_hand`; Invalid: No reasons.
    """
    row = _held(actor, publication)
    if not why.strip():
        raise Invalid(_("Skriv varför, så att andra förstår."), field="why")
    _rows(actor).filter(pk=row.pk).update(state=State.NOT_DONE, reason=why.strip()[:MOST_WHY], settled_at=now())
    waiting.settle(actor, PLACE, KIND, [row.pk])
    audit.note(actor, "publishing.not_done", row, why=why.strip()[:MOST_WHY])


def _held(actor: Actor, publication: Publication) -> Publication:
    if not actor.has_anywhere(*ANSWERS):
        raise NotPermitted
    rows = _rows(actor).select_for_update(of=("self",)).select_related("channel__authority")
    row: Publication | None = rows.filter(pk=publication.pk, state=State.BY_HAND).first()
    if row is None:
        raise Stale(_("Det är redan avgjort. Läs hur det gick."))
    return row


def _rows(actor: Actor) -> QuerySet[Publication]:
    return Publication.objects.of(actor)
