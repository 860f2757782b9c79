"""How a measure goes on when the platform cannot, will not yet, or has no interface at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from narvaro.base import clock
from narvaro.channels.testing import a_channel
from narvaro.channels.types import Platform
from narvaro.connectors.port import Author
from narvaro.core import waiting
from narvaro.core.models import Authority
from narvaro.core.types import Actor, Stale
from narvaro.moderation import actions, queries, rules, tasks
from narvaro.moderation.models import Measure
from narvaro.moderation.types import MeasureState
from narvaro.policy.types import Measure as Kind
from narvaro.records.testing import a_kept

pytestmark = pytest.mark.django_db


@pytest.fixture
def by_hand(authority: Authority) -> Any:
    """A kept comment in a channel that people look after themselves."""
    return a_kept(authority, "Jag ska slå dig", channel=a_channel(authority, platform=Platform.MANUAL))


def a_decision(actor: Actor, item: Any) -> Measure:
    return actions.decide_measure(
        actor=actor, item=item, kind=Kind.HIDE, ground="BBS-5a", reasons="Ett hot.", waive_notice_why="En robot."
    ).measure


def swept(hours: float = 0) -> None:
    with clock.frozen(clock.now() + timedelta(hours=hours)):
        tasks.carry_out_due.call()


def claimed() -> actions.Carrying:
    found = actions.claim_carrying()
    assert found is not None
    return found


def asked(actor: Actor) -> list[str]:
    return [each.title for each in waiting.today(actor) if each.place == queries.PLACE]


def test_what_was_done_by_hand_is_taken_back_by_hand_and_waits_for_whoever_decided(lead: Actor, by_hand: Any):
    measure = a_decision(lead, by_hand)
    swept()
    actions.did_by_hand(actor=lead, uid=measure.uid)

    actions.undo_measure(actor=lead, uid=measure.uid, why="Det var ett citat.")
    swept()
    swept(hours=5)
    found = queries.measure_for(lead, measure.uid)
    titles = asked(lead)
    actions.did_by_hand(actor=lead, uid=measure.uid, seen_version=found.version)

    assert (found.state, found.undone_at) == (MeasureState.UNDOING, None)
    assert titles == ["Häv åtgärden i plattformens app"]
    assert queries.measure_for(lead, measure.uid).state == MeasureState.UNDONE
    assert asked(lead) == []
    with pytest.raises(Stale):
        actions.did_by_hand(actor=lead, uid=measure.uid)


def test_what_was_never_done_by_hand_needs_nobody_to_take_it_back(lead: Actor, by_hand: Any):
    measure = a_decision(lead, by_hand)
    swept()

    actions.undo_measure(actor=lead, uid=measure.uid, why="Det var ett citat.")

    assert queries.measure_for(lead, measure.uid).state == MeasureState.UNDONE
    assert asked(lead) == []


def test_what_is_noted_afterwards_in_a_channel_by_hand_is_done(lead: Actor, by_hand: Any):
    made = actions.record_measure(actor=lead, item=by_hand, kind=Kind.REMOVE, ground="BBS-5a", reasons="Ett hot.")
    measure = made.measure

    swept()

    assert queries.measure_for(lead, measure.uid).state == MeasureState.CONFIRMED
    assert asked(lead) == []


def test_p06_the_platform_is_asked_again_when_it_said_and_not_before(authority: Authority, lead: Actor):
    a_decision(lead, a_kept(authority, "Jag ska slå dig"))

    actions.store_trouble(claimed(), "Vänta.", wait=timedelta(minutes=10))

    with clock.frozen(clock.now() + timedelta(minutes=9)):
        assert actions.claim_carrying() is None
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert actions.claim_carrying() is not None


def test_waiting_for_words_to_come_out_is_no_failed_attempt(authority: Authority, lead: Actor):
    measure = a_decision(lead, a_kept(authority, "Jag ska slå dig"))

    for minute in range(10):
        with clock.frozen(clock.now() + timedelta(minutes=minute)):
            actions.store_waiting(claimed())

    assert queries.measure_for(lead, measure.uid).attempts == 0
    assert asked(lead) == []
    actions.undo_measure(actor=lead, uid=measure.uid, why="Det var ett citat.")
    assert queries.measure_for(lead, measure.uid).state == MeasureState.UNDONE


def test_fl_1_a_block_waits_for_all_words_on_their_way_to_its_author_and_for_nobody_elses(
    authority: Authority, lead: Actor
):
    channel, other = a_channel(authority), Author("citizen-2", "granne@social.example", "En granne", "")
    told = a_kept(authority, "Jag ska slå dig", channel=channel)
    actions.decide_measure(
        actor=lead, item=told, kind=Kind.HIDE, ground="BBS-5a", reasons="Ett hot.", notice="Vi har dolt det. {klaga}"
    )

    blocks = [
        actions.decide_measure(
            actor=lead, item=a_kept(authority, "Vänta bara", channel=channel, **by), kind=Kind.BLOCK, ground="BBS-5a",
            reasons="Hoten fortsätter.", why_stricter="De riktas mot en person.", waive_notice_why="Är sagt.",
        ).measure
        for by in ({}, {"author": other})
    ]  # fmt: skip

    assert [queries.is_still_told(block) for block in blocks] == [True, False]
    with clock.frozen(clock.now() + rules.NOTICE_FIRST + timedelta(minutes=1)):
        assert not queries.is_still_told(blocks[0])


def test_undoing_waits_for_whoever_may_be_telling_the_platform(authority: Authority, lead: Actor):
    measure = a_decision(lead, a_kept(authority, "Jag ska slå dig"))
    late = claimed()

    actions.undo_measure(actor=lead, uid=measure.uid, why="Det var ett citat.")

    assert actions.claim_carrying() is None
    actions.store_confirmed(late)
    assert queries.measure_for(lead, measure.uid).state == MeasureState.UNDOING
    Measure.objects.everywhere("test").update(lease_until=None)  # it has run out
    assert claimed().state == MeasureState.UNDOING
