"""Saved answers: texts that answer what is often asked."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core import queries as core
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted
from narvaro.inbox import queries, rules
from narvaro.inbox.models import SavedAnswer


@transaction.atomic
def save_answer(*, actor: Actor, title: str, text: str, unit_uid: UUID | str | None = None) -> SavedAnswer:
    """
    Save a text to answer with, for the authority or for one unit.

    Raises:
        NotPermitted: The actor does not answer residents.
        NotFound: No such unit.
        Invalid: Title or text is empty.

    Law: FL-2
    """
    _refuse_others(actor)
    unit = core.unit_for(actor, unit_uid) if unit_uid else None
    saved: SavedAnswer = SavedAnswer.objects.create(
        authority_id=actor.authority_id, unit=unit, title=_needed(title, "title")[:100], text=_needed(text, "text"),
        changed_by_id=actor.person_id,
    )  # fmt: skip
    audit.note(actor, "inbox.save_answer", saved)
    return saved


@transaction.atomic
def change_saved_answer(
    *, actor: Actor, uid: UUID | str, title: str, text: str, unit_uid: UUID | str | None = None,
    seen_version: int | None = None,
) -> SavedAnswer:  # fmt: skip
    """
    Change a saved answer.

    Raises:
        NotFound, NotPermitted, Invalid: As `save_answer`.
        Stale: Somebody changed it in between.
    """
    _refuse_others(actor)
    saved = queries.saved_answer_for(actor, uid)
    saved = SavedAnswer.objects.of(actor).select_for_update().get(pk=saved.pk)
    refuse_stale(seen_version, saved.version)
    saved.title, saved.text = _needed(title, "title")[:100], _needed(text, "text")
    saved.unit = core.unit_for(actor, unit_uid) if unit_uid else None
    saved.changed_by_id, saved.changed_at, saved.version = actor.person_id, now(), saved.version + 1
    saved.save()
    audit.note(actor, "inbox.change_saved_answer", saved)
    return saved


@transaction.atomic
def remove_saved_answer(*, actor: Actor, uid: UUID | str) -> None:
    """Take a saved answer out of the list. Raises NotFound, NotPermitted."""
    _refuse_others(actor)
    saved = queries.saved_answer_for(actor, uid)
    SavedAnswer.objects.of(actor).filter(pk=saved.pk).update(removed_at=now())
    audit.note(actor, "inbox.remove_saved_answer", saved)


@transaction.atomic
def put_back_saved_answer(*, actor: Actor, uid: UUID | str) -> None:
    """Put a saved answer that was taken out back into the list. Raises NotFound, NotPermitted."""
    _refuse_others(actor)
    changed = SavedAnswer.objects.of(actor).filter(uid=uid, removed_at__isnull=False).update(removed_at=None)
    if not changed:
        raise NotFound
    audit.note(actor, "inbox.put_back_saved_answer", SavedAnswer.objects.of(actor).get(uid=uid))


def _refuse_others(actor: Actor) -> None:
    if not rules.may_keep_saved_answers(actor):
        raise NotPermitted


def _needed(value: str, field: str) -> str:
    if not value.strip():
        raise Invalid(_("Fyll i det här fältet."), field=field)
    return value.strip()
