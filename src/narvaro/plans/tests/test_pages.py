"""Pages of plans: from "I want to start" to a decided channel in as few presses as can be, and never twice."""

from __future__ import annotations

from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from narvaro.base.ids import uuid7
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.channels.types import ChannelState
from narvaro.core.testing import a_unit, an_actor, an_authority
from narvaro.core.types import Actor, Role
from narvaro.decisions.models import Decision
from narvaro.decisions.types import Outcome
from narvaro.plans import actions, queries, rules
from narvaro.plans.models import Plan
from narvaro.plans.testing import a_plan, answers, exact
from narvaro.plans.types import PlanState, Routine

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
NEW = "/planer/ny/"


@pytest.fixture
def unit(authority):
    return a_unit(authority)


@pytest.fixture
def manager(authority, unit) -> Actor:
    return an_actor(authority, role=Role.UNIT_MANAGER, unit=unit)


@pytest.fixture
def employee(authority) -> Actor:
    return an_actor(authority, role=Role.EMPLOYEE)


def words(answer) -> str:
    return unescape(answer.content.decode())


def wanted(page, actor, unit, **more):
    """Return the form as a person fills it in: the channel's name and the seven questions."""
    return filled(page, **answers(), name="Bibliotekets kanal", platform="mastodon", unit=unit.uid, **more)


def the_plan(actor) -> Plan:
    return queries.plan_for(actor, Plan.objects.of(actor).get().uid)


# --- Few presses ------------------------------------------------------------------------------------------------------


def test_a_manager_has_a_decided_channel_with_one_press_in_one_form(manager, unit):
    office = signed_in(manager)
    page = office.get(NEW)

    done = office.post(NEW, wanted(page, manager, unit, step="decide", reference="KS 2026/4"))

    plan = the_plan(manager)
    assert (done.status_code, done.url) == (302, f"/planer/{plan.uid}/")
    assert (plan.state, plan.channel.state) == (PlanState.DECIDED, ChannelState.DECIDED)
    assert Decision.objects.of(manager).get().reference == "KS 2026/4"


def test_an_employee_proposes_with_one_press_and_the_manager_decides_with_one(manager, employee, unit):
    desk, office = signed_in(employee), signed_in(manager)
    page = desk.get(NEW)
    desk.post(NEW, wanted(page, employee, unit, step="send"))
    assert "Besluta om planen för Bibliotekets kanal" in words(office.get("/att-gora/"))
    plan = the_plan(manager)

    page = office.get(f"/planer/{plan.uid}/")
    office.post(f"/planer/{plan.uid}/godkann/", filled(page, "approve_form"))

    assert (the_plan(manager).state, the_plan(manager).channel.state) == (PlanState.DECIDED, ChannelState.DECIDED)


def test_an_employee_who_asks_to_decide_only_proposes(employee, unit):
    desk = signed_in(employee)
    desk.post(NEW, wanted(desk.get(NEW), employee, unit, step="decide"))

    assert (the_plan(employee).state, Decision.objects.of(employee).count()) == (PlanState.PROPOSED, 0)


def test_a_form_sent_twice_makes_one_channel_and_one_decision(manager, unit):
    office = signed_in(manager)
    sent = wanted(office.get(NEW), manager, unit, step="decide")
    office.post(NEW, sent)

    again = office.post(NEW, sent)

    assert again.status_code == 409
    assert Plan.objects.of(manager).count() == Decision.objects.of(manager).count() == 1


def test_a_question_without_an_answer_is_asked_again_and_nothing_is_lost(employee, unit):
    desk = signed_in(employee)
    page = desk.get(NEW)

    refused = desk.post(NEW, wanted(page, employee, unit) | {"evaluate": "", "goals": "Fler barn"})

    assert refused.status_code == 422
    assert "Svar på message." in words(refused)
    assert Plan.objects.of(employee).count() == 0
    draft = wanted(page, employee, unit, step="draft") | {"evaluate": "", "intent": uuid7()}
    assert desk.post(NEW, draft).status_code == 302
    assert the_plan(employee).state == PlanState.DRAFT


def test_a_goal_without_a_figure_is_told_of_at_its_field_and_no_channel_is_left_behind(employee, unit):
    desk = signed_in(employee)

    refused = desk.post(NEW, wanted(desk.get(NEW), employee, unit) | {"goals": "Fler barn"})

    assert refused.status_code == 422
    assert refused.context["form"].errors["goals"]
    assert Plan.objects.of(employee).count() == 0


def test_a_template_answers_the_questions_before_anybody_writes(employee):
    page = signed_in(employee).get(f"{NEW}?mall=forskola")

    assert page.context["form"]["website_link"].value().startswith("Ansökan")
    assert "5 studiebesök" in page.context["form"]["goals"].value()


