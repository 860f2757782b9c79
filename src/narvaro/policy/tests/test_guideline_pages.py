"""Pages of the guideline: begun with one click, written, adopted, read with one button, compared and audited."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from narvaro.base.clock import today
from narvaro.base.ids import uuid7
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.core import queries as core
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Actor, Role
from narvaro.policy import actions, queries
from narvaro.policy.tests.test_guideline import adopted, assigned

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

MOST_QUERIES = 12


@pytest.fixture
def lead(authority) -> Actor:
    return an_actor(authority, role=Role.COMMUNICATIONS_LEAD)


@pytest.fixture
def office(lead) -> Client:
    return signed_in(lead)


def words(answer) -> str:
    return re.sub(r"\s+", " ", unescape(answer.content.decode()))


def test_a_guideline_is_begun_written_and_adopted_on_pages(office, lead):
    start = office.get("/policy/")
    begun = office.post("/policy/borja/", {"intent": start.context["button"]["intent"].value()})
    draft = queries.draft(lead)
    assert begun.url == f"/policy/versioner/{draft.uid}/"
    root = f"/policy/utkast/{draft.uid}/"

    values = filled(office.get(f"{root}varden/"), reply_target_hours="36", adopting_body="Kommunfullmäktige")
    values = {key: value for key, value in values.items() if value is not False}
    assert office.post(f"{root}varden/", values).status_code == 302
    section = filled(office.get(f"{root}avsnitt/answers/"), heading="Så svarar vi")
    assert office.post(f"{root}avsnitt/answers/", section).status_code == 302
    retention = filled(office.get(f"{root}frister/"), **{"SM-07": "dispose", "SM-07_months": "3"})
    assert office.post(f"{root}frister/", retention).status_code == 302
    sent = filled(office.get(f"{root}anta/"), body="Kommunfullmäktige", diary_number="KS 2026/4")
    first, again = office.post(f"{root}anta/", sent), office.post(f"{root}anta/", sent)

    found = queries.guideline_in_force(lead)
    assert (first.status_code, again.status_code) == (302, 404)
    assert found.values["reply_target_hours"] == 36
    assert found.retention["SM-07"] == {"disposition": "dispose", "keep_months": 3}
    assert core.authority_of(lead).answer_hours == 36
    page = words(office.get("/policy/"))
    assert "Så svarar vi" in page
    assert "svar inom 36 timmar" in page
    assert "Kommunfullmäktige" in page


def test_a_value_that_cannot_be_is_told_at_its_field_and_nothing_is_saved(office, lead):
    draft = actions.begin_guideline(actor=lead)
    address = f"/policy/utkast/{draft.uid}/varden/"
    sent = filled(office.get(address), reply_target_hours="0", oversight_rounds_in_crisis="1")

    answer = office.post(address, {key: value for key, value in sent.items() if value is not False})

    assert answer.status_code == 422
    assert queries.draft(lead).values["reply_target_hours"] == 24


def test_it_is_read_on_one_page_with_one_button_and_the_manager_sees_whom_it_waits_for(authority, office, lead):
    person, _channel = assigned(authority, lead)
    row = adopted(lead)
    reader = signed_in(person)
    page = reader.get("/policy/")
    assert words(page).count("Jag har läst riktlinjen") == 1
    name = core.person_by_id(person.person_id).name
    assert name in words(office.get("/policy/last/"))

    answer = reader.post("/policy/", filled(page))

    assert answer.status_code == 302
    assert queries.asked(lead, row, person.person_id).content_hash == row.content_hash
    assert "Jag har läst riktlinjen" not in words(reader.get("/policy/"))
    assert name not in words(office.get("/policy/last/"))


def test_an_acknowledgement_of_a_text_that_holds_no_longer_is_refused(authority, office, lead):
    person, _channel = assigned(authority, lead)
    adopted(lead)
    reader = signed_in(person)
    sent = filled(reader.get("/policy/"))
    second = actions.begin_guideline(actor=lead)
    actions.write_section(actor=lead, uid=second.uid, code="purpose", number="1", heading="Nytt", text="Nytt.")
    second = actions.adopt_guideline(
        actor=lead, uid=second.uid, body="KS", decided_on=today(), paragraph="2", in_force_on=today()
    )

    assert reader.post("/policy/", sent).status_code == 409
    assert queries.asked(lead, second, person.person_id).at is None


@pytest.mark.parametrize("role", list(Role))
def test_everybody_reads_the_guideline_and_only_those_who_decide_write(authority, lead, role):
    adopted(lead)
    draft = actions.begin_guideline(actor=lead)
    browser = signed_in(an_actor(authority, role=role))
    writes = role in (Role.COMMUNICATIONS_LEAD, Role.ADMINISTRATOR)

    assert browser.get("/policy/").status_code == 200
    for page in ("varden/", "frister/", "anta/", "avsnitt/", "avsnitt/purpose/", "lagg-undan/"):
        assert browser.get(f"/policy/utkast/{draft.uid}/{page}").status_code == (200 if writes else 403)
    assert browser.post("/policy/borja/", {"intent": uuid7()}).status_code == (422 if writes else 403)
    sees = writes or role in (Role.UNIT_MANAGER, Role.AUDITOR)
    assert browser.get("/policy/last/").status_code == (200 if sees else 403)


def test_differences_stand_side_by_side_and_remarks_lead_to_the_section(office, lead):
    adopted(lead)
    draft = actions.begin_guideline(actor=lead)
    actions.write_section(
        actor=lead, uid=draft.uid, code="house_rules", number="9", heading="Regler",
        text="Politiska budskap tas bort. Personuppgiftslagen gäller.",
    )  # fmt: skip

    page = words(office.get(f"/policy/versioner/{draft.uid}/jamfor/"))
    looked = words(office.get(f"/policy/versioner/{draft.uid}/granska/"))

    assert "<ins>" in page
    assert "<del>" in page
    assert "Kan krocka med lagen" in looked
    assert "Gamla hänvisningar" in looked
    assert f"/policy/utkast/{draft.uid}/avsnitt/house_rules/" in looked


def test_sm_03_the_guideline_and_the_audit_are_handed_over_as_pdf_a(office, lead):
    row = adopted(lead)

    for address in (f"/policy/versioner/{row.uid}.pdf", "/policy/granskning.pdf"):
        answer = office.get(address)
        assert answer["Content-Type"] == "application/pdf"
        assert b"pdfaid" in answer.content
        assert answer.content.startswith(b"%PDF-")


def test_what_auditors_ask_is_answered_from_what_is_there(authority, office, lead):
    before = {each.key: each.state for each in queries.audit_answers(lead)}
    _person, channel = assigned(authority, lead)
    row = adopted(lead)
    after = {each.key: each for each in queries.audit_answers(lead)}
    page = words(office.get("/policy/granskning/"))

    assert (before["guideline"], before["known"]) == ("no", "no")
    assert after["guideline"].state == "yes"
    assert "KS 2026/7" in after["guideline"].sentence
    assert (after["known"].state, after["archive"].state) == ("no", "yes")
    assert after["decisions"].state == "no"
    assert reverse("channels:channel", args=[channel.uid]) in {one.url for one in after["decisions"].evidence}
    assert {"oversight", "answers"} <= set(after)
    for each in after.values():
        assert str(each.question) in page
        for one in each.evidence:
            assert office.get(one.url.split("#")[0]).status_code == 200, one.url
    assert core.person_by_id(channel.responsible_id).name not in page
    assert row.title in page


def test_tf_1_anybody_reads_the_guideline_in_force_and_never_a_draft(authority, lead):
    anybody, address = Client(), f"/{authority.slug}/riktlinje/"
    draft = actions.begin_guideline(actor=lead)
    empty = words(anybody.get(address))
    actions.drop_draft(actor=lead, uid=draft.uid)
    row = adopted(lead)
    page, english = words(anybody.get(address)), anybody.get(f"{address}?sprak=en")

    assert "ingen beslutad riktlinje" in empty
    assert row.content_hash in page
    assert "Kommunfullmäktige" in page
    assert core.person_by_id(lead.person_id).name not in page
    assert '<html lang="en"' in english.content.decode()


def test_another_organisations_version_looks_missing(lead):
    row = adopted(lead)
    stranger = signed_in(an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD))

    for page in ("", "granska/", "jamfor/"):
        assert stranger.get(f"/policy/versioner/{row.uid}/{page}").status_code == 404
    assert stranger.get(f"/policy/versioner/{row.uid}.pdf").status_code == 404


def test_minutes_and_reviews_are_entered_on_pages(office, lead):
    page = office.get("/policy/protokoll/")
    sent = filled(page, body="Ledningsgruppen", held_on=today().isoformat(), paragraph="3", agreed="Vi svarar.")
    assert office.post("/policy/protokoll/", sent).status_code == 302
    assert "Ledningsgruppen" in words(office.get("/policy/"))
    adopted(lead)
    named = office.get("/policy/oversyn/").context["naming"]
    chosen = {"intent": named["intent"].value(), "person_uid": str(core.person_by_id(lead.person_id).uid)}
    assert office.post("/policy/oversyn/utse/", chosen).status_code == 302
    assert [each.person_id for each in queries.reviewers(lead)] == [lead.person_id]
    reviewed = filled(office.get("/policy/oversyn/"), body="Kommunstyrelsen")
    assert office.post("/policy/oversyn/", reviewed).status_code == 302
    assert "Sedd över utan ändring" in words(office.get(f"/policy/versioner/{queries.guideline_in_force(lead).uid}/"))


@pytest.mark.parametrize(
    "page", ["", "versioner/", "versioner/{uid}/", "versioner/{uid}/granska/", "versioner/{uid}/jamfor/", "last/",
             "oversyn/", "protokoll/", "granskning/"],
)  # fmt: skip
def test_pages_cost_few_queries(authority, office, lead, django_assert_max_num_queries, page):
    for _ in range(3):
        assigned(authority, lead)
    row = adopted(lead)
    address = f"/policy/{page.format(uid=row.uid)}"
    office.get(address)

    with django_assert_max_num_queries(MOST_QUERIES):
        assert office.get(address).status_code == 200
