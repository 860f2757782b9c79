"""The guideline: written, adopted, in force and superseded, with nothing of an adopted version changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from narvaro.base import clock
from narvaro.channels import actions as channel_actions
from narvaro.channels import queries as channels
from narvaro.channels.testing import a_channel
from narvaro.core import actions as house
from narvaro.core import audit, waiting
from narvaro.core import queries as core
from narvaro.core.models import Letter
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.policy import actions, guidelines, parameters, queries, tasks
from narvaro.policy.models import Guideline
from narvaro.policy.types import GuidelineState, StepKind

pytestmark = pytest.mark.django_db

DAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def lead(authority) -> Actor:
    return an_actor(authority, role=Role.COMMUNICATIONS_LEAD)


def adopted(lead: Actor, *, in_force_on: date | None = None, **values: object) -> Guideline:
    """Return a version that is adopted, in force from today unless another day is said."""
    row = actions.begin_guideline(actor=lead)
    actions.fill_in(
        actor=lead, uid=row.uid, title=row.title, adopting_body="Kommunfullmäktige", revising_body="Kommunstyrelsen",
        values=values,
    )  # fmt: skip
    return actions.adopt_guideline(
        actor=lead, uid=row.uid, body="Kommunfullmäktige", decided_on=clock.today(), paragraph="§ 12",
        diary_number="KS 2026/7", in_force_on=in_force_on or clock.today(),
    )  # fmt: skip


def assigned(authority, lead: Actor):
    """Return somebody with an assignment, as an actor, and the channel."""
    representative = an_actor(authority, role=Role.REPRESENTATIVE)
    channel = a_channel(authority, responsible=person_of(representative))
    channel_actions.change_channel(
        actor=lead, channel=channel, deputy=person_of(an_actor(authority, role=Role.EMPLOYEE))
    )
    return representative, channels.channel_by_id(lead, channel.pk)


def lacks(actor: Actor, channel) -> list[str]:
    return [lack.key for lack in channels.lacks(actor, [channel])[channel.pk]]


# --- Its life -----------------------------------------------------------------------------------------------------


def test_a_guideline_goes_from_draft_to_in_force_and_is_superseded_by_the_next(lead):
    first = adopted(lead)
    second = actions.begin_guideline(actor=lead)
    actions.write_section(
        actor=lead, uid=second.uid, code="purpose", number="1", heading="Därför", text="Vi lyssnar.", seen_version=1
    )
    second = actions.adopt_guideline(
        actor=lead, uid=second.uid, body="Kommunstyrelsen", decided_on=clock.today(), diary_number="KS 2026/90",
        in_force_on=clock.today(),
    )  # fmt: skip

    kinds = [step.kind for step in queries.steps_of(lead, first)]
    step = queries.adoption_of(lead, first)
    assert kinds == [StepKind.BEGUN, StepKind.ADOPTED, StepKind.IN_FORCE, StepKind.SUPERSEDED]
    assert (step.body, step.paragraph, step.diary_number) == ("Kommunfullmäktige", "§ 12", "KS 2026/7")
    assert queries.adoption_of(lead, second).body == "Kommunstyrelsen"
    assert queries.guideline_in_force(lead).pk == second.pk
    assert queries.guideline_for(lead, first.uid).state == GuidelineState.SUPERSEDED
    assert (second.adopting_body, second.revising_body) == ("Kommunfullmäktige", "Kommunstyrelsen")


def test_sm_03_nothing_of_an_adopted_version_can_be_changed(lead):
    row = adopted(lead)
    was = guidelines.content_hash(row.title, row.sections, row.values, row.retention)

    for act in (
        lambda: actions.write_section(
            actor=lead, uid=row.uid, code="purpose", number="1", heading="Annat", text="Annat."
        ),
        lambda: actions.fill_in(
            actor=lead, uid=row.uid, title="Annat", adopting_body="", revising_body="",
            values={"reply_target_hours": 1},
        ),
        lambda: actions.decide_retention(actor=lead, uid=row.uid, retention={}),
        lambda: actions.remove_section(actor=lead, uid=row.uid, code="purpose"),
        lambda: actions.drop_draft(actor=lead, uid=row.uid),
        lambda: actions.adopt_guideline(
            actor=lead, uid=row.uid, body="KF", decided_on=clock.today(), paragraph="1", in_force_on=clock.today()
        ),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            act()

    now = queries.guideline_for(lead, row.uid)
    assert row.content_hash == was
    assert guidelines.content_hash(now.title, now.sections, now.values, now.retention) == was


def test_an_adopted_version_begins_to_hold_on_its_day_and_not_before(authority, lead):
    with clock.frozen(DAY):
        row = adopted(lead, in_force_on=date(2026, 4, 1), reply_target_hours=48)
        tasks.hold_to_guideline.func()
        before = (queries.guideline_in_force(lead), core.authority_of(lead).answer_hours)
    with clock.frozen(datetime(2026, 3, 31, 22, 30, tzinfo=UTC)):  # 1 April in Sweden
        tasks.hold_to_guideline.func()
        after = (queries.guideline_in_force(lead), core.authority_of(lead).answer_hours)

    assert before == (None, 24)
    assert after == (row, 48)


def test_a_second_adopted_version_waits_until_the_first_has_begun(lead):
    adopted(lead, in_force_on=clock.today() + timedelta(days=10))

    with pytest.raises(Invalid):
        adopted(lead)


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": " "},
        {"decided_on": date(2999, 1, 1), "in_force_on": date(2999, 1, 1)},
        {"paragraph": "", "diary_number": ""},
        {"in_force_on": date(2020, 1, 1)},
    ],
)
def test_an_adoption_says_who_when_and_where_it_is_kept(lead, wrong):
    row = actions.begin_guideline(actor=lead)
    right = {
        "body": "Kommunfullmäktige", "decided_on": clock.today(), "paragraph": "§ 1", "diary_number": "1",
        "in_force_on": clock.today(),
    }  # fmt: skip

    with pytest.raises(Invalid):
        actions.adopt_guideline(actor=lead, uid=row.uid, **{**right, **wrong})

    assert queries.guideline_for(lead, row.uid).state == GuidelineState.DRAFT


def test_a_fill_in_that_is_none_is_never_adopted(lead):
    row = actions.begin_guideline(actor=lead)
    actions.write_section(
        actor=lead, uid=row.uid, code="answers", number="7", heading="Svar", text="Inom {svarstid} timmar."
    )

    with pytest.raises(Invalid, match="svarstid"):
        actions.adopt_guideline(
            actor=lead, uid=row.uid, body="KF", decided_on=clock.today(), paragraph="1", in_force_on=clock.today()
        )


def test_two_who_write_the_same_section_lose_nothing(lead):
    row = actions.begin_guideline(actor=lead)
    words = {"actor": lead, "uid": row.uid, "code": "purpose", "number": "1", "heading": "Därför"}
    actions.write_section(**words, text="Först.", seen_version=1)

    with pytest.raises(Stale):
        actions.write_section(**words, text="Sedan.", seen_version=1)

    assert queries.sections_of(queries.draft(lead))[0].text == "Först."


@pytest.mark.parametrize("role", [Role.REPRESENTATIVE, Role.UNIT_MANAGER, Role.AUDITOR, Role.REGISTRAR, Role.EMPLOYEE])
def test_others_than_those_who_decide_about_rules_write_nothing(authority, lead, role):
    other = an_actor(authority, role=role)
    row = actions.begin_guideline(actor=lead)

    for act in (
        lambda: actions.begin_guideline(actor=other),
        lambda: actions.remove_section(actor=other, uid=row.uid, code="purpose"),
        lambda: actions.adopt_guideline(
            actor=other, uid=row.uid, body="KF", decided_on=clock.today(), paragraph="1", in_force_on=clock.today()
        ),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_another_organisations_guideline_looks_missing(lead):
    stranger = an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD)
    row = actions.begin_guideline(actor=lead)

    with pytest.raises(NotFound):
        actions.remove_section(actor=stranger, uid=row.uid, code="purpose")
    assert queries.guidelines_of(stranger) == []


def test_every_step_is_in_the_log(lead):
    row = adopted(lead)

    verbs = [entry.verb for entry in audit.history(lead, row)]
    assert {"policy.begin_guideline", "policy.adopt_guideline", "policy.bring_into_force"} <= set(verbs)


# --- It is obeyed -------------------------------------------------------------------------------------------------


def test_fl_2_the_answer_time_of_the_guideline_is_changed_in_the_guideline_alone(lead):
    adopted(lead, reply_target_hours=16)

    with pytest.raises(Invalid):
        house.change_authority(actor=lead, answer_hours=72)
    house.change_authority(actor=lead, phone="010-100 00 00", answer_hours=16)

    assert core.authority_of(lead).answer_hours == 16
    assert core.authority_of(lead).decided_in == {"answer_hours": "/policy/"}


def test_the_gate_asks_for_what_the_guideline_asks_for(authority, lead):
    adopted(
        lead, start_requires=["decision", "two_step"], mfa_required=True, min_admins=1, account_email="official",
        acknowledgement_days=14,
    )  # fmt: skip

    gate = channels.gate_of(lead)
    assert (gate.levels["two_step"], gate.levels["plan"]) == ("stop", "remind")
    assert (gate.levels["administrators"], gate.levels["mailbox"]) == ("off", "off")
    assert gate.days_for_policy == 14


def test_minutes_are_enough_where_there_is_no_guideline(authority, lead):
    _person, channel = assigned(authority, lead)
    assert "policy" in lacks(lead, channel)

    with pytest.raises(Invalid):
        actions.keep_minutes(actor=lead, body="Arbetsplatsträff", held_on=clock.today(), agreed="Vi svarar.")
    actions.keep_minutes(
        actor=lead, body="Arbetsplatsträff", held_on=clock.today(), diary_number="KS 2026/3", agreed="Vi svarar snabbt."
    )

    assert "policy" not in lacks(lead, channel)
    assert [row.agreed for row in queries.minutes(lead)] == ["Vi svarar snabbt."]


def test_every_parameter_has_a_default_that_can_be_used_and_reads_in_the_text():
    for key, value in parameters.defaults().items():
        assert parameters.problem_with(key, value) == "", key
        assert isinstance(parameters.words(key, value), str)
    assert parameters.problem_with("reply_target_hours", 0)
    assert parameters.problem_with("reply_target_hours", True)
    assert parameters.problem_with("start_requires", ["krona"])
    assert parameters.problem_with_retention("SM-05", "dispose", None)
    assert parameters.problem_with_retention("SM-99", "preserve", None)


# --- It is read ---------------------------------------------------------------------------------------------------


def test_each_with_an_assignment_is_asked_and_says_it_once_of_the_exact_version(authority, lead):
    with clock.frozen(DAY):
        person, _channel = assigned(authority, lead)
        row = adopted(lead, responsible_duties=[])
        waits = [each.title for each in waiting.today(person)]
        asked = queries.reading_of_guideline(lead, row)
        with pytest.raises(Stale):
            actions.acknowledge(actor=person, uid=row.uid, seen_hash="0" * 64)
        with pytest.raises(NotPermitted):
            actions.acknowledge(actor=lead, uid=row.uid, seen_hash=row.content_hash)
        actions.acknowledge(actor=person, uid=row.uid, seen_hash=row.content_hash)
        actions.acknowledge(actor=person, uid=row.uid, seen_hash=row.content_hash)

    said = queries.asked(lead, row, person.person_id)
    assert waits == [f"Läs riktlinjen: {row.title}"]
    assert (len(asked.waits), asked.done, asked.asked) == (2, 0, 2)
    assert (said.content_hash, said.due_on, said.at) == (row.content_hash, date(2026, 4, 1), DAY)
    assert [each.title for each in waiting.today(person)] == []
    assert len(queries.reading_of_guideline(lead, row).waits) == 1


def test_the_gate_minds_it_when_the_days_are_over_and_a_new_version_gives_new_days(authority, lead):
    with clock.frozen(DAY):
        person, channel = assigned(authority, lead)
        row = adopted(lead)
        assert "acknowledgement" not in lacks(lead, channel)
    with clock.frozen(DAY + timedelta(days=31)):
        assert "acknowledgement" in lacks(lead, channel)
        for each in (person, *(core.actor_for(r.person, authority.pk) for r in queries.overdue(lead, row))):
            actions.acknowledge(actor=each, uid=row.uid, seen_hash=row.content_hash)
        assert "acknowledgement" not in lacks(lead, channel)
        second = adopted(lead)
        assert "acknowledgement" not in lacks(lead, channel)
    with clock.frozen(DAY + timedelta(days=62)):
        assert "acknowledgement" in lacks(lead, channel)
        assert len(queries.overdue(lead, second)) == 2


def test_reminders_go_once_before_and_once_after_the_day_and_to_whom_it_waits_for_alone(authority, lead):
    with clock.frozen(DAY):
        person, _channel = assigned(authority, lead)
        row = adopted(lead)
        actions.acknowledge(actor=person, uid=row.uid, seen_hash=row.content_hash)
    for day in (10, 25, 26, 40, 41):
        with clock.frozen(DAY + timedelta(days=day)):
            tasks.hold_to_guideline.func()

    sent = Letter.objects.of(lead).filter(kind="policy_reading").exclude(to_person_id=person.person_id)
    mine = Letter.objects.of(lead).filter(kind="policy_reading", to_person_id=person.person_id)
    assert [letter.once_key.split(":")[-1] for letter in sent.order_by("pk")] == ["asked", "near", "past"]
    assert [letter.once_key.split(":")[-1] for letter in mine] == ["asked"]


def test_somebody_with_a_new_assignment_is_asked_the_same_hour(authority, lead):
    row = adopted(lead)
    assert queries.reading_of_guideline(lead, row).asked == 0

    person, _channel = assigned(authority, lead)
    tasks.hold_to_guideline.func()

    assert person.person_id in {each.person_id for each in queries.reading_of_guideline(lead, row).waits}


# --- It is looked over --------------------------------------------------------------------------------------------


def test_the_named_official_is_reminded_a_month_before_and_the_year_begins_anew_when_it_is_done(authority, lead):
    official = an_actor(authority, role=Role.REGISTRAR)
    with clock.frozen(DAY):
        row = adopted(lead)
        actions.name_reviewer(actor=lead, person_uid=person_of(official).uid)
        tasks.hold_to_guideline.func()
        assert waiting.today(official) == []
        assert queries.review_due(lead, row) == date(2027, 3, 2)
    with clock.frozen(datetime(2027, 2, 2, 9, tzinfo=UTC)):
        tasks.hold_to_guideline.func()
        assert [each.link for each in waiting.today(official)] == ["/policy/oversyn/"]
        actions.review_guideline(
            actor=official, body="Kommunstyrelsen", decided_on=clock.today(), paragraph="§ 4", why="Den står sig."
        )
        tasks.hold_to_guideline.func()
        assert waiting.today(official) == []
        assert queries.review_due(lead, row) == date(2028, 2, 2)


def test_who_is_neither_named_nor_decides_enters_no_review(authority, lead):
    adopted(lead)

    with pytest.raises(NotPermitted):
        actions.review_guideline(actor=an_actor(authority, role=Role.REGISTRAR), body="KS", decided_on=clock.today())


# --- What differs -------------------------------------------------------------------------------------------------


def test_two_versions_stand_side_by_side_word_by_word(lead):
    first = adopted(lead)
    second = actions.begin_guideline(actor=lead)
    found = {each.code: each for each in queries.sections_of(second)}
    actions.write_section(
        actor=lead, uid=second.uid, code="purpose", number="1", heading=found["purpose"].heading,
        text=found["purpose"].text.replace("lyssna", "höra på"),
    )  # fmt: skip
    actions.remove_section(actor=lead, uid=second.uid, code="website")
    second = actions.add_section(actor=lead, uid=second.uid, number="9.1", heading="Film", text="Kort.")

    pairs = {
        pair.code: pair for pair in guidelines.differences(queries.sections_of(first), queries.sections_of(second))
    }
    assert ("removed", "lyssna.") in pairs["purpose"].left
    assert ("added", "höra på.") in pairs["purpose"].right
    assert (pairs["website"].change, pairs["website"].right) == ("removed", None)
    assert (pairs["film"].change, pairs["film"].left) == ("added", None)
    assert pairs["scope"].change == "same"
