"""Working material around an item: notes, the discussion with a manager, and an expert's reply. Weeded afterwards."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit, waiting
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotPermitted
from narvaro.inbox import queries, rules
from narvaro.inbox.actions import letters
from narvaro.inbox.actions.nearest import manager_here
from narvaro.inbox.actions.step import (
    done_values,
    locked,
    refuse_done,
    refuse_others,
    refuse_underway,
    store,
    tell_who_waits,
    touch,
)
from narvaro.inbox.models import Escalation, ExpertQuestion, Incoming, Message, Note
from narvaro.inbox.types import Decision, LinkUsed, NotNow, Outcome
from narvaro.records import actions as records

if TYPE_CHECKING:
    from narvaro.core.models import Person

DISCUSSIONS = "escalation"
_ESCALATION = "inbox.escalation"


@transaction.atomic
def add_note(*, actor: Actor, uid: UUID | str, text: str) -> Note:
    """
    Write an internal note at an item: working material, no record, weeded 30 days after the item is done.

    Raises:
        NotFound: No such item for this actor.
        NotPermitted: The actor neither answers residents nor registers.
        Invalid: The note is empty.

    Law: TF-6, SM-23
    """
    incoming = locked(actor, uid)
    _refuse_readers(actor)
    note: Note = Note.objects.create(
        authority_id=actor.authority_id, incoming=incoming, text=_written(text), by_id=actor.person_id,
        by_name=actor.name,
    )  # fmt: skip
    touch(actor, incoming)
    audit.note(actor, "inbox.add_note", incoming)
    return note


@transaction.atomic
def make_file_note(*, actor: Actor, note_uid: UUID | str) -> Note:
    """
    Make a note a record: a file note in the item's thread. Doing it again changes nothing.

    Raises:
        NotFound: No such note for this actor.
        NotPermitted: The actor neither answers residents nor registers.

    Law: FL-6 (27 §), TF-6
    """
    note = queries.note_for(actor, note_uid)
    _refuse_readers(actor)
    incoming = locked(actor, note.incoming.uid)
    note = Note.objects.of(actor).select_for_update().get(pk=note.pk)
    if note.kept_item_id is None:
        kept = records.keep_file_note(actor=actor, item=incoming.item, text=note.text)
        Note.objects.of(actor).filter(pk=note.pk).update(kept_item_id=kept.pk)
        note.kept_item_id = kept.pk
        touch(actor, incoming)
        audit.note(actor, "inbox.make_file_note", incoming, kept=kept.uid)
    return note


@transaction.atomic
def escalate(*, actor: Actor, uid: UUID | str, text: str, seen_version: int | None = None) -> Escalation:
    """
    Put an item before the nearest manager, with what one wants to say. The manager gets a letter.

    Nobody is asked who asks: a manager's own question goes to whoever is above, and so it does while the nearest
    one is away. Something that is before the manager already gets another contribution instead.

    Raises:
        NotFound: No such item for this actor.
        NotPermitted: The actor does not answer residents.
        Stale: Somebody changed the item in between.
        Invalid: The text is empty, or there is no manager to ask.

    Law: none; seed 003, "kontakta närmaste chef".
    """
    incoming = locked(actor, uid, seen_version)
    refuse_others(actor)
    refuse_done([incoming])
    said = _written(text)
    manager = manager_here(actor, incoming.unit)
    if manager is None:
        sentence = _("Det finns ingen annan chef att fråga. Administratören kan ge någon rollen.")
        raise Invalid(sentence, field="text")
    escalation = _escalation(actor, incoming, manager)
    Message.objects.create(authority_id=actor.authority_id, escalation=escalation, by_id=actor.person_id, text=said)
    touch(actor, incoming)
    waiting.put(actor, [
        waiting.Wait(
            place=DISCUSSIONS, subject_kind=_ESCALATION, subject_id=escalation.pk, title=queries.title_of(incoming),
            link=rules.link_to(incoming.uid), due_at=incoming.due_at, person_id=escalation.manager_id,
        )
    ])  # fmt: skip
    letters.write_to(
        actor, escalation.manager, lambda: _escalated_words(actor, incoming), kind="inbox.escalated",
        once_key=f"inbox.escalated:{escalation.pk}", about=incoming,
    )  # fmt: skip
    audit.note(actor, "inbox.escalate", incoming, manager=escalation.manager_id)
    return escalation


@transaction.atomic
def discuss(*, actor: Actor, escalation_uid: UUID | str, text: str) -> Message:
    """
    Add to the discussion of something escalated. The other side gets a letter.

    Raises:
        NotFound: No such escalation for this actor.
        NotPermitted: The actor does not answer residents.
        Invalid: The text is empty.

    Law: TF-6
    """
    escalation = queries.escalation_for(actor, escalation_uid)
    refuse_others(actor)
    incoming = locked(actor, escalation.incoming.uid)
    message: Message = Message.objects.create(
        authority_id=actor.authority_id, escalation=escalation, by_id=actor.person_id, text=_written(text)
    )
    other = escalation.raised_by if actor.is_person(escalation.manager_id) else escalation.manager
    touch(actor, incoming)
    if other is not None and not actor.is_person(other.pk):
        letters.write_to(
            actor, other, lambda: _discussed_words(actor, incoming), kind="inbox.discussed",
            once_key=f"inbox.discussed:{message.pk}", about=incoming,
        )  # fmt: skip
    audit.note(actor, "inbox.discuss", incoming)
    return message


@transaction.atomic
def decide(
    *, actor: Actor, escalation_uid: UUID | str, decision: str, text: str = "", seen_version: int | None = None
) -> Escalation:
    """
    Decide about something escalated: we answer, or we leave it. Leaving it makes the item done.

    Args:
        seen_version: The escalation's version.

    Raises:
        NotFound: No such escalation for this actor.
        NotPermitted: The actor is no manager.
        NotNow: It is decided already, or left while an answer is on its way.
        Stale: Somebody decided in between.
        Invalid: No such decision.

    Law: FL-1
    """
    escalation = queries.escalation_for(actor, escalation_uid)
    if not rules.may_decide(actor, escalation.manager_id):
        raise NotPermitted
    incoming = locked(actor, escalation.incoming.uid)
    escalation = (
        Escalation.objects.of(actor).select_for_update(of=("self",)).select_related("raised_by").get(pk=escalation.pk)
    )
    refuse_stale(seen_version, escalation.version)
    if escalation.decided_at is not None:
        raise NotNow(_("Det är redan avgjort. Beslutet står i tråden."))
    if decision not in Decision.values:
        raise Invalid(_("Välj om vi svarar eller låter det vara."), field="decision")
    if decision == Decision.LEAVE:
        refuse_underway(incoming)
    if text.strip():
        Message.objects.create(
            authority_id=actor.authority_id, escalation=escalation, by_id=actor.person_id, text=text.strip()
        )
    escalation.decision, escalation.decided_by_id, escalation.decided_at = decision, actor.person_id, now()
    escalation.version += 1
    escalation.save(update_fields=["decision", "decided_by", "decided_at", "version"])
    waiting.settle(actor, DISCUSSIONS, _ESCALATION, [escalation.pk])
    if decision == Decision.LEAVE and incoming.done_at is None:
        store(actor, incoming, **done_values(actor, Outcome.LEFT))
    else:
        touch(actor, incoming)
    tell_who_waits(actor, [incoming], always=decision == Decision.ANSWER)
    audit.note(actor, "inbox.decide", incoming, decision=decision)
    if escalation.raised_by is not None and not actor.is_person(escalation.raised_by_id):
        letters.write_to(
            actor, escalation.raised_by, lambda: _decided_words(escalation, incoming), kind="inbox.decided",
            once_key=f"inbox.decided:{escalation.pk}", about=incoming,
        )  # fmt: skip
    return escalation


@transaction.atomic
def ask_expert(*, actor: Actor, uid: UUID | str, to_address: str, question: str) -> ExpertQuestion:
    """
    Ask a colleague without an account, by e-mail with a link that works once and for two weeks.

    The token stands in the letter until it is sent, and here as a hash only.

    Raises:
        NotFound: No such item for this actor.
        NotPermitted: The actor does not answer residents, or the item is sealed.
        Invalid: The address is none, or no question was written.

    Law: FL-4, TF-6
    """
    incoming = locked(actor, uid)
    refuse_others(actor)
    if incoming.item.sealed_at is not None:
        raise NotPermitted(_("Det här är förseglat och visas inte för någon."))
    try:
        validate_email(to_address.strip())
    except ValidationError:
        raise Invalid(_("Skriv en e-postadress."), field="to_address") from None
    token = secrets.token_urlsafe(32)
    asked: ExpertQuestion = ExpertQuestion.objects.create(
        authority_id=actor.authority_id, incoming=incoming, asked_by_id=actor.person_id,
        to_address=to_address.strip(), question=_written(question),
        token_hash=sha256(token.encode()).hexdigest(), expires_at=now() + rules.EXPERT_LINK,
    )  # fmt: skip
    letters.write_to_address(
        actor, asked.to_address, lambda: _asked_words(actor, token), kind="link.expert",
        once_key=f"inbox.expert:{asked.pk}", about=incoming,
    )  # fmt: skip
    touch(actor, incoming)
    audit.note(actor, "inbox.ask_expert", incoming)
    return asked


@transaction.atomic
def reply_as_expert(*, token: str, text: str, name: str = "") -> Note:
    """
    Take in what a colleague writes through a one-time link: it becomes a note marked as a basis, once.

    Raises:
        LinkUsed: The link is used, too old, or never was.
        Invalid: The reply is empty.

    Law: TF-6
    """
    asked = queries.expert_question(token)
    said = _written(text)
    used = (
        ExpertQuestion.objects.everywhere("a colleague's one-time link")
        .filter(pk=asked.pk, answered_at=None)
        .update(answered_at=now())
    )
    if not used:
        raise LinkUsed
    actor = Actor.system(asked.authority, "expert's reply")
    note: Note = Note.objects.create(
        authority_id=asked.authority_id, incoming=asked.incoming, text=said, is_basis=True,
        by_name=(name.strip() or asked.to_address)[:120],
    )  # fmt: skip
    ExpertQuestion.objects.of(actor).filter(pk=asked.pk).update(note=note)
    incoming = locked(actor, asked.incoming.uid)
    touch(actor, incoming)
    audit.note(actor, "inbox.reply_as_expert", incoming, question=asked.uid)
    if asked.asked_by is not None:
        letters.write_to(
            actor, asked.asked_by, lambda: _replied_words(incoming), kind="inbox.replied",
            once_key=f"inbox.replied:{asked.pk}", about=incoming,
        )  # fmt: skip
    return note


def _escalation(actor: Actor, incoming: Incoming, manager: Person) -> Escalation:
    try:
        with transaction.atomic():
            created: Escalation = Escalation.objects.create(
                authority_id=actor.authority_id, incoming=incoming, manager=manager, raised_by_id=actor.person_id
            )
            return created
    except IntegrityError:
        found: Escalation = (
            Escalation.objects.of(actor).select_related("manager").get(incoming=incoming, decided_at=None)
        )
        return found


def _refuse_readers(actor: Actor) -> None:
    if not rules.may_note(actor):
        raise NotPermitted


def _written(text: str) -> str:
    if not text.strip():
        raise Invalid(_("Skriv något först."), field="text")
    return text.strip()


def _escalated_words(actor: Actor, incoming: Incoming) -> tuple[str, str]:
    return (
        _("%(who)s vill ha ditt råd") % {"who": actor.name},
        _(
            "%(who)s behöver ditt besked om hur vi gör med en kommentar på %(channel)s. Läs, svara och avgör här:"
            "\n\n%(link)s"
        )
        % {"who": actor.name, "channel": incoming.channel.name, "link": _address(incoming)},
    )


def _discussed_words(actor: Actor, incoming: Incoming) -> tuple[str, str]:
    return (
        _("%(who)s har skrivit i er diskussion") % {"who": actor.name},
        _("Läs vidare här:\n\n%(link)s") % {"link": _address(incoming)},
    )


def _decided_words(escalation: Escalation, incoming: Incoming) -> tuple[str, str]:
    return (
        _("Beslutet är: %(decision)s") % {"decision": escalation.get_decision_display()},
        _("Din chef har avgjort det du frågade om. Läs hela diskussionen här:\n\n%(link)s")
        % {"link": _address(incoming)},
    )


def _asked_words(actor: Actor, token: str) -> tuple[str, str]:
    return (
        _("%(who)s frågar dig om något en invånare skrev") % {"who": actor.name},
        _(
            "%(who)s behöver din kunskap för att kunna svara en invånare. Du behöver inget konto. Öppna länken, läs "
            "frågan och skriv det du vet. Länken gäller i 14 dagar och för ett svar.\n\n%(link)s"
        )
        % {"who": actor.name, "link": letters.address_of(rules.link_of_expert(token))},
    )


def _replied_words(incoming: Incoming) -> tuple[str, str]:
    return (
        _("Den du frågade har svarat"),
        _("Svaret står som underlag vid kommentaren på %(channel)s:\n\n%(link)s")
        % {"channel": incoming.channel.name, "link": _address(incoming)},
    )


def _address(incoming: Incoming) -> str:
    return letters.address_of(rules.link_to(incoming.uid))
