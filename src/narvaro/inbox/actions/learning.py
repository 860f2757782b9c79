"""
The learner: switched on by a person, learning in the background, suggesting beside the work and never in it.

Nothing here changes an item: not its holder, its deadline, its place in a list, nor anything a resident meets.
"""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit, ledger
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, NotFound, NotPermitted
from narvaro.inbox import learning, rules
from narvaro.inbox.actions.feed import CURSOR as TRIAGED
from narvaro.inbox.models import Learner, Suggestion, Training
from narvaro.inbox.types import NotNow
from narvaro.records import queries as records
from narvaro.records.types import Origin, VersionKind
from narvaro.screening import learner as screening_learner
from narvaro.screening.learner import Learnt

if TYPE_CHECKING:
    from narvaro.core.models import Authority

CURSOR = "inbox.learner"
BATCH = 500
LOOKED_BACK = 5000  # positions of the feed

log = logging.getLogger("narvaro.learner")


# --- A person decides ------------------------------------------------------------------------------------------------


@transaction.atomic
def switch_learner(*, actor: Actor, on: bool, seen_version: int | None = None) -> Learner:
    """
    Let what people decide be learnt from, or stop it. Switched on, it learns as soon as a worker is free.

    Switched off it neither learns nor suggests, and what it had suggested is not shown; it can be deleted too.

    Raises:
        NotPermitted: The actor does not decide about it.
        NotNow: What it needs is not installed.
        Stale: Somebody changed it in between.

    Law: GDPR-6
    """
    row = _locked(actor, seen_version)
    if on and not screening_learner.is_installed():
        raise NotNow(_("Tillägget som förslagen behöver är inte installerat. Be den som sköter driften."))
    if row is None:
        row = Learner(authority_id=actor.authority_id, version=0)
    elif row.is_on == on:
        return row
    if on:
        row.wanted_at, row.trouble = now(), ""
        at = ledger.cursor_position(actor.authority_id, CURSOR)
        ledger.move_cursor(actor.authority_id, CURSOR, since=at, to=ledger.cursor_position(actor.authority_id, TRIAGED))
    row.is_on = on
    _changed(actor, row)
    audit.note(actor, "inbox.switch_learner", row, on=on)
    return row


@transaction.atomic
def ask_to_learn(*, actor: Actor, seen_version: int | None = None) -> Learner:
    """
    Ask for it to learn again from what has been decided since; a worker does it.

    Raises:
        NotPermitted, Stale: As `switch_learner`.
        NotNow: It is not on.
    """
    row = _locked(actor, seen_version)
    if row is None or not row.is_on:
        raise NotNow(_("Förslagen är avstängda. Slå på dem först."))
    row.wanted_at, row.trouble = now(), ""
    _changed(actor, row)
    audit.note(actor, "inbox.ask_to_learn", row)
    return row


@transaction.atomic
def delete_learner(*, actor: Actor) -> None:
    """
    Delete all that was learnt: weights, figures and every suggestion. It is off afterwards.

    Raises:
        NotPermitted: As `switch_learner`.
        NotFound: There is nothing to delete.

    Law: GDPR-6
    """
    row = _locked(actor, None)
    if row is None:
        raise NotFound
    suggestions = Suggestion.objects.of(actor).count()
    audit.note(actor, "inbox.delete_learner", row, suggestions=suggestions)
    Suggestion.objects.of(actor).delete()
    Training.objects.of(actor).delete()
    Learner.objects.of(actor).filter(pk=row.pk).delete()


def _locked(actor: Actor, seen_version: int | None) -> Learner | None:
    if not rules.may_keep_learner(actor):
        raise NotPermitted
    row = learning.learner_of(actor, lock=True)
    refuse_stale(seen_version, row.version if row is not None else 0)
    return row


def _changed(actor: Actor, row: Learner) -> None:
    row.changed_by_id, row.changed_at, row.version = actor.person_id, now(), row.version + 1
    row.save()


# --- In the background -----------------------------------------------------------------------------------------------


def learn(*, authority: Authority, only_if_asked: bool = False) -> Training | None:
    """
    Learn again from what the authority's people have decided, in a process of its own and outside any transaction.

    Nothing is stored when it was switched off or deleted meanwhile, and nothing is learnt of too few decisions.

    Returns:
        What was learnt, or None.

    Law: RF-3, GDPR-7
    """
    actor = Actor.system(authority, "learn from decisions")
    row = learning.learner_of(actor)
    if row is None or not row.is_on or (only_if_asked and row.wanted_at is None):
        return None
    asked_at, trouble, learnt = row.wanted_at, "", None
    if not screening_learner.is_installed():
        trouble = "scikit-learn"
    else:
        decided = learning.decisions(actor)
        if not any(screening_learner.missing(Counter(each.became.value for each in decided))):
            try:
                learnt = screening_learner.learn_apart(decided)
            except screening_learner.LearningFailed as error:
                log.exception("Förslagen kunde inte läras")
                trouble = str(error)[:200]
    return _stored(actor, row.pk, learnt, asked_at=asked_at, trouble=trouble)


