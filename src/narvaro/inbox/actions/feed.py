"""Following the feed: what each newly kept version means for the inbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.connectors.port import Visibility
from narvaro.core import audit, ledger
from narvaro.core import queries as core
from narvaro.core.types import Actor
from narvaro.inbox import rules
from narvaro.inbox.actions import answered, in_bulk, urgent
from narvaro.inbox.actions.step import CLEARED, OPENED, tell_of_new, tell_who_waits
from narvaro.inbox.models import Finding, Incoming
from narvaro.inbox.types import Assessment, Outcome, State
from narvaro.policy import queries as policy
from narvaro.records import actions as records
from narvaro.records import bulk
from narvaro.records import queries as kept_records
from narvaro.records.types import Kept, Origin, Source, VersionKind

if TYPE_CHECKING:
    from narvaro.base.workingtime import WorkingCalendar
    from narvaro.channels.models import Channel
    from narvaro.core.models import Authority

CURSOR = "inbox"
BATCH = 2000


class _Overtaken(Exception):
    """Somebody else moved the cursor: everything this batch did is rolled back."""


def triage(*, authority: Authority, limit: int = BATCH) -> int:
    """
    Take the next part of the authority's feed into the inbox, in one transaction with the cursor.

    Texts are read before the transaction begins. A comment becomes an item with holder, deadline and
    findings; an edit is read again; a deletion closes what nobody owes an answer any more; what we wrote
    ourselves, here or in the platform's own app, closes what it answers. The cost does not depend on how
    many people are told.

    Returns:
        How many positions of the feed were taken; 0 when there is nothing, or another process took them.

    Law: FL-2, OSL-2, OSL-4, TF-2, TF-4, BBS-10; P12, P21, P32
    """
    part = read_part(authority, limit=limit)
    return part.upto - part.since if part is not None and take(part) else 0


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the feed that was read and judged, and is not taken in yet."""

    authority: Authority
    since: int
    upto: int
    entries: Sequence[Kept]
    read: Mapping[int, Assessment]


def read_part(authority: Authority, *, limit: int = BATCH) -> Part | None:
    """Read the next part of the feed and judge its texts, outside any transaction; None when there is nothing."""
    since = ledger.cursor_position(authority.pk, CURSOR)
    entries, upto = kept_records.feed(authority.pk, since, limit=limit)
    if upto == since:
        return None
    own = policy.words_listened_for(authority.pk)
    read = {e.version_id: rules.assess(e.text, e.alternative_texts, own=own) for e in entries if _is_words_of_others(e)}
    return Part(authority, since, upto, entries, read)


def take(part: Part) -> bool:
    """Take a part in, with the cursor, in one transaction; False when somebody else took it meanwhile."""
    try:
        with transaction.atomic():
            if not ledger.move_cursor(part.authority.pk, CURSOR, since=part.since, to=part.upto):
                raise _Overtaken
            if part.entries:
                _Batch(part.authority, part.entries, part.read).take_in()
    except _Overtaken:
        return False
    return True


def _is_words_of_others(entry: Kept) -> bool:
    return entry.origin == Origin.RECEIVED and entry.kind == VersionKind.CONTENT


@dataclass(slots=True)
class _Taken:
    """What a batch has led to so far."""

    new: list[Incoming] = field(default_factory=list)
    changed: dict[int, Incoming] = field(default_factory=dict)  # by item
    found: list[tuple[Incoming, int, Assessment]] = field(default_factory=list)
    urgent: list[Incoming] = field(default_factory=list)
    secret: list[tuple[Incoming, bool]] = field(default_factory=list)  # with: is it backlog
    abuse: list[Incoming] = field(default_factory=list)


