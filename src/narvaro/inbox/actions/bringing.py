"""Bringing in what was found elsewhere, and what somebody published by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.connectors.port import Author, Kind, MediaKind, Medium, Page, Visibility
from narvaro.connectors.port import Item as Found
from narvaro.core import audit, ledger
from narvaro.core import queries as core
from narvaro.core.types import Actor, Invalid, NotPermitted
from narvaro.inbox import queries, rules
from narvaro.inbox.actions.feed import triage
from narvaro.inbox.actions.step import clock_values, store, tell_who_waits
from narvaro.inbox.models import Incoming
from narvaro.media import actions as media
from narvaro.records import actions as records
from narvaro.records import queries as kept
from narvaro.records.types import Source

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Authority

MOST_TURNS = 50


@dataclass(frozen=True, slots=True)
class _Shot:
    """A picture that somebody brought in."""

    content: bytes
    media_type: str
    alt: str


def bring_in(
    *,
    actor: Actor,
    channel_uid: UUID | str,
    text: str,
    author: str = "",
    url: str = "",
    published_at: datetime | None = None,
    parent_uid: UUID | str | None = None,
    is_private: bool = False,
    pictures: Sequence[tuple[bytes, str]] = (),
) -> Incoming | None:
    """
    Bring in something that somebody found elsewhere: it is kept as a record and stands in the inbox at once.

    The same text by the same author at the same link is brought in once (P11).

    Args:
        parent_uid: The inbox item that it answers, when it does.
        is_private: It was written to us alone.
        text: What was written; "" where the link or the pictures have to do, and then somebody has to look.
        pictures: Bytes of each picture, kept as they are, and what it shows in words. Where the text may be
            about abuse material no picture is kept.

    Returns:
        Its inbox row; None when what was brought in waits its turn behind a long backlog.

    Raises:
        NotFound: No such channel or parent.
        NotPermitted: The actor only reads.
        Invalid: Neither text, link nor picture, the link is none, or a file is no picture.

    Law: TF-1, TF-2, TF-4, BBS-10
    """
    if not rules.may_bring_in(actor):
        raise NotPermitted
    channel = channels.channel_for(actor, channel_uid)
    parent = queries.incoming_for(actor, parent_uid) if parent_uid else None
    _refuse_odd(channel, parent, has_something=bool(text.strip() or url.strip() or pictures), url=url.strip())
    in_words = "\n".join([text, *(alt for _content, alt in pictures)])
    shots = [] if rules.assess(in_words).is_abuse else _shots(pictures)
    found = _found(
        text.strip(), author.strip(), url.strip(), published_at, parent, shots=shots,
        visibility=Visibility.PRIVATE if is_private else Visibility.PUBLIC, is_own=False,
    )  # fmt: skip
    records.capture(channel=channel, page=Page(items=(found,), next_cursor=""), source=Source.MANUAL)
    item = kept.item_by_remote_id(actor, channel.pk, found.remote_id)
    if item is not None and shots:
        records.keep_brought_files(
            version_id=item.latest_version_id, authority_id=actor.authority_id,
            contents=[(shot.content, shot.media_type) for shot in shots],
        )  # fmt: skip
    audit.note(actor, "inbox.bring_in", item)
    authority = core.authority_of(actor)
    _take_in(authority)
    incoming = queries.incoming_of(actor, item) if item is not None else None
    if incoming is not None and not text.strip():
        _ask_for_eyes(authority, incoming)
    return incoming


def _refuse_odd(channel: Channel, parent: Incoming | None, *, has_something: bool, url: str) -> None:
    """Raise Invalid for what is nothing at all, no link, or an answer to something in another channel."""
    if not has_something:
        raise Invalid(_("Klistra in det som skrevs, en länk dit eller en bild av det."), field="text")
    if url and not url.startswith(("https://", "http://")):
        raise Invalid(_("Klistra in hela länken, med https:// först."), field="url")
    if parent is not None and parent.channel_id != channel.pk:
        raise Invalid(_("Välj samma kanal som det som den svarar på."), field="channel")


def _take_in(authority: Authority) -> None:
    """Give what waits its places and take it into the inbox, a bounded number of turns."""
    for _turn in range(MOST_TURNS):
        ledger.sequence(authority)
        if not triage(authority=authority):
            return


def _ask_for_eyes(authority: Authority, incoming: Incoming) -> None:
    """Let what has no words wait for an answer: no machine can tell whether it asks for one. Law: FL-2"""
    machine = Actor.system(authority, "bring in")
    if not incoming.needs_answer and incoming.done_at is None:
        store(machine, incoming, **clock_values(machine, incoming, start=now()))
        tell_who_waits(machine, [incoming])


def _shots(pictures: Sequence[tuple[bytes, str]]) -> list[_Shot]:
    found = []
    for number, (content, alt) in enumerate(pictures, 1):
        try:
            found.append(_Shot(content, media.picture_type(content), alt.strip()))
        except Invalid as error:
            raise Invalid(str(error), field="picture" if number == 1 else f"picture_{number}") from None
    return found


def keep_own(actor: Actor, incoming: Incoming, *, url: str, text: str) -> None:
    """Keep an answer that a person published by hand as a record in its thread. Law: TF-5"""
    found = _found(text, actor.name, url, None, incoming, visibility=Visibility(incoming.item.visibility), is_own=True)
    records.capture(channel=incoming.channel, page=Page(items=(found,), next_cursor=""), source=Source.MANUAL)


def _found(
    text: str, author: str, url: str, published_at: datetime | None, parent: Incoming | None, *,
    visibility: Visibility, is_own: bool, shots: Sequence[_Shot] = (),
) -> Found:  # fmt: skip
    digests = [sha256(shot.content).hexdigest() for shot in shots]
    whole = {"url": url, "author": author, "text": text, **({"pictures": digests} if digests else {})}
    said = json.dumps(whole, ensure_ascii=False, sort_keys=True).encode()
    moment, under = now(), parent.item.remote_id if parent else ""
    # No platform knows this id: nothing that reads the platform may take it for one of its own.
    identity = said + f"|{under}|{published_at.isoformat() if published_at else ''}|{is_own}".encode()
    remote_id = f"narvaro:found:{blake2b(identity, digest_size=20).hexdigest()}"
    return Found(
        remote_id=remote_id,
        kind=Kind.MESSAGE if visibility == Visibility.PRIVATE else Kind.COMMENT if parent else Kind.MENTION,
        author=Author(remote_id=f"{author}"[:300], handle=author[:300], display_name=author[:300]),
        text=text,
        published_at=min(published_at, moment) if published_at else moment,
        raw=said,
        is_own=is_own,
        parent_remote_id=under,
        root_remote_id=parent.item.thread_key if parent else remote_id,
        visibility=visibility,
        url=url,
        media=tuple(
            Medium("", MediaKind.IMAGE, shot.media_type, shot.alt, digest)
            for shot, digest in zip(shots, digests, strict=True)
        ),
    )
