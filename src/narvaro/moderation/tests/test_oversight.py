"""Rounds that log themselves, are missed aloud, and are never lost or made twice; crises; what stood too long."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta

import pytest
from django.db import transaction
from django.test import Client

from narvaro.base import clock
from narvaro.base.clock import STOCKHOLM
from narvaro.channels import actions as channels
from narvaro.channels.models import Channel, ChannelCard, ChannelReading
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.channels.types import ChannelState, Platform
from narvaro.connectors.port import Visibility
from narvaro.core import audit, ledger, waiting
from narvaro.core import queries as core
from narvaro.core.models import Absence, AuditEntry, Authority, Letter, Unit
from narvaro.core.testing import a_person, a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.moderation import actions, oversight, queries, rounds
from narvaro.moderation.models import Look, Measure, Oversight, Report, Round
from narvaro.moderation.tests.test_hearing import words
from narvaro.moderation.types import MeasureState, RoundEnd
from narvaro.policy.testing import a_rule
from narvaro.policy.types import Measure as Kind
from narvaro.publishing import actions as publishing
from narvaro.records import actions as records
from narvaro.records.models import Item
from narvaro.records.testing import a_kept, an_item
from narvaro.records.testing import a_page as a_read_page
from narvaro.records.types import Source

pytestmark = pytest.mark.django_db

MOST_QUERIES = 30


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment of the last week of November 2026; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=STOCKHOLM)


@contextmanager
def now(day: int, hour: int = 0, minute: int = 0) -> Iterator[None]:
    with clock.frozen(at(day, hour, minute)):
        yield


@pytest.fixture
def authority() -> Authority:
    with now(23, 6):
        return an_authority("Storköping")


@pytest.fixture
def channel(authority: Authority) -> Channel:
    """A channel in operation since Monday six o'clock, whose oversight has begun."""
    with now(23, 6):
        found = a_channel(authority)
        actions.oversee(authority=authority)
    return found


@pytest.fixture
def holder(channel: Channel) -> Actor:
    """Whoever answers for the channel."""
    found = core.actor_for(channel.responsible, channel.authority_id)
    assert found is not None
    return found


def read(channel: Channel, to: datetime) -> None:
    ChannelReading.objects.everywhere("test").filter(channel=channel).update(complete_to=to)


def written(channel: Channel, day: int, hour: int, minute: int = 0, text: str = "Hej", **values: object) -> Item:
    with now(day, hour, minute):
        return a_kept(channel.authority, text, channel=channel, **values)


def swept(channel: Channel, day: int, hour: int, minute: int = 0, *, read_too: bool = True) -> None:
    """Sweep at a moment, with the channel read up to then."""
    if read_too:
        read(channel, at(day, hour, minute))
    with now(day, hour, minute):
        actions.oversee(authority=channel.authority)


def opened(actor: Actor, item: Item, day: int, hour: int, minute: int = 0) -> None:
    with now(day, hour, minute):
        actions.note_seen(actor, [item])


def made(channel: Channel) -> list[Round]:
    return list(Round.objects.everywhere("test").filter(channel=channel).order_by("due_at", "pk"))


def letters() -> list[Letter]:
    return list(Letter.objects.everywhere("test").order_by("pk"))


# --- Rounds that log themselves -----------------------------------------------------------------------------------


def test_bbs_3_a_round_is_done_when_nothing_was_new_and_the_channel_was_read_past_its_time(channel):
    swept(channel, 23, 10, 14)
    before = made(channel)
    swept(channel, 23, 10, 16)

    (only,) = made(channel)
    assert before == []
    assert (only.due_at, only.end, only.ended_at, only.by, only.came) == (
        at(23, 10, 15), RoundEnd.NOTHING_NEW, at(23, 10, 16), None, 0,
    )  # fmt: skip
    assert only.missed_at is None
    assert letters() == []


