"""Every write of messages: saved as drafts, read by somebody else where that is asked, and handed to the schedule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit, waiting
from narvaro.core.types import ANSWERS, Actor, Invalid, NotPermitted, Role, Stale
from narvaro.decisions import actions as decisions
from narvaro.decisions.types import Outcome
from narvaro.publishing import queries, rules
from narvaro.publishing.actions import library
from narvaro.publishing.actions.approval import a_day_on, begin_waiting, note_at_once
from narvaro.publishing.actions.chains import PLACE
from narvaro.publishing.actions.drafting import (
    ADVICE_KIND,
    KIND,
    held,
    keep_version,
    set_time,
    settle,
    store,
    take_back,
)
from narvaro.publishing.actions.publications import NOTHING_MORE, Planned, publish_post
from narvaro.publishing.actions.screening_again import note_rules
from narvaro.publishing.actions.website import look_before_sending, note_without_page, refuse_without_page
from narvaro.publishing.models import (
    FourEyes,
    Label,
    Message,
    MessageChannel,
    MessageLabel,
    MessageNote,
    MessagePicture,
    SavedText,
)
from narvaro.publishing.queries.approval import may_approve, reader_instead, reference_for
from narvaro.publishing.types import PASSES_ALWAYS, Extras, MessageState, Purpose

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.media.models import Picture

MOST_NOTE = 2000


@transaction.atomic
def save_message(
    *, actor: Actor, text: str, channels: Mapping[Channel, str], purpose: str = Purpose.POST,
    pictures: Sequence[Picture] = (), day: date | None = None, clock: time | None = None,
    patience_hours: int | None = None, uid: UUID | str | None = None, seen_version: int | None = None,
    author_id: int | None = None, extras: Extras = NOTHING_MORE, marks: Sequence[Label] = (),
    begun_from: SavedText | None = None, new_uid: UUID | None = None, form_key: UUID | None = None,
) -> Message:  # fmt: skip
    """
    Save a message as a draft, new or changed. What was approved or planned is a draft again: it must be anew (P18).

    Args:
        channels: Where it goes out, each with words of its own or "" for the message's.
        day, clock: When it goes out, as a clock on the wall here shows it; neither for at once.
        patience_hours: How late it may go out; None for whenever it can.
        extras: How it may be divided, and what goes with it.
        marks: Labels and campaigns of the authority's own.
        begun_from: The text it was begun from, when it is new.
        new_uid: What it shall be called when it is new, where the form was saved as one typed.
        form_key: The open form; what the same form has saved meanwhile makes it no staler.
        author_id: Whose words it is when a duty writes: the person named as responsible; nobody else may say so.

    Raises:
        NotFound
        NotPermitted: The actor does not post in one of the channels.
        Invalid: Nothing is said, it is much too long, or the time is half or never comes.
        Stale: Somebody changed it meanwhile, or it has begun to go out.

    Law: TF-5
    """
    _refuse_strangers(actor, channels)
    text, own = _words(text), {channel: _words(words) for channel, words in channels.items()}
    if not text and not any(own.values()):
        raise Invalid(_("Skriv ett inlägg."), field="text")
    if purpose not in Purpose.values or purpose == Purpose.ANSWER:
        raise Invalid(_("Välj vad det är."), field="purpose")
    message = held(actor, uid, seen_version, form_key) if uid else Message(
        **({"uid": new_uid} if new_uid else {}), authority_id=actor.authority_id, version=0, begun_from=begun_from,
        written_by_id=author_id if actor.is_system else actor.person_id,
    )  # fmt: skip
    if uid:
        take_back(actor, message)
    set_time(message, day, clock, patience_hours)
    message.text, message.purpose, message.state = text, purpose, MessageState.DRAFT
    _set_extras(message, extras)
    is_new, message.autosave_key = message.pk is None, None
    store(actor, message)
    _put_in_place(actor, message, own, pictures)
    put_marks(actor, message, marks)
    keep_version(actor, message)
    if is_new and begun_from is not None:
        library.count_use(begun_from)
    audit.note(actor, "publishing.save_message", message, version=message.version)
    return message


@transaction.atomic
def autosave_message(
    *, actor: Actor, key: UUID, text: str, channels: Mapping[Channel, str], uid: UUID | str | None = None,
    seen_version: int | None = None, extras: Extras = NOTHING_MORE, marks: Sequence[Label] = (),
    begun_from: SavedText | None = None,
) -> Message | None:  # fmt: skip
    """
    Save a draft while it is being written: its words, not yet a version of its own; time and pictures stay as they are.

    What waits to be approved or is planned is left alone: nobody withdraws that by typing.

    Args:
        key: The open form. A new draft is called by it, so that a form saved twice makes one draft.

    Returns:
        The draft; None where there is nothing to save, or it is no draft.

    Raises:
        NotFound, NotPermitted; Stale: Somebody else changed it meanwhile; Invalid: It is much too long.

    Law: none; a draft is no public record until it is sent (TF-5).
    """
    _refuse_strangers(actor, channels)
    text, own = _words(text), {channel: _words(words) for channel, words in channels.items()}
    if not text and not any(own.values()):
        return None
    known = uid or (key if queries.is_known(actor, key) else None)
    if known is None:
        message = Message(
            authority_id=actor.authority_id, uid=key, written_by_id=actor.person_id, version=0, begun_from=begun_from,
        )  # fmt: skip
    else:
        message = held(actor, known, seen_version if uid else None, key)
        if message.state != MessageState.DRAFT:
            return None
    message.text, message.autosave_key = text, key
    _set_extras(message, extras)
    store(actor, message)
    _put_channels(actor, message, own)
    put_marks(actor, message, marks)
    if known is None:
        audit.note(actor, "publishing.begin_draft", message)
        if begun_from is not None:
            library.count_use(begun_from)
    return message


@transaction.atomic
def send_message(*, actor: Actor, uid: UUID | str, seen_version: int | None = None) -> Message:
    """
    Let a message go out, at once or at its time; where somebody else reads it first, ask for that.

    Raises:
        NotFound
        NotPermitted: The actor does not post in one of the channels.
        Invalid: No channel, the time has passed, the guideline asks for a page of the website that is not named, or
            one of the channels does not take it: says which and why.
        Stale: It is no draft any more.

    Law: TF-5, SM-04, KL-4
    """
    message = held(actor, uid, seen_version)
    if message.state != MessageState.DRAFT:
        raise Stale(_("Inlägget är redan skickat eller väntar på godkännande."))
    parts = queries.channels_of(actor, message)
    if not parts:
        raise Invalid(_("Välj minst en kanal."), field="channels")
    _refuse_strangers(actor, [part.channel for part in parts])
    if message.planned_at is not None and message.planned_at <= now():
        raise Invalid(_("Tiden har passerat. Välj en ny, eller ta bort den för att publicera nu."), field="day")
    refuse_without_page(actor, message)
    is_read = queries.is_read_first(actor, [part.channel_id for part in parts], message)
    if is_read and message.purpose not in PASSES_ALWAYS:
        _ask(actor, message, parts)
        return message
    hand_over(actor, message, parts)
    if is_read and message.purpose == Purpose.CRISIS:
        note_at_once(actor, why=_("Det skrevs som kris."), message=message)
    else:
        note_without_page(actor, message)
    return message


@transaction.atomic
def approve_message(*, actor: Actor, uid: UUID | str, seen_hash: str, why: str = "") -> Message:
    """
    Approve exactly what was read, and let it go out. Nobody approves what they have written.

    Raises:
        NotFound
        NotPermitted: The actor leads none of the units, or has written it.
        Stale: It is another than was read, or waits no more.
        Invalid: A channel does not take it now: says which and why.

    Law: KL-4
    """
    message = _to_be_read(actor, uid)
    refuse_without_page(actor, message)
    _decide(actor, message, Outcome.APPROVED, seen_hash, why)
    audit.note(actor, "publishing.approve_message", message, version=message.version)
    hand_over(actor, message, queries.channels_of(actor, message), is_approved=True)
    return message


@transaction.atomic
def return_message(*, actor: Actor, uid: UUID | str, seen_hash: str, why: str) -> Message:
    """
    Send back what waits to be approved, with the reasons; it is its author's draft again.

    Raises:
        NotFound, NotPermitted, Stale: As `approve_message`.
        Invalid: No reasons.

    Law: KL-4
    """
    message = _to_be_read(actor, uid)
    _decide(actor, message, Outcome.SENT_BACK, seen_hash, why)
    message.state = MessageState.DRAFT
    store(actor, message, changed=False)
    audit.note(actor, "publishing.return_message", message, why=why)
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Skickat tillbaka: %(text)s") % {"text": rules.beginning(message.text)}
    _put(actor, message, title, due_at=a_day_on(actor), person_id=message.changed_by_id)
    return message


@transaction.atomic
def ask_advice(*, actor: Actor, uid: UUID | str, text: str = "") -> MessageNote:
    """
    Ask those who lead communications for advice about a message. It goes out whenever its author wants, all the same.

    Raises: NotFound, NotPermitted; Invalid: The question is too long; Stale: It has gone out.
    """
    message = held(actor, uid, None)
    if message.state == MessageState.PLANNED:
        raise Stale(_("Inlägget är redan skickat eller planerat."))
    note = _noted(actor, message, text, asks_advice=True)
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Råd önskas: %(text)s") % {"text": (note.text or message.text)[:80]}
    _put(actor, message, title, kind=ADVICE_KIND, role=Role.COMMUNICATIONS_LEAD.value)
    audit.note(actor, "publishing.ask_advice", message)
    return note


@transaction.atomic
def note_message(*, actor: Actor, uid: UUID | str, text: str) -> MessageNote:
    """
    Say something about a message before it goes out; whoever asked for advice is told.

    Raises: NotFound; NotPermitted: The actor neither writes nor leads; Invalid: Nothing is said, or too much.
    """
    message = queries.message_for(actor, uid, lock=True)
    if not actor.has_anywhere(*ANSWERS):
        raise NotPermitted
    if not text.strip():
        raise Invalid(_("Skriv en kommentar."), field="text")
    note = _noted(actor, message, text)
    asked = queries.asked_for_advice(actor, message)
    if asked is not None and asked.by_id != actor.person_id:
        with translation.override(settings.LANGUAGE_CODE):
            title = _("Råd om: %(text)s") % {"text": rules.beginning(message.text)}
        _put(actor, message, title, kind=ADVICE_KIND, person_id=asked.by_id)
    audit.note(actor, "publishing.note_message", message)
    return note


@transaction.atomic
def throw_message(*, actor: Actor, uid: UUID | str, seen_version: int | None = None) -> Message:
    """
    Throw a draft away, or what is planned and has not begun to go out; it can be brought back.

    Raises:
        NotFound, NotPermitted
        Stale: Somebody changed it meanwhile, or it has begun to go out.
    """
    message = held(actor, uid, seen_version)
    take_back(actor, message)
    message.state = MessageState.THROWN
    store(actor, message)
    audit.note(actor, "publishing.throw_message", message)
    return message


@transaction.atomic
def bring_back_message(*, actor: Actor, uid: UUID | str) -> Message:
    """Make a draft of what was thrown away. Raises NotFound, NotPermitted; Stale: It is not thrown away."""
    message = held(actor, uid, None)
    if message.state != MessageState.THROWN:
        raise Stale(_("Det ligger inte i papperskorgen."))
    message.state = MessageState.DRAFT
    store(actor, message)
    audit.note(actor, "publishing.bring_back_message", message)
    return message


@transaction.atomic
def duplicate_message(*, actor: Actor, uid: UUID | str) -> Message:
    """Return a new draft that says the same in the same channels, without a time. Raises NotFound, NotPermitted."""
    given = queries.message_for(actor, uid)
    parts = [part for part in queries.channels_of(actor, given) if queries.is_theirs(actor, part.channel)]
    return save_message(
        actor=actor, text=given.text, channels={part.channel: part.text for part in parts}, purpose=given.purpose,
        pictures=[row.picture for row in queries.message_pictures(actor, given)],
        patience_hours=given.patience_hours, extras=queries.extras_of(given), marks=queries.marks_of(actor, given),
    )  # fmt: skip


@transaction.atomic
def change_four_eyes(*, actor: Actor, everywhere: bool, channels: Sequence[Channel] = ()) -> None:
    """
    Say where somebody else reads a post before it goes out: everywhere, or in some channels.

    Raises:
        NotPermitted: The actor does not lead communications.

    Law: KL-4
    """
    if not actor.has(Role.COMMUNICATIONS_LEAD):
        raise NotPermitted
    FourEyes.objects.of(actor).delete()
    wanted: list[Channel | None] = [None] if everywhere else list(channels)
    FourEyes.objects.bulk_create(FourEyes(authority_id=actor.authority_id, channel=each) for each in wanted)
    audit.note(
        actor, "publishing.change_four_eyes", everywhere=everywhere, channels=[each.uid for each in channels]
    )  # fmt: skip


# --- Steps ----------------------------------------------------------------------------------------------------------


def _ask(actor: Actor, message: Message, parts: Sequence[MessageChannel]) -> None:
    """Ask those who lead communications, or who can instead, to read it; says now what the channels would refuse."""
    for part in parts:
        queries.refuse_unfit_part(actor, message, part)
    message.state = MessageState.AWAITING
    store(actor, message, changed=False)
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Godkänn: %(text)s") % {"text": (message.text or parts[0].text)[:80]}
    units = [part.channel.unit_id for part in parts]
    instead = reader_instead(actor, units, (message.written_by_id, message.changed_by_id))
    asked = begin_waiting(actor, message, units)
    whom: dict[str, Any] = {"person_id": instead.pk} if instead else {"role": Role.COMMUNICATIONS_LEAD.value}
    _put(actor, message, title, due_at=asked.remind_at, **whom)
    audit.note(actor, "publishing.ask_approval", message, version=message.version)


def _to_be_read(actor: Actor, uid: UUID | str) -> Message:
    message = queries.message_for(actor, uid, lock=True)
    units = [part.channel.unit_id for part in queries.channels_of(actor, message)]
    if not may_approve(actor, units, (message.written_by_id, message.changed_by_id)):
        raise NotPermitted(_("Den som har skrivit inlägget godkänner det inte själv."))
    if message.state != MessageState.AWAITING:
        raise Stale(_("Inlägget väntar inte längre på godkännande."))
    return message


def _decide(actor: Actor, message: Message, outcome: Outcome, seen_hash: str, why: str) -> None:
    units = [part.channel.unit_id for part in queries.channels_of(actor, message)]
    decisions.decide(
        reference=reference_for(actor, units), actor=actor, subject_kind=KIND,
        subject_uid=message.uid, content=queries.content_of(actor, message),
        seen_hash=seen_hash, outcome=outcome, why=why, occasion=str(message.version),
    )  # fmt: skip
    waiting.settle(actor, PLACE, KIND, [message.pk])


def hand_over(
    actor: Actor, message: Message, parts: Sequence[MessageChannel], *, is_approved: bool = False
) -> None:  # fmt: skip
    """Make a publication for each channel, due at the message's time: the rows are the schedule."""
    pictures = [row.picture for row in queries.message_pictures(actor, message)]
    begins = message.planned_at
    patience = timedelta(hours=message.patience_hours) if message.patience_hours else None
    planned = Planned(
        written_by_id=message.changed_by_id or message.written_by_id, not_before=begins,
        not_after=(begins or now()) + patience if patience else None, is_approved=is_approved,
    )  # fmt: skip
    for part in parts:
        try:
            part.publication = publish_post(
                actor=actor, channel=part.channel, text=part.text or message.text, purpose=Purpose(message.purpose),
                pictures=pictures, planned=planned, extras=queries.extras_of(message),
            )  # fmt: skip
        except Invalid as error:
            raise queries.said_of(part, error) from None
        part.save(update_fields=["publication"])
    if begins is not None:
        look_before_sending(actor, message)
        note_rules(actor, [part.publication for part in parts if part.publication is not None])
    settle(actor, message)
    message.state, message.sent_at = MessageState.PLANNED, now()
    store(actor, message, changed=False)
    audit.note(actor, "publishing.send_message", message, channels=[part.channel.uid for part in parts])


