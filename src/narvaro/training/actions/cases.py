"""Own cases: made from something that happened, with nobody in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from narvaro.base import law as catalogue
from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted
from narvaro.training import lint, rules
from narvaro.training.models import OwnCase


@transaction.atomic
def add_case(
    *,
    actor: Actor,
    title: str,
    text: str,
    ask: str = "",
    answers: str = "",
    advice: str = "",
    law: Sequence[str] = (),
    no_names: bool = False,
) -> OwnCase:
    """
    Add a case of the authority's own, to be talked about at a manager's day.

    Args:
        ask, answers: One question, or one answer to vote for, a line.
        law: Ids of the law catalogue that the case is about; at least one.
        no_names: The person has said that what looks like names is none.

    Raises:
        NotPermitted: The actor holds no days.
        Invalid: Something tells who it was about, a value is missing, or the title is taken.

    Law: GDPR-1, GDPR-7, RF-4
    """
    _refuse_others(actor)
    values = _values(title, text, ask, answers, advice, law, no_names=no_names)
    try:
        with transaction.atomic():
            case = OwnCase(**{
                "authority_id": actor.authority_id, "changed_by_id": actor.person_id, "changed_at": now(), **values
            })  # fmt: skip
            case.save(force_insert=True)
    except IntegrityError:
        raise Invalid(_("Det finns redan ett eget fall med den rubriken."), field="title") from None
    audit.note(actor, "training.add_case", case, law=case.law)
    return case


@transaction.atomic
def change_case(
    *,
    actor: Actor,
    uid: UUID | str,
    title: str,
    text: str,
    ask: str = "",
    answers: str = "",
    advice: str = "",
    law: Sequence[str] = (),
    no_names: bool = False,
    seen_version: int | None = None,
) -> OwnCase:
    """
    Change an own case.

    Raises:
        NotFound: No such case in use.
        NotPermitted, Invalid: As `add_case`.
        Stale: Somebody changed it in between.

    Law: GDPR-1, GDPR-7, RF-4
    """
    _refuse_others(actor)
    case = _locked(actor, uid)
    refuse_stale(seen_version, case.version)
    values = _values(title, text, ask, answers, advice, law, no_names=no_names)
    values |= {"changed_by_id": actor.person_id, "changed_at": now(), "version": case.version + 1}
    try:
        with transaction.atomic():
            OwnCase.objects.of(actor).filter(pk=case.pk).update(**values)
    except IntegrityError:
        raise Invalid(_("Det finns redan ett eget fall med den rubriken."), field="title") from None
    audit.note(actor, "training.change_case", case)
    case.refresh_from_db(from_queryset=OwnCase.objects.of(actor))
    return case


@transaction.atomic
def end_case(*, actor: Actor, uid: UUID | str) -> None:
    """
    Take an own case out of the list. What was said about it stands in the minutes.

    Raises:
        NotFound, NotPermitted: As `change_case`.

    Law: none; the authority's own material.
    """
    _refuse_others(actor)
    case = _locked(actor, uid)
    OwnCase.objects.of(actor).filter(pk=case.pk).update(ended_at=now(), version=case.version + 1)
    audit.note(actor, "training.end_case", case)


def _refuse_others(actor: Actor) -> None:
    if not rules.may_lead(actor):
        raise NotPermitted


def _locked(actor: Actor, uid: UUID | str) -> OwnCase:
    found: OwnCase | None = OwnCase.objects.of(actor).select_for_update().filter(uid=uid, ended_at=None).first()
    if found is None:
        raise NotFound
    return found


def _values(
    title: str, text: str, ask: str, answers: str, advice: str, law: Sequence[str], *, no_names: bool
) -> dict[str, Any]:
    written = {
        "title": title.strip(), "text": text.strip(), "ask": ask.strip(), "answers": answers.strip(),
        "advice": advice.strip(),
    }  # fmt: skip
    if not (written["title"] and written["text"]):
        raise Invalid(_("Skriv en rubrik och vad som hände."), field="text" if written["title"] else "title")
    for field, words in written.items():
        if problem := lint.problem(words):
            raise Invalid(problem, field=field)
    if not no_names and (names := lint.possible_names("\n".join(written.values()))):
        sentence = _("Det här kan vara namn: %(names)s. Ta bort dem, eller kryssa i att det inte är personer.")
        raise Invalid(sentence % {"names": ", ".join(names[:5])}, field="no_names")
    if len(rules.lines(written["answers"])) > rules.MOST_ANSWERS:
        raise Invalid(_("Högst sex svar går att läsa på en telefon."), field="answers")
    chosen = [each for each in dict.fromkeys(law) if each]
    if not chosen:
        raise Invalid(_("Välj den regel som fallet handlar om."), field="law")
    if any(each not in catalogue.provisions() for each in chosen):
        raise Invalid(_("Den bestämmelsen finns inte i lagkatalogen."), field="law")
    return {**written, "law": chosen}