def test_bbs_3_where_nobody_can_write_and_where_nothing_has_begun_no_rounds_are_made(channel):
    with now(23, 7):
        spared, proposed = a_channel(channel.authority), a_channel(channel.authority, state=ChannelState.PROPOSED)
        ChannelCard.objects.create(authority=channel.authority, channel=spared, bbs_applies=False)

    swept(channel, 23, 10, 16)

    assert [len(made(each)) for each in (channel, spared, proposed)] == [1, 0, 0]


def test_bbs_3_nothing_is_claimed_of_what_was_not_read(channel, holder):
    read(channel, at(23, 10, 14))
    swept(channel, 23, 10, 20, read_too=False)
    (waits,) = made(channel)
    swept(channel, 23, 11, 16, read_too=False)
    (missed,) = made(channel)
    swept(channel, 23, 12)
    (late,) = made(channel)

    assert (waits.ended_at, waits.missed_at) == (None, None)
    assert (missed.ended_at, missed.missed_at) == (None, at(23, 11, 16))
    assert (late.end, late.missed_at) == (RoundEnd.NOTHING_NEW, at(23, 11, 16))
    assert waiting.today(holder) == []


def test_bbs_3_a_gap_in_what_was_read_is_looked_at_by_a_person(channel, holder):
    with now(23, 9):
        records.capture(
            channel=channel,
            page=a_read_page(complete_to=at(23, 9), gap_reason="Plattformen gav inte allt.", gap_from=at(23, 8)),
        )
    swept(channel, 23, 10, 16)
    (waits,) = made(channel)
    with now(23, 10, 20):
        actions.say_looked_over(actor=holder)

    assert waits.ended_at is None
    assert made(channel)[0].end == RoundEnd.SAID


def test_bbs_3_a_round_waits_until_everything_new_is_opened_and_says_by_whom(channel, holder):
    first, second = written(channel, 23, 9), written(channel, 23, 9, 30)
    opened(holder, first, 23, 9, 40)
    swept(channel, 23, 10, 16)
    (waits,) = made(channel)
    opened(holder, second, 23, 10, 30)
    swept(channel, 23, 10, 31)

    (done,) = made(channel)
    assert waits.ended_at is None
    assert (done.end, done.by, done.came, done.missed_at) == (RoundEnd.SEEN, person_of(holder), 2, None)
    assert letters() == []


def test_bbs_3_only_who_can_act_on_it_has_opened_it_and_the_first_counts(channel, holder, authority):
    item = written(channel, 23, 9)
    swept(channel, 23, 9, 5)
    opened(an_actor(authority, role=Role.AUDITOR), item, 23, 9, 6)
    opened(Actor.system(authority, "triage"), item, 23, 9, 6)
    unseen = Look.objects.everywhere("test").get()
    opened(holder, item, 23, 9, 10)
    opened(an_actor(authority, role=Role.DEPUTY), item, 23, 9, 20)

    seen = Look.objects.everywhere("test").get()
    assert unseen.seen_at is None
    assert (seen.seen_by, seen.seen_at) == (person_of(holder), at(23, 9, 10))


def test_bbs_3_what_was_opened_before_the_feed_was_followed_is_opened(channel, holder):
    opened(holder, written(channel, 23, 9), 23, 9, 1)

    swept(channel, 23, 10, 16)

    assert [(row.end, row.came) for row in made(channel)] == [(RoundEnd.SEEN, 1)]


def test_bbs_3_a_comment_that_its_author_changed_is_new_again(channel, holder):
    item = written(channel, 23, 9, text="Trevligt", remote_id="1")
    opened(holder, item, 23, 9, 1)
    swept(channel, 23, 9, 2)
    with now(23, 9, 30):
        a_kept(channel.authority, "Jag vet var du bor", channel=channel, remote_id="1", edited_at=at(23, 9, 30))
    opened(holder, item, 23, 9, 31)  # a page that still showed the first words
    swept(channel, 23, 9, 32)
    swept(channel, 23, 10, 16)
    (waits,) = made(channel)
    item.refresh_from_db()
    opened(holder, item, 23, 10, 20)
    swept(channel, 23, 10, 21)

    assert waits.ended_at is None
    assert made(channel)[0].end == RoundEnd.SEEN


