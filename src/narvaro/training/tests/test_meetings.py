"""Managers' days, own cases and working groups: who may, what is kept, and what waits for whom."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from narvaro.base.clock import now, today
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.core import waiting
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.training import actions, queries
from narvaro.training.models import OwnCase, Undertaking
from narvaro.training.testing import a_day, a_poll, right_answers

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
STORY = {
    "title": "Den arga tråden", "text": "En förälder blev arg i en tråd om skolmaten.", "ask": "Vad gör ni?",
    "answers": "Svarar\nVäntar", "law": "FL-2",
}  # fmt: skip


@pytest.fixture
def lead(authority) -> Actor:
    return an_actor(authority, role=Role.COMMUNICATIONS_LEAD)


def words(answer) -> str:
    return unescape(answer.content.decode())


# --- Own cases --------------------------------------------------------------------------------------------------------


def test_gdpr_7_an_own_case_with_an_identity_number_is_refused_with_a_clear_sentence(lead):
    office = signed_in(lead)
    page = office.get("/utbildning/fall/nytt/")
    sent = filled(page, **STORY | {"text": "Mamman skrev att sonen är 19811218-9876."})

    answer = office.post("/utbildning/fall/nytt/", sent)

    assert answer.status_code == 422
    assert "Texten innehåller ett personnummer. Ta bort det" in words(answer)
    assert not OwnCase.objects.of(lead).exists()


def test_an_own_case_asks_about_names_is_kept_changed_and_taken_away(lead):
    office = signed_in(lead)
    named = STORY | {"text": "Vi frågade Anna Svensson om skolmaten."}
    page = office.get("/utbildning/fall/nytt/")
    assert "Det här kan vara namn: Anna Svensson" in words(office.post("/utbildning/fall/nytt/", filled(page, **named)))

    office.post("/utbildning/fall/nytt/", filled(office.get("/utbildning/fall/nytt/"), **STORY))
    (case,) = queries.own_cases(lead)
    assert (case.law, queries.case_for(lead, str(case.uid)).answers) == (["FL-2"], ("Svarar", "Väntar"))
    place = f"/utbildning/fall/eget/{case.uid}/"
    office.post(place, filled(office.get(place), title="Tråden om maten"))
    assert queries.own_case_for(lead, case.uid).title == "Tråden om maten"
    with pytest.raises(Stale):
        actions.change_case(actor=lead, uid=case.uid, **STORY | {"law": ["FL-2"]}, seen_version=1)
    day = a_day(lead, cases=(str(case.uid), "kallan"))
    actions.end_case(actor=lead, uid=case.uid)

    assert queries.own_cases(lead) == []
    assert [each.title for _number, each in queries.cases_of(lead, day)] == [
        "Tråden om maten",
        "Vem pratade med tidningen?",
    ]


def test_an_own_case_leans_on_a_provision_that_exists(lead):
    values = {"title": "En", "text": "Något hände."}

    with pytest.raises(Invalid, match="lagkatalogen"):
        actions.add_case(actor=lead, **values, law=["XX-1"])
    with pytest.raises(Invalid, match="regel"):
        actions.add_case(actor=lead, **values)


def test_only_who_leads_writes_cases_and_calls_days_and_another_authoritys_look_missing(lead, authority):
    employee = an_actor(authority, role=Role.EMPLOYEE)
    stranger = an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD)
    case = actions.add_case(actor=lead, title="En", text="Något hände.", law=["FL-2"])
    day = a_day(lead)

    with pytest.raises(NotPermitted):
        actions.add_case(actor=employee, title="Två", text="Något hände.", law=["FL-2"])
    with pytest.raises(NotPermitted):
        a_day(employee)
    for missing in (lambda: queries.case_for(stranger, str(case.uid)), lambda: queries.meeting_for(stranger, day.uid)):
        with pytest.raises(NotFound):
            missing()


# --- Minutes and what is to be done -----------------------------------------------------------------------------------


def test_what_is_agreed_waits_for_whom_it_is_and_is_done_once(lead, authority):
    day = a_day(lead)
    someone = an_actor(authority, role=Role.EMPLOYEE)
    due = today() + timedelta(days=7)

    done = actions.agree(actor=lead, uid=day.uid, what="Skriv utkastet", person=person_of(someone), due_on=due)
    (wait,) = waiting.today(someone)
    theirs = signed_in(someone)
    page = theirs.get(wait.link)
    first, second = (
        theirs.post(f"/utbildning/gora/{done.uid}/", {"intent": page.context["button"]["intent"].value()})
        for _ in range(2)
    )

    assert wait.title == "Skriv utkastet"
    assert (first.status_code, second.status_code) == (302, 409)
    assert waiting.today(someone) == []
    assert Undertaking.objects.of(lead).get(pk=done.pk).done_at is not None


def test_minutes_are_written_until_they_are_locked(lead):
    day, office = a_day(lead), signed_in(lead)
    place = f"/utbildning/moten/{day.uid}/"

    with pytest.raises(Invalid):
        actions.fix_minutes(actor=lead, uid=day.uid)
    office.post(f"{place}anteckningar/", filled(office.get(f"{place}anteckningar/"), minutes="Vi börjar med en plan."))
    office.post(f"{place}las/", {"intent": office.get(f"{place}las/").context["fields"][0][1]})

    assert "Vi börjar med en plan." in words(office.get(place))
    assert "allmän handling" in words(office.get(place))
    with pytest.raises(Invalid, match="låsta"):
        actions.write_minutes(actor=lead, uid=day.uid, minutes="Något annat.")


def test_a_day_is_called_on_a_page_and_its_case_is_shown_with_its_rules(lead):
    office = signed_in(lead)
    page = office.get("/utbildning/temadagar/ny/")

    answer = office.post("/utbildning/temadagar/ny/", {**filled(page), "cases": ["kallan", "barn-pa-bild"]})
    screen = words(office.get(f"{answer.url}fall/1/"))

    assert "Vem pratade med tidningen?" in screen
    assert "/handbok/lag/TF-13/" in screen
    assert "TF 1 kap. 7" in screen
    assert office.get(f"{answer.url}fall/3/").status_code == 404  # not one of the day's


# --- Working groups ---------------------------------------------------------------------------------------------------


def test_a_group_has_members_meetings_and_minutes_and_ends(lead, authority):
    employee, outsider = (an_actor(authority, role=Role.EMPLOYEE) for _ in range(2))
    group = actions.form_group(actor=lead, name="Riktlinje", purpose="Skriver den.")
    actions.add_member(actor=lead, uid=group.uid, person=person_of(employee), part="Sekreterare")
    actions.add_member(actor=lead, uid=group.uid, person=person_of(employee), part="Ordförande")

    meeting = actions.call_meeting(actor=employee, group=group, title="Första", starts_at=now())
    actions.write_minutes(actor=employee, uid=meeting.uid, minutes="Vi delade upp rubrikerna.")
    parts = {each.person_id: each.part for each in queries.members(lead, group)}

    assert parts == {lead.person_id: "Sammankallande", employee.person_id: "Ordförande"}
    assert [each.pk for each in queries.meetings_of(employee, group)] == [meeting.pk]
    for hidden in (lambda: queries.group_for(outsider, group.uid), lambda: queries.meeting_for(outsider, meeting.uid)):
        with pytest.raises(NotFound):
            hidden()
    with pytest.raises(NotPermitted):
        actions.write_minutes(actor=outsider, uid=meeting.uid, minutes="Nej.")
    actions.end_member(actor=lead, uid=group.uid, person=person_of(employee))
    with pytest.raises(NotFound):
        queries.group_for(employee, group.uid)
    actions.end_group(actor=lead, uid=group.uid)
    with pytest.raises(NotFound):
        actions.change_group(actor=lead, uid=group.uid, name="Ny")


def test_a_group_is_formed_filled_and_met_on_pages(lead, authority):
    office, colleague = signed_in(lead), an_actor(authority, role=Role.EMPLOYEE)
    sent = filled(office.get("/utbildning/grupper/ny/"), name="Bildregler")

    place = office.post("/utbildning/grupper/ny/", sent).url
    assert office.post("/utbildning/grupper/ny/", sent).status_code == 409
    person = person_of(colleague)
    office.post(f"{place}med/", filled(office.get(place), person_uid=str(person.uid), part="Skriver"))
    assert person.name in words(office.get(place))
    met = office.post(f"{place}mote/", filled(office.get(f"{place}mote/"), title="Start")).url
    assert "Start" in words(signed_in(colleague).get(met))
    office.post(f"{place}andra/", filled(office.get(f"{place}andra/"), name="Bilder"))
    intent = office.get(place).context["button"]["intent"].value()
    office.post(f"{place}ur/", {"intent": intent, "person_uid": str(person.uid)})
    assert person.name not in words(office.get(place)).partition("Ta in någon")[0]
    office.post(f"{place}avsluta/", {"intent": office.get(f"{place}avsluta/").context["fields"][0][1]})

    assert "Gruppen avslutades" in words(office.get(place))


# --- Every page -------------------------------------------------------------------------------------------------------


def test_every_page_opens_for_who_may_and_asks_the_database_little(lead, authority):
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=a_unit(authority))
    employee = an_actor(authority, role=Role.EMPLOYEE)
    poll = a_poll(lead)
    case = actions.add_case(actor=lead, title="En", text="Något hände.", answers="Ja\nNej", law=["FL-2"])
    group = actions.form_group(actor=lead, name="Gruppen")
    actions.ask_course(actor=lead, code="alla", is_asked=True, roles=[Role.EMPLOYEE])
    for number in range(3):
        person = person_of(an_actor(authority, role=Role.EMPLOYEE))
        actions.agree(actor=lead, uid=poll.meeting.uid, what=f"{number}", person=person, due_on=today())
        actions.add_member(actor=lead, uid=group.uid, person=person)
    passed = actions.pass_course(actor=lead, code="alla", answers=right_answers("alla"))
    root, meeting = "/utbildning/", f"/utbildning/moten/{poll.meeting.uid}/"
    everybody = [root, f"{root}fall/", f"{root}fall/kallan/", f"{root}fall/{case.uid}/", f"{root}grupper/"]
    everybody += [f"{root}kurser/{code}/" for code in ("alla", "foretradare")]
    leads = [f"{root}temadagar/", f"{root}temadagar/ny/", f"{root}fall/nytt/", f"{root}oversikt/"]
    leads += [meeting, f"{meeting}anteckningar/", f"{meeting}fall/1/", f"{root}grupper/ny/"]
    leads += [f"{root}fall/eget/{case.uid}/", f"{root}fall/eget/{case.uid}/ta-bort/"]
    leads += [f"{root}grupper/{group.uid}/{rest}" for rest in ("", "andra/", "avsluta/", "mote/")]
    asks = [f"{root}krav/", f"{root}krav/alla/"]
    clients = {name: signed_in(actor) for name, actor in (("lead", lead), ("manager", manager), ("all", employee))}
    clients["lead"].get(root)

    for name, pages in (("lead", [*everybody, *leads, *asks]), ("manager", leads), ("all", everybody)):
        for page in pages:
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert clients[name].get(page).status_code == 200, (name, page)
            assert len(asked) <= MOST_QUERIES, (name, page, len(asked))
    assert clients["lead"].get(f"{root}intyg/{passed.uid}/").status_code == 200
    for name, pages in (("manager", asks), ("all", [*leads, *asks])):
        for page in pages:
            assert clients[name].get(page).status_code in (403, 404), (name, page)
