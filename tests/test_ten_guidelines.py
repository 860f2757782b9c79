"""
Ten municipalities' guidelines are expressed without code, and the rest of Närvaro does what each of them says.

Their parameters stand in `policy/tests/ten_guidelines.toml`: figures and choices alone, none of their words.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from narvaro.base import clock, law
from narvaro.channels import actions as channel_actions
from narvaro.channels import queries as channels
from narvaro.channels.queries import checking
from narvaro.channels.testing import a_channel
from narvaro.core import actions as house
from narvaro.core import queries as core
from narvaro.core.testing import an_actor, person_of
from narvaro.core.types import Actor, Invalid, Role
from narvaro.inbox import queries as inbox
from narvaro.inbox.testing import a_comment
from narvaro.moderation import actions as moderation
from narvaro.moderation import oversight, rounds
from narvaro.moderation import queries as measures
from narvaro.policy import actions, parameters, queries
from narvaro.policy.models import Guideline
from narvaro.records.testing import CITIZEN

pytestmark = pytest.mark.django_db

GUIDELINES: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(parameters.__file__).parent / "tests" / "ten_guidelines.toml").read_text(encoding="utf-8")
)
TUESDAY = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
OPEN = ("decision", "plan", "policy", "people", "notified")


def retention_of(given: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the decided classes of a fixture as the guideline carries them, over those that are proposed."""
    own = {
        code: {"disposition": "dispose", "keep_months": each}
        if isinstance(each, int)
        else {"disposition": each, "keep_months": None}
        for code, each in given.get("retention", {}).items()
    }
    return {**parameters.default_retention(), **own}


def in_force(lead: Actor, name: str) -> Guideline:
    """Return one municipality's guideline, adopted and in force."""
    given = GUIDELINES[name]
    row = actions.begin_guideline(actor=lead)
    actions.fill_in(
        actor=lead, uid=row.uid, title=row.title, adopting_body=given.get("adopting_body", "Kommunstyrelsen"),
        revising_body=given.get("revising_body", "Kommunstyrelsen"), values=given["values"],
    )  # fmt: skip
    actions.decide_retention(actor=lead, uid=row.uid, retention=retention_of(given))
    return actions.adopt_guideline(
        actor=lead, uid=row.uid, body=given.get("adopting_body", "Kommunstyrelsen"), decided_on=clock.today(),
        paragraph="§ 1", in_force_on=clock.today(),
    )  # fmt: skip


def values_of(name: str) -> dict[str, Any]:
    return {**parameters.defaults(), **GUIDELINES[name]["values"]}


def test_there_are_ten():
    assert set(GUIDELINES) == {
        "Bengtsfors", "Malmö", "Göteborg", "Stockholm", "Nacka", "Varberg", "Håbo", "Solna", "Knivsta", "Landskrona",
    }  # fmt: skip


