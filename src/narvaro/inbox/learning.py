"""
Reads of the learner: what people decided, what was learnt of it, how it goes.

It reads texts and what became of them, and never who wrote: names and handles are taken out of the text as well.
Private, sealed and urgent items, and what its author took away, are not read at all.

Law: RF-3, GDPR-6, GDPR-7, BBS-10
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from narvaro.core.gathering import gathered
from narvaro.core.types import Actor
from narvaro.inbox import rules
from narvaro.inbox.models import Incoming, Learner, Suggestion, Training
from narvaro.inbox.types import Became, Standing
from narvaro.moderation import queries as moderation
from narvaro.moderation.types import MeasureState
from narvaro.records import queries as records
from narvaro.screening import learner
from narvaro.screening.learner import Class, Decision, Suggester

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

_AT_ONCE = 500
MOST_TRAININGS = 26
_TAKEN_BACK = (MeasureState.UNDOING, MeasureState.UNDONE)


@dataclass(frozen=True, slots=True)
class Overview:
    """
    Everything the learner's page shows.

    `missing` is how many more decisions it takes: in all, and of a second kind. `share` is what stands with each
    suggestion.
    """

    row: Learner | None
    standing: Standing
    counts: Mapping[str, int]
    missing: tuple[int, int]
    training: Training | None
    earlier: Sequence[Training]
    tally: rules.Tally

    @property
    def is_on(self) -> bool:
        return self.row is not None and self.row.is_on

    @property
    def version(self) -> int:
        """The row version to send with forms."""
        return self.row.version if self.row is not None else 0


def overview(actor: Actor) -> Overview:
    """Return how it stands with the authority's learner. Whoever reads the inbox may read it."""
    row = learner_of(actor)
    trainings = list(
        Training.objects.of(actor).filter(learner=row).defer("weights").order_by("-number")[:MOST_TRAININGS]
        if row
        else ()
    )
    training = trainings[0] if trainings else None
    counts = counted(actor)
    missing = learner.missing(counts)
    return Overview(
        row=row, standing=_standing(row, training, missing), counts=counts, missing=missing, training=training,
        earlier=trainings[1:], tally=rules.tallied(_settled(actor)),
    )  # fmt: skip


def _standing(row: Learner | None, training: Training | None, missing: tuple[int, int]) -> Standing:
    if training is None and not learner.is_installed():
        return Standing.NOT_INSTALLED
    if row is None or not row.is_on:
        return Standing.OFF
    if training is None:
        return Standing.TOO_FEW if any(missing) else Standing.LEARNS
    return Standing.SILENT if row.is_silent else Standing.SPEAKS


def learner_of(actor: Actor, *, lock: bool = False) -> Learner | None:
    """Return the authority's learner; None where nobody has switched it on, or it was deleted."""
    rows = Learner.objects.of(actor)
    found: Learner | None = (rows.select_for_update() if lock else rows).first()
    return found


def latest_training(actor: Actor) -> Training | None:
    """Return what was learnt last, with its weights."""
    found: Training | None = Training.objects.of(actor).order_by("-number").first()
    return found


def suggester_of(training: Training) -> Suggester | None:
    """Return what was learnt, ready to suggest; None when it is no better than guessing, or of another shape."""
    if training.weights is None or not training.is_better or training.shape != learner.FORMAT:
        return None
    return Suggester(training.classes, bytes(training.weights))


# --- What people decided ---------------------------------------------------------------------------------------------


def counted(actor: Actor) -> dict[str, int]:
    """Return how many decisions there are to learn from, by what the item became; those taken back count here still."""
    outcomes = _decided(actor).values_list("outcome", flat=True)[: learner.MOST]
    found = Counter(rules.became(outcome=each, is_measured=each == "moderated") for each in outcomes)
    return {one.value: found[one.value] for one in Became}