@transaction.atomic
def _stored(actor: Actor, pk: int, learnt: Learnt | None, *, asked_at: object, trouble: str) -> Training | None:
    row = learning.learner_of(actor, lock=True)
    if row is None or row.pk != pk or not row.is_on:
        return None
    if row.wanted_at == asked_at:
        row.wanted_at = None
    row.trouble = trouble
    if learnt is None:
        row.save(update_fields=["wanted_at", "trouble"])
        return None
    before = learning.latest_training(actor)
    number = before.number + 1 if before is not None else 1
    Training.objects.of(actor).filter(weights__isnull=False).update(weights=None)
    training = Training.objects.create(
        authority_id=actor.authority_id, learner=row, number=number, shape=screening_learner.FORMAT,
        classes=list(learnt.classes), weights=learnt.weights, learnt_from=learnt.learnt_from,
        held_out=learnt.held_out, right=learnt.right, guessing=learnt.guessing, is_better=learnt.is_better,
        figures=[
            {"became": f.became, "held_out": f.held_out, "found": f.found, "suggested": f.suggested}
            for f in learnt.figures
        ],
    )  # fmt: skip
    Training.objects.of(actor).filter(number__lte=number - learning.MOST_TRAININGS).delete()
    if row.is_silent and learnt.is_better:  # what came lately is suggested about too, and not only what comes
        at = ledger.cursor_position(actor.authority_id, CURSOR)
        ledger.move_cursor(actor.authority_id, CURSOR, since=at, to=max(0, at - LOOKED_BACK))
    row.is_silent = not learnt.is_better
    row.save(update_fields=["wanted_at", "trouble", "is_silent"])
    audit.note(actor, "inbox.learn", row, number=number, decisions=learnt.count, is_better=learnt.is_better)
    return training


def suggest(*, authority: Authority, limit: int = BATCH) -> int:
    """
    Suggest what the next part of the feed is, once it stands in the inbox; an edited text is read again.

    What screening has found urgent is not suggested about. Without anything learnt the feed is followed all the same.

    Returns:
        How many positions of the feed were taken; 0 when there is nothing, or it is off.

    Law: RF-3, GDPR-7
    """
    actor = Actor.system(authority, "suggest what an item is")
    row = learning.learner_of(actor)
    if row is None or not row.is_on:
        return 0
    since, triaged = ledger.cursor_position(authority.pk, CURSOR), ledger.cursor_position(authority.pk, TRIAGED)
    entries, upto = records.feed(authority.pk, since, limit=limit)
    upto = min(upto, triaged)
    if upto <= since:
        return 0
    new = [
        entry.item_id for entry in entries
        if entry.position < upto and entry.origin == Origin.RECEIVED and entry.kind == VersionKind.CONTENT
    ]  # fmt: skip
    training = None if row.is_silent else learning.latest_training(actor)
    suggester = learning.suggester_of(training) if training is not None else None
    made: list[Suggestion] = []
    if training is not None and suggester is not None and new:
        rows = learning.to_suggest_about(actor, new)
        made = [
            Suggestion(
                authority_id=actor.authority_id, incoming_id=pk, training=training, suggested=suggester.suggest(words)
            )
            for pk, words in learning.words_of(actor, rows).items()
            if words
        ]
    with transaction.atomic():
        still = learning.learner_of(actor, lock=True)
        if still is None or still.pk != row.pk or not still.is_on:  # switched off or deleted meanwhile
            return 0
        if not ledger.move_cursor(authority.pk, CURSOR, since=since, to=upto):
            return 0
        Suggestion.objects.bulk_create(
            made, update_conflicts=True, unique_fields=["authority", "incoming"],
            update_fields=["suggested", "training", "made_at"],
        )  # fmt: skip
    return upto - since


def settle_suggestions(*, authority: Authority) -> int:
    """
    Note what people decided about what was suggested, and count again how often it was right.

    Where it is no better than guessing any more, it keeps silent until it has learnt again.

    Returns:
        How many were settled.
    """
    actor = Actor.system(authority, "see what became of suggestions")
    count = 0
    for rows in learning.unsettled(actor):
        became = learning.what_became(actor, rows)
        moment = now()
        with transaction.atomic():
            for kind in set(became.values()):
                decided = [pk for pk, each in became.items() if each == kind]
                waits = Suggestion.objects.of(actor).filter(incoming_id__in=decided, settled_at=None)
                count += waits.update(decided=kind, settled_at=moment)
    if count:
        _count_again(actor)
    return count


@transaction.atomic
def _count_again(actor: Actor) -> None:
    row = learning.learner_of(actor, lock=True)
    if row is None:
        return
    tally = learning.tally_of(actor)
    row.tally_count, row.tally_right = tally.count, tally.right
    if learning.tally_of(actor, learning.latest_training(actor)).is_worse_than_guessing:
        row.is_silent = True
    row.save(update_fields=["tally_count", "tally_right", "is_silent"])


def weed_suggestions(*, authority: Authority) -> int:
    """
    Weed what was suggested about items that are sealed or private now; they are not shown from the moment they are.

    Law: BBS-10, TF-4
    """
    actor = Actor.system(authority, "weed suggestions")
    rows = Suggestion.objects.of(actor)
    hidden = rows.filter(incoming__item__sealed_at__isnull=False) | rows.filter(incoming__is_private=True)
    return int(Suggestion.objects.of(actor).filter(pk__in=list(hidden.values_list("pk", flat=True)[:5000])).delete()[0])
