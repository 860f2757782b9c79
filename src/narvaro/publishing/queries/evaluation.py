"""Every read of evaluations, and of what is known of a message that has gone out: counts of it, and of nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from narvaro.core.gathering import Part, gathered
from narvaro.core.types import Actor
from narvaro.links import queries as links
from narvaro.plans import queries as plans
from narvaro.publishing.models import (
    Correction,
    Evaluation,
    EvaluationVersion,
    Message,
    MessageChannel,
    MessageLabel,
    Publication,
)
from narvaro.publishing.queries.messages import is_theirs, readable, sent_of
from narvaro.publishing.rules.evaluation import half_within
from narvaro.publishing.types import COUNTED, State, Went
from narvaro.records import queries as records

PAGE = 30
MOST_LISTED = 5000

taken_away: list[Callable[[Actor, Sequence[tuple[int, str]]], Part]] = []
"""
What to gather to know what floors above have hidden or removed in threads (channel's key, thread key): rows that each
say of which item.
"""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What is known of a message that is out, now, and what was said of it: its latest evaluation and every wording."""

    figures: dict[str, Any]
    evaluation: Evaluation | None
    versions: tuple[EvaluationVersion, ...]  # newest first
    goals: tuple[str, ...]  # in the plans of its channels, to choose from; mostly none


def is_out(parts: Iterable[MessageChannel]) -> bool:
    """Whether a message has gone out in some channel."""
    return any(each.state == State.DELIVERED for each in sent_of(parts))


def may_evaluate(actor: Actor, parts: Iterable[MessageChannel]) -> bool:
    """Whether the actor may say how a message went: who may post in one of its channels."""
    return any(is_theirs(actor, part.channel) for part in parts)


def evaluated(actor: Actor, message: Message, parts: Sequence[MessageChannel]) -> Evaluated:
    """
    Return how it went with a message that is out, as far as Närvaro knows it, and what was said of that.

    What residents wrote is counted and told apart by nothing: no names, no words, no opinions. What is private is left
    out. A comment is answered when an answer from here is out, or when one of our own that is kept hangs beneath it.

    Args:
        parts: Where the message goes out; the latest try of each.

    Law: GDPR-1, RF-3
    """
    out = [each for each in sent_of(parts) if each.state == State.DELIVERED]
    threads = [(each.channel_id, each.remote_id) for each in out]
    beneath = Q(pk=None)
    for channel_id, key in threads:
        beneath |= Q(answers__channel_id=channel_id, answers__thread_key=key)
    kept = Evaluation.objects.of(actor).filter(message=message)
    answers = Publication.objects.of(actor).filter(beneath, state=State.DELIVERED)
    found = gathered({
        **records.beneath_parts(actor, threads),
        **{f"taken {number}": part(actor, threads) for number, part in enumerate(taken_away)},
        "goals": plans.goals_part(actor, [part.channel_id for part in parts]),
        "answers": Part(answers, names=("answers__published_at",), without=("similar",)),
        "corrections": Part(Correction.objects.of(actor).filter(publication__in=[each.pk for each in out])),
        "evaluation": Part(kept, names=("by__name",)),
        "versions": Part(
            EvaluationVersion.objects.of(actor).filter(evaluation__in=kept.values("pk")), names=("by__name",)
        ),
    })  # fmt: skip
    comments, gone = records.count_beneath(actor, threads)
    waits = _waits(found)
    hidden = {row.item_id for number, _part in enumerate(taken_away) for row in found[f"taken {number}"]}
    link_count, clicks = links.clicks_of(actor, [message.text, *(part.text for part in parts)])
    figures = {
        "comments": comments, "gone": gone, "answered": len(waits), "answer_seconds": half_within(waits.values()),
        "channels": _counts(parts, found["own"]), "links": link_count, "clicks": clicks,
        "corrections": len(found["corrections"]), "taken_away": len(hidden),
    }  # fmt: skip
    goals = tuple(each[:300] for each in plans.goals_from(found["goals"]))
    said = next(iter(found["evaluation"]), None)
    return Evaluated(figures, said, tuple(reversed(found["versions"])), goals)


def evaluations(
    actor: Actor, *, went: str = "", marked: UUID | str = "", before: int | None = None, limit: int = PAGE
) -> list[Evaluation]:
    """
    Return evaluations of messages that the actor reads, newest first; older than id `before` when given.

    Args:
        went: Only those that went so.
        marked: The uid of a label or campaign that the message has.
    """
    rows = _evaluations(actor, marked).select_related("message", "by")
    rows = rows.filter(went=went) if went else rows
    rows = rows.filter(pk__lt=before) if before else rows
    return list(rows.order_by("-id")[:limit])


def counted_by_went(actor: Actor, *, marked: UUID | str = "") -> dict[str, int]:
    """Return how many evaluated messages went each way, also 0; of those with a label or campaign when given."""
    rows = _evaluations(actor, marked).values("went").annotate(n=Count("pk")).order_by()
    counted = Counter({row["went"]: row["n"] for row in rows})
    return {each: counted[each] for each in Went.values}


def _evaluations(actor: Actor, marked: UUID | str) -> QuerySet[Evaluation]:
    rows: QuerySet[Evaluation] = Evaluation.objects.of(actor).filter(message__in=readable(actor))
    if marked:
        with_it = MessageLabel.objects.of(actor).filter(marked__uid=marked)
        rows = rows.filter(message__in=with_it.values("message_id"))
    return rows


def _waits(found: dict[str, list[Any]]) -> dict[int, float]:
    """Return how long each answered comment waited for its first answer, in seconds, by its key."""
    waits: dict[int, float] = {}

    def note(item_id: int, asked_at: datetime, answered_at: datetime) -> None:
        wait = (answered_at - asked_at).total_seconds()
        waits[item_id] = min(wait, waits.get(item_id, wait))

    for answer in found["answers"]:
        note(answer.answers_id, answer.answers.published_at, answer.settled_at)
    asked = {(item.channel_id, item.remote_id): item for item in found["answered"]}
    for own in found["own"]:
        item = asked.get((own.channel_id, own.parent_remote_id))
        if item is not None:
            note(item.pk, item.published_at, own.published_at)
    return waits


def _counts(parts: Iterable[MessageChannel], own: Iterable[Any]) -> list[dict[str, Any]]:
    """Return what the platforms counted last of what went out, in the order of the channels; as far as they tell."""
    by_place = {(item.channel_id, item.remote_id): item.counts for item in own}
    told = []
    for part in parts:
        counts = by_place.get((part.channel_id, part.publication.remote_id)) if part.publication else None
        known = {key: counts[key] for key in COUNTED if isinstance((counts or {}).get(key), int)} if counts else {}
        if known:
            told.append({"name": part.channel.name, **known})
    return told
