"""Every read of messages: drafts, what waits to be approved and what is planned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from narvaro.core import audit
from narvaro.core.gathering import Part, gathered
from narvaro.core.types import ANSWERS, Actor, Invalid, NotFound, Role
from narvaro.decisions import queries as decisions
from narvaro.media.queries import films
from narvaro.publishing import rules
from narvaro.publishing.models import (
    FourEyes,
    Label,
    Message,
    MessageChannel,
    MessageLabel,
    MessageNote,
    MessagePicture,
    MessageVersion,
    Publication,
)
from narvaro.publishing.queries.films import film_caution, film_fault
from narvaro.publishing.queries.library import marks_of
from narvaro.publishing.queries.posts import is_by_hand, limits_beside, posts_of, refuse_extras
from narvaro.publishing.queries.publications import tries_after
from narvaro.publishing.queries.website import sending_parts
from narvaro.publishing.types import NEEDS_PERSON, NEVER_OUT, Extras, MessageState

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import AuditEntry
    from narvaro.decisions.models import Decision
    from narvaro.publishing.models import Asked, AtOnce, WebsitePage

MESSAGE_KIND = "publishing.message"
READERS = (*ANSWERS, Role.AUDITOR, Role.REGISTRAR, Role.ARCHIVIST)
PAGE = 30


@dataclass(frozen=True, slots=True)
class Room:
    """How a text stands in a channel: how long it is as that platform counts, and how long it may be; None: no end."""

    channel: Channel
    text: str
    length: int
    most: int | None
    posts: tuple[str, ...] = ()  # exactly what goes out, several where it is a thread
    trouble: str = ""  # why it cannot be divided, or cannot go out there
    caution: str = ""  # what people there will not get

    @property
    def left(self) -> int | None:
        """How much more may be written; negative when it is too long, None where nothing sets an end."""
        return None if self.most is None else self.most - self.length

    @property
    def over(self) -> int:
        """By how much it is too long; 0 when it fits."""
        return max(-(self.left or 0), 0)


@dataclass(frozen=True, slots=True)
class Said:
    """
    About a message: notes, oldest first; what it has said, and what was decided about it, newest first.

    How it is let out: until when it waits, how it has gone out at once (latest first), its page of the website.
    """

    notes: tuple[MessageNote, ...]
    versions: tuple[MessageVersion, ...]
    decisions: tuple[Decision, ...]
    marks: tuple[Label, ...]
    pictures: tuple[MessagePicture, ...]
    asked: Asked | None
    at_once: tuple[AtOnce, ...]
    page: WebsitePage | None
    history: tuple[AuditEntry, ...]  # oldest first


def message_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> Message:
    """
    Return one message of the actor's authority.

    Args:
        lock: Hold the row until the transaction ends.

    Raises:
        NotFound: Missing, another authority's, or the actor reads no messages.
    """
    rows = readable(actor)
    rows = rows.select_for_update(of=("self",)) if lock else rows.select_related("written_by", "changed_by", "film")
    found: Message | None = rows.filter(uid=uid).first()
    if found is None:
        raise NotFound
    return found


def messages(
    actor: Actor, state: str, *, text: str = "", marked: str = "", before: int | None = None, limit: int = PAGE
) -> list[Message]:
    """
    Return messages, newest first; older than id `before`, with `text` in them, when given.

    Args:
        state: "" for all that are not thrown away.
        marked: The uid of a label or campaign that they have.
    """
    rows = readable(actor).select_related("written_by")
    rows = rows.filter(state=state) if state else rows.exclude(state=MessageState.THROWN)
    if marked:
        with_it = MessageLabel.objects.of(actor).filter(marked__uid=marked)
        rows = rows.filter(pk__in=with_it.values("message_id"))
    if text:
        own = MessageChannel.objects.of(actor).filter(text__icontains=text).values("message_id")
        rows = rows.filter(Q(text__icontains=text) | Q(pk__in=own))
    rows = rows.filter(pk__lt=before) if before else rows
    return list(rows.order_by("-id")[:limit])


def channels_of(actor: Actor, message: Message) -> list[MessageChannel]:
    """Return where a message goes out, by the channels' names, each with its publication when there is one."""
    rows = MessageChannel.objects.of(actor).filter(message=message)
    return list(rows.select_related("channel", "publication").order_by("channel__name", "channel_id"))


