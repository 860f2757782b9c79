"""
Making messages of what sources told: one transaction makes the entry's state and its message, so that a killed worker
leaves neither or both.

Everything is done through `publishing`: the gate, screening, four eyes and a crisis hold what a machine wrote as they
hold what a person wrote, and the person who is named as responsible is its author.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro import screening
from narvaro.base.clock import now, today
from narvaro.core import audit, waiting
from narvaro.core import queries as core
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.publishing import actions as publishing
from narvaro.publishing import queries as published
from narvaro.publishing import rules as publishing_rules
from narvaro.publishing.actions.website import name_page
from narvaro.publishing.types import MessageState
from narvaro.sources import queries, rules
from narvaro.sources.actions.logbook import log
from narvaro.sources.models import Entry, HookCall, LogRow, Source
from narvaro.sources.types import Did, EntryState

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.publishing.models import Message

LATER = timedelta(minutes=15)
DUTY = "write drafts"


@transaction.atomic
def do_entry(pk: int) -> None:
    """Do what is due about one entry: write its draft, follow a change, or say that it is over. Twice does nothing."""
    rows = Entry.objects.everywhere(DUTY)
    entry = rows.filter(pk=pk, due_at__lte=now()).select_for_update(of=("self",)).first()
    if entry is None:
        return
    # Taken by changing it: where rows are not locked, whoever comes second changes nothing.
    if not rows.filter(pk=pk, fence=entry.fence, due_at=entry.due_at).update(fence=F("fence") + 1, due_at=None):
        return
    source = Source.objects.everywhere(DUTY).select_related("authority").get(pk=entry.source_id)
    actor = Actor.system(source.authority, DUTY)
    if entry.state == EntryState.WAITING:
        _write(actor, source, entry)
    elif entry.state == EntryState.MADE and entry.is_over:
        _end(actor, source, entry)
    elif entry.state == EntryState.MADE and entry.digest != entry.made_digest:
        _follow(actor, source, entry)


@transaction.atomic
def postpone(pk: int, why: str) -> None:
    """Let an entry that could not be done rest for a while, and say so: one that always fails holds up no other."""
    entry = Entry.objects.everywhere(DUTY).filter(pk=pk).select_related("source__authority").first()
    if entry is not None:
        actor = Actor.system(entry.source.authority, DUTY)
        Entry.objects.of(actor).filter(pk=pk).update(due_at=now() + LATER)
        log(actor, entry.source, Did.FAILED, f"{entry.title[:120]}: {why}")


def settle_read() -> int:
    """Take away from whom it waited what somebody has read by now; returns how much."""
    count = 0
    authorities = {each.pk: each for each in core.all_authorities()}
    for key in queries.authorities_with_sources():
        actor = Actor.system(authorities[key], "settle what was read")
        with transaction.atomic():
            done = queries.read_by_now(actor, waiting.subjects(actor, queries.PLACE, queries.ENTRY_KIND))
            waiting.settle(actor, queries.PLACE, queries.ENTRY_KIND, done)
        count += len(done)
    return count


@transaction.atomic
def dispose_old() -> int:
    """
    Throw away what sources told and did long ago, and calls that are too old to come again; returns how much.

    The messages stay, as messages do. Law: TF-12
    """
    oldest = now() - timedelta(days=rules.KEEP_DAYS)
    calls, _each = HookCall.objects.everywhere("dispose").filter(at__lt=now() - 2 * rules.HOOK_WINDOW).delete()
    logged, _each = LogRow.objects.everywhere("dispose").filter(at__lt=oldest).delete()
    # What is emptied stays by its key, so that an old feed does not become drafts again.
    told = Entry.objects.everywhere("dispose").filter(seen_at__lt=oldest, due_at=None).exclude(values={})
    return int(calls + logged + told.update(values={}, title=""))


# --- Steps ------------------------------------------------------------------------------------------------------------


def _write(actor: Actor, source: Source, entry: Entry) -> None:
    if entry.happens_on is not None and entry.happens_on < today():
        return _skip(actor, source, entry, "Dagen har passerat.")
    pace = queries.made_within_an_hour(actor, source)
    if len(pace) >= source.most_an_hour:
        first = pace[len(pace) - source.most_an_hour].made_at or now()
        _change(actor, entry, due_at=first + timedelta(hours=1))
        return log(actor, source, Did.LIMITED, f"Högst {source.most_an_hour} i timmen.")
    channels = _channels(actor, source)
    if not channels:
        _change(actor, entry, due_at=now() + LATER)
        return log(actor, source, Did.FAILED, "Ingen av källans kanaler är i drift. Inget skrivs förrän någon är det.")
    text = rules.written(source.template, entry.values)
    if not text:
        return _skip(actor, source, entry, "Mallen gav ingen text.")
    message = publishing.save_message(
        actor=actor, text=text, channels=dict.fromkeys(channels, ""), author_id=source.responsible_id
    )
    _name_page(actor, message, entry)
    _change(
        actor, entry, state=EntryState.MADE, message=message, message_version=message.version, made_at=now(),
        made_digest=entry.digest,
    )  # fmt: skip
    audit.note(actor, "sources.make_draft", source, message=message.uid, responsible=source.responsible_id)
    log(actor, source, Did.MADE, entry.title, message)
    _let_out_or_tell(actor, source, entry, message, channels)
    return None


def _name_page(actor: Actor, message: Message, entry: Entry) -> None:
    """Name the page that the source told of, where it is one of the authority's own website."""
    link = entry.values.get("lank", "")
    if link and core.authority_of(actor).website:
        with suppress(Invalid), transaction.atomic():  # somebody else's page: the draft names none
            name_page(actor=actor, uid=message.uid, url=link)