def test_bbs_3_what_is_gone_or_answered_in_the_app_needs_nobodys_eyes(channel):
    written(channel, 23, 9, remote_id="gone")
    written(channel, 23, 9, remote_id="asked")
    swept(channel, 23, 9, 1)
    with now(23, 9, 10):
        records.capture(channel=channel, page=a_read_page(
            an_item("", remote_id="gone", deleted=True),
            an_item("Klockan tio.", remote_id="ours", parent_remote_id="asked", is_own=True),
        ))  # fmt: skip

    swept(channel, 23, 10, 16)

    (done,) = made(channel)
    assert (done.end, done.by) == (RoundEnd.SEEN, None)


def test_bbs_1_private_messages_archives_and_what_is_older_than_the_channel_here_are_no_part_of_it(channel):
    written(channel, 23, 9, visibility=Visibility.PRIVATE)
    written(channel, 23, 9, at=at(22, 12))
    with now(23, 9):
        records.capture(channel=channel, page=a_read_page(an_item("Gammalt")), source=Source.IMPORT)

    swept(channel, 23, 10, 16)

    assert not Look.objects.everywhere("test").exists()
    assert made(channel)[0].end == RoundEnd.NOTHING_NEW


def test_bbs_3_what_came_after_the_rounds_time_belongs_to_the_next(channel, holder):
    written(channel, 23, 10, 16)
    swept(channel, 23, 10, 17)
    with now(23, 14, 46):
        swept(channel, 23, 14, 46)

    first, second = made(channel)
    assert first.end == RoundEnd.NOTHING_NEW
    assert second.ended_at is None


# --- Missed -------------------------------------------------------------------------------------------------------


def test_bbs_3_a_missed_round_is_told_once_to_whoever_has_the_channel_and_again_to_who_leads(channel, holder, lead):
    written(channel, 23, 9)
    for minute in (16, 17, 18):
        swept(channel, 23, 11, minute)
    first, waits = letters(), waiting.today(holder)
    for minute in (46, 47):
        swept(channel, 23, 15, minute)

    assert [(each.to_person_id, each.kind) for each in first] == [(holder.person_id, "moderation.missed_round")]
    assert channel.name in first[0].body
    assert "1 ny kommentar" in first[0].body
    assert [(each.subject_id, each.link) for each in waits] == [(channel.pk, "/moderering/uppsikt/")]
    assert sorted(each.to_person_id for each in letters()[1:]) == sorted([holder.person_id, lead.person_id])
    assert [row.missed_at for row in made(channel)] == [at(23, 11, 16), at(23, 15, 46)]


def test_bbs_3_letters_about_missed_rounds_wait_for_office_hours_and_in_a_crisis_for_nothing(channel, holder, lead):
    with now(23, 6, 30):
        actions.change_schedule(
            actor=lead, channel=None, rounds_a_day=2, rounds_in_crisis=6, on_days_off=True, removal_hours=24
        )
    for hour in (11, 16):
        for day in range(23, 28):
            swept(channel, day, hour)
    written(channel, 28, 9)
    swept(channel, 28, 14)
    usual = letters()
    with now(29, 7):
        actions.say_looked_over(actor=holder)
        actions.start_crisis(actor=lead, why="Översvämning.")
    written(channel, 29, 7, 30)
    swept(channel, 29, 9, 16)

    assert [each.not_before for each in usual] == [at(30, 8)]
    crisis = [each for each in letters() if each.kind == "moderation.missed_round"][len(usual) :]
    assert [each.not_before for each in crisis] == [at(29, 9, 16)]


def test_bbs_3_where_everybody_is_away_those_who_lead_communications_are_told(authority, channel, lead):
    Absence.objects.create(
        authority=authority,
        person=channel.responsible,
        from_at=at(23),
        until_at=at(24),
        marked_by=channel.responsible,
    )
    written(channel, 23, 9)

    swept(channel, 23, 11, 16)

    assert [each.to_person_id for each in letters()] == [lead.person_id]


