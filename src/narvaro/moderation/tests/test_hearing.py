"""Anybody reports and complains without signing in; what they are told, and what nobody is told."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from narvaro.base import clock
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.connectors.port import Author
from narvaro.core import audit, waiting
from narvaro.core import queries as core
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Actor, Invalid, NotPermitted, Role, Stale
from narvaro.moderation import actions, queries, rules, tries
from narvaro.moderation.models import Complaint, Measure, Report
from narvaro.moderation.types import ComplaintState, MeasureState, ReportKind, ReportState, UnknownCode
from narvaro.policy.types import Measure as Kind
from narvaro.records.testing import a_kept

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12
WORDS = "Jag hotade ingen, jag citerade en film."


@pytest.fixture
def visitor(authority) -> Actor:
    return Actor.visitor(authority)


@pytest.fixture
def other_lead(authority) -> Actor:
    return an_actor(authority, role=Role.COMMUNICATIONS_LEAD)


def decided(actor: Actor, authority, text: str = "Jag ska slå dig", **values) -> actions.Decided:
    return actions.decide_measure(
        actor=actor, item=a_kept(authority, text, **values), kind=Kind.HIDE, ground="BBS-5a", reasons="Ett hot.",
        notice="Vi har dolt kommentaren. {klaga}",
    )  # fmt: skip


def reported(visitor: Actor, kind: str = ReportKind.RULES, **values) -> actions.Heard:
    values = {"url": "https://social.example/@x/1", "text": "Det här är fel.", **values}
    return actions.keep_report(actor=visitor, kind=kind, **values)


def words(answer) -> str:
    return unescape(answer.content.decode())


def code_in(answer) -> str:
    found = re.search(r"<code>([A-Z0-9]{5}-[A-Z0-9]{5})</code>", words(answer))
    assert found
    return found.group(1)


# --- Reports ----------------------------------------------------------------------------------------------------------


def test_bbs_4_a_report_starts_the_clock(visitor, lead):
    heard = reported(visitor)

    report = queries.report_for(lead, heard.row.uid)
    assert abs(clock.now() - report.knowledge_at) < timedelta(minutes=1)
    assert [wait.due_at for wait in waiting.today(lead)] == [report.due_at]
    assert [entry.verb for entry in audit.history(lead, report)] == ["moderation.keep_report"]


@pytest.mark.parametrize("kind", rules.HURTING)
def test_bbs_4_what_hurts_somebody_is_due_within_a_day_on_any_day(visitor, authority, kind):
    calendar = core.calendar_for(authority)
    friday = calendar.moment(clock.now().replace(year=2026, month=11, day=20, hour=18, tzinfo=None))

    assert rules.report_due(kind, friday, calendar) == friday + timedelta(hours=24)
    assert rules.report_due(ReportKind.RULES, friday, calendar) > friday + timedelta(days=2)


def test_a_report_finds_the_record_by_its_link_and_waits_for_those_who_answer_there(authority, visitor):
    item = a_kept(authority, "Jag ska slå dig", remote_id="110000000000000001")
    answering = an_actor(authority, unit=item.channel.unit, role=Role.REPRESENTATIVE)

    heard = reported(visitor, ReportKind.THREAT, url="https://social.example/@medborgare/110000000000000001")
    strange = reported(visitor, url="https://elsewhere.example/@medborgare/110000000000000001")

    assert (heard.row.item, heard.row.channel) == (item, item.channel)
    assert strange.row.item is None
    assert [wait.subject_id for wait in waiting.today(answering)] == [heard.row.pk]


@pytest.mark.parametrize(
    ("shown_at", "copied"),
    [
        ("https://elsewhere.example/@granne/42", "https://elsewhere.example/@granne/42/?utm=1#svar"),
        ("https://bsky.app/profile/did:plc:abc/post/3k2a", "https://bsky.app/profile/Granne.social.example/post/3k2a"),
    ],
)
def test_a_report_finds_the_record_by_the_link_that_people_copy(authority, visitor, shown_at, copied):
    neighbour = Author("did:plc:abc", "granne.social.example", "En granne", "")
    item = a_kept(authority, "Jag ska slå dig", url=shown_at, author=neighbour)
    a_kept(authority, "Något annat", url=f"{shown_at}9", author=neighbour)

    assert reported(visitor, url=copied).row.item == item
    assert reported(visitor, url=copied.replace("ranne", "ranna")).row.item is None


def test_a_report_finds_what_was_written_long_ago_whatever_its_link_tells_of_the_time(authority, visitor):
    channel, key, long_ago = a_channel(authority), "3jzfcijpj2z2a", datetime(2023, 6, 30, 15, 3, tzinfo=UTC)
    neighbour = Author("did:plc:abc", "granne.social.example", "En granne", "")
    told, untold = (
        a_kept(authority, "Jag ska slå dig", channel=channel, url=url, author=neighbour, at=long_ago)
        for url in (f"https://bsky.app/profile/did:plc:abc/post/{key}", "https://elsewhere.example/notes/9abc")
    )
    for _each in range(2):
        a_kept(authority, "Något nytt", channel=channel)

    by_handle = reported(visitor, url=f"https://bsky.app/profile/granne.social.example/post/{key}").row.item
    without_time = reported(visitor, url="https://elsewhere.example/notes/9abc").row.item

    assert by_handle == told
    assert without_time == untold


def test_bbs_4_a_measure_made_because_of_a_report_was_made_with_its_knowledge(authority, visitor, lead):
    with clock.frozen(clock.now() - timedelta(hours=3)):
        heard = reported(visitor, url="https://social.example/@x/110000000000000002")
    measure = decided(lead, authority, remote_id="110000000000000002").measure
    Report.objects.of(lead).filter(pk=heard.row.pk).update(item=measure.item)

    report = actions.answer_report(
        actor=lead, uid=heard.row.uid, outcome=ReportState.ACTED, answer="Det är dolt.", measure_uid=measure.uid
    )

    assert report.measure == measure
    assert queries.measure_for(lead, measure.uid).knowledge_at == report.knowledge_at
    assert [wait for wait in waiting.today(lead) if wait.subject_kind == queries.REPORT_KIND] == []
    with pytest.raises(Stale):
        actions.answer_report(actor=lead, uid=report.uid, outcome=ReportState.LEFT, answer="Igen.")


def test_a_report_is_answered_with_words_and_by_those_who_moderate(authority, visitor, lead):
    heard = reported(visitor)

    with pytest.raises(NotPermitted):
        actions.answer_report(
            actor=an_actor(authority, role=Role.AUDITOR), uid=heard.row.uid, outcome=ReportState.LEFT, answer="Nej."
        )
    with pytest.raises(Invalid) as refused:
        actions.answer_report(actor=lead, uid=heard.row.uid, outcome=ReportState.LEFT, answer=" ")
    with pytest.raises(Invalid) as other:
        actions.answer_report(
            actor=lead, uid=heard.row.uid, outcome=ReportState.ACTED, answer="Ja.",
            measure_uid=decided(lead, authority).measure.uid,
        )  # fmt: skip

    assert (refused.value.field, other.value.field) == ("answer", "measure")


# --- Complaints -------------------------------------------------------------------------------------------------------


def test_fl_8_whoever_decided_does_not_decide_the_complaint(authority, visitor, lead, other_lead):
    first = decided(lead, authority)
    complaint = actions.keep_complaint(actor=visitor, code=first.code.lower(), text=WORDS).row

    with pytest.raises(NotPermitted):
        actions.decide_complaint(actor=lead, uid=complaint.uid, outcome=ComplaintState.UPHELD, reasons="Jag hade rätt.")
    with pytest.raises(NotPermitted):
        actions.decide_complaint(
            actor=an_actor(authority, role=Role.REPRESENTATIVE), uid=complaint.uid, outcome="upheld", reasons="Nej."
        )
    after = actions.decide_complaint(
        actor=other_lead, uid=complaint.uid, outcome=ComplaintState.UPHELD, reasons="Det var ett hot."
    )

    assert after.decided_by_id == other_lead.person_id
    assert queries.measure_for(lead, first.measure.uid).state == MeasureState.DECIDED
    assert waiting.today(other_lead) == []


def test_fl_8_a_complaint_about_the_lead_waits_for_the_units_manager(authority, visitor, lead):
    first = decided(lead, authority)
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=first.measure.channel.unit)

    complaint = actions.keep_complaint(actor=visitor, code=first.code, text=WORDS).row

    assert [wait.subject_id for wait in waiting.today(manager)] == [complaint.pk]
    assert waiting.today(lead) == []


def test_fl_1_a_changed_decision_takes_the_measure_back_in_the_same_step(authority, visitor, lead, other_lead):
    first = decided(lead, authority)
    complaint = actions.keep_complaint(actor=visitor, code=first.code, text=WORDS).row

    with pytest.raises(Invalid):
        actions.decide_complaint(actor=other_lead, uid=complaint.uid, outcome=ComplaintState.CHANGED, reasons=" ")
    actions.decide_complaint(actor=other_lead, uid=complaint.uid, outcome=ComplaintState.CHANGED, reasons="Ett citat.")

    measure = queries.measure_for(lead, first.measure.uid)
    assert measure.state == MeasureState.UNDONE
    assert measure.undone_why == "Ett citat."
    with pytest.raises(Invalid):
        actions.keep_complaint(actor=visitor, code=first.code, text="En gång till.")


def test_one_complaint_about_a_decision_waits_at_a_time(authority, visitor, lead):
    first = decided(lead, authority)
    actions.keep_complaint(actor=visitor, code=first.code, text=WORDS)

    with pytest.raises(Invalid):
        actions.keep_complaint(actor=visitor, code=first.code, text=WORDS)

    assert len(queries.complaints(lead)) == 1


def test_a_complaint_is_due_after_ten_working_days(authority, visitor, lead):
    complaint = actions.keep_complaint(actor=visitor, code=decided(lead, authority).code, text=WORDS).row

    calendar = core.calendar_for(authority)
    day, days = calendar.local(complaint.came_at).date(), 0
    while day < calendar.local(complaint.due_at).date():
        day = calendar.next_working_day(day)
        days += 1
    assert days == rules.COMPLAINT_DAYS


def test_another_authoritys_code_looks_unknown(authority, lead):
    stranger = Actor.visitor(an_authority("Lillköping"))
    code = decided(lead, authority).code

    with pytest.raises(UnknownCode) as others:
        actions.keep_complaint(actor=stranger, code=code, text=WORDS)
    with pytest.raises(UnknownCode) as unknown:
        actions.keep_complaint(actor=stranger, code="AAAAA-AAAAA", text=WORDS)

    assert str(others.value) == str(unknown.value)
    assert queries.heard_by_code(stranger, actions.hashed(code)) is None


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_a_complaint_goes_from_the_notice_to_the_answer_without_signing_in(authority, lead, other_lead):
    first, anybody = decided(lead, authority), Client()
    path = f"/{authority.slug}/klaga/"

    sent = filled(anybody.get(path), code=first.code, text=WORDS)
    taken = anybody.post(path, sent)
    again = anybody.post(path, sent)
    code = code_in(taken)
    waits = words(anybody.post(f"{path}svar/", {"code": code.lower().replace("-", " ")}))
    office = signed_in(other_lead)
    complaint = queries.complaints(lead)[0]
    page = office.get(f"/moderering/klagomal/{complaint.uid}/")
    office.post(f"/moderering/klagomal/{complaint.uid}/", filled(page, outcome="upheld", reasons="Det var ett hot."))
    told = words(anybody.post(f"{path}svar/", {"code": code}))

    assert (taken.status_code, again.status_code) == (200, 409)
    assert "no-store" in taken["Cache-Control"]
    assert "Väntar på omprövning" in waits
    assert "Beslutet står fast" in told
    assert "Det var ett hot." in told
    assert other_lead.name not in told
    assert len(Complaint.objects.of(lead)) == 1
    assert code not in str(Complaint.objects.of(lead).values())


def test_a_report_goes_from_the_open_page_to_the_answer(authority, lead):
    channel, anybody = a_channel(authority), Client()
    path = f"/{authority.slug}/anmal/"

    sent = filled(anybody.get(path), kind="wrong", channel=str(channel.uid), text="Tiden stämmer inte.")
    taken = anybody.post(path, sent)
    again = anybody.post(path, sent)
    office, report = signed_in(lead), queries.reports(lead)[0]
    page = office.get(f"/moderering/anmalningar/{report.uid}/")
    office.post(f"/moderering/anmalningar/{report.uid}/", filled(page, outcome="left", answer="Tiden stämmer."))
    told = words(anybody.post(f"/{authority.slug}/klaga/svar/", {"code": code_in(taken)}))

    assert again.status_code == 409
    assert len(Report.objects.of(lead)) == 1
    assert report.channel == channel
    assert "Ingen åtgärd" in told
    assert "Tiden stämmer." in told


def test_bbs_10_the_page_asks_for_no_picture_and_no_description_of_one(authority):
    page = words(Client().get(f"/{authority.slug}/anmal/"))

    assert "Spara eller skicka aldrig bilden, och beskriv den inte." in page
    assert 'type="file"' not in page


def test_a_machine_that_fills_in_every_field_is_stopped_and_a_person_only_sends_again(authority, lead):
    anybody, path = Client(), f"/{authority.slug}/anmal/"
    sent = filled(anybody.get(path), kind="wrong", url="https://social.example/1", text="Fel.", website="x")

    refused = anybody.post(path, sent)
    before = len(queries.reports(lead))
    mended = anybody.post(path, filled(refused))

    assert (refused.status_code, before, mended.status_code) == (422, 0, 200)
    assert len(queries.reports(lead)) == 1


def test_a_wrong_code_reveals_nothing_and_cannot_be_tried_for_long(authority, lead):
    first, anybody, path = decided(lead, authority), Client(), f"/{authority.slug}/klaga/"

    others = decided(an_actor(stranger := an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD), stranger).code
    said = [
        re.findall(r"Koden finns inte här[^<]*", words(anybody.post(path, filled(anybody.get(path), code=c, text="x"))))
        for c in (others, "BBBBB-BBBBB")
    ]
    for number in range(tries.MOST - 2):
        anybody.post(f"{path}svar/", {"code": f"CCCCC-CCCC{number}"})
    closed = anybody.post(path, filled(anybody.get(path), code=first.code, text="x"))
    elsewhere = Client(REMOTE_ADDR="192.0.2.7").post(path, filled(anybody.get(path), code=first.code, text="x"))

    assert said[0] == said[1] != []
    assert closed.status_code == 429
    assert elsewhere.status_code == 200


def test_right_codes_are_not_counted(authority, lead):
    anybody = Client()
    code = reported(Actor.visitor(authority)).code

    answers = [
        anybody.post(f"/{authority.slug}/klaga/svar/", {"code": code}).status_code for _try in range(tries.MOST + 2)
    ]

    assert set(answers) == {200}


def test_statistics_hold_no_person_and_no_small_number(authority, lead, other_lead):
    written = [decided(lead, authority, f"Jag ska slå dig {number}") for number in range(5)]
    actions.keep_complaint(actor=Actor.visitor(authority), code=written[0].code, text=WORDS)

    page = words(Client().get(f"/{authority.slug}/modereringsstatistik/"))
    data = Client().get(f"/{authority.slug}/modereringsstatistik.json").json()

    (row,) = data["measures"]
    assert (row["count"], row["complaints"], row["undone"], row["changed"]) == (5, None, 0, 0)
    assert set(data["measures"][0]) == {
        "month", "ground", "title", "kind", "kind_title", "count", "undone", "complaints", "changed"
    }  # fmt: skip
    assert page.count("Färre än 5") == 1
    assert page.count('<td class="number">0</td>') == 2
    for told in (page, str(data)):
        assert lead.name not in told
        assert "citizen-1" not in told
        assert "medborgare" not in told.lower()
        assert "slå dig" not in told


def test_the_rules_page_leads_to_both(authority):
    page = words(Client().get(f"/{authority.slug}/kommentarsregler/"))

    assert f"/{authority.slug}/anmal/" in page
    assert f"/{authority.slug}/klaga/" in page


def test_lists_are_read_in_a_few_queries(authority, visitor, lead, django_assert_max_num_queries):
    for number in range(4):
        first = decided(lead, authority, f"Jag ska slå dig {number}")
        actions.keep_complaint(actor=visitor, code=first.code, text=WORDS)
        reported(visitor)
    office = signed_in(lead)
    pages = [
        "/moderering/klagomal/", "/moderering/klagomal/?visa=avgjorda", "/moderering/anmalningar/",
        "/moderering/anmalningar/?visa=besvarade", f"/{authority.slug}/modereringsstatistik/",
        f"/{authority.slug}/anmal/", f"/{authority.slug}/klaga/",
    ]  # fmt: skip

    for path in pages:
        reader = office if path.startswith("/moderering/") else Client()
        with django_assert_max_num_queries(MOST_QUERIES):
            assert reader.get(path).status_code == 200
    assert "Jag hotade ingen" in words(office.get(pages[0]))
    assert Measure.objects.of(lead).count() == 4


def test_a_single_report_and_complaint_are_read_in_a_few_queries(
    authority, visitor, lead, django_assert_max_num_queries
):
    first = decided(lead, authority, remote_id="110000000000000009")
    complaint = actions.keep_complaint(actor=visitor, code=first.code, text=WORDS).row
    report = reported(visitor, url="https://social.example/@x/110000000000000009").row
    office = signed_in(lead)
    office.get("/moderering/")

    for path in (f"/moderering/klagomal/{complaint.uid}/", f"/moderering/anmalningar/{report.uid}/"):
        with django_assert_max_num_queries(MOST_QUERIES):
            assert "Jag ska slå dig" in words(office.get(path))
