"""What a person says they did in a platform's app is read there, told as it was seen, and never done again by us."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from narvaro.base import clock
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import signed_in
from narvaro.channels.types import Platform
from narvaro.connectors.port import Misconfigured, Transient
from narvaro.core import audit, waiting
from narvaro.core.types import Actor, Stale
from narvaro.moderation import actions, queries, rules, tasks
from narvaro.moderation.models import Measure
from narvaro.moderation.types import MeasureState, Read
from narvaro.policy.types import Measure as Kind
from narvaro.records.testing import a_kept

pytestmark = pytest.mark.django_db


class Town:
    """A platform that shows a comment until a person hides it in its app, and is asked to do nothing."""

    def __init__(self) -> None:
        self.hidden = self.blocked = False
        self.trouble: Exception | None = None
        self.asked: list[str] = []

    def is_hidden(self, _account: Any, _remote_id: str, *, is_own: bool = False) -> bool:
        return self._read(self.hidden)

    def is_blocked(self, _account: Any, _remote_id: str) -> bool:
        return self._read(self.blocked)

    def _read(self, found: bool) -> bool:
        if self.trouble is not None:
            raise self.trouble
        return found

    def __getattr__(self, name: str) -> Any:
        def act(*_given: Any, **_named: Any) -> None:
            self.asked.append(name)
            raise Misconfigured("Det går bara i appen.")

        return act


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Town:
    made = Town()
    for place in ("tasks", "reading"):
        monkeypatch.setattr(f"narvaro.moderation.{place}.connector", lambda _platform: made)
    monkeypatch.setattr("narvaro.channels.queries.account_of", lambda _channel: None)
    return made


def swept(hours: float = 0.0, times: int = rules.TOLD_AFTER_ATTEMPTS) -> None:
    for step in range(times):
        with clock.frozen(clock.now() + timedelta(hours=hours, minutes=5 * step)):
            tasks.carry_out_due.call()


def by_hand(actor: Actor, authority: Any, kind: Kind = Kind.HIDE) -> Measure:
    """A measure that the platform's interface cannot make, put before a person."""
    measure = actions.decide_measure(
        actor=actor, item=a_kept(authority, "Jag ska slå dig"), kind=kind, ground="BBS-5a", reasons="Ett hot.",
        why_stricter="Hotar.", waive_notice_why="En robot.",
    ).measure  # fmt: skip
    swept(times=1)
    return again(actor, measure)


def again(actor: Actor, measure: Measure) -> Measure:
    return queries.measure_for(actor, measure.uid)


def waits(actor: Actor) -> list[str]:
    return [each.title for each in waiting.today(actor) if each.place == queries.PLACE]


def deeds(actor: Actor, measure: Measure) -> list[str]:
    return [entry.verb.partition(".")[2] for entry in reversed(audit.history(actor, measure))]


@pytest.mark.parametrize("kind", [Kind.HIDE, Kind.BLOCK])
def test_sm_18_what_was_done_in_the_app_is_confirmed_by_the_platform_with_the_time(authority, lead, town, kind):
    measure = by_hand(lead, authority, kind)
    town.hidden = town.blocked = True
    asked_before = list(town.asked)

    actions.did_by_hand(actor=lead, uid=measure.uid)
    said, at = again(lead, measure), clock.now() + timedelta(seconds=30)
    with clock.frozen(at):
        tasks.carry_out_due.call()
    read = again(lead, measure)
    page = signed_in(lead).get(f"/moderering/{measure.uid}/").content.decode()

    assert (measure.state, said.state, said.reading) == (MeasureState.BY_HAND, MeasureState.CARRIED_OUT, "")
    assert (read.state, read.reading, read.read_at) == (MeasureState.CONFIRMED, Read.SEEN, at)
    assert "Bekräftat av plattformen" in page
    assert not read.is_on_word
    assert town.asked == asked_before


def test_bbs_5_what_was_said_and_still_shows_waits_for_the_person_again_and_is_never_done_by_us(authority, lead, town):
    measure = by_hand(lead, authority)
    asked_before = list(town.asked)

    actions.did_by_hand(actor=lead, uid=measure.uid)
    settled = waits(lead)
    swept()
    still = again(lead, measure)
    page = signed_in(lead).get(f"/moderering/{measure.uid}/").content.decode()
    town.hidden = True
    actions.did_by_hand(actor=lead, uid=measure.uid, seen_version=still.version)
    swept(hours=1, times=1)

    assert settled == []
    assert (still.state, still.reading) == (MeasureState.BY_HAND, Read.STILL_THERE)
    assert "Syns fortfarande" in page
    assert "Det är gjort" in page
    assert again(lead, measure).reading == Read.SEEN
    assert town.asked == asked_before
    assert deeds(lead, measure).count("find_not_done") == 1


def test_bbs_5_what_the_platform_lets_nobody_remove_is_done_when_it_has_been_said_twice_and_told_as_still_there(
    authority, lead, town
):
    measure = by_hand(lead, authority)

    for _ in range(2):
        actions.did_by_hand(actor=lead, uid=measure.uid)
        swept()
    done = again(lead, measure)
    page = signed_in(lead).get(f"/moderering/{measure.uid}/").content.decode()

    assert (done.state, done.reading, done.is_on_word) == (MeasureState.CONFIRMED, Read.STILL_THERE, True)
    assert "På plattformen syns kommentaren ännu." in page
    assert (waits(lead), deeds(lead, measure)[-1]) == ([], "accept_word")