# --- One button ---------------------------------------------------------------------------------------------------


def test_bbs_3_one_press_ends_the_rounds_of_all_my_channels_and_no_others(authority, channel, holder):
    with now(23, 6, 10):
        own = a_channel(authority, unit=channel.unit, platform=Platform.MANUAL)
        others = a_channel(authority, responsible=a_person(authority), unit=own.unit)
        Channel.objects.everywhere("test").filter(pk=others.pk).update(unit=an_other_unit(authority))
    written(channel, 23, 9)
    read(others, at(23, 9))
    swept(channel, 23, 11, 16)
    with now(23, 11, 30):
        count = actions.say_looked_over(actor=holder)

    assert count == 2
    assert [(row.end, row.by, row.came) for row in made(channel)] == [(RoundEnd.SAID, person_of(holder), 1)]
    assert [row.end for row in made(own)] == [RoundEnd.SAID]
    assert [row.end for row in made(others)] == [""]
    assert waiting.today(holder) == []


def an_other_unit(authority: Authority) -> Unit:
    return a_unit(authority, "Parken")


def test_bbs_3_what_was_said_before_holds_for_what_came_before_it_only(channel, holder):
    written(channel, 23, 9)
    swept(channel, 23, 10, 16)
    with now(23, 10, 20):
        actions.say_looked_over(actor=holder, channel_uid=channel.uid)
    written(channel, 23, 13)
    swept(channel, 23, 14, 46)

    first, second = made(channel)
    assert first.end == RoundEnd.SAID
    assert second.ended_at is None
    assert oversight.unseen_counts(holder, [channel.pk]) == {channel.pk: 1}


def test_bbs_3_a_press_shortly_before_its_time_makes_the_round_and_a_press_between_is_noted_too(channel, holder):
    with now(23, 9, 50):
        actions.say_looked_over(actor=holder)
    swept(channel, 23, 10, 16)
    with now(23, 12):
        actions.say_looked_over(actor=holder)
    swept(channel, 23, 12, 30)

    assert [(row.due_at, row.ended_at, row.end, row.is_extra) for row in made(channel)] == [
        (at(23, 10, 15), at(23, 9, 50), RoundEnd.SAID, False), (at(23, 12), at(23, 12), RoundEnd.SAID, True),
    ]  # fmt: skip


def test_bbs_3_a_channel_looked_after_by_hand_is_never_said_to_be_looked_over_by_itself(authority, holder):
    with now(23, 6, 10):
        by_hand = a_channel(authority, platform=Platform.MANUAL, responsible=person_of(holder))

    swept(by_hand, 23, 11, 16)

    assert [(row.end, row.missed_at) for row in made(by_hand)] == [("", at(23, 11, 16))]
    assert "sköts för hand" in letters()[0].body


def test_whoever_does_not_answer_residents_looks_over_nothing(authority, channel):
    with pytest.raises(NotPermitted):
        actions.say_looked_over(actor=an_actor(authority, role=Role.AUDITOR))
    with pytest.raises(Invalid):
        actions.say_looked_over(actor=an_actor(authority, role=Role.REPRESENTATIVE, unit=an_other_unit(authority)))


def test_another_authoritys_channel_looks_missing(channel):
    stranger = an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD)

    with pytest.raises(NotFound):
        actions.say_looked_over(actor=stranger, channel_uid=channel.uid)
    with pytest.raises(NotFound):
        actions.start_crisis(actor=stranger, why="Storm.", channel_uid=channel.uid)
    assert oversight.overseen(stranger) == []
    assert oversight.rounds_listed(stranger) == []


# --- Never lost, never twice --------------------------------------------------------------------------------------