def _follow(actor: Actor, source: Source, entry: Entry) -> None:
    """Let a draft that nobody has touched say what the source says now."""
    message = _message(actor, entry)
    _change(actor, entry, made_digest=entry.digest)
    if message.state == MessageState.THROWN:
        return None
    if message.state == MessageState.DRAFT and message.version == entry.message_version:
        text = rules.written(source.template, entry.values)
        if text == message.text or not text:
            return None
        parts = published.channels_of(actor, message)
        changed = publishing.save_message(
            actor=actor, uid=message.uid, seen_version=message.version, text=text,
            channels={part.channel: part.text for part in parts},
        )  # fmt: skip
        _change(actor, entry, message_version=changed.version)
        return log(actor, source, Did.FOLLOWED, entry.title, changed)
    is_draft = message.state == MessageState.DRAFT
    said = "någon har ändrat utkastet, som får vara" if is_draft else (
        "inlägget är redan skickat eller planerat. Skriv en rättelse om det behövs"
    )  # fmt: skip
    return log(actor, source, Did.LEFT, f"{entry.title[:120]}: källan ändrades, men {said}.", message)


def _end(actor: Actor, source: Source, entry: Entry) -> None:
    """Say that it is over where it was said that it began; what never went out never does."""
    message = _message(actor, entry)
    _change(actor, entry, made_digest=entry.digest)
    if entry.over_message_id is not None or message.state == MessageState.THROWN:
        return None
    if message.state == MessageState.DRAFT and message.version == entry.message_version:
        publishing.throw_message(actor=actor, uid=message.uid, seen_version=message.version)
        waiting.settle(actor, queries.PLACE, queries.ENTRY_KIND, [entry.pk])
        return log(actor, source, Did.OVER, "Det var över innan utkastet gick ut. Det ligger i papperskorgen.", message)
    if message.state != MessageState.PLANNED:
        log(actor, source, Did.LEFT, "Det är över, men någon arbetar med inlägget. Det får vara.", message)
        return _tell(actor, source, entry, message, _("Det är över: %(title)s") % {"title": entry.title[:80]})
    text = rules.written(source.over_template, entry.values) if source.over_template else ""
    if not text:
        return log(actor, source, Did.OVER, "Det är över. Källan har ingen mall för att säga det.", message)
    channels = [part.channel for part in published.channels_of(actor, message)]
    channels = [channel for channel in channels if channel in _channels(actor, source)] or _channels(actor, source)
    if not channels:
        return log(actor, source, Did.FAILED, "Det är över, men ingen av källans kanaler är i drift.", message)
    said = publishing.save_message(
        actor=actor, text=text, channels=dict.fromkeys(channels, ""), author_id=source.responsible_id
    )
    _change(actor, entry, over_message=said)
    audit.note(actor, "sources.make_draft", source, message=said.uid, responsible=source.responsible_id)
    log(actor, source, Did.OVER, entry.title, said)
    _let_out_or_tell(actor, source, entry, said, channels)
    return None


