"""The register's work in the background: who left, what is to be told of an incident, letters of the month and year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narvaro.base.clock import STOCKHOLM, now
from narvaro.channels.actions import continuity, incidents, verifying
from narvaro.channels.queries import incidents as reads
from narvaro.core import queries as core
from narvaro.core.jobs import Lane, schedule, task

if TYPE_CHECKING:
    from narvaro.core.models import Authority


@schedule(300, Lane.HOUSE)
@task
def follow_people() -> None:
    """Find places in channels that stand empty, and tell whoever fills them."""
    for authority in core.all_authorities():
        continuity.follow_people(authority=authority)


@schedule(300, Lane.HOUSE)
@task
def remind_of_incidents() -> None:
    """Tell of what is to be reported soon about incidents that are open."""
    for authority in reads.authorities_with_open_incidents():
        incidents.remind_of_incidents(authority=authority)


@schedule(3600)
@task
def write_monthly_letters() -> None:
    """Write to those who lead units, on the first weekdays of a month, from seven in the morning; each once."""
    local = now().astimezone(STOCKHOLM)
    if local.day <= 7 and local.weekday() < 5 and local.hour >= 7:
        for authority in _real():
            continuity.write_monthly_letters(authority=authority)


@schedule(3600)
@task
def write_yearly_letters() -> None:
    """Write to those who lead units, in the second half of January, what would stand bare; each once."""
    local = now().astimezone(STOCKHOLM)
    if local.month == 1 and local.day >= 15 and local.weekday() < 5 and local.hour >= 7:
        for authority in _real():
            continuity.write_yearly_letters(authority=authority)


@schedule(900)
@task
def check_accounts() -> None:
    """Read what connected accounts say of themselves, each once a month, some at a time."""
    verifying.make_due_checks()
    for _turn in range(20):
        reading = verifying.claim_check()
        if reading is None:
            return
        verifying.check_account(reading)


def _real() -> list[Authority]:
    """Return the authorities whose people and addresses are not made up."""
    return [authority for authority in core.all_authorities() if not authority.is_demo]
