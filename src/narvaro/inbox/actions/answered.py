"""Closing what we have answered: what the feed tells of our own words, written here or in the platform's own app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from narvaro.core.types import Actor
from narvaro.inbox import queries, rules
from narvaro.inbox.actions.in_bulk import CHANGING
from narvaro.inbox.models import Alarm, Incoming
from narvaro.inbox.types import Outcome, Purpose, State
from narvaro.publishing import queries as publishing
from narvaro.publishing.types import OPEN as UNDERWAY
from narvaro.records import queries as kept_records
from narvaro.records.types import Kept, Origin

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.publishing.models import Publication


@dataclass(frozen=True, slots=True)
class Answered:
    """One part of the feed, with the rows that are new in it: what of ours closes what they ask."""

    actor: Actor
    moment: datetime
    channels: Mapping[int, Channel]
    entries: Sequence[Kept]
    new: Sequence[Incoming]

    def close(self, ours: Sequence[Kept]) -> list[Incoming]:
        """
        Close what we have answered: by what we wrote in this batch, and by what was kept before its question was.

        Law: FL-2; the clock stops whoever of us wrote it, and in whichever app.
        """
        answers = {
            (e.channel_id, e.parent_remote_id): _Own(e.remote_id, e.text, e.published_at) for e in reversed(ours)
        }
        if self.new:
            for own in kept_records.own_answers(
                self.actor, {r.channel_id for r in self.new},
                {e.thread_key for e in self.entries if e.origin == Origin.RECEIVED and e.number == 1},
            ):  # fmt: skip
                answers.setdefault((own.channel_id, own.parent_remote_id), _Own(own.remote_id, "", own.published_at))
        if not answers:
            return []
        rows = (
            Incoming.objects.of(self.actor)
            .filter(
                channel_id__in={c for c, _ in answers}, item__remote_id__in={r for _, r in answers}, done_at=None
            )
            .select_related("item")
            .select_for_update(of=("self",))
        )  # fmt: skip
        asked = [self._with_channel(r) for r in rows if _place(r) in answers]
        if not asked:
            return []
        sent = self._sent(asked, answers)
        closed = [row for row in asked if self._close(row, answers[_place(row)], sent.get(row.pk))]
        Incoming.objects.of(self.actor).bulk_update(asked, [*CHANGING, "acknowledged_at", "answered_at"])
        Alarm.objects.of(self.actor).filter(incoming__in=[r.pk for r in closed], closed_at=None).update(
            closed_at=self.moment
        )
        return closed

    def _sent(self, asked: Sequence[Incoming], answers: Mapping[tuple[int, str], _Own]) -> dict[int, Publication]:
        """Return the publication behind each answer that went out from here, by item of the inbox."""
        delivered = {
            (channel_id, remote_id): publication
            for channel_id in {row.channel_id for row in asked}
            for remote_id, publication in publishing.delivered_by(
                self.actor.authority_id,
                channel_id,
                [answers[_place(r)].remote_id for r in asked if r.channel_id == channel_id],
            ).items()
        }
        underway = publishing.answers_to(self.actor, [row.item_id for row in asked])
        found: dict[int, Publication] = {}
        for row in asked:
            own = answers[_place(row)]
            sent = delivered.get((row.channel_id, own.remote_id))
            if sent is None and own.text:  # it is out, and the one who sent it has not been told yet
                same = (p for p in underway.get(row.item_id, ()) if p.state in UNDERWAY)
                sent = next((p for p in same if rules.is_same_text(p.text, own.text)), None)
            if sent is not None:
                found[row.pk] = sent
        return found

    def _close(self, row: Incoming, own: _Own, sent: Publication | None) -> bool:
        row.changed_at, row.version, row.before = self.moment, row.version + 1, None
        purpose = queries.purpose_of(self.actor, sent) if sent is not None else ""
        if purpose == Purpose.ACKNOWLEDGEMENT:
            row.acknowledged_at = row.acknowledged_at or own.published_at
            return False
        if purpose == Purpose.NOTICE:
            return False
        outcome = Outcome.ANSWERED_IN_APP
        if sent is not None:
            outcome = Outcome.REFERRED if purpose == Purpose.REFERRAL else Outcome.ANSWERED
            row.done_by_id = sent.written_by_id
        row.state, row.outcome, row.done_at = State.DONE.value, outcome.value, self.moment
        row.answered_at, row.snoozed_until = own.published_at, None
        return True

    def _with_channel(self, row: Incoming) -> Incoming:
        row.channel = self.channels[row.channel_id]
        return row


@dataclass(frozen=True, slots=True)
class _Own:
    """What we wrote: where, what and when."""

    remote_id: str
    text: str
    published_at: datetime


def _place(row: Incoming) -> tuple[int, str]:
    return row.channel_id, row.item.remote_id