def channels_of_all(actor: Actor, found: Iterable[Message]) -> dict[int, list[MessageChannel]]:
    """Return where each of several messages goes out, by the message's key."""
    listed: dict[int, list[MessageChannel]] = {}
    rows = MessageChannel.objects.of(actor).filter(message__in=[each.pk for each in found])
    for row in rows.select_related("channel", "publication").order_by("channel__name", "channel_id"):
        listed.setdefault(row.message_id, []).append(row)
    return listed


def follow_tries(parts: Iterable[MessageChannel]) -> None:
    """Let each part whose publication a person has sent anew show the latest try."""
    tried = [each.pk for each in sent_of(parts) if each.state in NEEDS_PERSON and each.settled_at is not None]
    again = tries_after(tried) if tried else {}
    for part in parts:
        part.publication = again.get(part.publication_id or 0, part.publication)


def sent_of(parts: Iterable[MessageChannel]) -> list[Publication]:
    """Return the publications that a message was handed over as."""
    return [part.publication for part in parts if part.publication is not None]


def has_begun(publication: Publication) -> bool:
    """Whether a publication has begun to go out; what was taken back, or was never done by hand, has not."""
    return publication.state not in NEVER_OUT


def message_pictures(actor: Actor, message: Message) -> list[MessagePicture]:
    """Return the pictures of a message, in their places."""
    rows = MessagePicture.objects.of(actor).filter(message=message)
    return list(rows.select_related("picture").order_by("place"))


def said_about(actor: Actor, message: Message) -> Said:
    """Return what was said, decided and done about a message, and what it has said itself. One statement."""
    notes = MessageNote.objects.of(actor).filter(message=message)
    versions = MessageVersion.objects.of(actor).filter(message=message)
    placed = MessagePicture.objects.of(actor).filter(message=message)
    marked = MessageLabel.objects.of(actor).filter(message=message)
    found = gathered({
        "placed": Part(placed, names=("picture__uid", "picture__digest", "picture__alt")),
        "marks": Part(Label.objects.of(actor).filter(pk__in=marked.values("marked_id"))),
        "notes": Part(notes, names=("by__name",)), "versions": Part(versions, names=("by__name",)),
        "decisions": decisions.about_part(actor, MESSAGE_KIND, message.uid),
        "history": audit.history_part(actor, message), **sending_parts(actor, message),
    })  # fmt: skip
    return Said(
        tuple(found["notes"]), tuple(reversed(found["versions"])), tuple(reversed(found["decisions"])),
        tuple(sorted(found["marks"], key=lambda each: (each.kind, each.name))),
        tuple(sorted(found["placed"], key=lambda row: row.place)), next(iter(found["asked"]), None),
        tuple(reversed(found["at_once"])), next(iter(found["page"]), None), tuple(found["history"]),
    )  # fmt: skip


def asked_for_advice(actor: Actor, message: Message) -> MessageNote | None:
    """Return the latest question for advice about a message, or None."""
    return MessageNote.objects.of(actor).filter(message=message, asks_advice=True).order_by("-id").first()


