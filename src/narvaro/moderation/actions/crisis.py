"""Crisis mode of one channel or of all: more rounds, nothing that goes out by itself, and everybody knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.channels.types import ChannelState
from narvaro.core import audit, letters
from narvaro.core import queries as core
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotPermitted, Role, Stale
from narvaro.moderation import oversight, queries, rounds
from narvaro.moderation.actions.overseeing import make_due
from narvaro.moderation.models import Crisis
from narvaro.publishing import actions as publishing
from narvaro.publishing import queries as publications
from narvaro.publishing.types import State as Sending

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Person
    from narvaro.publishing.models import Publication
    from narvaro.publishing.types import Approver

PAGE = "/moderering/kris/"
LONGEST_WHY = 300


@transaction.atomic
def start_crisis(
    *, actor: Actor, why: str, channel_uid: UUID | str | None = None, freezes: bool = True, asks_approval: bool = True,
    approver_uid: UUID | str | None = None,
) -> Crisis:  # fmt: skip
    """
    Put one channel, or all of them, in crisis mode: more rounds on every day, and everybody concerned is told at once.

    Args:
        channel_uid: Which channel; None is all.
        freezes: Nothing goes out that nobody sends just then.
        asks_approval: What people send waits until somebody else approves it; measures, and words about them, do not.
        approver_uid: Who approves; None is those who lead communications.

    Raises:
        NotPermitted: The actor leads neither a unit nor communications.
        NotFound: No such channel, or no such person here.
        Invalid: No reason, one that is too long, or a closed channel.
        Stale: It is in crisis mode already.

    Law: BBS-3, SM-22
    """
    if not rounds.may_lead(actor):
        raise NotPermitted
    _refuse_reason(why)
    channel = channels.channel_for(actor, channel_uid) if channel_uid else None
    if channel is not None and channel.state == ChannelState.CLOSED:
        raise Invalid(_("Kanalen är avslutad."), field="channel")
    approver = core.member_for(actor, approver_uid) if approver_uid and asks_approval else None
    make_due(actor)
    try:
        with transaction.atomic():
            crisis = Crisis.objects.create(
                authority_id=actor.authority_id, channel=channel, why=why.strip(), freezes=freezes,
                asks_approval=asks_approval, approver=approver, started_by_id=actor.person_id, started_at=now(),
            )  # fmt: skip
    except IntegrityError as error:
        raise Stale(_("Krisläget gäller redan.")) from error
    _tell(actor, crisis, channel, _words_of_start)
    audit.note(
        actor, "moderation.start_crisis", crisis, why=why.strip(), channel=channel.uid if channel else None,
        freezes=freezes, asks_approval=asks_approval, approver=approver.uid if approver else None,
    )  # fmt: skip
    return crisis


@transaction.atomic
def end_crisis(*, actor: Actor, uid: UUID | str, why: str, seen_version: int | None = None) -> Crisis:
    """
    End a crisis mode: rounds come as usual again. What was kept during it stays marked by its span.

    Raises:
        NotPermitted, NotFound
        Invalid: No reason.
        Stale: It is ended already, or somebody changed it in between.

    Law: BBS-3, SM-22
    """
    if not rounds.may_lead(actor):
        raise NotPermitted
    crisis = oversight.crisis_for(actor, uid)
    refuse_stale(seen_version, crisis.version)
    _refuse_reason(why)
    make_due(actor)
    changed = (
        Crisis.objects.of(actor)
        .filter(pk=crisis.pk, ended_at=None)
        .update(ended_at=now(), ended_by_id=actor.person_id, ended_why=why.strip(), version=F("version") + 1)
    )
    if not changed:
        raise Stale(_("Krisläget är redan avslutat."))
    found = oversight.crisis_for(actor, uid)
    _tell(actor, found, found.channel, _words_of_end)
    audit.note(actor, "moderation.end_crisis", found, why=why.strip())
    return found


# --- Approval -----------------------------------------------------------------------------------------------------


@transaction.atomic
def approve(*, actor: Actor, publication_uid: UUID | str, why: str = "") -> Publication:
    """
    Approve what somebody wants to send while a crisis goes on; it goes out at once.

    Nobody approves their own words, but for an emergency and with a reason. Once the crisis is over, whoever answers
    residents sends what is left.

    Raises:
        NotFound: No such publication for this actor.
        NotPermitted: The actor approves nothing there.
        Invalid: It is the actor's own, and no reason was given.
        Stale: It waits no longer.

    Law: none; who may speak for the authority in a crisis is its own to decide.
    """
    publication = publications.publication_for(actor, publication_uid)
    asked = queries.approval_in(actor, publication.channel)
    if asked is not None:
        _refuse_approver(actor, asked)
        if actor.is_person(publication.written_by_id) and not why.strip():
            raise Invalid(
                _("Du har själv skrivit det. Låt någon annan godkänna, eller skriv varför det inte kan vänta."),
                field="why",
            )
    publishing.release(actor=actor, publication=publication, why=why)
    return publications.publication_for(actor, publication_uid)


@transaction.atomic
def approve_together(*, actor: Actor, together_uid: UUID | str, why: str = "") -> int:
    """
    Approve one text that answers many, in all the channels where the actor approves; returns how many go out.

    Raises:
        NotFound: No such text.
        NotPermitted: The actor approves in none of its channels.
        Invalid: As `approve`.
        Stale: None of it waits any longer.
    """
    parts = _parts_to_approve(actor, together_uid)
    for part in parts:
        approve(actor=actor, publication_uid=part.uid, why=why)
    return len(parts)


@transaction.atomic
def send_back(*, actor: Actor, publication_uid: UUID | str, why: str) -> Publication:
    """
    Send back what somebody wants to send while a crisis goes on, with a reason that its author gets by letter.

    Raises:
        NotFound, NotPermitted, Stale: As `approve`.
        Invalid: No reason.
    """
    publication = publications.publication_for(actor, publication_uid)
    _send_back(actor, publication, why)
    _tell_sent_back(actor, publication, why, about=publication.uid, path=f"/publicerat/{publication.uid}/")
    return publications.publication_for(actor, publication_uid)


@transaction.atomic
def send_back_together(*, actor: Actor, together_uid: UUID | str, why: str) -> int:
    """
    Send back one text that answers many, from all the channels where the actor approves; its author gets one letter.

    Raises:
        NotFound, NotPermitted, Stale: As `approve_together`.
        Invalid: No reason.
    """
    parts = _parts_to_approve(actor, together_uid)
    for part in parts:
        _send_back(actor, part, why)
    _tell_sent_back(
        actor, parts[0], why, about=UUID(str(together_uid)), path=f"/inkorg/svar-till-flera/{together_uid}/"
    )
    return len(parts)


def _send_back(actor: Actor, publication: Publication, why: str) -> None:
    asked = queries.approval_in(actor, publication.channel)
    if asked is not None:
        _refuse_approver(actor, asked)
    if not why.strip():
        raise Invalid(_("Skriv vad som behöver ändras. Den som skrev får veta det."), field="why")
    publishing.send_back(actor=actor, publication=publication, why=why)


def _tell_sent_back(actor: Actor, publication: Publication, why: str, *, about: UUID, path: str) -> None:
    author = publication.written_by
    if author is None or actor.is_person(author.pk):
        return
    with translation.override(author.language):
        body = _("Svaret gick inte ut. Skäl: %(why)s\n\nTexten finns kvar här:\n%(link)s") % {
            "why": why.strip(), "link": f"{settings.OPTIONS.base_url.rstrip('/')}{path}",
        }  # fmt: skip
        subject = str(_("Ditt svar skickades tillbaka"))
    letters.write(actor, [
        letters.Note(
            kind="moderation.sent_back", once_key=f"moderation.sent_back:{about}", subject=subject, body=body,
            to_person_id=author.pk,
        )
    ])  # fmt: skip


def _parts_to_approve(actor: Actor, together_uid: UUID | str) -> list[Publication]:
    """Return what waits of one text in the channels where the actor approves."""
    together = publications.together_for(actor, together_uid)
    waiting = [part for part in publications.parts_of(actor, together) if part.state == Sending.AWAITING]
    if not waiting:
        raise Stale(_("Svaret väntar inte längre på godkännande."))
    asked = {part.channel_id: queries.approval_in(actor, part.channel) for part in waiting}
    found = [
        part
        for part in waiting
        if (approver := asked[part.channel_id]) is None or rounds.may_approve(actor, approver.person_id)
    ]
    if not found:
        raise _not_asked()
    return found[::-1]  # what waits is about the first of each channel, which comes last


def _refuse_approver(actor: Actor, asked: Approver) -> None:
    if not rounds.may_approve(actor, asked.person_id):
        raise _not_asked()


def _not_asked() -> NotPermitted:
    return NotPermitted(_("Krisläge gäller. Den som är utsedd, eller kommunikationsansvarig, godkänner."))


def _refuse_reason(why: str) -> None:
    if not why.strip():
        raise Invalid(_("Skriv varför. Skälet står i loggen och i brevet till kollegorna."), field="why")
    if len(why.strip()) > LONGEST_WHY:
        raise Invalid(_("Skälet är för långt. Korta det."), field="why")


def _tell(
    actor: Actor, crisis: Crisis, channel: Channel | None, words: Callable[[Crisis, str], tuple[str, str]]
) -> None:
    """Write to all who answer for the channels, who lead their units and who lead communications; at any hour."""
    concerned: Sequence[Channel] = [channel] if channel else channels.channels(actor)
    held = channels.holders(actor, concerned)
    keys = {key for one in concerned for key in (one.responsible_id, one.deputy_id, held.get(one.pk)) if key}
    people: dict[int, Person] = dict(core.people_named(actor, keys))
    for unit_id in {one.unit_id for one in concerned}:
        manager = core.nearest_manager(actor, unit_id)
        if manager is not None:
            people[manager.pk] = manager
    people |= {person.pk: person for person in core.people_with(actor, Role.COMMUNICATIONS_LEAD)}
    notes = []
    for person in people.values():
        with translation.override(person.language):
            name = channel.name if channel else _("alla kanaler")
            subject, body = words(crisis, name)
        notes.append(
            letters.Note(
                kind="moderation.crisis", subject=subject, body=body, to_person_id=person.pk,
                once_key=f"moderation.crisis:{crisis.uid}:{person.pk}:{'end' if crisis.ended_at else 'start'}",
            )
        )  # fmt: skip
    letters.write(actor, notes)


def _words_of_start(crisis: Crisis, name: str) -> tuple[str, str]:
    return _("Krisläge: %(name)s") % {"name": name}, _(
        "Krisläge gäller nu för %(name)s.\n\nSkäl: %(why)s\n\n"
        "Kanalerna ses över oftare, alla dagar från 7 till 22. Allt bevaras. Gör så här:\n\n%(link)s"
    ) % {"name": name, "why": crisis.why, "link": _address()}


def _words_of_end(crisis: Crisis, name: str) -> tuple[str, str]:
    return _("Krisläget är avslutat: %(name)s") % {"name": name}, _(
        "Krisläget för %(name)s är avslutat, och kanalerna ses över som vanligt.\n\nSkäl: %(why)s\n\n%(link)s"
    ) % {"name": name, "why": crisis.ended_why, "link": _address()}


def _address() -> str:
    return f"{settings.OPTIONS.base_url.rstrip('/')}{PAGE}"
