"""
Reading on the platform what a person says they did there: seen, not done, or nothing that can be read.

Nothing but reading happens here, so it may be done over however often a worker is killed in between.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from narvaro.channels import queries as channels
from narvaro.connectors.port import Misconfigured, PlatformError, Transient
from narvaro.connectors.registry import connector
from narvaro.moderation import actions, rules
from narvaro.moderation.types import MeasureState, Read
from narvaro.policy.types import Measure as Kind

if TYPE_CHECKING:
    from narvaro.moderation.models import Measure

_STILL_SHOWN = (
    "Plattformen visar fortfarande kommentaren. Se efter i appen, och säg till när det är gjort. Går den inte att ta "
    "bort därifrån: anmäl den till dem som driver plattformen, och säg sedan till igen."
)
_NOT_BLOCKED = "Kontot är inte blockerat på plattformen. Se efter i appen, och säg till när det är gjort."
_STILL_HIDDEN = "Åtgärden gäller fortfarande på plattformen. Se efter i appen, och säg till när den är hävd."


def stands(measure: Measure) -> bool:
    """
    Read whether a measure stands on its platform.

    Raises:
        PlatformError: As the connector does; Misconfigured where nothing can be read.
    """
    platform, account = connector(measure.channel.platform), channels.account_of(measure.channel)
    if measure.kind == Kind.BLOCK:
        return platform.is_blocked(account, measure.remote_id)
    is_own = measure.item is not None and measure.item.origin == "drawn_up"
    return platform.is_hidden(account, measure.remote_id, is_own=is_own)


def read_said(carrying: actions.Carrying) -> None:
    """
    Read what a person made or took back in the platform's own app, and store what was seen.

    The platform is given a moment to show it. What was removed may be gone for good, so that taking a removal back
    rests on the word of whoever did.

    Law: BBS-5, BBS-7, FL-1
    """
    measure, is_undoing = carrying.measure, carrying.state == MeasureState.UNDOING
    try:
        is_done = stands(measure) is not is_undoing
    except Misconfigured:
        _take_word(carrying)
        return
    except PlatformError as error:
        if measure.attempts >= rules.MOST_READS:
            _take_word(carrying)
        else:
            wait = error.retry_after_seconds or 0 if isinstance(error, Transient) else 0
            actions.store_unread(carrying, str(error), wait=timedelta(seconds=wait))
        return
    if is_undoing and (is_done or measure.kind == Kind.REMOVE):
        actions.store_undone(carrying, reading=Read.SEEN if is_done else Read.UNREAD)
    elif is_done:
        actions.store_confirmed(carrying)
    elif measure.attempts < rules.TOLD_AFTER_ATTEMPTS:
        actions.store_unread(carrying, "")
    elif is_undoing:
        actions.store_not_done(carrying, _STILL_HIDDEN)
    elif measure.reading == Read.STILL_THERE and measure.kind != Kind.BLOCK:
        # Some servers let nobody but their keepers take another's words away: to report them is all there is to do.
        actions.store_on_word(carrying, reading=Read.STILL_THERE)
    else:
        actions.store_not_done(carrying, _NOT_BLOCKED if measure.kind == Kind.BLOCK else _STILL_SHOWN)


def _take_word(carrying: actions.Carrying) -> None:
    if carrying.state == MeasureState.UNDOING:
        actions.store_undone(carrying, reading=Read.UNREAD)
    else:
        actions.store_on_word(carrying)