def test_p05_a_standstill_of_days_loses_no_round_and_makes_none_twice(channel):
    swept(channel, 26, 23)
    Oversight.objects.everywhere("test").update(made_to=at(23, 6))  # a worker that saw an older state
    swept(channel, 26, 23)

    assert [row.due_at for row in made(channel)] == [
        at(day, *time) for day in range(23, 27) for time in ((10, 15), (14, 45))
    ]  # fmt: skip
    assert all(row.missed_at == row.late_at for row in made(channel))  # nobody could know it in time


def test_p05_a_sweep_that_was_killed_leaves_nothing_half_done(channel):
    with pytest.raises(Killed), transaction.atomic():
        swept_and_killed(channel)
    before = made(channel)

    swept(channel, 23, 10, 17)

    assert before == []
    assert [row.end for row in made(channel)] == [RoundEnd.NOTHING_NEW]


class Killed(Exception):
    """The process ends before its transaction does."""


def swept_and_killed(channel: Channel) -> None:
    swept(channel, 23, 10, 16)
    raise Killed


def test_a_closed_channel_has_no_more_rounds_and_none_that_waits(channel, lead):
    swept(channel, 23, 10, 16, read_too=False)
    with now(23, 12):
        channels.close_channel(actor=lead, channel=channel, why="Kanalen behövs inte längre.")
    swept(channel, 24, 23)

    assert [row.end for row in made(channel)] == [RoundEnd.CLOSED]


def test_ark_1_what_the_rounds_became_stands_in_the_ledger(channel, lead):
    swept(channel, 23, 10, 16)

    entry = AuditEntry.objects.of(lead).get(verb="moderation.log_rounds")
    assert entry.facts == {"done": [str(made(channel)[0].uid)], "missed": []}
    assert entry.pk in {subject for _place, subject, _hash in ledger.leaves(lead, kind=ledger.AUDIT)}


# --- How often ----------------------------------------------------------------------------------------------------


def test_bbs_3_a_new_rhythm_holds_from_now_on_and_reaches_no_time_before(channel, lead):
    with now(23, 16):
        actions.change_schedule(
            actor=lead, channel=channel, rounds_a_day=4, rounds_in_crisis=6, on_days_off=False, removal_hours=12
        )
    swept(channel, 24, 23)

    assert [row.due_at.astimezone(STOCKHOLM).day for row in made(channel)] == [23, 23, 24, 24, 24, 24]
    assert oversight.rhythms(lead)[0] == {channel.pk: rounds.Rhythm(4, 6, False, 12)}


@pytest.mark.parametrize(
    "values", [{"rounds_a_day": 0}, {"rounds_a_day": 13}, {"rounds_in_crisis": 1}, {"removal_hours": 0}]
)
def test_a_rhythm_that_is_none_is_refused(channel, lead, values):
    usual = {"rounds_a_day": 2, "rounds_in_crisis": 6, "on_days_off": False, "removal_hours": 24}

    with pytest.raises(Invalid):
        actions.change_schedule(actor=lead, channel=None, **{**usual, **values})
    with pytest.raises(NotPermitted):
        actions.change_schedule(actor=an_actor(channel.authority), channel=None, **usual)
    actions.change_schedule(actor=lead, channel=None, seen_version=0, **usual)
    with pytest.raises(Stale):
        actions.change_schedule(actor=lead, channel=None, seen_version=0, **usual)


# --- Crises -------------------------------------------------------------------------------------------------------


def test_bbs_3_a_crisis_brings_more_rounds_and_its_end_the_usual_ones(channel, lead):
    with now(23, 12):
        crisis = actions.start_crisis(actor=lead, why="Översvämning i centrum.")
    swept(channel, 24, 12)
    with now(24, 12):
        actions.end_crisis(actor=lead, uid=crisis.uid, why="Vattnet har sjunkit.")
    swept(channel, 24, 23)

    assert [(row.due_at.astimezone(STOCKHOLM).strftime("%d %H:%M"), row.in_crisis) for row in made(channel)] == [
        ("23 10:15", False), ("23 12:30", True), ("23 16:15", True), ("23 20:00", True), ("24 08:45", True),
        ("24 14:45", False),
    ]  # fmt: skip