def content_of(
    actor: Actor, message: Message, parts: Sequence[MessageChannel] | None = None,
    pictures: Sequence[MessagePicture] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """
    Return exactly what a message says, where and when, for `decisions`: any change makes it another (P18).

    Args:
        parts, pictures: Of the message, where they are read already.
    """
    parts = channels_of(actor, message) if parts is None else parts
    pictures = message_pictures(actor, message) if pictures is None else pictures
    when = f"{message.planned_day} {message.planned_clock} {rules.ZONE}" if message.planned_day else ""
    return {
        "text": message.text, "purpose": message.purpose, "when": when, "patience_hours": message.patience_hours,
        "channels": [[str(part.channel.uid), part.text] for part in parts],
        "pictures": [[row.picture.digest, row.picture.alt] for row in pictures],
        **_more_than_usual(message),
    }  # fmt: skip


def _more_than_usual(message: Message) -> dict[str, Any]:
    """Return what goes with a text beyond the usual: what was approved before there was such is still the same."""
    usual = asdict(Extras())
    film = {"film": films.content_of(message.film)} if message.film is not None else {}
    del usual["film"]
    return {name: said for name, before in usual.items() if (said := getattr(message, name)) != before} | film


def extras_of(message: Message) -> Extras:
    """Return what goes with a message's text."""
    return Extras(**{name: getattr(message, name) for name in rules.EXTRAS})


def is_known(actor: Actor, uid: UUID) -> bool:
    """Whether there is a message by this name."""
    return Message.objects.of(actor).filter(uid=uid).exists()


def is_theirs(actor: Actor, channel: Channel) -> bool:
    """Whether the actor may post in a channel of their authority."""
    return channel.authority_id == actor.authority_id and rules.may_post(
        actor, channel.responsible_id, channel.deputy_id, channel.unit_id
    )


def four_eyes(actor: Actor) -> tuple[bool, set[int]]:
    """Return whether somebody else reads every post before it goes out, and the channels where it is so."""
    rows = list(FourEyes.objects.of(actor).values_list("channel_id", flat=True))
    return None in rows, {row for row in rows if row is not None}


def is_read_first(actor: Actor, channel_ids: Iterable[int], message: Message | None = None) -> bool:
    """Whether somebody else reads a post before it goes out in one of the channels, or with a label it has."""
    everywhere, some = four_eyes(actor)
    if everywhere or some & set(channel_ids):
        return True
    return message is not None and any(each.is_read_first for each in marks_of(actor, message))


def rooms(
    actor: Actor, text: str, own: Iterable[tuple[Channel, str]], extras: Extras | None = None
) -> list[Room]:  # fmt: skip
    """Return how a text stands in each of several channels, as each platform counts; a thread by its longest part."""
    extras = extras or Extras()
    found = []
    for channel, words in own:
        limits, said = limits_beside(channel, extras), (words or text).strip()
        try:
            posts, trouble = posts_of(channel, said, extras), ""
        except Invalid as error:
            posts, trouble = [said], str(error)
        longest = max((rules.length_of(each, limits) for each in posts), default=0)
        if not is_by_hand(channel, extras.film):
            trouble, caution = trouble or film_fault(channel, extras.film), film_caution(channel, extras.film)
        else:
            caution = ""
        found.append(Room(channel, said, longest, limits.max_length, tuple(posts), trouble, caution))
    return found


def refuse_unfit_part(actor: Actor, message: Message, part: MessageChannel) -> None:
    """Refuse what a channel's platform would refuse. Raises Invalid, which says which channel."""
    extras = extras_of(message)
    (room,) = rooms(actor, message.text, [(part.channel, part.text)], extras)
    if not room.text:
        raise said_of(part, Invalid(_("Skriv ett inlägg."), field="text"))
    try:
        refuse_extras(part.channel, extras, len(message_pictures(actor, message)))
    except Invalid as error:
        raise said_of(part, error) from None
    if room.trouble:
        raise said_of(part, Invalid(room.trouble, field="text"))
    if room.over:
        words = {"over": room.over, "most": room.most}
        raise said_of(
            part, Invalid(_("Texten är %(over)d tecken för lång. Här får den vara %(most)d.") % words, field="text")
        )


def said_of(part: MessageChannel, error: Invalid) -> Invalid:
    """Return a refusal with the name of the channel before it."""
    return Invalid(f"{part.channel.name}: {error}", field=error.field)


def readable(actor: Actor) -> QuerySet[Message]:
    """Return the messages that an actor reads."""
    rows: QuerySet[Message] = Message.objects.of(actor)
    return rows if actor.is_system or actor.has_anywhere(*READERS) else rows.none()