def decisions(actor: Actor) -> list[Decision]:
    """
    Return what people decided about texts, oldest first: at most the newest `learner.MOST`.

    Law: RF-3, GDPR-7
    """
    keys = list(_decided(actor).values_list("pk", flat=True)[: learner.MOST])[::-1]
    found: list[Decision] = []
    for start in range(0, len(keys), _AT_ONCE):
        part = Incoming.objects.of(actor).filter(pk__in=keys[start : start + _AT_ONCE]).select_related("item")
        rows = sorted(part, key=lambda row: (row.done_at, row.pk))
        became, words = what_became(actor, rows), words_of(actor, rows)
        measured = {row.pk for row in rows if became[row.pk] == Became.MODERATOR}
        found += [
            Decision(words[row.pk], Class(became[row.pk]))
            for row in rows
            if became[row.pk] and words.get(row.pk) and (row.item.gone_at is None or row.pk in measured)
        ]
    return found


def what_became(actor: Actor, rows: Iterable[Incoming]) -> dict[int, str]:
    """Return what each item turned out to be, by its key; "" when what was decided does not say."""
    rows = list(rows)
    measures = moderation.measures_of(actor, [row.item_id for row in rows])
    return {
        row.pk: rules.became(
            outcome=row.outcome, is_measured=any(m.state not in _TAKEN_BACK for m in measures.get(row.item_id, ()))
        )
        for row in rows
    }


def words_of(actor: Actor, rows: Sequence[Incoming]) -> dict[int, str]:
    """
    Return what the learner may read of each item, by its key: open to anybody, and not sealed.

    Law: GDPR-7, RF-3, TF-4, BBS-10
    """
    by_item = {row.item_id: row for row in rows if not row.is_private}
    items = [row.item for row in by_item.values() if row.item.visibility != "private" and row.item.sealed_at is None]
    found = gathered(records.words_parts(actor, items, with_files=False)) if items else {}
    return {
        by_item[shown.item.pk].pk: learner.plain(
            shown.text, without=(shown.version.author_name, shown.version.author_handle)
        )
        for shown in (records.shown_from(items, found) if found else ())
        if shown.version.expunged_at is None
    }


def _decided(actor: Actor) -> QuerySet[Incoming]:
    return (
        Incoming.objects.of(actor)
        .filter(
            done_at__isnull=False, outcome__in=rules.LEARNT_FROM, is_private=False, urgency="", item__sealed_at=None
        )
        .order_by("-done_at", "-pk")
    )


# --- What was suggested ----------------------------------------------------------------------------------------------


def to_suggest_about(actor: Actor, item_ids: Iterable[int]) -> list[Incoming]:
    """
    Return those of some record items that stand open in the inbox and may be suggested about.

    What people have decided about once, and opened again, is counted and left.
    """
    settled = Suggestion.objects.of(actor).filter(settled_at__isnull=False).values("incoming_id")
    rows = Incoming.objects.of(actor).filter(
        item_id__in=list(item_ids), done_at=None, is_private=False, urgency="", item__sealed_at=None
    )
    return list(rows.exclude(pk__in=settled).select_related("item").order_by("pk"))


def tally_of(actor: Actor, training: Training | None = None) -> rules.Tally:
    """Return how the latest suggestions agreed with what people decided; of one training, or of all."""
    return rules.tallied(_settled(actor, training))


def unsettled(actor: Actor) -> Iterator[list[Incoming]]:
    """Yield items that something was suggested about and that people have decided about since, a part at a time."""
    after = 0
    while True:
        rows = Suggestion.objects.of(actor).filter(settled_at=None, incoming__done_at__isnull=False, pk__gt=after)
        found = list(rows.select_related("incoming").order_by("pk")[:_AT_ONCE])
        if not found:
            return
        after = found[-1].pk
        yield [each.incoming for each in found]


def _settled(actor: Actor, training: Training | None = None) -> list[tuple[str, str]]:
    rows: Any = Suggestion.objects.of(actor).filter(settled_at__isnull=False).exclude(decided="")
    if training is not None:
        rows = rows.filter(training=training)
    return list(rows.order_by("-settled_at", "-pk").values_list("suggested", "decided")[: rules.TALLIED])