def test_whoever_only_audits_reads_and_starts_nothing(authority, unit, employee):
    plan = a_plan(authority, actor=employee, unit=unit)
    auditor = signed_in(an_actor(authority, role=Role.AUDITOR))

    assert auditor.get(NEW).status_code == 403
    page = auditor.get(f"/planer/{plan.uid}/")
    assert page.status_code == 200
    assert "Godkänn planen" not in words(page)
    assert auditor.post(f"/planer/{plan.uid}/rad/", {"intent": uuid7()}).status_code == 403


# --- The page of a plan -----------------------------------------------------------------------------------------------


@pytest.fixture
def plan(authority, employee, unit, manager):
    return a_plan(authority, actor=employee, unit=unit)


def test_a_decision_about_a_page_that_is_old_is_refused(plan, manager, employee):
    office = signed_in(manager)
    sent = filled(office.get(f"/planer/{plan.uid}/"), "approve_form")
    actions.change_plan(actor=employee, uid=plan.uid, answers=answers(message="Annat."))

    assert office.post(f"/planer/{plan.uid}/godkann/", sent).status_code == 409
    assert Decision.objects.of(manager).count() == 0


def test_refusing_needs_reasons_and_tells_them(plan, manager, employee):
    office = signed_in(manager)
    page = office.get(f"/planer/{plan.uid}/")
    sent = filled(page, "refuse_form", outcome="sent_back")

    refused = office.post(f"/planer/{plan.uid}/tillbaka/", sent)
    assert refused.status_code == 422
    assert "Fel:" in words(refused)
    office.post(f"/planer/{plan.uid}/tillbaka/", sent | {"why": "Vem har tid?"})

    page = signed_in(employee).get(f"/planer/{plan.uid}/")
    assert "Vem har tid?" in words(page)
    assert "skickad tillbaka" in words(page)


def test_advice_is_one_press_away_and_stands_on_the_page(plan, employee, lead):
    desk, department = signed_in(employee), signed_in(lead)
    desk.post(
        f"/planer/{plan.uid}/rad/", {"intent": desk.get(f"/planer/{plan.uid}/").context["button"]["intent"].value()}
    )
    assert "Råd om planen för Bibliotekets kanal" in words(department.get("/att-gora/"))

    page = department.get(f"/planer/{plan.uid}/")
    department.post(f"/planer/{plan.uid}/rad/ge/", filled(page, "advice_form", text="Börja med en månad."))

    assert "Börja med en månad." in words(desk.get(f"/planer/{plan.uid}/"))
    assert "Råd om planen" not in words(department.get("/att-gora/"))


def test_a_comment_stands_beside_its_field_and_is_settled(plan, manager, employee):
    office, desk = signed_in(manager), signed_in(employee)
    sent = {"intent": uuid7(), "part": "aim", "text": "Hur många?"}
    office.post(f"/planer/{plan.uid}/kommentar/", sent)

    page = desk.get(f"/planer/{plan.uid}/")
    (section,) = page.context["sections"]
    row = next(row for row in section["rows"] if row["key"] == "aim")
    assert [each.text for each in row["comments"]] == ["Hur många?"]
    desk.post(f"/planer/kommentar/{row['comments'][0].uid}/klar/", {"intent": uuid7()})
    assert "Hur många?" not in words(desk.get(f"/planer/{plan.uid}/"))
    assert office.post(f"/planer/{plan.uid}/kommentar/", sent | {"intent": uuid7(), "text": ""}).status_code == 422


def test_two_versions_are_shown_side_by_side(plan, employee):
    actions.change_plan(actor=employee, uid=plan.uid, answers=answers(message="Svar på frågan <b>."))
    desk = signed_in(employee)

    page = desk.get(f"/planer/{plan.uid}/skillnad/")

    assert "<del>" in page.content.decode()
    assert "&lt;" in page.content.decode()
    assert [row.key for row in page.context["rows"]] == ["message"]
    assert desk.get(f"/planer/{plan.uid}/skillnad/?fran=1&till=9").status_code == 404


def test_a_review_is_one_press(plan, manager):
    actions.decide_plan(actor=manager, uid=plan.uid, outcome=Outcome.APPROVED, seen_hash=exact(manager, plan))
    office = signed_in(manager)
    sent = filled(office.get(f"/planer/{plan.uid}/"), "review_form")

    assert office.post(f"/planer/{plan.uid}/oversyn/", sent).status_code == 302
    again = office.post(f"/planer/{plan.uid}/oversyn/", sent | {"intent": uuid7()})

    assert again.status_code == 409
    assert Decision.objects.of(manager).count() == 2


def test_the_plan_of_a_channel_is_written_where_there_is_none(authority, unit, manager, employee):
    channel = a_channel(authority, unit=unit)
    office = signed_in(manager)
    assert "De som svarar för kanalen" in words(signed_in(employee).get(f"/planer/kanal/{channel.uid}/"))

    page = office.get(f"/planer/kanal/{channel.uid}/")
    done = office.post(f"/planer/kanal/{channel.uid}/", filled(page, **answers(), step="decide"))

    assert done.url == office.get(f"/planer/kanal/{channel.uid}/").url
    assert the_plan(manager).state == PlanState.DECIDED


