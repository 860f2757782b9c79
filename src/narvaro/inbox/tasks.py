"""The inbox's work in the background. The rows are the truth; each task only looks at what is due."""

from __future__ import annotations

from narvaro.core import queries as core
from narvaro.core.jobs import Lane, schedule, task
from narvaro.inbox import actions, queries


@schedule(5, Lane.HOUSE)
@task
def follow_feed() -> None:
    """Take what is newly kept into the inbox, authority by authority."""
    for authority in core.all_authorities():
        while actions.triage(authority=authority):
            pass


@schedule(5, Lane.HOUSE)
@task
def settle_answers() -> None:
    """Follow answers on their way to what became of them."""
    actions.settle_answers()


@schedule(30, Lane.HOUSE)
@task
def hand_over_absent() -> None:
    """Hand over the work of those who are away."""
    for authority in core.all_authorities():
        while actions.hand_over_absent(authority=authority):
            pass


@schedule(30, Lane.HOUSE)
@task
def wake_snoozed() -> None:
    """Take up what has rested long enough."""
    for authority in core.all_authorities():
        while actions.wake_snoozed(authority=authority):
            pass


@schedule(60, Lane.HOUSE)
@task
def remind() -> None:
    """Half time, due soon, late, and late for long; letters wait for office hours."""
    for authority in core.all_authorities():
        actions.pass_half_time(authority=authority)
        actions.remind_due_soon(authority=authority)
        actions.tell_late(authority=authority)
        actions.escalate_late(authority=authority)
        actions.settle_closed_escalations(authority=authority)
        actions.settle_closed_advice(authority=authority)


@schedule(15, Lane.HOUSE)
@task
def urgent_next_contact() -> None:
    """Tell the next contact about what nobody has accepted in time."""
    actions.tell_next_contacts()


@schedule(60, Lane.HOUSE)
@task
def unstaffed_notice() -> None:
    """Publish the notice outside staffed hours where an authority has chosen it."""
    for authority in core.all_authorities():
        actions.send_notices(authority=authority)


@schedule(24 * 3600)
@task
def weed_notes() -> None:
    """Weed working material of what has long been done."""
    for authority in core.all_authorities():
        actions.weed_notes(authority=authority)


@schedule(60, Lane.HOUSE)
@task
def start_suggesting() -> None:
    """Let a worker look at what is new where a learner is on; where none is, this is one question."""
    if queries.is_any_learner_on():
        suggest.enqueue()


@task
def suggest() -> None:
    """See what became of earlier suggestions, learn again where somebody asked for it, and suggest about the new."""
    for authority in core.all_authorities():
        actions.settle_suggestions(authority=authority)
        actions.learn(authority=authority, only_if_asked=True)
        while actions.suggest(authority=authority):
            pass


@schedule(7 * 24 * 3600)
@task
def learn() -> None:
    """Learn again from what people have decided since, once a week."""
    for authority in core.all_authorities():
        actions.learn(authority=authority)


@schedule(3600)
@task
def weed_suggestions() -> None:
    """Weed suggestions about what is shown to nobody any more."""
    for authority in core.all_authorities():
        actions.weed_suggestions(authority=authority)