def _put_in_place(
    actor: Actor, message: Message, own: Mapping[Channel, str], pictures: Sequence[Picture]
) -> None:  # fmt: skip
    _put_channels(actor, message, own)
    MessagePicture.objects.of(actor).filter(message=message).delete()
    MessagePicture.objects.bulk_create(
        MessagePicture(authority_id=actor.authority_id, message=message, picture=picture, place=place)
        for place, picture in enumerate(pictures)
    )


def _put_channels(actor: Actor, message: Message, own: Mapping[Channel, str]) -> None:
    MessageChannel.objects.of(actor).filter(message=message).delete()
    MessageChannel.objects.bulk_create(
        MessageChannel(
            authority_id=actor.authority_id, message=message, channel=channel,
            text=words if words != message.text else "",
        )
        for channel, words in own.items()
    )  # fmt: skip


def put_marks(actor: Actor, message: Message, marks: Sequence[Label]) -> None:
    """Let a message have these labels and belong to these campaigns, and no others."""
    MessageLabel.objects.of(actor).filter(message=message).delete()
    MessageLabel.objects.bulk_create(
        MessageLabel(authority_id=actor.authority_id, message=message, marked=each) for each in marks
    )


def _set_extras(message: Message, extras: Extras) -> None:
    """Put what goes with the text in its columns. Raises Invalid."""
    rules.refuse_odd(extras)
    for name in rules.EXTRAS:
        setattr(message, name, getattr(extras, name))


