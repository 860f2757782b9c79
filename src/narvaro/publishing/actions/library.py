"""Every write of texts to begin from, labels and campaigns."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core.types import ANSWERS, Actor, Invalid, NotPermitted, Role
from narvaro.publishing import queries, rules
from narvaro.publishing.models import Label, SavedText
from narvaro.publishing.types import LabelKind

MOST_KEPT = 200


@transaction.atomic
def save_text(*, actor: Actor, name: str, text: str, uid: UUID | str | None = None) -> SavedText:
    """
    Save a text to begin from, new or changed. What was begun from it before stays as it is.

    Raises: NotFound; NotPermitted: The actor does not write; Invalid: No name, no text, or too much.
    """
    _refuse_readers(actor)
    name, text = name.strip(), text.replace("\r\n", "\n").strip()
    if not name or len(name) > 100:
        raise Invalid(_("Ge texten ett namn, högst 100 tecken."), field="name")
    if not text or len(text) > rules.MOST_TEXT:
        raise Invalid(_("Skriv texten."), field="text")
    if uid:
        row = queries.saved_text_for(actor, uid)
        row.name, row.text = name, text
        row.save(update_fields=["name", "text"])
    else:
        if SavedText.objects.of(actor).filter(put_away_at=None).count() >= MOST_KEPT:
            raise Invalid(_("Det finns redan 200 färdiga texter. Ta bort någon först."))
        row = SavedText.objects.create(
            authority_id=actor.authority_id, name=name, text=text, made_by_id=actor.person_id
        )
    audit.note(actor, "publishing.save_text", row)
    return row


@transaction.atomic
def put_away_text(*, actor: Actor, uid: UUID | str) -> None:
    """Take a text out of the list. What was begun from it stays as it is. Raises NotFound, NotPermitted."""
    _refuse_readers(actor)
    row = queries.saved_text_for(actor, uid)
    row.put_away_at = now()
    row.save(update_fields=["put_away_at"])
    audit.note(actor, "publishing.put_away_text", row)


def count_use(text: SavedText) -> None:
    """Note that something was begun from a text, now; part of the caller's transaction."""
    rows = SavedText.objects.everywhere("count uses").filter(pk=text.pk)
    rows.update(uses=F("uses") + 1, last_used_at=now())


@transaction.atomic
def save_label(
    *, actor: Actor, name: str, kind: str = LabelKind.LABEL, begins_on: date | None = None,
    ends_on: date | None = None, is_read_first: bool = False, uid: UUID | str | None = None,
) -> Label:  # fmt: skip
    """
    Save a label or a campaign of the authority's own, new or changed.

    Args:
        is_read_first: Whether somebody else reads what has it before it goes out.

    Raises:
        NotFound
        NotPermitted: The actor does not lead communications.
        Invalid: No name, a name that is taken, or an end before the beginning.

    Law: KL-4
    """
    _refuse_others(actor)
    name = " ".join(name.split())
    if not name or len(name) > 60:
        raise Invalid(_("Skriv ett namn, högst 60 tecken."), field="name")
    if kind not in LabelKind.values:
        raise Invalid(_("Välj etikett eller kampanj."), field="kind")
    if begins_on and ends_on and ends_on < begins_on:
        raise Invalid(_("Kampanjen slutar innan den börjar."), field="ends_on")
    same = Label.objects.of(actor).filter(kind=kind, name=name)
    row = queries.label_for(actor, uid) if uid else same.exclude(put_away_at=None).first()
    if same.filter(put_away_at=None).exclude(pk=row.pk if row else 0).exists():
        raise Invalid(_("Namnet används redan."), field="name")
    if row is None and Label.objects.of(actor).filter(put_away_at=None).count() >= MOST_KEPT:
        raise Invalid(_("Det finns redan 200 etiketter och kampanjer. Ta bort någon först."))
    row = row or Label(authority_id=actor.authority_id)
    row.name, row.kind, row.begins_on, row.ends_on = name, kind, begins_on, ends_on
    row.is_read_first, row.put_away_at = is_read_first, None
    row.save()
    audit.note(actor, "publishing.save_label", row, is_read_first=is_read_first)
    return row


@transaction.atomic
def put_away_label(*, actor: Actor, uid: UUID | str) -> None:
    """
    Take a label or a campaign out of the lists; what has it keeps it. Raises NotFound, NotPermitted.

    What it asked for is asked no more of what is sent from now on.
    """
    _refuse_others(actor)
    row = queries.label_for(actor, uid)
    row.put_away_at, row.is_read_first = now(), False
    row.save(update_fields=["put_away_at", "is_read_first"])
    audit.note(actor, "publishing.put_away_label", row)


def _refuse_readers(actor: Actor) -> None:
    if not actor.has_anywhere(*ANSWERS):
        raise NotPermitted


def _refuse_others(actor: Actor) -> None:
    if not actor.has(Role.COMMUNICATIONS_LEAD):
        raise NotPermitted