def _let_out_or_tell(
    actor: Actor, source: Source, entry: Entry, message: Message, channels: Sequence[Channel]
) -> None:  # fmt: skip
    """Let a message go out where the source may do that by itself; else put its draft before the responsible."""
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Läs utkastet: %(text)s") % {"text": publishing_rules.beginning(message.text)}
        if not source.is_automatic:
            return _tell(actor, source, entry, message, title)
        held = _held_by(actor, source, message.text, channels)
        if not held:
            try:
                with transaction.atomic():
                    sent = publishing.send_message(actor=actor, uid=message.uid, seen_version=message.version)
            except (Invalid, NotPermitted, Stale) as refusal:
                held = str(refusal)
        if held:
            log(actor, source, Did.HELD, held, message)
            return _tell(actor, source, entry, message, title)
        is_asked = sent.state == MessageState.AWAITING
        audit.note(actor, "sources.send_draft", source, message=message.uid, awaits=is_asked)
        return log(actor, source, Did.SENT, "Någon annan läser det först." if is_asked else "", message)


def _held_by(actor: Actor, source: Source, text: str, channels: Sequence[Channel]) -> str:
    """Return why nothing goes out without a person now, or ""."""
    try:
        person = core.person_by_id(source.responsible_id)
        may_answer = queries.may_answer_for(actor, person, channels)
    except NotFound:
        may_answer = False
    if not may_answer:
        return _("Den som är ansvarig har inte längre hand om kanalerna. Utse en ny ansvarig.")
    if any(queries.is_held(actor, channel) for channel in channels):
        return _("I ett krisläge går inget ut av sig självt.")
    checks = published.checks_of(actor, text, kind=screening.Kind.POST)
    return " ".join([*checks.stops, *checks.asks])


def _tell(actor: Actor, source: Source, entry: Entry, message: Message, title: str) -> None:
    is_away = bool(core.not_here(actor, [source.responsible_id]))
    waiting.put(actor, [waiting.Wait(
        place=queries.PLACE, subject_kind=queries.ENTRY_KIND, subject_id=entry.pk, title=title,
        link=f"/publicerat/utkast/{message.uid}/", due_at=now(), person_id=None if is_away else source.responsible_id,
        role=Role.COMMUNICATIONS_LEAD.value if is_away else "",
    )])  # fmt: skip


def _channels(actor: Actor, source: Source) -> list[Channel]:
    open_now = {channel.pk for channel in published.channels_to_post_in(actor)}
    return [channel for channel in queries.channels_of_source(actor, source) if channel.pk in open_now]


def _message(actor: Actor, entry: Entry) -> Message:
    assert entry.message is not None  # MADE has one: a constraint of the table
    return published.message_for(actor, entry.message.uid, lock=True)


def _skip(actor: Actor, source: Source, entry: Entry, why: str) -> None:
    _change(actor, entry, state=EntryState.SKIPPED, why=why)
    log(actor, source, Did.SKIPPED, f"{entry.title[:120]}: {why}")


def _change(actor: Actor, entry: Entry, **values: object) -> None:
    Entry.objects.of(actor).filter(pk=entry.pk).update(**values)
    for name, value in values.items():
        setattr(entry, name, value)
