"""Taking in what a source says: read under a lease, or sent here signed; every thing is an entry, once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import STOCKHOLM, now
from narvaro.core import queries as core
from narvaro.core import waiting
from narvaro.core.jobs import real_now
from narvaro.core.types import Actor, Invalid, NotFound, Role, Stale
from narvaro.sources import queries, reading, rules
from narvaro.sources.actions.logbook import log
from narvaro.sources.models import Entry, HookCall, Source
from narvaro.sources.types import Did, EntryState, Found, Kind, Reading, Readout, Shape, SourceState, Way

LEASE = timedelta(minutes=5)
_THERE_BEFORE = "Det fanns redan när källan lades upp."
_REBUILT = "Allt på sidan är nytt på en gång. Den verkar ombyggd."
MOST_NAMED = 20
"""How many of the things that were skipped at one time are told by name."""


def claim_source() -> Reading | None:
    """Take the next source that is due to be read, under a lease; None when none is."""
    rows = Source.objects.everywhere("read sources")
    with transaction.atomic():
        due = rows.filter(
            Q(lease_until=None) | Q(lease_until__lt=real_now()), next_at__lte=now(), state=SourceState.ACTIVE
        ).exclude(way=Way.HOOK)  # fmt: skip
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        row = due.order_by("next_at", "id").defer("sealed").first()
        if row is None:
            return None
        rows.filter(pk=row.pk).update(lease_until=real_now() + LEASE, fence=F("fence") + 1)
        return Reading(row.pk, row.authority_id, row.fence + 1)


@transaction.atomic
def absorb(held: Reading, readout: Readout) -> int:
    """
    Take in what one reading gave and let go of the source; returns how much was new.

    A thing is an entry once (source and key), however many readers bring it and whoever dies.

    Raises:
        Stale: The reading is no longer ours.
    """
    rows = Source.objects.everywhere("read sources").select_related("authority").select_for_update(of=("self",))
    source = rows.filter(pk=held.pk, fence=held.fence).first()
    if source is None:
        raise Stale
    actor = Actor.system(source.authority, "read sources")
    new, is_rebuilt = 0, False
    if source.state == SourceState.ACTIVE:
        setup = queries.setup_of(source)
        is_list = source.kind in (Kind.NEWS, Kind.VACANCY) or source.shape in (Shape.FEED, Shape.PAGE)
        is_backlog = source.read_at is None and not setup.take_existing and is_list
        is_rebuilt = _is_rebuilt(actor, source, readout.found)
        why = _THERE_BEFORE if is_backlog else _REBUILT if is_rebuilt else ""
        new = _taken_in(actor, source, readout.found, unwanted=why)
        for why in readout.unnamed:
            log(actor, source, Did.SKIPPED, why)
        if setup.gone_is_over and source.kind == Kind.INCIDENT:
            _miss(actor, source, readout.found)
        log(actor, source, Did.FETCHED, f"Läste {len(readout.found)}, varav {new} nya.")
    Source.objects.of(actor).filter(pk=source.pk).update(
        lease_until=None, next_at=_next_at(source), read_at=now(), failures=0, last_error=""
    )
    if source.failures:
        waiting.settle(actor, queries.PLACE, queries.SOURCE_KIND, [source.pk])
    if is_rebuilt:
        _pause(actor, source)
    return new


@transaction.atomic
def fail(held: Reading, why: str) -> None:
    """Note that a source could not be read, let it rest longer each time, and tell whoever is responsible."""
    rows = Source.objects.everywhere("read sources").select_related("authority").defer("sealed")
    source = rows.filter(pk=held.pk, fence=held.fence).first()
    if source is None:
        return
    actor = Actor.system(source.authority, "read sources")
    Source.objects.of(actor).filter(pk=source.pk).update(
        lease_until=None, next_at=now() + rules.wait_after(source.failures, source.kind), failures=F("failures") + 1,
        last_error=why[:500],
    )  # fmt: skip
    log(actor, source, Did.FAILED, why)
    if source.failures + 1 >= rules.TOLD_AFTER:
        with translation.override(settings.LANGUAGE_CODE):
            title = _("Källan %(name)s går inte att läsa") % {"name": source.name}
        _tell(actor, source, title)


@transaction.atomic
def take_call(*, uid: UUID, timestamp: str, signature: str, body: bytes) -> int:
    """
    Take in what another system sent here, when it is signed, fresh and not taken in before; returns how much was new.

    Raises:
        NotFound: No such source, or the signature is not made with its secret just now: the two look alike.
        Stale: The same call was taken in before, or the source rests.
        Invalid: It is signed, and cannot be read: says why.

    Law: SEC-1
    """
    rows = Source.objects.everywhere("take calls").select_related("authority").select_for_update(of=("self",))
    source = rows.filter(uid=uid, way=Way.HOOK).exclude(state=SourceState.ENDED).first()
    secret = queries.secrets_of(source).get("hook", "") if source is not None else ""
    is_signed = rules.is_signed(secret or "none", timestamp, body, signature)  # as much work when there is no secret
    if source is None or not secret or not is_signed or not rules.is_fresh(timestamp, now()):
        raise NotFound
    if source.state != SourceState.ACTIVE:
        raise Stale(_("Källan är pausad."))
    actor = Actor.system(source.authority, "take calls")
    call = HookCall(
        authority_id=source.authority_id, source=source, digest=sha256(timestamp.encode() + b"." + body).hexdigest()
    )
    before = HookCall.objects.of(actor).filter(source=source, digest=call.digest)
    if before.exists():
        raise Stale(_("Samma meddelande är redan mottaget."))
    call.save(force_insert=True)
    try:
        readout = reading.read(source.kind, source.shape, queries.setup_of(source), body, at=now())
    except reading.Unreadable as problem:
        raise Invalid(str(problem)) from None
    new = _taken_in(actor, source, readout.found)
    log(actor, source, Did.FETCHED, f"Tog emot {len(readout.found)}, varav {new} nya.")
    Source.objects.of(actor).filter(pk=source.pk).update(read_at=now(), failures=0, last_error="")
    return new


# --- Steps ------------------------------------------------------------------------------------------------------------


def _tell(actor: Actor, source: Source, title: str) -> None:
    """Let something about a source wait for whoever is responsible; when they have left, for communications."""
    has_left = bool(core.not_here(actor, [source.responsible_id]))
    waiting.put(actor, [waiting.Wait(
        place=queries.PLACE, subject_kind=queries.SOURCE_KIND, subject_id=source.pk, title=title,
        link=f"/publicerat/kallor/{source.uid}/", person_id=None if has_left else source.responsible_id,
        role=Role.COMMUNICATIONS_LEAD.value if has_left else "",
    )])  # fmt: skip


def _is_rebuilt(actor: Actor, source: Source, found: Sequence[Found]) -> bool:
    if source.shape != Shape.PAGE or source.read_at is None or len(found) < rules.REBUILT_FROM:
        return False
    if source.kind == Kind.AGENDA and any(each.happens_on for each in found):
        return False  # meetings come and go by their days
    rows = Entry.objects.of(actor).filter(source=source)
    aliases = [each.alias for each in found if each.alias]
    known = rows.filter(Q(key__in=[each.key for each in found]) | Q(alias__in=aliases)).count()
    return rules.is_rebuilt(source.shape, len(found), known, before=rows.exists())


def _pause(actor: Actor, source: Source) -> None:
    """Let a source rest whose page has become another, until somebody has looked at it."""
    Source.objects.of(actor).filter(pk=source.pk).update(state=SourceState.PAUSED, version=F("version") + 1)
    log(actor, source, Did.PAUSED, _REBUILT)
    with translation.override(settings.LANGUAGE_CODE):
        _tell(actor, source, _("Sidan som källan %(name)s läser verkar ombyggd") % {"name": source.name})


def _taken_in(actor: Actor, source: Source, found: Iterable[Found], *, unwanted: str = "") -> int:
    given = {each.key: each for each in found}
    aliases = {each.alias: each.key for each in given.values() if each.alias}
    there = list(
        Entry.objects.of(actor).filter(source=source).filter(Q(key__in=list(given)) | Q(alias__in=list(aliases)))
    )
    known = {row.key for row in there} | {aliases[row.alias] for row in there if row.alias in aliases}
    for row in there:
        each = given.get(row.key) or given.get(aliases.get(row.alias, ""))
        if each is not None:
            _renew(actor, source, row, each)
    new = [_entry(source, each, unwanted=unwanted) for key, each in given.items() if key not in known]
    Entry.objects.bulk_create(new, ignore_conflicts=True)
    skipped = [row for row in new if row.state == EntryState.SKIPPED]
    for row in skipped[:MOST_NAMED]:
        log(actor, source, Did.SKIPPED, f"{row.title[:120]}: {row.why}")
    if len(skipped) > MOST_NAMED:
        log(actor, source, Did.SKIPPED, f"Ytterligare {len(skipped) - MOST_NAMED} som inte blir något.")
    return len(new)


def _entry(source: Source, each: Found, *, unwanted: str) -> Entry:
    why = each.skip or unwanted or ("Det är redan över." if each.is_over else "")
    return Entry(
        authority_id=source.authority_id, source=source, key=each.key, alias=each.alias, title=each.title[:200],
        digest=rules.digest_of(each.values, is_over=each.is_over), values=dict(each.values), happens_on=each.happens_on,
        state=EntryState.SKIPPED if why else EntryState.WAITING, why=why, is_over=each.is_over,
        due_at=None if why else now(),
    )  # fmt: skip


def _renew(actor: Actor, source: Source, row: Entry, each: Found) -> None:
    """Let an entry say what the source says now; when that is something else it is due again."""
    digest = rules.digest_of(each.values, is_over=each.is_over)
    rows = Entry.objects.of(actor).filter(pk=row.pk)
    if digest == row.digest:
        if row.missed:
            rows.update(missed=0)
        return
    why = each.skip or ("Det är redan över." if each.is_over else "")
    is_new = row.state != EntryState.MADE
    values = {"digest": digest, "values": dict(each.values), "title": each.title[:200], "is_over": each.is_over}
    if is_new:
        values |= {"state": EntryState.SKIPPED if why else EntryState.WAITING, "why": why}
        if why and why != row.why:
            log(actor, source, Did.SKIPPED, f"{each.title[:120]}: {why}")
    due = None if (is_new and why) or (not is_new and each.skip and not each.is_over) else now()
    rows.update(**values, missed=0, happens_on=each.happens_on, due_at=due)


def _miss(actor: Actor, source: Source, found: Iterable[Found]) -> None:
    """Count what no longer stands in a whole list; missing twice in a row, it is over."""
    here = {each.key for each in found}
    rows = (
        Entry.objects.of(actor)
        .filter(source=source, state=EntryState.MADE, is_over=False)
        .only("key", "missed", "values")
    )
    for row in rows[:1000]:
        if row.key in here:
            continue
        missed = row.missed + 1
        is_gone = missed >= rules.GONE_AFTER
        digest = {"digest": rules.digest_of(row.values, is_over=True), "due_at": now()} if is_gone else {}
        Entry.objects.of(actor).filter(pk=row.pk).update(missed=missed, is_over=is_gone, **digest)


def _next_at(source: Source) -> datetime:
    """Return when a source is read next: in its pace, and at its clock when that comes first."""
    usual = now() + rules.read_every(source.kind)
    if source.kind != Kind.DAY:
        return usual
    local = now().astimezone(STOCKHOLM)
    at = datetime.combine(local.date(), reading.clock_of(queries.setup_of(source)), STOCKHOLM)
    return min(at, usual) if at > now() else usual