class _Batch:
    """One part of the feed, taken in by a constant number of statements."""

    def __init__(self, authority: Authority, entries: Sequence[Kept], read: Mapping[int, Assessment]) -> None:
        self.actor = Actor.system(authority, "triage")
        self.authority, self.entries, self.read = authority, entries, read
        self.moment = now()
        self.calendar: WorkingCalendar = core.calendar_for(authority)
        self.channels = channels.channels_by_id(self.actor, {e.channel_id for e in entries})
        self.holders = channels.holders(self.actor, self.channels.values(), at=self.moment)
        self.taken = _Taken()
        self.rows: dict[int, Incoming] = {}

    def take_in(self) -> None:
        received = [e for e in self.entries if e.origin == Origin.RECEIVED]
        ours = [e for e in self.entries if e.origin == Origin.DRAWN_UP and e.number == 1 and e.parent_remote_id]
        self._load(e.item_id for e in received if e.number > 1)
        for entry in received:
            self._receive(entry)
        self._write()
        closed = answered.Answered(self.actor, self.moment, self.channels, self.entries, self.taken.new).close(ours)
        if self.taken.new or self.taken.changed or closed:
            # A question and our answer to it may come in the same part: then the closed row is what counts.
            done = {row.pk for row in closed}
            urgent.raise_alarms(self.actor, [row for row in self.taken.urgent if row.pk not in done])
            tell_of_new(self.actor, [row for row in self.taken.new if row.pk not in done])
            tell_who_waits(self.actor, [*(r for r in self.taken.changed.values() if r.pk not in done), *closed])
            self._protect()
            audit.note(
                self.actor, "inbox.triage", since=self.entries[0].position, until=self.entries[-1].position,
                new=len(self.taken.new), changed=len(self.taken.changed), closed=len(closed),
            )  # fmt: skip

    def _load(self, item_ids: object) -> None:
        ids = list(item_ids)  # type: ignore[call-overload]
        if ids:
            found = Incoming.objects.of(self.actor).filter(item_id__in=ids).select_for_update()
            self.rows = {row.item_id: self._with_channel(row) for row in found}

    def _with_channel(self, row: Incoming) -> Incoming:
        row.channel = self.channels[row.channel_id]
        return row

    def _receive(self, entry: Kept) -> None:
        row = self.rows.get(entry.item_id)
        if entry.kind == VersionKind.TOMBSTONE:
            if row is not None:
                self._bury(row)
            return
        assessed = self.read[entry.version_id]
        if row is None:
            row = self._new(entry, assessed)
        else:
            self._edited(row, entry, assessed)
        if assessed.findings:
            self.taken.found.append((row, entry.number, assessed))
        if assessed.is_abuse:
            self.taken.abuse.append(row)

    def _new(self, entry: Kept, assessed: Assessment) -> Incoming:
        channel: Channel = self.channels[entry.channel_id]
        is_manual, is_import = entry.source == Source.MANUAL, entry.source == Source.IMPORT
        received_at = min(entry.published_at, self.moment)  # a platform with a fast clock moves no deadline
        is_backlog = not is_manual and rules.is_backlog(
            received_at, in_operation_from=channel.in_operation_from, is_import=is_import
        )
        needs_answer = assessed.needs_answer or bool(assessed.urgency)
        is_urgent = bool(assessed.urgency) and rules.raises_alarm(
            received_at, is_backlog=is_backlog, is_import=is_import, moment=self.moment
        )
        is_past = is_backlog and not is_urgent
        clock = rules.clock_for(
            self.moment if is_manual else received_at, needs_answer=needs_answer and not is_backlog,
            hours=self._hours(channel), calendar=self.calendar,
        )  # fmt: skip
        person_id = None if is_past else self.holders[channel.pk]
        row = Incoming(
            authority_id=self.authority.pk, item_id=entry.item_id, channel=channel, received_at=received_at,
            is_private=entry.visibility == Visibility.PRIVATE, needs_answer=needs_answer, classes=assessed.classes,
            urgency=assessed.urgency, withhold_names=assessed.is_threat, screened_version=entry.number,
            unit_id=channel.unit_id, person_id=person_id, with_communications=person_id is None and not is_past,
            due_at=clock.due_at, due_rule=clock.due_rule, half_at=clock.half_at, queue_at=clock.queue_at,
            changed_at=self.moment,
        )  # fmt: skip
        if is_past:
            row.state, row.outcome, row.done_at = State.DONE.value, Outcome.BEFORE_OPERATION.value, self.moment
        self.rows[entry.item_id] = row
        self.taken.new.append(row)
        if is_urgent:
            self.taken.urgent.append(row)
        if assessed.is_secret:
            self.taken.secret.append((row, is_backlog))
        return row

    def _hours(self, channel: Channel) -> int:
        is_decided = "answer_hours" in self.authority.decided_in
        return rules.promised_hours(channel.answer_hours, self.authority.answer_hours, is_decided=is_decided)

    def _edited(self, row: Incoming, entry: Kept, assessed: Assessment) -> None:
        was_urgent, needed = bool(row.urgency), row.needs_answer
        is_past = row.outcome == Outcome.BEFORE_OPERATION
        reopens = row.done_at is not None and not is_past and rules.must_reopen(
            outcome=row.outcome, needed_answer=needed, was_urgent=was_urgent, now=assessed
        )  # fmt: skip
        row.screened_version, row.gone_at = entry.number, None
        row.is_private = entry.visibility == Visibility.PRIVATE
        row.classes = assessed.classes or row.classes
        row.urgency = assessed.urgency or row.urgency
        row.withhold_names = row.withhold_names or assessed.is_threat
        row.needs_answer = needed or assessed.needs_answer or bool(assessed.urgency)
        if reopens:
            self._open_again(row)
        if row.needs_answer and not is_past and (reopens or not needed):
            clock = rules.clock_for(
                self.moment, needs_answer=True, hours=self._hours(row.channel), calendar=self.calendar
            )
            row.due_at, row.due_rule, row.half_at, row.queue_at = (
                clock.due_at, clock.due_rule, clock.half_at, clock.queue_at,
            )  # fmt: skip
        if row.urgency and not was_urgent and not is_past:
            self.taken.urgent.append(row)
        if assessed.is_secret:
            self.taken.secret.append((row, is_past))
        self._touch(row)

    def _open_again(self, row: Incoming) -> None:
        for name, value in {**OPENED, **CLEARED, "taken_at": None, "before": None}.items():
            setattr(row, name, value)
        person_id = self.holders[row.channel_id] if row.person_id is None else row.person_id
        row.person_id, row.with_communications = person_id, person_id is None

    def _bury(self, row: Incoming) -> None:
        row.gone_at = self.moment
        if row.done_at is None and not rules.stays_after_removal(urgency=row.urgency, classes=row.classes):
            row.state, row.outcome, row.done_at = State.DONE.value, Outcome.GONE.value, self.moment
            row.snoozed_until = None
        self._touch(row)

    def _touch(self, row: Incoming) -> None:
        row.changed_at = self.moment
        if row.pk is not None:
            row.version += 1
            row.before = None
            self.taken.changed[row.item_id] = row

    def _write(self) -> None:
        new = self.taken.new
        for row, pk in zip(new, bulk.reserve_ids(Incoming, len(new)), strict=True):
            row.pk = pk
        bulk.insert(Incoming._meta.db_table, in_bulk.COLUMNS, [in_bulk.values(row) for row in new])
        if self.taken.changed:
            Incoming.objects.of(self.actor).bulk_update(list(self.taken.changed.values()), in_bulk.CHANGING)
        # What only sorts the item into a class of service stands in its column; rows are for what a person reads.
        bulk.insert(Finding._meta.db_table, in_bulk.FINDING_COLUMNS, [
            (
                self.authority.pk, row.pk, number, f.rule, f.area.value, str(f.ground), int(f.severity), f.span[0],
                f.span[1], f.sentence, f.version,
            )
            for row, number, assessed in self.taken.found
            for f in assessed.findings
            if rules.is_worth_a_row(f)
        ])  # fmt: skip

    def _protect(self) -> None:
        """
        Hand what may be secret to the registrar, and seal what may be abuse material.

        Law: OSL-4, BBS-10
        """
        due = self.calendar.end_of_next_working_day(self.moment)
        if self.taken.secret:
            records.suspect_secrecy(actor=self.actor, item_ids=[row.item_id for row, _ in self.taken.secret])
        for row, is_backlog in self.taken.secret:
            records.queue_for_registrar(
                actor=self.actor, item=kept_records.item_by_id(self.actor, row.item_id),
                why=str(rules.secrecy_reason()), due_at=None if is_backlog else due, whole_thread=False,
            )  # fmt: skip
        for row in self.taken.abuse:
            records.seal_item(
                actor=self.actor, item=kept_records.item_by_id(self.actor, row.item_id), why=str(rules.seal_reason())
            )