def test_a_crisis_is_told_at_once_to_everybody_concerned(channel, holder, lead):
    manager = an_actor(channel.authority, role=Role.UNIT_MANAGER, unit=channel.unit)
    with now(28, 3):  # a Saturday night
        crisis = actions.start_crisis(actor=manager, why="Översvämning.", channel_uid=channel.uid)
        begun = letters()
        actions.end_crisis(actor=lead, uid=crisis.uid, why="Över.", seen_version=crisis.version)

    everybody = {holder.person_id, lead.person_id, manager.person_id}
    assert {each.to_person_id for each in begun} == everybody
    assert all(each.not_before <= at(28, 3) and "Översvämning." in each.body for each in begun)
    assert len(letters()) == 2 * len(everybody)
    assert [entry.verb for entry in audit.history(lead, crisis)] == ["moderation.end_crisis", "moderation.start_crisis"]


def test_a_crisis_is_begun_and_ended_once_with_a_reason_by_who_leads(channel, holder, lead):
    with pytest.raises(NotPermitted):
        actions.start_crisis(actor=holder, why="Storm.")
    with pytest.raises(Invalid):
        actions.start_crisis(actor=lead, why=" ")
    for uid in (None, channel.uid):
        crisis = actions.start_crisis(actor=lead, why="Storm.", channel_uid=uid)
        with pytest.raises(Stale):
            actions.start_crisis(actor=lead, why="Storm.", channel_uid=uid)
    with pytest.raises(NotPermitted):
        actions.end_crisis(actor=holder, uid=crisis.uid, why="Över.")
    actions.end_crisis(actor=lead, uid=crisis.uid, why="Över.")
    with pytest.raises(Stale):
        actions.end_crisis(actor=lead, uid=crisis.uid, why="Över.")


def test_a_crisis_freezes_its_channels_unless_it_is_asked_not_to(authority, channel, lead):
    other = a_channel(authority)

    actions.start_crisis(actor=lead, why="Storm.", channel_uid=channel.uid)
    actions.start_crisis(actor=lead, why="Storm.", channel_uid=other.uid, freezes=False)

    assert queries.is_frozen(lead, channel)
    assert not queries.is_frozen(lead, other)


def test_sm_22_what_stood_in_line_already_is_held_by_a_crisis_that_begins_and_goes_out_when_it_ends(
    authority, channel, lead
):
    other = a_channel(authority)
    line: list[int] = []
    with now(23, 9):
        for each in (other, channel, other):
            message = publishing.save_message(
                actor=lead, text="Simskolan börjar.", channels={each: ""}, day=at(24, 8).date(), clock=time(8, 0)
            )
            publishing.send_message(actor=lead, uid=message.uid)
    with now(24, 8, 1):
        first = publishing.claim_attempt(line=line)
        crisis = actions.start_crisis(actor=lead, why="Storm.", channel_uid=channel.uid)
        during = [publishing.claim_attempt(line=line) for _ in range(2)]
        actions.end_crisis(actor=lead, uid=crisis.uid, why="Över.")
        after = publishing.claim_attempt(line=line)

    assert first.publication.channel_id == other.pk
    assert [each and each.publication.channel_id for each in during] == [other.pk, None]
    assert after.publication.channel_id == channel.pk
    assert line == []


# --- What stood too long ------------------------------------------------------------------------------------------


def test_bbs_4_what_we_knew_of_longer_than_it_may_stand_is_shown_while_it_stands_and_after(channel, lead):
    with now(23, 9):
        measure = decided(lead, written(channel, 23, 9, text="Jag ska slå dig", remote_id="late"))
        quick = decided(lead, written(channel, 23, 9, text="Jag ska slå dig", remote_id="quick"))
        a_house_rule = decided(lead, written(channel, 23, 9, remote_id="spam"), ground=a_rule(channel.authority).code)
    confirmed(quick, at(23, 10))
    with now(24, 8, 59):
        before = oversight.overdue(lead)
    with now(24, 9, 1):
        stands = oversight.overdue(lead)
    confirmed(measure, at(24, 12))
    with now(24, 13):
        after = oversight.overdue(lead)

    assert a_house_rule.pk
    assert before == []
    assert [(one.uid, one.gone_at) for one in stands] == [(measure.uid, None)]
    assert [(one.uid, one.due_at, one.gone_at) for one in after] == [(measure.uid, at(24, 9), at(24, 12))]


