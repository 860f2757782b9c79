"""
Votes on a screen: anybody in the room votes on a short code, once a browser, and nobody can be told from it.

Kept is one number for each answer. That a browser has voted is kept while the poll is open, without a time and without
what it voted; no address, no account and no audit entry goes with a vote.
"""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core.types import Actor, Invalid, NotPermitted
from narvaro.training import queries, rules
from narvaro.training.models import Ballot, Meeting, Poll, Tally
from narvaro.training.types import PollClosed, VotedAlready

_TRIES = 5


@transaction.atomic
def open_poll(*, actor: Actor, meeting: Meeting, case: str) -> Poll:
    """
    Let a room vote about a case; the one that is open already goes on.

    Raises:
        NotPermitted: The actor holds no days.
        NotFound: No such case.
        Invalid: The case has fewer than two answers.

    Law: none; a show of hands that nobody is known by.
    """
    if not rules.may_lead(actor):
        raise NotPermitted
    found = queries.case_for(actor, case)
    if len(found.answers) < 2:
        raise Invalid(_("Fallet har inga svar att rösta på. Lägg till minst två."))
    for _attempt in range(_TRIES):
        running = Poll.objects.of(actor).filter(meeting=meeting, case=case, closed_at=None).first()
        if running is not None:
            return running
        try:
            with transaction.atomic():
                poll = Poll.objects.create(
                    authority_id=actor.authority_id, meeting=meeting, case=case, title=found.title[:120],
                    answers=list(found.answers), code=rules.a_code(), opened_at=now(),
                )  # fmt: skip
                Tally.objects.bulk_create(
                    Tally(authority_id=actor.authority_id, poll=poll, answer=n) for n in range(len(found.answers))
                )
        except IntegrityError:
            continue  # the code was taken, or somebody opened it in the same moment
        audit.note(actor, "training.open_poll", poll)
        return poll
    raise Invalid(_("Omröstningen gick inte att öppna. Försök igen."))


@transaction.atomic
def close_poll(*, actor: Actor, poll: Poll) -> None:
    """
    Close a poll and forget which browsers have voted in it. What was voted stays, as numbers.

    Raises:
        NotPermitted: The actor holds no days.

    Law: RF-4
    """
    if not rules.may_lead(actor):
        raise NotPermitted
    changed = Poll.objects.of(actor).filter(pk=poll.pk, closed_at=None).update(closed_at=now())
    Ballot.objects.of(actor).filter(poll=poll).delete()
    if changed:
        audit.note(actor, "training.close_poll", poll)


@transaction.atomic
def vote(*, actor: Actor, poll: Poll, answer: int, secret: str) -> None:
    """
    Count one vote.

    Args:
        actor: A visitor; who is signed in plays no part.
        secret: The chance number that lies in the browser; it is kept as a digest of this poll only.

    Raises:
        PollClosed: Votes are no longer taken.
        Invalid: There is no such answer.
        VotedAlready: The browser has voted.

    Law: RF-4, GDPR-1, LEK-1 (one cookie, needed for what was asked for)
    """
    _refuse_unless_open(actor, poll)
    if not 0 <= answer < len(poll.answers):
        raise Invalid(_("Välj ett av svaren."), field="answer")
    try:
        with transaction.atomic():
            Ballot.objects.create(
                authority_id=actor.authority_id, poll=poll, digest=rules.ballot_digest(poll.uid, secret)
            )
    except IntegrityError:
        raise VotedAlready from None
    Tally.objects.of(actor).filter(poll=poll, answer=answer).update(votes=F("votes") + 1)


def _refuse_unless_open(actor: Actor, poll: Poll) -> None:
    """A vote waits for a poll that is being closed, and is then refused: none is counted after the last look."""
    rows: Any = Poll.objects.of(actor).select_for_update()
    if not rows.filter(pk=poll.pk, closed_at=None).exists():
        raise PollClosed