@pytest.mark.parametrize("name", GUIDELINES)
def test_deadlines_rounds_gates_and_retention_follow_the_guideline(authority, name):
    lead, wanted = an_actor(authority, role=Role.COMMUNICATIONS_LEAD), values_of(name)
    with clock.frozen(TUESDAY):
        quick = a_channel(authority, answer_hours=4, deputy=person_of(an_actor(authority, role=Role.EMPLOYEE)))
        slow = a_channel(authority, answer_hours=200, unit=quick.unit)
        house.change_authority(actor=lead, answer_hours=96)  # what was chosen before there was a guideline
        row = in_force(lead, name)
        plain = a_channel(authority, unit=quick.unit)
        authority.refresh_from_db()

        # Deadlines: what the guideline says is the deadline; a channel may promise more and never less.
        dues = {channel.pk: a_comment(authority, channel=channel).due_at for channel in (quick, slow, plain)}
        calendar = core.calendar_for(core.authority_of(lead))
        assert core.authority_of(lead).answer_hours == wanted["reply_target_hours"]
        assert dues[plain.pk] == dues[slow.pk] == TUESDAY + timedelta(hours=wanted["reply_target_hours"])
        assert dues[quick.pk] < dues[plain.pk]

        # Rounds: so often each channel is looked over, and what we know of is gone in so many hours.
        _own, shared = oversight.rhythms(lead)
        due = rounds.due_rounds(
            shared, calendar, [], datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 3, 3, 23, tzinfo=UTC)
        )
        sunday = rounds.due_rounds(
            shared, calendar, [], datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 3, 8, 22, tzinfo=UTC)
        )
        assert len(due) == wanted["oversight_rounds_per_day"]
        assert len(sunday) == int(wanted["oversight_on_days_off"])
        assert shared.removal_hours == wanted["removal_hours"]
        with pytest.raises(Invalid):
            moderation.change_schedule(
                actor=lead, channel=None, rounds_a_day=wanted["oversight_rounds_per_day"] + 1, rounds_in_crisis=12,
                on_days_off=True, removal_hours=24,
            )  # fmt: skip

        # The gate: what the guideline asks for stops a new channel's own posts, and nothing else does.
        asked = channel_actions.propose_channel(
            actor=lead, platform="mastodon", name="Ny", unit=quick.unit, responsible=quick.responsible,
            deputy=quick.deputy, purpose="Öppettider", base_url="https://social.example", handle="ny@social.example",
        )  # fmt: skip
        asked = channels.channel_by_id(lead, asked.pk)
        stops = {"people" if lack.key == "unassigned" else lack.key for lack in channels.stops(lead, asked)}
        met = {"policy", "notified"}  # the guideline is in force, and communications entered the channel themselves
        assert stops == set(wanted["start_requires"]) - met

        # What each account has to say of itself is read against the guideline.
        assert checking.demands_of(lead).items == parameters.about_items(wanted["about_text_required_items"])

    # Retention: decided classes and periods stand in the version in force, word for word.
    assert row.retention == retention_of(GUIDELINES[name])
    assert set(row.retention) <= set(law.record_classes())
    # What no other room obeys yet is there to be read.
    assert queries.decided(lead)["archive_interval_months"] == wanted["archive_interval_months"]
    assert queries.review_due(lead, row) == date(2027, 3, 3)


def test_bbs_3_a_channel_that_was_looked_over_more_seldom_is_raised_and_one_more_often_is_left(authority):
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    seldom, often = a_channel(authority), a_channel(authority)
    for channel, count in ((seldom, 1), (often, 6)):
        moderation.change_schedule(
            actor=lead, channel=channel, rounds_a_day=count, rounds_in_crisis=8, on_days_off=False, removal_hours=48
        )
    in_force(lead, "Stockholm")

    own, shared = oversight.rhythms(lead)

    assert (own[seldom.pk].rounds_a_day, own[often.pk].rounds_a_day, shared.rounds_a_day) == (3, 6, 3)
    assert own[often.pk].removal_hours == 24
    with pytest.raises(Invalid):
        moderation.change_schedule(
            actor=lead, channel=often, rounds_a_day=2, rounds_in_crisis=8, on_days_off=False, removal_hours=24
        )


def test_rf_5_a_block_asks_for_as_many_reminders_as_the_guideline_says(authority):
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    actions.take_starting_rules(actor=lead)
    comment = a_comment(authority, "Du är dum.")
    moderation.decide_measure(
        actor=lead, item=comment.item, kind="warn", ground="personal_attack", reasons="Påhopp.",
        notice="Håll en god ton.",
    )  # fmt: skip
    once = measures.is_warned(lead, comment.channel, CITIZEN.remote_id)
    row = actions.begin_guideline(actor=lead)
    actions.fill_in(
        actor=lead, uid=row.uid, title=row.title, adopting_body="KS", revising_body="KS", values={"block_after": 2}
    )
    actions.adopt_guideline(
        actor=lead, uid=row.uid, body="KS", decided_on=clock.today(), paragraph="1", in_force_on=clock.today()
    )

    assert once
    assert not measures.is_warned(lead, comment.channel, CITIZEN.remote_id)


def test_fl_9_answers_are_signed_as_the_guideline_says(authority):
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    channel = a_channel(authority)
    comment = a_comment(authority, channel=channel)
    before = inbox.thread_page(lead, comment.uid).signature
    row = actions.begin_guideline(actor=lead)
    actions.fill_in(
        actor=lead, uid=row.uid, title=row.title, adopting_body="KS", revising_body="KS",
        values={"reply_signature": "unit"},
    )  # fmt: skip
    actions.adopt_guideline(
        actor=lead, uid=row.uid, body="KS", decided_on=clock.today(), paragraph="1", in_force_on=clock.today()
    )

    after = inbox.thread_page(lead, comment.uid).signature

    assert person_of(lead).signature in before
    assert after == f"/{channel.unit.name}"
