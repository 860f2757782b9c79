"""One attempt: what is known of it at once, and how it is found afterwards (P1, P3, P6)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.connectors.attempts import attempted, found
from narvaro.connectors.client import Reply, Unanswered
from narvaro.connectors.port import (
    Author,
    Item,
    Kind,
    NotThere,
    Published,
    ReconnectNeeded,
    Refused,
    Transient,
    Unknown,
)

MINUTE = timedelta(minutes=1)


def an_item(text, *, at=timedelta(), is_own=True):
    return Item("1", Kind.POST, Author("us", "us"), text, clock.now() + at, b"{}", is_own=is_own)


def looked_for(text, *items, ago=MINUTE):
    since = clock.now() - ago
    return found(items, text, since, clocks_differ=MINUTE, settled_after=5 * MINUTE)


@pytest.mark.parametrize("status", [200, 204, 400, 401, 403, 404, 429])
def test_what_the_platform_answered_is_for_its_folder_to_understand(status):
    reply = Reply(status, {}, b"")

    assert attempted(lambda: reply) is reply


@pytest.mark.parametrize("status", [408, 500, 502, 503])
def test_p1_an_answer_that_may_hide_an_effect_is_unclear(status):
    assert isinstance(attempted(lambda: Reply(status, {}, b"", "a.example")), Unknown)


@pytest.mark.parametrize(
    ("error", "outcome"), [(Unanswered("a"), Unknown), (Transient("a"), Refused), (ReconnectNeeded("a"), Refused)]
)
def test_p6_only_a_call_that_never_arrived_had_certainly_no_effect(error, outcome):
    def call():
        raise error

    told = attempted(call)

    assert isinstance(told, outcome)
    assert isinstance(told, Unknown) or (told.error is error and "Inget är publicerat" in told.reason)


def test_p3_what_stands_there_is_found_however_the_platform_wrote_it():
    ours = an_item("HEJ  pa\u030a\ner")

    assert looked_for("Hej på er", an_item("Hej på er", is_own=False), ours) == Published(ours)


def test_p3_what_others_wrote_or_was_there_before_is_not_ours():
    before, others = an_item("Hej", at=-10 * MINUTE), an_item("Hej", is_own=False)

    assert looked_for("Hej", before, others) == NotThere(certain=False, similar=())


def test_p3_what_has_not_come_in_time_does_not_come_and_what_is_like_it_is_shown():
    several = [an_item(f"Annat {n}") for n in range(9)]

    assert looked_for("Hej", *several, ago=6 * MINUTE) == NotThere(certain=True, similar=tuple(several[:5]))