def _refuse_strangers(actor: Actor, channels: Any) -> None:
    if not (actor.is_system or actor.has_anywhere(*ANSWERS)):
        raise NotPermitted
    if not all(queries.is_theirs(actor, channel) for channel in channels):
        raise NotPermitted


def _words(text: str) -> str:
    if len(text) > rules.MOST_TEXT:
        raise Invalid(_("Texten är för lång. Korta den."), field="text")
    return text.replace("\r\n", "\n").strip()


def _noted(actor: Actor, message: Message, text: str, *, asks_advice: bool = False) -> MessageNote:
    if len(text) > MOST_NOTE:
        raise Invalid(_("Texten är för lång. Korta den."), field="text")
    note: MessageNote = MessageNote.objects.create(
        authority_id=actor.authority_id, message=message, text=text.strip(), asks_advice=asks_advice,
        by_id=actor.person_id,
    )  # fmt: skip
    return note


def _put(
    actor: Actor, message: Message, title: str, *, kind: str = KIND, due_at: datetime | None = None, **whom: Any
) -> None:  # fmt: skip
    wait = waiting.Wait(
        place=PLACE, subject_kind=kind, subject_id=message.pk, title=title, link=f"/publicerat/utkast/{message.uid}/",
        due_at=due_at or now(), **whom,
    )  # fmt: skip
    waiting.put(actor, [wait])
