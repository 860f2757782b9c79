"""
The reads of the equal-treatment view: same rule, same measure?

They answer about rules, channels and time, never about persons: no author is read, and nothing narrows to one. What
was found is compared only where the law or a house rule may ask for a measure; findings about health, need, secrecy or
anything else that tells of the one who wrote are not here at all.

Law: RF-1, KL-1, RF-3, RF-4, GDPR-6
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from itertools import product
from statistics import median
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from narvaro.base.clock import STOCKHOLM
from narvaro.core.gathering import gathered
from narvaro.core.types import Actor, NotPermitted, Role
from narvaro.moderation import queries
from narvaro.moderation.models import Complaint, Measure
from narvaro.moderation.types import ComplaintState, MeasureState
from narvaro.policy import queries as policy
from narvaro.policy.types import Measure as Kind
from narvaro.records import queries as records

if TYPE_CHECKING:
    from narvaro.channels.models import Channel

READERS = (Role.AUDITOR, Role.ARCHIVIST, Role.DPO)
MOST_DECISIONS = 50_000
MOST_FOUND = 3000  # so many of the latest comments of a span are looked at
MOST_OF_A_SORT = 40  # of those with the same finding and the same outcome, so many are compared
_TAKEN_BACK = (MeasureState.UNDOING, MeasureState.UNDONE)
_ORDER = {kind.value: place for place, kind in enumerate(Kind)}
_WORD = re.compile(r"\w+")
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Found:
    """What screening found in one comment: nothing of who wrote it (RF-3, RF-4)."""

    item_id: int
    rule: str
    ground: str
    sentence: str  # a Swedish message id


found_alike: list[Callable[[Actor, Span], Iterable[Found]]] = []
"""What floors above know of findings: each gives, latest first, what was found in comments of a span."""


@dataclass(frozen=True, slots=True)
class Span:
    """What is looked at: [since, until), both aware, and one channel or (None) all."""

    since: datetime
    until: datetime
    channel_id: int | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision as it is counted."""

    month: date
    ground: str
    kind: str
    channel_id: int
    is_undone: bool
    known_for: timedelta | None  # from when we knew to the decision
    carried_in: timedelta | None  # from the decision to when it was read to be carried out
    complaints: int
    changed: int


@dataclass(slots=True)
class Tally:
    """Decisions that belong together, counted."""

    kinds: Counter[str] = field(default_factory=Counter)
    undone: int = 0
    complaints: int = 0
    changed: int = 0
    known_for: list[timedelta] = field(default_factory=list)
    carried_in: list[timedelta] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.kinds.total()

    @property
    def usual_known_for(self) -> timedelta | None:
        """The median; None where nothing was timed."""
        return _median(self.known_for)

    @property
    def usual_carried_in(self) -> timedelta | None:
        """The median; None where nothing was timed."""
        return _median(self.carried_in)


def decisions(actor: Actor, span: Span) -> tuple[list[Decided], bool]:
    """
    Return the decisions of a span, newest first, and whether there are more of them than are counted.

    Raises:
        NotPermitted: Only auditor, archivist and data protection officer compare.

    Law: RF-1, KL-1
    """
    _refuse_others(actor)
    rows = Measure.objects.of(actor).filter(decided_at__gte=span.since, decided_at__lt=span.until)
    heard = Complaint.objects.of(actor).filter(
        measure__decided_at__gte=span.since, measure__decided_at__lt=span.until
    )  # fmt: skip
    if span.channel_id is not None:
        rows, heard = rows.filter(channel_id=span.channel_id), heard.filter(measure__channel_id=span.channel_id)
    said: dict[int, list[str]] = {}
    for measure_id, state in heard.values_list("measure_id", "state"):
        said.setdefault(measure_id, []).append(state)
    columns = ("pk", "decided_at", "ground", "kind", "channel_id", "state", "knowledge_at", "confirmed_at")
    found = list(rows.order_by("-decided_at", "-pk").values_list(*columns)[: MOST_DECISIONS + 1])
    listed = []
    for pk, at, ground, kind, channel_id, state, known_at, confirmed_at in found[:MOST_DECISIONS]:
        states = said.get(pk, [])
        listed.append(Decided(
            month=at.astimezone(STOCKHOLM).date().replace(day=1), ground=ground, kind=kind, channel_id=channel_id,
            is_undone=state in _TAKEN_BACK, known_for=max(at - known_at, timedelta(0)) if known_at else None,
            carried_in=max(confirmed_at - at, timedelta(0)) if confirmed_at else None,
            complaints=len(states), changed=states.count(ComplaintState.CHANGED),
        ))  # fmt: skip
    return listed, len(found) > MOST_DECISIONS


def tallied(decided: Iterable[Decided], key: Callable[[Decided], Key]) -> dict[Key, Tally]:
    """Return decisions counted by what `key` says of each, in the order they first come."""
    found: dict[Key, Tally] = {}
    for one in decided:
        tally = found.setdefault(key(one), Tally())
        tally.kinds[one.kind] += 1
        tally.undone += one.is_undone
        tally.complaints += one.complaints
        tally.changed += one.changed
        if one.known_for is not None:
            tally.known_for.append(one.known_for)
        if one.carried_in is not None:
            tally.carried_in.append(one.carried_in)
    return found


