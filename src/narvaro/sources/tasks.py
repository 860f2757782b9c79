"""Sources' work in the background: reading what is due, writing drafts, and clearing away."""

from __future__ import annotations

import logging

from narvaro.base.clock import now
from narvaro.core.jobs import Lane, schedule, task
from narvaro.core.types import Actor, Stale
from narvaro.sources import actions, fetching, queries, reading
from narvaro.sources.types import Reading

MOST_A_TURN = 50
MOST_DRAFTS_A_TURN = 200
log = logging.getLogger("narvaro.sources")


@schedule(60, Lane.READING)
@task
def read_sources() -> None:
    """Read each source that is due."""
    for _turn in range(MOST_A_TURN):
        held = actions.claim_source()
        if held is None:
            return
        _read(held)


@schedule(10, Lane.HOUSE)
@task
def write_drafts() -> None:
    """Do what is due about what sources told."""
    for _turn in range(MOST_DRAFTS_A_TURN):
        pk = queries.next_due()
        if pk is None:
            return
        try:
            actions.do_entry(pk)
        except Exception:  # one that always fails must not hold up the others
            log.exception("En post i en källa gick inte att behandla (%s)", pk)
            actions.postpone(pk, "Det gick inte att skriva ett utkast. Nytt försök görs om en kvart.")


@schedule(60, Lane.HOUSE)
@task
def settle_read_drafts() -> None:
    """Take away what waited for somebody to read it, once it is read."""
    actions.settle_read()


@schedule(24 * 3600)
@task
def dispose_of_what_sources_told() -> None:
    """Throw away old rows."""
    actions.dispose_old()


def _read(held: Reading) -> None:
    source = queries.source_in_hand(held.pk)
    actor = Actor.system(source.authority, "read sources")
    try:
        body, address = fetching.body_of(actor, source)
        readout = reading.read(
            source.kind, source.shape, queries.setup_of(source), body, at=now(), address=address
        )  # fmt: skip
        actions.absorb(held, readout)
    except (fetching.NothingThere, *reading.Unreadable) as problem:
        actions.fail(held, str(problem))
    except Stale:
        return  # another worker has it now
