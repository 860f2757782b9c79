"""Every read of who approves what, until when it waits, and what went out at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, QuerySet

from narvaro.base.clock import today
from narvaro.core import queries as core
from narvaro.core.gathering import Part, gathered
from narvaro.core.types import ANSWERS, Actor, NotFound, Role
from narvaro.publishing import rules
from narvaro.publishing.models import AnswersReadFirst, AtOnce, Delegation, Publication
from narvaro.publishing.queries.publications import approver_of, awaiting
from narvaro.publishing.types import PASSES_ALWAYS, Approver, Purpose

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Person

TO_APPROVE = "/publicerat/svar-att-godkanna/"


def may_approve(actor: Actor, unit_ids: Iterable[int], author_ids: Iterable[int | None]) -> bool:
    """
    Whether the actor may let out what others wrote: who leads each unit or communications, or has it delegated.

    Nobody approves their own, whatever they lead. Whoever no rule covers may not.

    Law: KL-4
    """
    units, authors = set(unit_ids), set(author_ids)
    if rules.may_approve(actor, units, authors):
        return bool(units)
    if actor.person_id is None or actor.person_id in authors or not actor.has_anywhere(*ANSWERS) or not units:
        return False
    given = {each.unit_id for each in delegations_of(actor)}
    return all(
        None in given or unit in given or rules.may_approve(actor, [unit], authors) for unit in units
    )  # fmt: skip


def reader_instead(actor: Actor, unit_ids: Iterable[int], author_ids: Iterable[int | None]) -> Person | None:
    """
    Return who reads what the only ones who lead communications have written: who leads its units, else a delegate.

    None where somebody else leads communications, who is asked as usual, or where nobody may approve it at all.

    Law: KL-4
    """
    units, authors = set(unit_ids), set(author_ids)
    if any(each.pk not in authors for each in core.people_with(actor, Role.COMMUNICATIONS_LEAD)):
        return None
    able = [
        [*core.people_with(actor, Role.UNIT_MANAGER, unit_id=unit), *delegates_for(actor, [unit])] for unit in units
    ]
    in_all = set.intersection(*({each.pk for each in some} for some in able)) - authors if able else set()
    return next((each for each in able[0] if each.pk in in_all), None) if able else None


def delegations_of(actor: Actor) -> list[Delegation]:
    """Return by what the actor approves beside their roles, today."""
    rows = _in_force(actor).filter(person_id=actor.person_id or 0)
    return list(rows.order_by("id"))


def reference_for(actor: Actor, unit_ids: Iterable[int]) -> str:
    """Return where it stands that the actor may approve in these units, "" when their role says it. Law: KL-4"""
    units = list(unit_ids)
    if rules.may_approve(actor, units, ()):
        return ""
    return "; ".join(
        dict.fromkeys(each.reference for each in delegations_of(actor) if each.unit_id is None or each.unit_id in units)
    )[:120]


@dataclass(frozen=True, slots=True)
class Standing:
    """Every delegation not taken back, by name; and what went out at once and nobody else has looked at yet."""

    delegations: tuple[Delegation, ...]
    to_review: tuple[AtOnce, ...]


def standing(actor: Actor, *, limit: int = 50) -> Standing:
    """Return who has the right by delegation, and the oldest that is to be looked at. One statement."""
    given, went = Delegation.objects.of(actor).filter(ended_at=None), AtOnce.objects.of(actor).filter(reviewed_at=None)
    oldest = went.filter(pk__in=went.order_by("id").values("pk")[:limit])
    found = gathered({
        "given": Part(given, names=("person__name", "unit__name")),
        "went": Part(oldest, names=(
            "by__name", "message__text", "message__uid", "publication__text", "publication__uid",
        )),
    })  # fmt: skip
    return Standing(tuple(sorted(found["given"], key=lambda each: each.person.name)), tuple(found["went"]))


def delegation_for(actor: Actor, uid: UUID | str) -> Delegation:
    """Return one delegation that is not taken back. Raises NotFound."""
    found: Delegation | None = Delegation.objects.of(actor).filter(uid=uid, ended_at=None).first()
    if found is None:
        raise NotFound
    return found


def delegates_for(actor: Actor, unit_ids: Iterable[int]) -> list[Person]:
    """Return who approves in some of the units by delegation today."""
    rows = _in_force(actor).filter(Q(unit=None) | Q(unit_id__in=list(unit_ids))).select_related("person")
    return list({each.person_id: each.person for each in rows}.values())


def answers_read_first(actor: Actor) -> tuple[bool, set[int]]:
    """Return whether somebody else reads every answer first, and else in which channels."""
    rows = list(AnswersReadFirst.objects.of(actor).values_list("channel_id", flat=True))
    return None in rows, {each for each in rows if each is not None}


def answer_approver_of(actor: Actor, channel: Channel, purpose: str = Purpose.ANSWER) -> Approver | None:
    """Return who approves an answer in a channel now: as in a crisis, else where the authority has asked for it."""
    found = approver_of(actor, channel)
    if found is not None or purpose in PASSES_ALWAYS:
        return found
    everywhere, some = answers_read_first(actor)
    return Approver(None, TO_APPROVE) if everywhere or channel.pk in some else None


def waits_for_another(actor: Actor, publication: Publication) -> bool:
    """Whether an answer waits because the authority has asked for four eyes, and not for a crisis."""
    everywhere, some = answers_read_first(actor)
    asks = publication.answers_id is not None and (everywhere or publication.channel_id in some)
    return asks and approver_of(actor, publication.channel) is None


def may_release(actor: Actor, publication: Publication) -> bool:
    """Whether the actor may let out an answer that waits for somebody else to read it. Law: KL-4"""
    return may_approve(actor, [publication.channel.unit_id], [publication.written_by_id])


def answers_to_approve(actor: Actor) -> list[Publication]:
    """Return the answers that wait for somebody else to read them, oldest first; what a crisis asks stands there."""
    everywhere, some = answers_read_first(actor)
    if not (everywhere or some):
        return []
    asked: dict[int, bool] = {}
    found = []
    for each in awaiting(actor):
        if each.answers_id is None or not (everywhere or each.channel_id in some):
            continue
        if asked.setdefault(each.channel_id, approver_of(actor, each.channel) is None):
            found.append(each)
    return found


def at_once_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> AtOnce:
    """Return one thing that went out at once, held until the transaction ends when `lock`. Raises NotFound."""
    rows = AtOnce.objects.of(actor)
    rows = rows.select_for_update(of=("self",)) if lock else rows.select_related("by", "reviewed_by")
    found: AtOnce | None = rows.filter(uid=uid).first() if actor.has_anywhere(*ANSWERS) else None
    if found is None:
        raise NotFound
    return found


def _in_force(actor: Actor) -> QuerySet[Delegation]:
    day = today()
    rows: QuerySet[Delegation] = Delegation.objects.of(actor).filter(ended_at=None, from_on__lte=day)
    return rows.filter(Q(until_on=None) | Q(until_on__gte=day))