def titles(actor: Actor) -> dict[str, str]:
    """Return what each ground in force is called, by its code."""
    return {ground.code: str(ground.title) for ground in policy.every_ground(actor)}


# --- Side by side -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Done:
    """One measure as it is compared."""

    uid: UUID
    kind: str
    ground: str
    is_undone: bool
    decided_at: datetime
    reasons: str


@dataclass(frozen=True)
class Compared:
    """A comment as it is compared: what it says and what was done. Whose it is is not known here (RF-4)."""

    uid: UUID
    text: str
    published_at: datetime
    channel: Channel
    done: tuple[Done, ...]

    @property
    def outcome(self) -> tuple[str, ...]:
        """The kinds of measure, the least intrusive first; () where nothing was done."""
        return tuple(sorted({one.kind for one in self.done if not one.is_undone}, key=lambda kind: _ORDER[kind]))

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(_WORD.findall(self.text.casefold()))

    @cached_property
    def lot(self) -> bytes:
        """What decides its place where not all are taken: of its own identity only, so that nobody can choose."""
        return sha256(self.uid.bytes).digest()


@dataclass(frozen=True, slots=True)
class Pair:
    """Two comments with the same finding and different outcomes, and how alike they read (0 to 1)."""

    rule: str
    sentence: str
    ground: str
    first: Compared
    second: Compared
    likeness: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found the same and treated differently, the most alike first; and how each rule's comments fared."""

    pairs: tuple[Pair, ...]
    rules: tuple[tuple[str, str, Counter[tuple[str, ...]]], ...]  # sentence, ground, how many with each outcome
    looked_at: int
    is_cut: bool  # there are more comments in the span than are looked at


def comparison(actor: Actor, span: Span) -> Comparison:
    """
    Return pairs of comments in which the same was found, and which were not treated the same.

    Each comment stands in one pair at most. What is sealed, private to others or expunged is left out. Where there is
    more than can be compared, a lot drawn from each comment's own identity decides, the same every time.

    Raises:
        NotPermitted: As `decisions`.

    Law: RF-1, KL-1, RF-4, GDPR-6
    """
    _refuse_others(actor)
    found = [one for source in found_alike for one in source(actor, span)]
    by_item: dict[int, dict[str, Found]] = {}
    for one in found[:MOST_FOUND]:
        by_item.setdefault(one.item_id, {})[one.rule] = one
    items = [item for item in records.items_by_id(actor, by_item).values() if item.sealed_at is None]
    parts = records.words_parts(actor, items, with_files=False)
    parts["measures"] = queries.measures_part(actor, by_item)
    read = gathered(parts)
    done: dict[int, list[Done]] = {}
    for row in read["measures"]:
        done.setdefault(row.item_id, []).append(
            Done(row.uid, row.kind, row.ground, row.state in _TAKEN_BACK, row.decided_at, row.reasons)
        )
    compared = {
        shown.item.pk: Compared(
            shown.item.uid, shown.text, shown.item.published_at, shown.item.channel, tuple(done.get(shown.item.pk, ()))
        )
        for shown in records.shown_from(items, read)
        if shown.text
    }
    of_rule: dict[str, list[int]] = {}
    said: dict[str, Found] = {}
    for item_id, rules_of_item in by_item.items():
        if item_id in compared:
            for rule, one in rules_of_item.items():
                of_rule.setdefault(rule, []).append(item_id)
                said.setdefault(rule, one)
    fared = [(said[rule].sentence, said[rule].ground, Counter(compared[pk].outcome for pk in of_rule[rule]))
             for rule in sorted(of_rule)]  # fmt: skip
    pairs = _paired([(said[rule], [compared[pk] for pk in of_rule[rule]]) for rule in sorted(of_rule)])
    return Comparison(tuple(pairs), tuple(fared), len(compared), is_cut=len(found) > MOST_FOUND)


def _paired(sorts: Iterable[tuple[Found, Sequence[Compared]]]) -> list[Pair]:
    candidates: list[Pair] = []
    for said, comments in sorts:
        outcomes: dict[tuple[str, ...], list[Compared]] = {}
        for one in sorted(comments, key=lambda one: one.lot):
            same = outcomes.setdefault(one.outcome, [])
            if len(same) < MOST_OF_A_SORT:
                same.append(one)
        listed = sorted(outcomes)
        for place, outcome in enumerate(listed):
            for other in listed[place + 1 :]:
                candidates += [
                    Pair(said.rule, said.sentence, said.ground, first, second, _likeness(first, second))
                    for first, second in product(outcomes[outcome], outcomes[other])
                ]
    candidates.sort(key=lambda pair: (-pair.likeness, pair.first.lot, pair.second.lot, pair.rule))
    pairs: list[Pair] = []
    taken: set[UUID] = set()
    for pair in candidates:
        if pair.first.uid not in taken and pair.second.uid not in taken:
            taken |= {pair.first.uid, pair.second.uid}
            pairs.append(pair)
    return pairs


def _median(spans: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(span.total_seconds() for span in spans)) if spans else None


def _likeness(first: Compared, second: Compared) -> float:
    every = len(first.words | second.words)
    return len(first.words & second.words) / every if every else 0.0


def _refuse_others(actor: Actor) -> None:
    if not actor.has_anywhere(*READERS):
        raise NotPermitted
