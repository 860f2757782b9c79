"""Courses: passed once, valid for a while, asked for where the authority wants, and never a figure about anybody."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from narvaro.base import clock
from narvaro.channels import actions as channels
from narvaro.channels import queries as register
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.channels.types import Level
from narvaro.core import queries as core
from narvaro.core import waiting
from narvaro.core.testing import a_unit, an_actor
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.training import actions, queries, rules
from narvaro.training.models import Certificate
from narvaro.training.tasks import remind_of_courses
from narvaro.training.testing import right_answers
from narvaro.training.types import PLACE, NotPassed

pytestmark = pytest.mark.django_db
COURSE = "foretradare"


@pytest.fixture
def lead(authority) -> Actor:
    return an_actor(authority, role=Role.COMMUNICATIONS_LEAD)


def waits(actor: Actor) -> list[str]:
    return [each.title for each in waiting.today(actor) if each.place == PLACE]


def test_who_answers_enough_rightly_gets_a_certificate_and_nothing_else_is_kept(authority):
    someone = an_actor(authority)

    made = actions.pass_course(actor=someone, code=COURSE, answers=right_answers(COURSE))

    assert made.valid_until == rules.months_later(clock.today(), rules.VALID_MONTHS)
    kept = {field.name for field in Certificate._meta.concrete_fields}
    assert kept == {
        "id", "uid", "authority", "person", "course", "course_version", "passed_on", "valid_until"
    }  # fmt: skip


def test_rf_4_too_few_right_answers_leave_no_trace(authority):
    someone = an_actor(authority)
    answers = [(each + 1) % 3 for each in right_answers(COURSE)]

    with pytest.raises(NotPassed) as refused:
        actions.pass_course(actor=someone, code=COURSE, answers=answers)

    assert refused.value.wrong == tuple(range(len(answers)))
    assert "0 av 6" in str(refused.value)
    assert not Certificate.objects.of(someone).exists()


def test_a_replayed_attempt_counts_once(authority):
    someone = an_actor(authority)
    client, place = signed_in(someone), f"/utbildning/kurser/{COURSE}/"
    chosen = {f"q{number}": str(answer) for number, answer in enumerate(right_answers(COURSE))}
    sent = filled(client.get(place), **chosen)

    first, second = client.post(place, sent), client.post(place, sent)
    anew = client.post(place, filled(client.get(place), **chosen))

    assert (first.status_code, second.status_code, anew.status_code) == (302, 409, 302)
    assert Certificate.objects.of(someone).count() == 1  # the same day gives the same certificate
    assert anew.url == first.url


def test_a_wrong_answer_is_explained_at_its_question(authority):
    someone = an_actor(authority)
    client, place = signed_in(someone), f"/utbildning/kurser/{COURSE}/"
    chosen = {f"q{number}": "2" for number in range(6)}

    answer = client.post(place, filled(client.get(place), **chosen))

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Den har kommit in när den blev tillgänglig för myndigheten." in page
    assert "det behövs 5" in page


def test_a_certificate_is_its_own_persons_alone_and_is_given_as_pdf_a(authority, lead):
    someone = an_actor(authority)
    made = actions.pass_course(actor=someone, code=COURSE, answers=right_answers(COURSE))

    page, paper = (signed_in(someone).get(f"/utbildning/intyg/{made.uid}{end}") for end in ("/", ".pdf"))

    assert page.status_code == 200
    assert paper["Content-Type"] == "application/pdf"
    assert b"<pdfaid:part>2</pdfaid:part>" in paper.content
    assert signed_in(lead).get(f"/utbildning/intyg/{made.uid}/").status_code == 404


def test_what_the_authority_asks_waits_for_those_who_lack_it_and_for_nobody_else(authority, lead):
    unit = a_unit(authority, "Simhallen")
    asked, other = an_actor(authority, unit=unit), an_actor(authority, role=Role.REGISTRAR)
    assert queries.overview(lead) == []

    actions.ask_course(actor=lead, code=COURSE, is_asked=True, roles=[Role.REPRESENTATIVE])

    assert (len(waits(asked)), waits(other)) == (1, [])
    (part,) = queries.overview(lead)
    assert (part.unit.name, [each.person.pk for each in part.lacking]) == ("Simhallen", [asked.person_id])
    actions.pass_course(actor=asked, code=COURSE, answers=right_answers(COURSE))
    assert waits(asked) == []
    assert queries.lacking(lead) == []
    assert actions.remind(actor=lead) == 0
    assert waits(asked) == []


def test_a_course_for_every_employee_is_asked_of_everybody(authority, lead):
    registrar = an_actor(authority, role=Role.REGISTRAR)

    actions.ask_course(actor=lead, code="alla", is_asked=True, roles=[Role.EMPLOYEE])

    assert {each.person.pk for each in queries.lacking(lead)} == {registrar.person_id, lead.person_id}
    assert queries.asked_of(registrar) == ["alla"]


def test_a_manager_sees_the_units_they_lead_and_an_employee_none(authority, lead):
    mine, other = a_unit(authority, "Min"), a_unit(authority, "Annan")
    an_actor(authority, unit=mine)
    an_actor(authority, unit=other)
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=mine)
    employee = an_actor(authority, role=Role.EMPLOYEE)

    actions.ask_course(actor=lead, code=COURSE, is_asked=True, roles=[Role.REPRESENTATIVE])

    assert [part.unit.name for part in queries.overview(manager)] == ["Min"]
    assert [part.unit.name for part in queries.overview(lead)] == ["Annan", "Min"]
    with pytest.raises(NotPermitted):
        queries.overview(employee)
    assert signed_in(manager).get("/utbildning/oversikt/").status_code == 200
    assert signed_in(employee).get("/utbildning/oversikt/").status_code == 403


def test_a_certificate_expires_and_the_gate_hears(authority, lead):
    channel = a_channel(authority)
    channels.change_gate(actor=lead, levels={"training": Level.STOP}, days_for_live=90, days_for_policy=30)
    people = [core.actor_for(each) for each in (channel.responsible, channel.deputy) if each is not None]

    def lacking():
        found = register.lacks(lead, [channel])[channel.pk]
        return next((lack for lack in found if lack.key == "training"), None)

    assert lacking() is not None
    for someone in people:
        actions.pass_course(actor=someone, code=COURSE, answers=right_answers(COURSE))
    assert lacking() is None
    with clock.frozen(clock.now() + timedelta(days=366 * 2)):
        lack = lacking()
        assert lack is not None
        assert lack.link == f"/utbildning/kurser/{COURSE}/"
        assert "För dig som svarar i kanalerna" in lack.text


def test_who_lacks_what_is_asked_is_told_to_the_gate_with_where_it_is_mended(authority, lead):
    channel = a_channel(authority)
    channels.change_gate(actor=lead, levels={"training": Level.REMIND}, days_for_live=90, days_for_policy=30)

    actions.ask_course(actor=lead, code=COURSE, is_asked=True, roles=[Role.REPRESENTATIVE, Role.DEPUTY])

    (lack,) = (each for each in register.lacks(lead, [channel])[channel.pk] if each.key == "training")
    assert (lack.link, lack.mender) == (f"/utbildning/kurser/{COURSE}/", "representative")


def test_a_month_before_a_certificate_ends_the_course_waits_and_after_a_new_one_not(authority, lead):
    asked = an_actor(authority)
    actions.pass_course(actor=asked, code=COURSE, answers=right_answers(COURSE))
    actions.ask_course(actor=lead, code=COURSE, is_asked=True, roles=[Role.REPRESENTATIVE], valid_months=24)
    curious = an_actor(authority, role=Role.REGISTRAR)  # took the course without being asked to
    actions.pass_course(actor=curious, code=COURSE, answers=right_answers(COURSE))
    assert waits(asked) == []

    with clock.frozen(clock.now() + timedelta(days=365 * 2 - 20)):
        remind_of_courses.call()
        assert (len(waits(asked)), waits(curious)) == (1, [])
        assert actions.remind(actor=lead) == 0  # nothing is said twice
        actions.pass_course(actor=asked, code=COURSE, answers=right_answers(COURSE))
        assert waits(asked) == []


def test_who_decides_what_is_asked_and_a_stale_page_is_refused(authority, lead):
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=a_unit(authority))

    with pytest.raises(NotPermitted):
        actions.ask_course(actor=manager, code=COURSE, is_asked=True, roles=[Role.DEPUTY])
    with pytest.raises(Invalid):
        actions.ask_course(actor=lead, code=COURSE, is_asked=True, roles=[])
    actions.ask_course(actor=lead, code=COURSE, is_asked=True, roles=[Role.DEPUTY], seen_version=0)
    with pytest.raises(Stale):
        actions.ask_course(actor=lead, code=COURSE, is_asked=False, seen_version=0)
    with pytest.raises(NotFound):
        actions.ask_course(actor=lead, code="ingen", is_asked=True, roles=[Role.DEPUTY])


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [("2026-11-21", 24, "2028-11-21"), ("2024-02-29", 12, "2025-02-28"), ("2026-10-31", 6, "2027-04-30")],
)
def test_a_certificate_holds_to_the_same_day_or_the_last_of_the_month(day, months, expected):
    assert rules.months_later(date.fromisoformat(day), months) == date.fromisoformat(expected)
