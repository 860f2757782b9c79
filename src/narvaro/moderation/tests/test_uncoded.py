"""Whoever nobody told of a decision has no code, and complains by what they wrote; nothing is told of it to others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from narvaro.base import clock
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.core import audit, waiting
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.moderation import actions, oversight, queries
from narvaro.moderation.models import Complaint, Report
from narvaro.moderation.tests.test_hearing import code_in, words
from narvaro.moderation.types import ComplaintState, ReportKind, ReportState
from narvaro.policy.types import Measure as Kind
from narvaro.records import actions as records
from narvaro.records.testing import a_kept

pytestmark = pytest.mark.django_db
WROTE = "Jag ska slå dig på käften i morgon, din stolle"
LINK = "https://elsewhere.example/notes/9abc"
WHY = "Det var ett citat ur en film."
DAY = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


@pytest.fixture
def visitor(authority) -> Actor:
    return Actor.visitor(authority)


def hidden(actor: Actor, authority, text: str = WROTE, *, url: str = LINK, at: datetime = DAY, **values):
    item = a_kept(authority, text, url=url, at=at, **values)
    return actions.decide_measure(
        actor=actor, item=item, kind=Kind.HIDE, ground="BBS-5a", reasons="Ett hot.", waive_notice_why="Kan öka hotet."
    ).measure


def complained(visitor: Actor, **values) -> actions.Heard:
    return actions.keep_complaint(actor=visitor, text=WHY, **values)


@pytest.mark.parametrize(
    "by",
    [
        {"url": LINK},
        {"quote": "jag SKA slå dig,  på käften i morgon", "written_on": DAY.date()},
        {"quote": WROTE, "written_on": (DAY + timedelta(days=1)).date()},
    ],
)
def test_fl_1_a_complaint_by_what_was_written_reaches_its_decision_and_whoever_may_decide_it(authority, visitor, by):
    decider, other = (an_actor(authority, role=Role.COMMUNICATIONS_LEAD) for _each in range(2))
    measure = hidden(decider, authority)

    heard = complained(visitor, **by)

    assert isinstance(heard.row, Complaint)
    assert heard.row.measure == measure
    assert queries.heard_by_code(visitor, actions.hashed(heard.code)) == heard.row
    assert "Ompröva ett beslut efter klagomål" in [wait.title for wait in waiting.today(other)]
    assert actions.decide_complaint(
        actor=other, uid=heard.row.uid, outcome=ComplaintState.CHANGED, reasons="Det var ett citat."
    ).state == ComplaintState.CHANGED  # fmt: skip


@pytest.mark.parametrize(
    "by",
    [
        {"url": "https://elsewhere.example/notes/9abd"},
        {"quote": WROTE},
        {"quote": "slå dig", "written_on": DAY.date()},
        {"quote": WROTE, "written_on": (DAY - timedelta(days=9)).date()},
        {"quote": "Något helt annat skrev jag den dagen", "written_on": DAY.date()},
    ],
)
def test_what_is_uncertain_is_put_before_a_person_and_looks_the_same_to_whoever_sent_it(authority, lead, visitor, by):
    hidden(lead, authority)

    heard, certain = complained(visitor, **by), complained(visitor, url=LINK)

    assert isinstance(heard.row, Report)
    assert (heard.row.kind, heard.row.state) == (ReportKind.DECISION, ReportState.OPEN)
    assert heard.row.due_at.date() == certain.row.due_at.date()
    assert "Leta fram beslutet som ett klagomål gäller" in [wait.title for wait in waiting.today(lead)]


def test_words_that_several_wrote_and_what_is_sealed_or_taken_back_are_found_by_nobody(authority, lead, visitor):
    day, quote = {"written_on": DAY.date()}, "Detta skrev flera personer den dagen"
    for number in range(2):
        hidden(lead, authority, quote, url=f"{LINK}{number}")
    sealed = hidden(lead, authority, "Bara jag skrev detta, och det är förseglat")
    records.seal_item(actor=lead, item=sealed.item, why="Ska inte ses.")
    undone = hidden(lead, authority, "Bara jag skrev detta, och det är hävt", url=f"{LINK}9")
    actions.undo_measure(actor=lead, uid=undone.uid, why="Det var ett citat.")

    kinds = [
        type(complained(visitor, **by).row)
        for by in (
            {"quote": quote, **day}, {"quote": "Bara jag skrev detta, och det är förseglat", **day},
            {"quote": "Bara jag skrev detta, och det är hävt", **day}, {"url": f"{LINK}9"},
        )
    ]  # fmt: skip

    assert kinds == [Report] * 4


def test_a_second_complaint_is_put_before_a_person_and_nothing_is_told(authority, lead, visitor):
    hidden(lead, authority)

    first, second = complained(visitor, url=LINK), complained(visitor, url=LINK)

    assert isinstance(first.row, Complaint)
    assert isinstance(second.row, Report)


def test_a_person_finds_the_decision_and_the_code_leads_to_the_complaint_from_then_on(authority, lead, visitor):
    measure, moderator = hidden(lead, authority), an_actor(authority, role=Role.REPRESENTATIVE)
    heard = complained(visitor, quote="Det om käften")

    made = actions.place_complaint(actor=moderator, uid=heard.row.uid, measure_uid=measure.uid)

    report = queries.report_for(lead, heard.row.uid)
    assert queries.heard_by_code(visitor, actions.hashed(heard.code)) == made
    assert (made.measure, made.came_at, made.due_at) == (measure, heard.row.knowledge_at, heard.row.due_at)
    assert "Det om käften" in made.text
    assert (report.state, report.measure) == (ReportState.ACTED, measure)
    assert "moderation.place_complaint" in [entry.verb for entry in audit.history(lead, report)]
    with pytest.raises(Stale):
        actions.place_complaint(actor=moderator, uid=heard.row.uid, measure_uid=measure.uid)


def test_who_may_place_and_what(authority, lead, visitor):
    measure, elsewhere = hidden(lead, authority), an_authority("Lillköping")
    stranger = an_actor(elsewhere, role=Role.COMMUNICATIONS_LEAD)
    theirs = hidden(stranger, elsewhere)
    heard = complained(visitor, quote="Det om käften")
    report = actions.keep_report(actor=visitor, kind=ReportKind.WRONG, text="Fel.", url=LINK)

    with pytest.raises(NotPermitted):
        actions.place_complaint(
            actor=an_actor(authority, role=Role.ARCHIVIST), uid=heard.row.uid, measure_uid=measure.uid
        )
    for uid, about, refused in (
        (heard.row.uid, theirs.uid, NotFound), (report.row.uid, measure.uid, Invalid),
    ):  # fmt: skip
        with pytest.raises(refused):
            actions.place_complaint(actor=lead, uid=uid, measure_uid=about)
    with pytest.raises(NotFound):
        actions.place_complaint(actor=stranger, uid=heard.row.uid, measure_uid=theirs.uid)


def test_another_authoritys_decision_is_not_found_here(authority, visitor):
    elsewhere = an_authority("Lillköping")
    hidden(an_actor(elsewhere, role=Role.COMMUNICATIONS_LEAD), elsewhere)

    assert isinstance(complained(visitor, url=LINK).row, Report)


def test_bbs_4_a_complaint_is_no_knowledge_of_what_is_unlawful_and_no_removal_clock(authority, lead, visitor):
    a_channel(authority)
    complained(visitor, url="https://elsewhere.example/notes/okand")

    assert oversight.clocks(lead) == []
    with pytest.raises(Invalid):
        actions.keep_report(actor=visitor, kind=ReportKind.DECISION, text="Fel.", url=LINK)


def test_tf_10_the_open_page_takes_a_link_instead_of_a_code_and_asks_for_nothing_else(authority, lead):
    other = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    hidden(lead, authority)
    anybody, path = Client(), f"/{authority.slug}/klaga/"
    page = anybody.get(path)

    nothing = anybody.post(path, filled(page, text=WHY))
    found = anybody.post(path, filled(page, text=WHY, url=LINK))
    unfound = anybody.post(path, filled(anybody.get(path), text=WHY, url="https://elsewhere.example/x"))
    answers = [
        words(anybody.post(f"/{authority.slug}/klaga/svar/", {"code": code_in(one)})) for one in (found, unfound)
    ]

    assert nothing.status_code == 422
    assert "Skriv koden, klistra in länken" in words(nothing)
    assert (found.status_code, unfound.status_code) == (200, 200)
    assert [len(rows) for rows in (queries.complaints(other), queries.reports(other))] == [1, 1]
    shown = [answer.split("<main", 1)[1].split('<dl class="facts">', 1)[0] for answer in answers]
    assert shown[0] == shown[1]


def test_the_page_of_such_a_report_offers_the_decisions_and_leads_to_the_complaint(
    authority, lead, visitor, django_assert_max_num_queries
):
    measure = hidden(lead, authority)
    heard = complained(visitor, quote="Det om käften")
    office, path = signed_in(lead), f"/moderering/anmalningar/{heard.row.uid}/"

    with clock.frozen(clock.now()), django_assert_max_num_queries(12):
        page = office.get(path)
    form = page.context["place_form"]
    values = {f"place-{name}": form[name].value() for name in ("intent", "seen_version")}
    empty = office.post(f"{path}beslut/", {**values, "place-measure": ""})
    sent = office.post(f"{path}beslut/", {**values, "place-measure": str(measure.uid)})

    assert "Vilket beslut gäller det?" in words(page)
    assert empty.status_code == 422
    assert sent.url == f"/moderering/klagomal/{queries.complaints(lead)[0].uid}/"