def test_bbs_4_a_report_of_something_unlawful_starts_the_clock_too(channel, lead):
    with now(23, 9):
        visitor = Actor.visitor(channel.authority)
        threat = actions.keep_report(actor=visitor, kind="threat", text="Ett hot.", url="https://social.example/1").row
        actions.keep_report(actor=visitor, kind="wrong", text="Fel tid.", url="https://social.example/2")

    with now(24, 10):
        found = oversight.overdue(lead)
        Report.objects.of(lead).filter(pk=threat.pk).update(state="left")
        after = oversight.overdue(lead)

    assert [(one.what, one.uid) for one in found] == [("report", threat.uid)]
    assert after == []


def decided(actor: Actor, item: Item, ground: str = "BBS-5a") -> Measure:
    return actions.decide_measure(
        actor=actor, item=item, kind=Kind.HIDE, ground=ground, reasons="Ett hot.", waive_notice_why="En robot.",
        why_stricter="Det räcker inte att påminna.",
    ).measure  # fmt: skip


def confirmed(measure: Measure, moment: datetime) -> None:
    Measure.objects.everywhere("test").filter(pk=measure.pk).update(
        state=MeasureState.CONFIRMED, carried_out_at=moment, confirmed_at=moment
    )


# --- Pages --------------------------------------------------------------------------------------------------------


def test_the_page_of_oversight_shows_today_and_one_press_puts_it_right(channel, holder):
    written(channel, 23, 9)
    swept(channel, 23, 11, 16)
    with now(23, 11, 30):
        office = signed_in(holder)
        shown = words(page := office.get("/moderering/uppsikt/"))
        pressed = office.post("/moderering/uppsikt/klart/", filled(page, "mine_form"))
        again = office.post("/moderering/uppsikt/klart/", filled(page, "mine_form"))
        after = words(office.get("/moderering/uppsikt/"))

    assert "En kanal väntar på att någon ser över den." in shown
    assert "10.15 missad" in shown
    assert "14.45 senare" in shown
    assert "1 ny är inte öppnad" in shown
    assert (pressed.status_code, again.status_code) == (302, 409)
    assert "Alla kanaler är sedda över." in after
    assert "Nästa runda är 14.45." in after
    assert "10.15 klar sent, 11.30" in after
    assert len(made(channel)) == 1


def test_the_auditor_reads_the_log_and_presses_nothing(channel, authority):
    swept(channel, 23, 10, 16)
    with now(23, 11):
        auditor = signed_in(an_actor(authority, role=Role.AUDITOR))
        page = words(auditor.get("/moderering/uppsikt/"))
        refused = auditor.post("/moderering/uppsikt/klart/", {})

    assert "Inget nytt, och allt var inläst" in page
    assert "Jag har sett över mina kanaler" not in page
    assert refused.status_code == 403


def test_sm_18_the_log_of_rounds_is_a_file_that_no_spreadsheet_runs(channel, holder):
    Channel.objects.everywhere("test").filter(pk=channel.pk).update(name="=HYPERLINK(1)")
    swept(channel, 23, 10, 16)
    with now(23, 12):
        actions.say_looked_over(actor=holder)
        answer = signed_in(holder).get("/moderering/uppsikt/rundor.csv")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")

    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert [row[0] for row in rows] == ["Kanal", "'=HYPERLINK(1)", "'=HYPERLINK(1)"]
    assert rows[1][1:5] == [
        "2026-11-23T12:00:00+01:00",
        "2026-11-23T12:00:00+01:00",
        str(RoundEnd.SAID.label),
        holder.name,
    ]


