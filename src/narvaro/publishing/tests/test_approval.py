"""Who approves what, how long it waits, and what goes out at once; whoever no rule covers lets nothing out."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from narvaro.base import clock
from narvaro.base.clock import today
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.core import audit, waiting
from narvaro.core.models import Letter
from narvaro.core.testing import a_unit, an_actor, person_of
from narvaro.core.types import ANSWERS, Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.decisions.rules import content_hash
from narvaro.publishing import actions, queries
from narvaro.publishing.actions import approval as approving
from narvaro.publishing.actions.at_once import answer_at_once, publish_at_once
from narvaro.publishing.models import AtOnce, Publication
from narvaro.publishing.queries import approval
from narvaro.publishing.types import MessageState, Purpose, State
from narvaro.records.testing import a_kept

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
TEXT = "Biblioteket är öppet på lördag."


@pytest.fixture
def unit(authority):
    return a_unit(authority)


@pytest.fixture
def writer(authority, unit):
    return an_actor(authority, role=Role.REPRESENTATIVE, unit=unit)


@pytest.fixture
def channel(authority, unit, writer):
    return a_channel(authority, unit=unit, responsible=person_of(writer))


def asked(writer, lead, channel, **values):
    actions.change_four_eyes(actor=lead, everywhere=True)
    message = actions.save_message(actor=writer, text=TEXT, channels={channel: ""}, **values)
    return actions.send_message(actor=writer, uid=message.uid)


def approved(actor, message):
    seen = content_hash(queries.content_of(actor, message))
    return actions.approve_message(actor=actor, uid=message.uid, seen_hash=seen)


# --- Whom no rule covers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_p19_a_role_that_no_rule_names_publishes_approves_and_hurries_nothing(
    authority, unit, writer, lead, channel, role
):
    """Each role in another unit, and in none: what lets them out is named here, everything else is refused."""
    message = asked(writer, lead, channel)
    item = a_kept(authority, "När öppnar ni?", channel=channel)
    refused = set()
    for where in (a_unit(authority, "Badet"), None):
        actor = an_actor(authority, role=role, unit=where)
        deeds = {
            "post": lambda actor=actor: actions.publish_post(actor=actor, channel=channel, text="Hej."),
            "approve": lambda actor=actor: approved(actor, message),
            "at_once": lambda actor=actor: publish_at_once(actor=actor, uid=message.uid, why="Nu."),
            "answer": lambda actor=actor: actions.publish_answer(actor=actor, item=item, text="På lördag."),
            "delegate": lambda actor=actor: approving.add_delegation(
                actor=actor, person_uid=person_of(writer).uid, reference="1", from_on=today()
            ),
        }
        for name, deed in deeds.items():
            if may(role, where, name):
                continue
            with pytest.raises((NotPermitted, NotFound)):
                deed()
            refused.add((name, where is None))

    assert not Publication.objects.of(lead).exists()
    assert {(name, False) for name in ("post", "approve", "at_once", "delegate")} <= refused


def may(role, unit, deed):
    """What the rules name: who leads all communications or all units, and answers by those who answer."""
    if deed == "answer":
        return role in ANSWERS
    if unit is not None:
        return False
    return role == Role.COMMUNICATIONS_LEAD or (role == Role.UNIT_MANAGER and deed != "delegate")


def test_kl_4_what_the_only_lead_writes_waits_for_somebody_who_may_approve_it(authority, unit, writer, lead, channel):
    asked(lead, lead, channel)
    nobody_else = waiting.for_actor(lead).get(place="publications")
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=unit)
    mine = asked(lead, lead, channel)
    theirs = waiting.for_actor(manager).get(place="publications")
    an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    asked(lead, lead, channel)

    assert nobody_else.role == Role.COMMUNICATIONS_LEAD
    assert theirs.link == f"/publicerat/utkast/{mine.uid}/"
    assert waiting.for_actor(manager).filter(place="publications").count() == 1
    assert approved(manager, mine).state == MessageState.PLANNED
    assert not waiting.for_actor(manager).filter(place="publications").exists()


# --- Delegation -------------------------------------------------------------------------------------------------------


def test_kl_4_a_deputy_approves_in_the_unit_and_on_the_days_that_the_decision_names(
    authority, unit, writer, lead, channel
):
    deputy = an_actor(authority, role=Role.DEPUTY, unit=unit)
    given = approving.add_delegation(
        actor=lead, person_uid=person_of(deputy).uid, unit_uid=unit.uid, reference="Delegationsordningen 4.2",
        from_on=today(), until_on=today() + timedelta(days=5),
    )  # fmt: skip
    elsewhere = a_channel(authority, unit=a_unit(authority, "Badet"), responsible=person_of(writer))
    both = actions.save_message(actor=writer, text=TEXT, channels={channel: "", elsewhere: ""})
    message = asked(writer, lead, channel)
    actions.send_message(actor=writer, uid=both.uid)

    with pytest.raises(NotPermitted):
        approved(deputy, both)
    with clock.frozen(clock.now() + timedelta(days=6)), pytest.raises(NotPermitted):
        approved(deputy, message)
    approved(deputy, message)

    (decision,) = queries.said_about(lead, message).decisions
    assert (decision.reference, decision.by_id) == ("Delegationsordningen 4.2", deputy.person_id)
    assert Letter.objects.of(lead).filter(kind="publishing.approval", to_person_id=deputy.person_id).count() == 2
    approving.end_delegation(actor=lead, uid=given.uid)
    assert approval.delegations_of(deputy) == []


def test_kl_4_nobody_approves_their_own_by_delegation_either(writer, lead, channel):
    approving.add_delegation(actor=lead, person_uid=person_of(writer).uid, reference="4.2", from_on=today())

    with pytest.raises(NotPermitted):
        approved(writer, asked(writer, lead, channel))


def test_a_delegation_names_its_decision_and_goes_to_somebody_who_answers_residents(authority, writer, lead):
    values = {"actor": lead, "person_uid": person_of(writer).uid, "from_on": today(), "reference": "4.2"}
    auditor = an_actor(authority, role=Role.AUDITOR)

    for wrong in (
        {"reference": " "}, {"until_on": today() - timedelta(days=1)}, {"person_uid": person_of(auditor).uid},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            approving.add_delegation(**{**values, **wrong})
    with pytest.raises(NotPermitted):
        approving.add_delegation(**{**values, "actor": writer})


# --- How long it waits ------------------------------------------------------------------------------------------------


def test_what_waits_is_reminded_of_once_and_goes_back_when_nobody_approves_it_in_time(writer, lead, channel):
    with clock.frozen(MONDAY):
        message = asked(writer, lead, channel)
    with clock.frozen(MONDAY + timedelta(hours=25)):
        assert (approving.mind_waiting(), approving.mind_waiting()) == (1, 0)
    reminded = set(Letter.objects.of(lead).filter(kind="publishing.approval").values_list("to_person_id", flat=True))
    with clock.frozen(MONDAY + timedelta(days=6, hours=23)):
        assert approving.mind_waiting() == 0
    with clock.frozen(MONDAY + timedelta(days=7, minutes=1)):
        assert (approving.mind_waiting(), approving.mind_waiting()) == (1, 0)
        told = waiting.counts(writer)

    assert reminded == {lead.person_id}
    assert queries.message_for(writer, message.uid).state == MessageState.DRAFT
    assert (told, waiting.counts(lead)) == ({"publications": 1}, {})
    assert "publishing.expire_approval" in [entry.verb for entry in audit.history(lead, message)]
    with pytest.raises(Stale):
        approved(lead, message)


def test_what_has_a_time_goes_back_when_its_time_comes_and_never_late_out(writer, lead, channel):
    with clock.frozen(MONDAY):
        message = asked(writer, lead, channel, day=date(2026, 10, 5), clock=time(14, 0))
    with clock.frozen(datetime(2026, 10, 5, 12, 0, tzinfo=UTC)):
        approving.mind_waiting()

    assert queries.message_for(writer, message.uid).state == MessageState.DRAFT


# --- At once ----------------------------------------------------------------------------------------------------------


def test_one_person_lets_out_what_cannot_wait_with_a_reason_and_another_looks_the_next_working_day(
    writer, lead, channel
):
    with clock.frozen(datetime(2026, 10, 9, 20, 0, tzinfo=UTC)):  # a Friday night
        message = asked(writer, lead, channel)
        with pytest.raises(Invalid):
            publish_at_once(actor=writer, uid=message.uid, why=" ")
        publish_at_once(actor=writer, uid=message.uid, why="Vattnet är otjänligt.")
        row = AtOnce.objects.of(lead).get()
        due = waiting.today(lead)[0].due_at

    assert Publication.objects.of(lead).get().state == State.QUEUED
    assert due == row.due_at == datetime(2026, 10, 12, 15, 0, tzinfo=UTC)  # Monday at closing
    with pytest.raises(NotPermitted):
        approving.review_at_once(actor=writer, uid=row.uid, verdict="Bra.")
    approving.review_at_once(actor=lead, uid=row.uid, verdict="Rätt bedömt.")
    with pytest.raises(Stale):
        approving.review_at_once(actor=lead, uid=row.uid, verdict="Igen.")
    assert waiting.counts(lead) == {}


def test_what_is_called_a_crisis_to_pass_by_four_eyes_is_looked_at_afterwards(writer, lead, channel):
    asked(writer, lead, channel, purpose=Purpose.CRISIS)
    assert approval.standing(lead).to_review[0].why == "Det skrevs som kris."
    actions.change_four_eyes(actor=lead, everywhere=False)
    plain = actions.save_message(actor=writer, text=TEXT, channels={channel: ""}, purpose=Purpose.CRISIS)
    actions.send_message(actor=writer, uid=plain.uid)
    assert len(approval.standing(lead).to_review) == 1


# --- Answers ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def answer(authority, writer, lead, channel):
    approving.change_answers_read_first(actor=lead, everywhere=False, channels=[channel])
    item = a_kept(authority, "När öppnar ni?", channel=channel)
    return actions.publish_answer(actor=writer, item=item, text="På lördag.")


def test_kl_4_where_answers_are_read_first_only_somebody_else_lets_them_out(authority, writer, lead, unit, answer):
    colleague = an_actor(authority, role=Role.REPRESENTATIVE, unit=unit)

    assert (answer.state, waiting.counts(lead)) == (State.AWAITING, {"publications": 1})
    for stranger in (writer, colleague):
        with pytest.raises(NotPermitted):
            actions.release(actor=stranger, publication=answer)
    actions.release(actor=lead, publication=answer)

    assert queries.publication_for(lead, answer.uid).state == State.QUEUED


def test_an_answer_elsewhere_a_correction_and_words_about_a_measure_wait_for_nobody(authority, writer, answer, unit):
    free = a_channel(authority, unit=unit, responsible=person_of(writer))
    item, other = a_kept(authority, "Hej?", channel=free), a_kept(authority, "Hallå?", channel=answer.channel)

    sent = [
        actions.publish_answer(actor=writer, item=item, text="Hej!"),
        actions.publish_answer(actor=writer, item=other, text="Rätt tid är 10.", purpose=Purpose.CORRECTION),
        actions.publish_answer(actor=writer, item=other, text="Beslutet.", asks_approval=False),
    ]

    assert {each.state for each in sent} == {State.QUEUED}


def test_an_author_lets_an_answer_out_at_once_with_a_reason_and_nobody_elses(authority, writer, lead, unit, answer):
    with pytest.raises(NotPermitted):
        answer_at_once(actor=lead, publication_uid=answer.uid, why="Nu.")
    sent = answer_at_once(actor=writer, publication_uid=answer.uid, why="Någon ringer 112 i onödan.")

    assert sent.state == State.QUEUED
    assert approval.standing(lead).to_review[0].publication_id == answer.pk


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_the_pages_lead_from_waiting_to_out_and_looked_at(writer, lead, channel, answer, django_assert_max_num_queries):
    desk, office = signed_in(writer), signed_in(lead)
    message, root = asked(writer, lead, channel), "/publicerat/svar-att-godkanna/"
    page = f"/publicerat/utkast/{message.uid}/"

    with django_assert_max_num_queries(12):
        office.get(root)
    office.post(f"{root}{answer.uid}/slapp/", {"intent": office.get(root).context["rows"][0]["form"]["intent"].value()})
    desk.post(f"{page}genast/", filled(desk.get(page), "at_once_form", why="Nu."))
    with django_assert_max_num_queries(12):
        who = office.get("/publicerat/godkannande/")
    row = AtOnce.objects.of(lead).get()
    review = f"/publicerat/genast/{row.uid}/"
    looked = office.post(review, filled(office.get(review), verdict="Rätt."))

    assert set(Publication.objects.of(lead).values_list("state", flat=True)) == {State.QUEUED}
    assert TEXT in who.content.decode()
    assert (looked.status_code, "Rätt." in desk.get(page).content.decode()) == (302, True)
    given = filled(who, person=str(person_of(writer).uid), reference="4.2", from_on=str(today()))
    office.post("/publicerat/godkannande/", given)
    assert "4.2" in desk.get("/publicerat/godkannande/").content.decode()
