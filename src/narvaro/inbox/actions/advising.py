"""Asking the communications department for advice about a comment, or about what one has begun to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit, waiting
from narvaro.core import queries as core
from narvaro.core.types import Actor, Invalid, NotPermitted, Role
from narvaro.inbox import queries, rules
from narvaro.inbox.actions import letters
from narvaro.inbox.actions.step import locked, refuse_others, touch
from narvaro.inbox.models import Advice, Incoming
from narvaro.inbox.types import NotNow

if TYPE_CHECKING:
    from narvaro.core.models import Authority

PLACE = "advice"
_KIND = "inbox.advice"


@transaction.atomic
def ask_advice(*, actor: Actor, uid: UUID | str, question: str, draft: str = "") -> Advice:
    """
    Ask the communications department about an item, with what one has begun to write. They get a letter, and it waits.

    Nothing waits for the answer: one may answer the resident meanwhile. It is working material, weeded as notes are.

    Raises:
        NotFound: No such item for this actor.
        NotPermitted: The actor does not answer residents.
        Invalid: No question was written, or nobody else leads communications.

    Law: TF-6; seed 004, advice from the communications department
    """
    incoming = locked(actor, uid)
    refuse_others(actor)
    if not question.strip():
        raise Invalid(_("Skriv något först."), field="question")
    leads = [one for one in core.people_with(actor, Role.COMMUNICATIONS_LEAD) if not actor.is_person(one.pk)]
    if not leads:
        sentence = _("Ingen annan leder kommunikationen här. Administratören kan ge någon rollen.")
        raise Invalid(sentence, field="question")
    advice: Advice = Advice.objects.create(
        authority_id=actor.authority_id, incoming=incoming, asked_by_id=actor.person_id, question=question.strip(),
        draft=draft.strip(),
    )  # fmt: skip
    touch(actor, incoming)
    waiting.put(actor, [
        waiting.Wait(
            place=PLACE, subject_kind=_KIND, subject_id=advice.pk, title=queries.title_of(incoming),
            link=f"{rules.link_to(incoming.uid)}#rad", due_at=incoming.due_at, role=Role.COMMUNICATIONS_LEAD.value,
        )
    ])  # fmt: skip
    for lead in leads:
        letters.write_to(
            actor, lead, lambda: _asked_words(actor, incoming), kind="inbox.advice_asked",
            once_key=f"inbox.advice_asked:{advice.pk}:{lead.pk}", about=incoming,
        )  # fmt: skip
    audit.note(actor, "inbox.ask_advice", incoming, advice=advice.uid)
    return advice


@transaction.atomic
def give_advice(*, actor: Actor, advice_uid: UUID | str, text: str) -> Advice:
    """
    Answer somebody who asked for advice. It stands beside the comment, and whoever asked gets a letter.

    Raises:
        NotFound: No such question for this actor.
        NotPermitted: The actor does not lead communications.
        NotNow: Somebody has answered already.
        Invalid: The answer is empty.

    Law: TF-6
    """
    if not actor.has(Role.COMMUNICATIONS_LEAD):
        raise NotPermitted
    advice = queries.advice_for(actor, advice_uid)
    incoming = locked(actor, advice.incoming.uid)
    if not text.strip():
        raise Invalid(_("Skriv något först."), field="text")
    answered = Advice.objects.of(actor).filter(pk=advice.pk, answered_at=None)
    if not answered.update(answer=text.strip(), answered_by_id=actor.person_id, answered_at=now()):
        raise NotNow(_("Någon har redan svarat. Rådet står vid kommentaren."))
    waiting.settle(actor, PLACE, _KIND, [advice.pk])
    touch(actor, incoming)
    if advice.asked_by is not None and not actor.is_person(advice.asked_by_id):
        letters.write_to(
            actor, advice.asked_by, lambda: _answered_words(actor, incoming), kind="inbox.advice_given",
            once_key=f"inbox.advice_given:{advice.pk}", about=incoming,
        )  # fmt: skip
    audit.note(actor, "inbox.give_advice", incoming, advice=advice.uid)
    return queries.advice_for(actor, advice_uid)


def settle_closed_advice(*, authority: Authority) -> int:
    """Take away what waits for advice about items that are done meanwhile; returns how many."""
    actor = Actor.system(authority, "settle advice")
    rows = Advice.objects.of(actor).filter(answered_at=None, incoming__done_at__isnull=False)
    keys = list(rows.values_list("pk", flat=True))
    if keys:
        waiting.settle(actor, PLACE, _KIND, keys)
    return len(keys)


def _asked_words(actor: Actor, incoming: Incoming) -> tuple[str, str]:
    return (
        _("%(who)s ber om råd") % {"who": actor.name},
        _("Det gäller en kommentar på %(channel)s. Läs frågan och ge ditt råd vid kommentaren:\n\n%(link)s")
        % {"channel": incoming.channel.name, "link": _address(incoming)},
    )


def _answered_words(actor: Actor, incoming: Incoming) -> tuple[str, str]:
    return (
        _("%(who)s har gett ett råd") % {"who": actor.name},
        _("Rådet står vid kommentaren på %(channel)s:\n\n%(link)s")
        % {"channel": incoming.channel.name, "link": _address(incoming)},
    )


def _address(incoming: Incoming) -> str:
    return f"{letters.address_of(rules.link_to(incoming.uid))}#rad"