def test_the_log_is_read_page_by_page_without_a_gap(channel, holder):
    swept(channel, 26, 23)
    listed = oversight.rounds_listed(holder)

    paged: list[Round] = []
    while part := oversight.rounds_listed(holder, before=paged[-1].pk if paged else None, limit=3):
        paged += part

    assert paged == listed == list(oversight.every_round(holder)) == made(channel)[::-1]


def test_how_often_is_chosen_on_a_page_for_all_and_for_one(channel, lead):
    office = signed_in(lead)
    with now(23, 8):
        page = office.get("/moderering/uppsikt/tider/")
        saved = office.post("/moderering/uppsikt/tider/", filled(page, rounds_a_day="3"))
        own = office.get(f"/moderering/uppsikt/tider/{channel.uid}/")
        refused = office.post(f"/moderering/uppsikt/tider/{channel.uid}/", filled(own, rounds_a_day="9"))
        stale = office.post("/moderering/uppsikt/tider/", {**filled(page), "intent": filled(own)["intent"]})

    assert saved.status_code == 302
    assert own.context["form"]["rounds_a_day"].value() == 3
    assert (refused.status_code, stale.status_code) == (422, 409)
    assert "I en kris ses kanalen över minst lika ofta som annars." in words(refused)
    assert oversight.rhythms(lead) == ({}, rounds.Rhythm(3, 4, False, 24))


def test_a_crisis_is_begun_seen_on_every_page_and_ended_on_pages(channel, lead, holder):
    office, colleague = signed_in(lead), signed_in(holder)
    with now(23, 12):
        page = office.get("/moderering/kris/")
        empty = office.post("/moderering/kris/", filled(page, "start_form", why=""))
        begun = office.post("/moderering/kris/", filled(empty, "start_form", why="Översvämning i centrum."))
        seen = words(colleague.get("/kanaler/"))
        here = office.get("/moderering/kris/")
        crisis, form = here.context["running"][0]
        values = {field.html_name: field.value() or "" for field in form}
        refused = office.post(f"/moderering/kris/{crisis.uid}/avsluta/", values)
        ended = office.post(f"/moderering/kris/{crisis.uid}/avsluta/", {**values, f"c{crisis.pk}-why": "Över."})
        after = words(colleague.get("/kanaler/"))

    assert (empty.status_code, begun.status_code, refused.status_code, ended.status_code) == (422, 302, 422, 302)
    assert "Krisläge för alla kanaler sedan 23 november 2026 kl. 12.00: Översvämning i centrum." in seen
    assert "Svara många på en gång" in words(here)
    assert "Krisläge för" not in after
    assert colleague.post("/moderering/kris/", {"why": "Nej."}).status_code in (403, 422)


def test_pages_of_oversight_are_for_those_who_read_here(channel, authority):
    for path in ("uppsikt/", "uppsikt/tider/", "uppsikt/rundor.csv", "kris/"):
        anybody = Client().get(f"/moderering/{path}")
        employee = signed_in(an_actor(authority, role=Role.EMPLOYEE)).get(f"/moderering/{path}")
        assert (anybody.status_code, employee.status_code) == (302, 403)


def test_pages_of_oversight_are_read_in_a_few_queries(authority, channel, lead, django_assert_max_num_queries):
    with now(23, 6, 10):
        more = [a_channel(authority) for _number in range(12)]
    for one in more:
        written(one, 23, 9)
    swept(channel, 24, 16)
    office = signed_in(lead)
    with now(24, 16, 30):
        office.get("/moderering/")
        for path in ("uppsikt/", "uppsikt/tider/", "kris/"):
            with django_assert_max_num_queries(MOST_QUERIES):
                assert office.get(f"/moderering/{path}").status_code == 200
        shown = words(office.get("/moderering/uppsikt/"))

    assert "Vecka 48" in shown
    assert timedelta(0) < rounds.TOLERANCE
