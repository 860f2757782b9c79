"""Every read of sources; each starts from the actor."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from narvaro.base.clock import now
from narvaro.core import keys
from narvaro.core import queries as core
from narvaro.core.types import ANSWERS, Actor, NotFound, NotPermitted
from narvaro.publishing import queries as publishing
from narvaro.publishing.types import MessageState
from narvaro.sources import rules
from narvaro.sources.models import Entry, LogRow, Source, SourceChannel, SourceFile, SourceVersion
from narvaro.sources.types import EntryState, Setup, SourceState

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Person

PLACE = "sources"
ENTRY_KIND = "sources.entry"
SOURCE_KIND = "sources.source"
PAGE = 30


def refuse_others(actor: Actor) -> None:
    """Refuse whoever may not see which sources there are. Raises NotPermitted."""
    if not rules.may_read(actor):
        raise NotPermitted


def sources(actor: Actor, *, ended: bool = False) -> list[Source]:
    """Return the authority's sources by name, or (`ended`) those that are over. Raises NotPermitted."""
    refuse_others(actor)
    rows = Source.objects.of(actor).select_related("unit", "responsible").defer("sealed")
    rows = rows.filter(state=SourceState.ENDED) if ended else rows.exclude(state=SourceState.ENDED)
    return list(rows.order_by("name", "id")[:200])


def source_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> Source:
    """Return one source of the actor's authority. Raises NotFound, NotPermitted."""
    refuse_others(actor)
    rows = Source.objects.of(actor).filter(uid=uid)
    rows = rows.select_for_update(of=("self",)) if lock else rows.select_related("unit", "responsible")
    found: Source | None = rows.first()
    if found is None:
        raise NotFound
    return found


def setup_of(source: Source) -> Setup:
    """Return how a source is read."""
    return Setup.of(source.setup)


def channels_of_source(actor: Actor, source: Source) -> list[Channel]:
    """Return where a source's messages are to go out, by name."""
    rows = SourceChannel.objects.of(actor).filter(source=source).select_related("channel")
    return [row.channel for row in rows.order_by("channel__name", "channel_id")]


def log_of(actor: Actor, source: Source, *, before: int | None = None) -> list[LogRow]:
    """Return what a source did, newest first: a page and one more that tells that there is more."""
    rows = LogRow.objects.of(actor).filter(source=source).select_related("message")
    return list((rows.filter(pk__lt=before) if before else rows).order_by("-id")[: PAGE + 1])


def waiting_count(actor: Actor, source: Source) -> int:
    """Return how much was seen and is not written yet."""
    return Entry.objects.of(actor).filter(source=source, state=EntryState.WAITING).count()


def versions_of(actor: Actor, source: Source) -> list[SourceVersion]:
    """Return how a source was set up, newest first, at most thirty."""
    rows = SourceVersion.objects.of(actor).filter(source=source).select_related("by")
    return list(rows.order_by("-number")[:PAGE])


def file_of(actor: Actor, source: Source) -> SourceFile | None:
    """Return the file that a source reads, or None."""
    return SourceFile.objects.of(actor).filter(source=source).first()


def entries_of(actor: Actor, source: Source) -> list[Entry]:
    """Return what a source told lately, newest first, at most a thousand."""
    rows = Entry.objects.of(actor).filter(source=source).select_related("message", "over_message")
    return list(rows.order_by("-id")[:1000])


# --- Secrets ----------------------------------------------------------------------------------------------------------


def secrets_of(source: Source) -> dict[str, str]:
    """Return what a source keeps sealed: `address` and `hook`, as far as there is any. Raises keys.CannotOpen."""
    if not source.sealed:
        return {}
    found: dict[str, str] = json.loads(keys.unseal(bytes(source.sealed), context_of(source)))
    return found


def content_of_file(row: SourceFile, source: Source) -> bytes:
    """Return what an uploaded file holds. Raises keys.CannotOpen."""
    return keys.unseal(bytes(row.sealed), f"{context_of(source)}:file")


def context_of(source: Source) -> str:
    """Return what a source's secrets are bound to."""
    return f"source:{source.uid}"


# --- Who --------------------------------------------------------------------------------------------------------------


def may_answer_for(actor: Actor, person: Person, channels: Iterable[Channel]) -> bool:
    """Whether somebody may be named as responsible: here now, and posts in each of the channels themselves."""
    theirs = core.actor_for(person, actor.authority_id)
    if theirs is None or theirs.authority_id != actor.authority_id or not theirs.has_anywhere(*ANSWERS):
        return False
    return all(publishing.is_theirs(theirs, channel) for channel in channels)


def people_to_name(actor: Actor) -> list[Person]:
    """Return those who may be responsible somewhere, by name."""
    return core.people_with(actor, *ANSWERS)


def is_held(actor: Actor, channel: Channel) -> bool:
    """Whether somebody approves what people send in a channel now, or what was planned there is held: a crisis."""
    held = [each for found in publishing.holders for each in found()]
    is_frozen = any(authority == actor.authority_id and key in (None, channel.pk) for authority, key in held)
    return is_frozen or publishing.approver_of(actor, channel) is not None


# --- For the work in the background -----------------------------------------------------------------------------------


def source_in_hand(pk: int) -> Source:
    """Return a source that a sweep has claimed, with its authority."""
    return Source.objects.everywhere("read sources").select_related("authority").get(pk=pk)


def next_due() -> int | None:
    """Return the key of the next entry that something is to be done about; None when there is none."""
    rows = Entry.objects.everywhere("write drafts").filter(due_at__lte=now(), source__state=SourceState.ACTIVE)
    return rows.order_by("due_at", "id").values_list("pk", flat=True).first()


def made_within_an_hour(actor: Actor, source: Source) -> list[Entry]:
    """Return what a source has written in the latest hour, oldest first."""
    rows = Entry.objects.of(actor).filter(source=source, made_at__gt=now() - timedelta(hours=1))
    return list(rows.only("made_at").order_by("made_at"))


def read_by_now(actor: Actor, keys_waiting: Iterable[int]) -> list[int]:
    """Return which of the entries whose drafts wait to be read have been: changed, sent or thrown by somebody."""
    rows = Entry.objects.of(actor).filter(pk__in=list(keys_waiting)).select_related("message", "over_message")
    return [row.pk for row in rows if not any(_is_untouched(row, each) for each in (row.over_message, row.message))]


def _is_untouched(row: Entry, message: object) -> bool:
    is_draft = getattr(message, "state", "") == MessageState.DRAFT
    return is_draft and getattr(message, "version", 0) <= max(row.message_version, 1)


def authorities_with_sources() -> list[int]:
    """Return the keys of the authorities that have a source."""
    rows = Source.objects.everywhere("settle what was read").values_list("authority_id", flat=True)
    return sorted(set(rows))