def test_rf_5_an_account_that_is_not_blocked_is_asked_for_again_however_often_it_is_said(authority, lead, town):
    measure = by_hand(lead, authority, Kind.BLOCK)

    for _ in range(2):
        actions.did_by_hand(actor=lead, uid=measure.uid)
        swept()

    assert again(lead, measure).state == MeasureState.BY_HAND
    assert len(waits(lead)) == 1


def test_where_nothing_can_be_read_the_word_stands_and_is_told_as_that(authority, lead, town):
    measure = by_hand(lead, authority)
    town.trouble = Misconfigured("Nyckeln gäller inte.")

    at = clock.now()
    with clock.frozen(at):
        actions.did_by_hand(actor=lead, uid=measure.uid)
    swept(times=1)
    read = again(lead, measure)
    page = signed_in(lead).get(f"/moderering/{measure.uid}/").content.decode()

    assert (read.state, read.reading, read.is_on_word) == (MeasureState.CONFIRMED, Read.UNREAD, True)
    assert read.confirmed_at == at
    assert "Kunde inte läsas" in page
    assert "utförd och kontrollerad" not in page
    assert waits(lead) == []
    assert deeds(lead, measure)[-1] == "take_word"


def test_p04_a_platform_that_does_not_answer_is_read_again_for_hours_before_the_word_is_taken(authority, lead, town):
    measure = by_hand(lead, authority)
    actions.did_by_hand(actor=lead, uid=measure.uid)
    town.trouble = Transient("Servern svarar inte.")

    swept(hours=1)
    troubled = again(lead, measure)
    for hour in range(2, 2 + rules.MOST_READS):
        swept(hours=hour, times=1)

    assert (troubled.state, troubled.trouble) == (MeasureState.CARRIED_OUT, "Servern svarar inte.")
    assert again(lead, measure).reading == Read.UNREAD
    assert waits(lead) == []


def test_a_worker_killed_while_reading_leaves_it_to_the_next_and_nothing_is_done_twice(authority, lead, town):
    measure = by_hand(lead, authority)
    actions.did_by_hand(actor=lead, uid=measure.uid)
    asked_before, late = list(town.asked), actions.claim_carrying()
    town.hidden = True

    swept(times=1)
    held = again(lead, measure).state
    Measure.objects.everywhere("test").update(lease_until=None)  # it has run out
    swept(times=1)
    assert late is not None
    actions.store_not_done(late, "Den som dog tror något annat.")

    assert held == MeasureState.CARRIED_OUT
    assert (again(lead, measure).state, again(lead, measure).reading) == (MeasureState.CONFIRMED, Read.SEEN)
    assert town.asked == asked_before
    assert deeds(lead, measure).count("confirm_measure") == 1
    with pytest.raises(Stale):
        actions.did_by_hand(actor=lead, uid=measure.uid)


def test_what_is_recorded_afterwards_and_still_shows_is_put_before_a_person_and_not_done_by_us(authority, lead, town):
    item = a_kept(authority, "Jag ska slå dig")
    measure = actions.record_measure(actor=lead, item=item, kind=Kind.HIDE, ground="BBS-5a", reasons="Ett hot.").measure

    swept()

    assert again(lead, measure).state == MeasureState.BY_HAND
    assert town.asked == []


@pytest.mark.parametrize("is_shown", [True, False])
def test_what_was_taken_back_in_the_app_is_read_there_too(authority, lead, town, is_shown):
    measure = by_hand(lead, authority)
    town.hidden = True
    actions.did_by_hand(actor=lead, uid=measure.uid)
    swept(times=1)
    actions.undo_measure(actor=lead, uid=measure.uid, why="Det var ett citat.")
    swept(times=1)
    asked_before = list(town.asked)
    town.hidden = not is_shown

    actions.did_by_hand(actor=lead, uid=measure.uid)
    swept(hours=1)

    found = again(lead, measure)
    assert found.state == (MeasureState.UNDONE if is_shown else MeasureState.UNDOING)
    assert waits(lead) == ([] if is_shown else ["Häv åtgärden i plattformens app"])
    assert found.waits_for_hands is not is_shown
    assert found.reading == (Read.SEEN if is_shown else Read.STILL_THERE)
    assert town.asked == asked_before


def test_in_a_channel_that_only_people_read_the_word_is_what_there_is(authority, lead, town):
    item = a_kept(authority, "Jag ska slå dig", channel=a_channel(authority, platform=Platform.MANUAL))
    measure = actions.decide_measure(
        actor=lead, item=item, kind=Kind.HIDE, ground="BBS-5a", reasons="Ett hot.", waive_notice_why="En robot."
    ).measure
    swept(times=1)

    actions.did_by_hand(actor=lead, uid=measure.uid)

    found = again(lead, measure)
    assert (found.state, found.reading, found.is_on_word) == (MeasureState.CONFIRMED, "", True)
    assert found.state_in_words == "Utförd, på ord av den som gjorde den"
