"""Moderation's work in the background: carrying out what is decided, reading it back, ending blocks, oversight."""

from __future__ import annotations

import logging
from datetime import timedelta

from narvaro.channels import queries as channels
from narvaro.channels import rules as channel_rules
from narvaro.connectors.port import Misconfigured, PlatformError, Transient
from narvaro.connectors.registry import connector
from narvaro.core import ledger
from narvaro.core import queries as core
from narvaro.core.jobs import Lane, schedule, task
from narvaro.moderation import actions, queries, reading, rules
from narvaro.moderation.models import Measure
from narvaro.moderation.types import MeasureState
from narvaro.policy.types import Measure as Kind

log = logging.getLogger("narvaro.moderation")


@schedule(2, Lane.SENDING)
@task
def carry_out_due() -> None:
    """Carry out, read back or take back each measure that is due."""
    while (carrying := actions.claim_carrying()) is not None:
        carry_on(carrying)


@schedule(5, Lane.HOUSE)
@task
def follow_captures() -> None:
    """Find the records of what was removed before it was kept, and seal what may not be had."""
    actions.follow_captures()


@schedule(300, Lane.HOUSE)
@task
def end_blocks() -> None:
    """Lift blocks that have run their time, and ask for those due to be looked at anew."""
    actions.end_blocks()


@schedule(60, Lane.HOUSE)
@task
def oversee() -> None:
    """Make the rounds of oversight that are due, end those that are done, and tell of those that are missed."""
    for authority in core.all_authorities():
        actions.oversee(authority=authority)


@schedule(5, Lane.HOUSE)
@task
def hide_identity_numbers() -> None:
    """Hide identity numbers until a person has looked, where an authority has chosen it."""
    for chosen in queries.automatics():
        actions.follow_numbers(chosen=chosen)
        actions.hide_found(authority=chosen.authority)


@schedule(60, Lane.HOUSE)
@task
def follow_reviews() -> None:
    """End what a machine found and nobody needs to look at, and tell of what nobody has looked at in time."""
    actions.follow_reviews()


@schedule(300, Lane.HOUSE)
@task
def tell_unanswered() -> None:
    """Tell of reports and complaints that nobody has answered in time."""
    for authority in core.all_authorities():
        actions.tell_unanswered(authority=authority)


def carry_on(carrying: actions.Carrying) -> None:
    """Do the next thing about one measure in our hands, and store what became of it."""
    measure = carrying.measure
    try:
        if measure.kind not in rules.ON_PLATFORM:
            _words_only(carrying)
        elif (
            channel_rules.is_by_hand(measure.channel.platform, measure.channel.remote_id)
            and carrying.state == MeasureState.CARRIED_OUT
        ):
            actions.store_on_word(carrying)  # whoever said that it is done has seen it
        elif channel_rules.is_by_hand(measure.channel.platform, measure.channel.remote_id):
            actions.store_trouble(carrying, "Kanalen sköts för hand.", by_hand=True)
        elif carrying.state == MeasureState.DECIDED:
            _tell_platform(carrying)
        elif measure.by_hand or (measure.is_said and carrying.state == MeasureState.CARRIED_OUT):
            reading.read_said(carrying)
        elif carrying.state == MeasureState.CARRIED_OUT:
            _read_back(carrying)
        else:
            _take_back(carrying)
    except Misconfigured as error:
        actions.store_trouble(carrying, str(error), by_hand=True)
    except Transient as error:
        actions.store_trouble(carrying, str(error), wait=timedelta(seconds=error.retry_after_seconds or 0))
    except PlatformError as error:
        actions.store_trouble(carrying, str(error))
    except Exception:
        log.exception("Åtgärd %s avbröts", measure.uid)
        actions.store_trouble(carrying, "Ett fel avbröt. Närvaro försöker igen.")
    ledger.sequence(measure.channel.authority)


def _words_only(carrying: actions.Carrying) -> None:
    """A reminder is done when its words are out, or when a person has decided about them."""
    if queries.notice_is_open(carrying.measure):
        actions.store_waiting(carrying)
    else:
        actions.store_confirmed(carrying)


def _tell_platform(carrying: actions.Carrying) -> None:
    measure = carrying.measure
    platform, account = connector(measure.channel.platform), channels.account_of(measure.channel)
    if measure.kind == Kind.BLOCK:
        if queries.is_still_told(measure):
            actions.store_waiting(carrying)  # whoever is blocked cannot be told afterwards
            return
        platform.block(account, measure.remote_id)
    elif measure.kind == Kind.REMOVE:
        platform.take_down(account, measure.remote_id, is_own=_is_own(measure), reason=queries.ground_in_words(measure))
    else:
        platform.hide(account, measure.remote_id)
    actions.store_carried(carrying)


def _read_back(carrying: actions.Carrying) -> None:
    if reading.stands(carrying.measure):
        actions.store_confirmed(carrying)
    elif carrying.measure.attempts >= rules.TOLD_AFTER_ATTEMPTS:
        actions.store_trouble(carrying, "Plattformen visar fortfarande kommentaren.", was_lost=True)
    else:
        actions.store_trouble(carrying, "")


def _take_back(carrying: actions.Carrying) -> None:
    measure = carrying.measure
    platform, account = connector(measure.channel.platform), channels.account_of(measure.channel)
    if measure.kind == Kind.BLOCK:
        platform.unblock(account, measure.remote_id)
    elif measure.kind == Kind.HIDE or not _is_own(measure):  # what is removed of ours stays removed
        platform.show(account, measure.remote_id)
    actions.store_undone(carrying)


def _is_own(measure: Measure) -> bool:
    return measure.item is not None and measure.item.origin == "drawn_up"
