"""A plan in a spreadsheet: looked through before anything is saved, brought in once, taken out in the same columns."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from narvaro.base import clock
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.core.queries import authority_of
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Invalid, NotFound, NotPermitted, Role
from narvaro.formats import tables, workbook
from narvaro.publishing import actions, queries
from narvaro.publishing.actions import plan_files as plans
from narvaro.publishing.actions.plan_files import bring_in_plan, keep_plan
from narvaro.publishing.models import Message
from narvaro.publishing.queries.plan_files import judged, taken_out
from narvaro.publishing.queries.website import page_of
from narvaro.publishing.rules import plan_rows
from narvaro.publishing.rules.plan_rows import Fate
from narvaro.publishing.types import MessageState

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PLAN = """Text;Kanaler;Dag;Klockslag;Etiketter;Innehållsvarning;Sida på webbplatsen
"Badet är öppet.

Välkommen!";Anslagstavlan;2026-12-01;09:30;Sommar;;https://storkoping.example/badet
Biblioteket stänger.;Anslagstavlan;;;;;
"""


@pytest.fixture
def writer(db):
    authority = an_authority()
    authority.website = "https://storkoping.example/"
    authority.save(update_fields=["website"])
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    actions.save_label(actor=lead, name="Sommar")
    writer = an_actor(authority, role=Role.REPRESENTATIVE)
    channel = a_channel(authority, responsible=person_of(writer))
    channel.name = "Anslagstavlan"
    channel.save(update_fields=["name"])
    return writer


def why(writer, row: str, *, head: str = "Text;Kanaler;Dag;Klockslag;Etiketter;Innehållsvarning;Sida") -> str:
    """Return what is said of one row of a plan."""
    with clock.frozen(MORNING):
        (only,) = judged(writer, plan_rows.read(f"{head}\n{row}\n".encode()))
    return only.why


def brought_in(writer, content: bytes, *, plans: bool = False) -> list[str]:
    """Bring in a file; returns what became of each row."""
    with clock.frozen(MORNING):
        file = keep_plan(actor=writer, name="plan.csv", content=content)
        return [each["fate"] for each in bring_in_plan(actor=writer, uid=file.uid, plans=plans).fates]


# --- Cells ----------------------------------------------------------------------------------------------------------


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("day", "at", "read"),
    [
        ("2026-12-01", "09:30", (date(2026, 12, 1), time(9, 30))),
        ("46357", "0.395833333333333", (date(2026, 12, 1), time(9, 30))),  # as a workbook counts
        ("46357.75", "", (date(2026, 12, 1), time(18))),
        ("", "", (None, None)),
    ],
)
def test_days_and_times_are_read_as_written_and_as_a_spreadsheet_counts(day, at, read):
    assert plan_rows.when(day, at) == read


@pytest.mark.one_database
def test_a_workbook_of_ours_is_read_back_word_for_word_and_holds_nothing_that_is_run():
    rows = [["Text", "Kanaler"], ['=1+1 & "å"\n<b>\x07', ""], ["", "+46"]]

    table = tables.read(workbook.written(rows, name="plan"), keeps_lines=True)

    assert table.columns == ("Text", "Kanaler")
    assert [each.cells for each in table.rows] == [('=1+1 & "å"\n<b>\N{REPLACEMENT CHARACTER}', ""), ("", "+46")]
    assert [each.formulas for each in table.rows] == [(), ()]


@pytest.mark.one_database
def test_headings_are_known_in_both_languages_and_a_file_without_them_is_refused():
    english = tables.read(b"Message,Channel,Date,Time,Campaign,Warning,Website page,Odd\nHi,A,,,,,,\n")

    assert list(plan_rows.columns_of(english)) == ["text", "channels", "day", "clock", "labels", "warning", "page"]
    assert plan_rows.unknown_columns(english) == ["Odd"]
    for content, said in ((b"Namn;Ort\na;b\n", "rubrikerna Text och Kanaler"), (b"Text;Kanaler\n", "inga rader")):
        with pytest.raises(Invalid, match=said):
            plan_rows.read(content)
    with pytest.raises(Invalid, match="fler än 300 rader"):
        plan_rows.read(b"Text;Kanaler\n" + b"Hej;A\n" * 301)


# --- Rows -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Hej;Grannens;;;;;", "Kanalen ”Grannens” finns inte, eller är inte din att skriva i."),
        ("Hej;;;;;;", "Skriv minst en kanal."),
        (";Anslagstavlan;;;;;", "Skriv en text."),
        ("Hej;Anslagstavlan;2026-12-01;;;;", "Skriv både dag och klockslag, eller inget av dem."),
        ("Hej;Anslagstavlan;snart;09:00;;;", "”snart” är ingen dag."),
        ("Hej;Anslagstavlan;2026-12-01;nio;;;", "”nio” är inget klockslag."),
        ("Hej;Anslagstavlan;2026-11-01;09:00;;;", "Tiden har passerat."),
        ("Hej;Anslagstavlan;2027-03-28;02:30;;;", "klockan ställs fram"),
        ("Hej;Anslagstavlan;;;Vinter;;", "Etiketten ”Vinter” finns inte"),
        ("Hej;Anslagstavlan;;;;;https://annan.example/", "Skriv en sida på er egen webbplats"),
        (f"{'ö' * 501};Anslagstavlan;;;;;", "Anslagstavlan: texten är 1 tecken för lång. Där får den vara 500."),
        ("Ring Anna, 19811218-9876.;Anslagstavlan;;;;;", "Det gäller"),  # GDPR-7: what stops a post stops a row
        ("=1+1;Anslagstavlan;;;;;", "En cell är en formel."),
    ],
)
def test_each_fault_of_a_row_is_told_before_anything_is_saved(writer, row, said):
    assert said in why(writer, row)
    assert not Message.objects.of(writer).exists()


def test_good_rows_become_drafts_or_planned_messages_and_bad_ones_a_file_with_reasons(writer):
    browser = signed_in(writer)
    bad = PLAN + "Hej;Grannens;;;;;\n"
    with clock.frozen(MORNING):
        page = browser.get("/publicerat/fran-kalkylblad/")
        sent = filled(page, file=SimpleUploadedFile("plan.csv", bad.encode()))
        preview = browser.post("/publicerat/fran-kalkylblad/", sent, follow=True)
        address = preview.redirect_chain[-1][0]
        before = Message.objects.of(writer).count()
        done = browser.post(address, filled(preview, become="planned"), follow=True)
        files = [browser.get(f"{address}?fil=fel").content, browser.get(f"{address}?fil=fel&typ=xlsx").content]

    assert before == 0
    assert "Anslagstavlan: 27 av 500 tecken" in preview.text
    assert "Kanalen ”Grannens” finns inte" in preview.text
    assert "Raderna är inlästa." in done.text
    first, second = Message.objects.of(writer).order_by("id")
    assert (first.text, first.state) == ("Badet är öppet.\n\nVälkommen!", MessageState.PLANNED)
    assert first.planned_at == datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
    assert [each.name for each in queries.marks_of(writer, first)] == ["Sommar"]
    assert page_of(writer, first).url == "https://storkoping.example/badet"
    assert (second.state, second.planned_at) == (MessageState.DRAFT, None)
    for content in files:
        (row,) = tables.read(content, keeps_lines=True).rows
        assert row.cells[:2] == ("Hej", "Grannens")
        assert "finns inte" in row.cells[-1]


def test_the_same_rows_sent_again_become_nothing_more_unless_they_were_thrown_away(writer):
    assert brought_in(writer, PLAN.encode()) == [Fate.DRAFT, Fate.DRAFT]

    assert brought_in(writer, PLAN.encode()) == [Fate.SAME, Fate.SAME]
    twice = b"Text;Kanaler\nHej;Anslagstavlan\nHej;anslagstavlan\n"
    assert brought_in(writer, twice) == [Fate.DRAFT, Fate.SAME]
    actions.throw_message(actor=writer, uid=Message.objects.of(writer).get(text="Hej").uid)
    assert brought_in(writer, twice) == [Fate.DRAFT, Fate.SAME]
    assert brought_in(writer, twice) == [Fate.SAME, Fate.SAME]


def test_p04_a_plan_that_was_broken_off_goes_on_where_it_was(writer, monkeypatch):
    monkeypatch.setattr(plans, "PORTION", 1)
    bad = PLAN + "Hej;Grannens;;;;;\n"
    browser = signed_in(writer)
    with clock.frozen(MORNING):
        file = keep_plan(actor=writer, name="plan.csv", content=bad.encode())
        bring_in_plan(actor=writer, uid=file.uid)  # and there the process dies
        address = f"/publicerat/fran-kalkylblad/{file.uid}/"
        preview = browser.get(address)
        half = [row["fate"] for row in sorted(preview.context["rows"], key=lambda row: row["n"])]
        browser.post(address, filled(preview))
        whole = browser.get(address).context["rows"]

    assert half == [Fate.DRAFT, Fate.READY, Fate.REFUSED]
    assert sorted(row["fate"] for row in whole) == [Fate.DRAFT, Fate.DRAFT, Fate.REFUSED]
    assert Message.objects.of(writer).count() == 2


def test_a_file_is_brought_in_once_by_whoever_sent_it(writer):
    with clock.frozen(MORNING):
        file = keep_plan(actor=writer, name="plan.csv", content=PLAN.encode())
        other = an_actor(authority_of(writer), role=Role.COMMUNICATIONS_LEAD)
        with pytest.raises(NotFound):
            bring_in_plan(actor=other, uid=file.uid)
        bring_in_plan(actor=writer, uid=file.uid)
        with pytest.raises(Invalid, match="redan inläst"):
            bring_in_plan(actor=writer, uid=file.uid)
        with pytest.raises(NotPermitted):
            keep_plan(actor=an_actor(authority_of(writer), role=Role.AUDITOR), name="", content=PLAN.encode())


def test_sec_3_and_kl_4_what_is_asked_about_stays_a_draft_and_what_is_read_first_waits(writer):
    row = b"Text;Kanaler;Dag;Klockslag\nHej;Anslagstavlan;2026-12-01;09:00\n"
    lead = an_actor(authority_of(writer), role=Role.COMMUNICATIONS_LEAD)
    actions.change_four_eyes(actor=lead, everywhere=True)
    actions.add_election_day(actor=lead, on=date(2027, 1, 10), name="folkomröstning")

    assert brought_in(writer, row, plans=True) == [Fate.DRAFT]
    assert brought_in(writer, row.replace(b"2026-12", b"2027-02"), plans=True) == [Fate.AWAITING]


def test_the_calendars_list_is_taken_out_in_the_columns_that_are_brought_in(writer, django_assert_max_num_queries):
    brought_in(writer, PLAN.encode(), plans=True)
    with clock.frozen(MORNING):
        ours = list(taken_out(writer, date(2026, 11, 1), queries.Only()))
        browser = signed_in(writer)
        with django_assert_max_num_queries(16):  # four of them to know who asks
            file = browser.get("/publicerat/kalender/fil/?dag=2026-11-01").content.decode("utf-8-sig")
        again = judged(writer, plan_rows.read(file.encode()))

    (row,) = csv.DictReader(io.StringIO(file), delimiter=";")
    assert list(row.values()) == ours[0]
    assert row["Text"] == "Badet är öppet.\n\nVälkommen!"
    assert (row["Dag"], row["Klockslag"], row["Läge"]) == ("2026-12-01", "09:30", "Planerat")
    assert [each.fate for each in again] == [Fate.SAME]


def test_the_template_is_a_plan_that_can_be_brought_in(writer):
    browser = signed_in(writer)
    for kind in ("", "?typ=xlsx"):
        content = browser.get(f"/publicerat/fran-kalkylblad/mall/{kind}").content
        with clock.frozen(MORNING):
            (row,) = judged(writer, plan_rows.read(content))
        assert (row.fate, row.faults) == (Fate.READY, [])


def test_many_rows_are_judged_in_a_few_statements(writer, django_assert_max_num_queries):
    table = plan_rows.read(b"Text;Kanaler\n" + b"".join(b"Hej %d;Anslagstavlan\n" % n for n in range(100)))

    with django_assert_max_num_queries(12):
        assert len(judged(writer, table)) == 100
