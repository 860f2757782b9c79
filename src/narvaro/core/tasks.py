"""The house's own work in the background."""

from __future__ import annotations

from narvaro.core import jobs, ledger, letters
from narvaro.core.jobs import Lane, schedule, task


@schedule(10, Lane.HOUSE)
@task
def sequence_ledgers() -> None:
    """Give positions to leaves that wait for one, in every authority."""
    for authority in ledger.waiting_authorities():
        while ledger.sequence(authority) == ledger.BATCH:
            pass


@schedule(3, Lane.LETTERS)
@task
def send_letters() -> None:
    """Send the letters that are due."""
    while letters.send_due():
        pass


@schedule(3600)
@task
def tidy_jobs() -> None:
    """Throw away finished jobs, past moments of schedules and workers that are gone."""
    jobs.tidy()
