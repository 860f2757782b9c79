"""Bringing in a plan out of a spreadsheet: kept, looked through, then made messages of; nothing of it twice."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core.rules import refuse_stale
from narvaro.core.types import ANSWERS, Actor, Invalid, NotPermitted, Stale
from narvaro.publishing import rules
from narvaro.publishing.actions.messages import save_message, send_message
from narvaro.publishing.actions.website import name_page
from narvaro.publishing.models import BroughtIn, Message, PlanFile
from narvaro.publishing.queries.plan_files import Judged, judged, plan_file, table_of
from narvaro.publishing.rules import plan_rows
from narvaro.publishing.rules.plan_rows import PAGE, WARNING, Fate
from narvaro.publishing.types import Extras, MessageState

PORTION = 50
_KEPT_UNDONE = timedelta(days=1)
_KEPT_DONE = timedelta(days=30)


@transaction.atomic
def keep_plan(*, actor: Actor, name: str, content: bytes) -> PlanFile:
    """
    Keep a plan to be looked through; no message is made of it yet.

    What was left undone for a day is thrown away, and what became of rows a month ago.

    Raises:
        NotPermitted: The actor does not write.
        Invalid: The file cannot be read, or has no such columns: says why, and on which row.

    Law: none; what is only planned is no public record (TF-5).
    """
    if actor.person_id is None or not actor.has_anywhere(*ANSWERS):
        raise NotPermitted
    plan_rows.read(content)
    old = PlanFile.objects.of(actor)
    old.filter(done_at=None, at__lt=now() - _KEPT_UNDONE).delete()
    old.filter(done_at__lt=now() - _KEPT_DONE).delete()
    file: PlanFile = PlanFile.objects.create(
        authority_id=actor.authority_id, name=" ".join(name.split())[:200] or "-", by_id=actor.person_id,
        content=gzip.compress(content),
    )  # fmt: skip
    return file


@transaction.atomic
def bring_in_plan(
    *, actor: Actor, uid: UUID | str, plans: bool = False, seen_version: int | None = None
) -> PlanFile:  # fmt: skip
    """
    Make messages of a plan that was looked through: of its next fifty good rows, so that nobody waits long meanwhile.

    It is done when `done_at` says so; until then it goes on where it was, also after a process that died. A row is
    judged as it is now. What somebody should read once more stays a draft, whatever is wished.

    Args:
        plans: Let out at their times what has one; else everything becomes drafts.

    Raises:
        NotFound, Stale
        Invalid: It is brought in already, or somebody else brought in the same rows at the same moment.

    Law: TF-5, KL-4
    """
    file = plan_file(actor, uid, lock=True)
    refuse_stale(seen_version, file.version)
    if file.done_at is not None:
        raise Invalid(_("Filen är redan inläst."))
    before = {each["n"] for each in file.fates}
    rest = [each for each in judged(actor, table_of(file)) if each.number not in before]
    ready = [each.number for each in rest if each.fate is Fate.READY][:PORTION]
    now_done = [each for each in rest if each.fate is not Fate.READY or each.number in ready]
    fates = [_fate(actor, each, plans=plans) for each in now_done]
    file.fates, file.version = [*file.fates, *fates], file.version + 1
    if len(now_done) == len(rest):
        file.done_at, file.content = now(), b""
    file.save()
    counts: dict[str, Any] = {fate.value: sum(1 for each in fates if each["fate"] == fate) for fate in Fate}
    audit.note(actor, "publishing.bring_in_plan", file=file.name, **counts)
    return file


def _fate(actor: Actor, row: Judged, *, plans: bool) -> dict[str, Any]:
    """Do what is to be done with a row; returns what became of it. Refused ones are kept whole, to be put right."""
    told: dict[str, Any] = {"n": row.number, "fate": row.fate.value, "text": rules.beginning(row.text), "why": row.why}
    if row.fate is Fate.REFUSED:
        return {**told, "cells": dict(row.cells)}
    if row.fate is not Fate.READY:
        return told
    message = _made(actor, row)
    why = row.why
    if plans and row.day is not None and not row.asks:
        try:
            with transaction.atomic():
                message = send_message(actor=actor, uid=message.uid)
        except (Invalid, NotPermitted, Stale) as refusal:
            why = str(refusal)
    fate = {MessageState.PLANNED: Fate.PLANNED, MessageState.AWAITING: Fate.AWAITING}.get(
        MessageState(message.state), Fate.DRAFT
    )
    return {**told, "fate": fate.value, "why": why, "uid": str(message.uid)}


def _made(actor: Actor, row: Judged) -> Message:
    message = save_message(
        actor=actor, text=row.text, channels=dict.fromkeys(row.channels, ""), day=row.day, clock=row.clock,
        extras=Extras(warning=" ".join(row.cells[WARNING].split())), marks=row.labels,
        patience_hours=24 if row.day else None,
    )  # fmt: skip
    if row.cells[PAGE]:
        name_page(actor=actor, uid=message.uid, url=row.cells[PAGE])
    rows = BroughtIn.objects.of(actor)
    if not rows.filter(digest=row.digest).update(message=message, at=now()):  # what it became before is thrown away
        try:
            with transaction.atomic():
                rows.create(authority_id=actor.authority_id, digest=row.digest, message=message)
        except IntegrityError:
            raise Invalid(_("Någon annan läste in samma rader just nu. Inget är inläst. Försök igen.")) from None
    return message