def test_a_channel_is_closed_on_one_page_that_waits_for_whoever_goes_on(plan, manager, employee):
    actions.decide_plan(actor=manager, uid=plan.uid, outcome=Outcome.APPROVED, seen_hash=exact(manager, plan))
    type(plan.channel).objects.of(manager).filter(pk=plan.channel_id).update(state=ChannelState.ACTIVE)
    office, desk = signed_in(manager), signed_in(employee)
    address = f"/planer/{plan.uid}/avslut/"
    assert desk.post(address, {"intent": uuid7(), "why": "Nej."}).status_code == 403

    office.post(address, filled(office.get(address), why="Ingen läser."))
    for step in rules.ROUTINES[Routine.CLOSE]:
        sent = {"intent": uuid7(), "routine": "close", "step": step.key, "done": "on"}
        assert desk.post(f"/planer/{plan.uid}/checklista/", sent).url == f"{address}#{step.key}"
        done = desk.get(address)
        assert done.content.decode().count('aria-current="step"') == (step.key != "website")
    office.post(address, filled(office.get(address), lessons="Börja mindre."))

    assert (the_plan(manager).state, the_plan(manager).channel.state) == (PlanState.CLOSED, ChannelState.CLOSED)
    assert "Börja mindre." in words(desk.get(f"/planer/{plan.uid}/"))


def test_the_document_is_pdf_a_and_the_same_twice(plan, manager):
    actions.decide_plan(
        actor=manager, uid=plan.uid, outcome=Outcome.APPROVED, seen_hash=exact(manager, plan), why="Bra 😊 tänkt."
    )
    office = signed_in(manager)

    made = office.get(f"/planer/{plan.uid}/plan.pdf")

    assert made.content.startswith(b"%PDF-")
    assert b"pdfaid" in made.content
    assert made["Content-Disposition"].startswith("attachment")
    assert office.get(f"/planer/{plan.uid}/plan.pdf").content == made.content


def test_no_page_asks_the_database_more_than_twelve_times(authority, unit, manager, employee, lead):
    channels = [a_channel(authority, unit=unit) for _number in range(3)]
    plans = [
        a_plan(authority, actor=employee, unit=unit, name=f"Kanal {n}", handle=f"k{n}@a.example") for n in range(4)
    ]
    for text in ("En.", "Två."):
        actions.comment_plan(actor=employee, uid=plans[0].uid, part="aim", text=text)
    changed = actions.change_plan(actor=employee, uid=plans[0].uid, answers=answers(aim="Nytt."))
    actions.give_advice(actor=lead, uid=changed.uid, text="Bra.", seen_hash=exact(lead, changed))
    one = f"/planer/{plans[0].uid}/"

    for actor in (manager, employee, lead):
        browser = signed_in(actor)
        for address in ("/planer/", NEW, one, f"{one}andra/", f"{one}skillnad/", f"{one}infor-start/", f"{one}avslut/",
                        f"/planer/kanal/{channels[0].uid}/"):  # fmt: skip
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert browser.get(address).status_code == 200
            assert len(asked) <= MOST_QUERIES, (actor.name, address, len(asked))


def test_another_authoritys_plan_looks_missing(plan):
    stranger = signed_in(an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD))

    for address in ("", "andra/", "skillnad/", "plan.pdf", "infor-start/", "avslut/"):
        assert stranger.get(f"/planer/{plan.uid}/{address}").status_code == 404
    assert stranger.get("/planer/").context["rows"] == []


# --- The way out ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [ChannelState.ACTIVE, ChannelState.CLOSING])
def test_sm_26_the_way_to_close_a_channel_leads_from_its_page_to_the_list_of_its_plan(manager, unit, authority, state):
    plan = a_plan(authority, actor=manager, unit=unit)
    type(plan.channel).objects.of(manager).filter(pk=plan.channel_id).update(state=state)
    office = signed_in(manager)
    way = f"/planer/kanal/{plan.channel.uid}/avslut/"

    page = words(office.get(f"/kanaler/{plan.channel.uid}/"))
    led = office.get(way)

    assert f'href="{way}"' in page
    assert led.url == f"/planer/{plan.uid}/avslut/"


def test_a_channel_without_a_plan_is_closed_in_the_register(manager, unit, authority):
    used, closing = (
        a_channel(authority, unit=unit, state=state) for state in (ChannelState.ACTIVE, ChannelState.CLOSING)
    )
    office = signed_in(manager)

    led = [office.get(f"/planer/kanal/{each.uid}/avslut/").url for each in (used, closing)]

    assert led == [f"/kanaler/{used.uid}/borja-avsluta/", f"/kanaler/{closing.uid}/avsluta/"]
