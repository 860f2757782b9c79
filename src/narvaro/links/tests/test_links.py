"""Short links: ours alone, led only where we said, counted without anybody, gone when retired."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, models, transaction
from django.test import Client

from narvaro.base import clock
from narvaro.core import audit
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.links import actions, queries, rules
from narvaro.links.models import LinkHour, LinkTarget, ShortLink
from narvaro.links.testing import a_link

BATH = "https://storkoping.example/badet?vy=1#tider"


@pytest.fixture
def authority():
    made = an_authority()
    made.website = "https://www.storkoping.example/"
    made.save(update_fields=["website"])
    return made


@pytest.fixture
def writer(authority):
    return an_actor(authority, role=Role.REPRESENTATIVE)


# --- Rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("address", "refused"),
    [
        (BATH, False),
        ("http://storkoping.example", False),
        ("javascript:alert(1)", True),
        ("data:text/html,x", True),
        ("ftp://storkoping.example/x", True),
        ("https://admin:hemligt@storkoping.example/", True),
        ("https:///storkoping.example", True),
        ("https://storkoping.example\\@ond.example/", True),
        ("https://storkoping.example/\r\nSet-Cookie: a=b", True),
        ("https://narvaro.example/l/abc", True),
        ("https://storkoping.example/" + "a" * 1000, True),
    ],
)
def test_a_short_link_leads_to_pages_of_the_web_and_never_round_in_a_circle(address, refused):
    assert bool(rules.why_not_target(address, "https://narvaro.example")) is refused


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("address", "foreign"),
    [
        ("https://storkoping.example/a", False),
        ("https://bibblan.STORKOPING.example/a", False),
        ("https://storkoping.example.ond.example/", True),
        ("https://ondstorkoping.example/", True),
    ],
)
def test_another_site_is_told_from_our_own_by_its_whole_name(address, foreign):
    assert rules.is_foreign(address, "https://www.storkoping.example/") is foreign


@pytest.mark.one_database
def test_utm_marks_go_before_the_fragment_and_never_twice():
    assert rules.tagged(BATH, source="bad", campaign="Höst & vår") == (
        "https://storkoping.example/badet?vy=1&utm_source=bad&utm_medium=social&utm_campaign=H%C3%B6st+%26+v%C3%A5r#tider"
    )
    assert rules.tagged("https://a.example/?utm_source=x", source="y", campaign="").count("utm_source") == 1


@pytest.mark.one_database
def test_only_whole_addresses_in_a_text_are_exchanged():
    text = "Se https://a.example/b. (Eller https://a.example/bc?d=(e)!) Och HTTPS://A.example"

    found = rules.addresses_in(text)
    new = rules.exchanged(text, {"https://a.example/b": "https://k.example/l/1"})

    assert found == ["https://a.example/b", "https://a.example/bc?d=(e)", "HTTPS://A.example"]
    assert new == text.replace("https://a.example/b.", "https://k.example/l/1.")


# --- Following --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_anybody_is_led_to_the_page_and_only_real_visits_are_counted_by_the_hour(writer):
    link = a_link(writer, BATH, code="badet")
    anybody, path = Client(), "/l/badet"
    with clock.frozen(datetime(2026, 10, 1, 8, 59, tzinfo=UTC)):
        answers = [anybody.get(path), anybody.get("/l/BADET"), anybody.head(path), anybody.get(f"{path}+")]
    with clock.frozen(datetime(2026, 10, 1, 9, 0, tzinfo=UTC)):
        anybody.get(f"{path}/")

    assert [answer.status_code for answer in answers] == [302, 302, 302, 200]
    assert answers[0]["Location"] == BATH
    assert "no-store" in answers[0]["Cache-Control"]
    assert all(not answer.cookies for answer in answers)
    assert BATH in answers[3].content.decode()
    assert [(hour.hour, n) for hour, n in queries.hours(writer, link)] == [(8, 2), (9, 1)]


@pytest.mark.one_database
def test_gdpr_1_there_is_no_row_of_a_click_and_no_column_for_whoever_clicked():
    columns = {field.name for field in LinkHour._meta.get_fields()}

    assert columns == {"id", "authority", "link", "hour", "clicks"}
    assert not any(isinstance(field, models.JSONField) for field in ShortLink._meta.get_fields())


@pytest.mark.django_db
def test_an_address_in_the_question_leads_nowhere_and_unknown_codes_are_missing(writer):
    a_link(writer, code="badet")

    led = Client().get("/l/badet?url=https://ond.example/&next=//ond.example")

    assert led["Location"] == "https://storkoping.example/badet"
    assert Client().get("/l/finns-inte").status_code == 404
    assert Client().post("/l/badet").status_code == 405


@pytest.mark.django_db
def test_a_retired_link_says_that_it_is_gone_and_its_code_is_never_used_again(writer):
    link = a_link(writer, code="badet")
    actions.retire_link(actor=writer, uid=link.uid, why="Badet är rivet.")

    gone = Client().get("/l/badet")

    assert (gone.status_code, "dragit in länken" in gone.content.decode()) == (410, True)
    assert "storkoping.example/badet" not in gone.content.decode()
    assert not LinkHour.objects.of(writer).exists()
    with pytest.raises(Invalid, match="upptagen"):
        a_link(writer, code="badet")
    with pytest.raises(Stale):
        actions.change_target(actor=writer, uid=link.uid, target=BATH)


@pytest.mark.django_db
def test_where_a_link_led_before_is_kept_and_cannot_be_rewritten(writer):
    link = a_link(writer)
    actions.change_target(actor=writer, uid=link.uid, target=BATH, seen_version=1)
    with pytest.raises(Stale):
        actions.change_target(actor=writer, uid=link.uid, target=BATH, seen_version=1)

    assert [row.target for row in queries.followed(writer, link).targets] == [BATH, "https://storkoping.example/badet"]
    assert [entry.verb for entry in audit.history(writer, link)] == ["links.change_target", "links.make_link"]
    with pytest.raises(DatabaseError), transaction.atomic():
        LinkTarget.objects.of(writer).update(target="https://ond.example/")


@pytest.mark.django_db
def test_another_site_is_asked_about_once_and_only_those_who_answer_residents_make_links(authority, writer):
    with pytest.raises(Invalid, match="inte er egen webbplats"):
        actions.make_link(actor=writer, target="https://ond.example/")
    with pytest.raises(NotPermitted):
        a_link(an_actor(authority, role=Role.AUDITOR))
    with pytest.raises(NotFound):
        queries.link_for(an_actor(an_authority()), a_link(writer).uid)


@pytest.mark.django_db
def test_who_comes_while_somebody_writes_waits_for_nobody_and_is_written_together(writer, monkeypatch):
    link, counter, writes, write = a_link(writer), actions.Clicks(), [], actions.Clicks._write
    monkeypatch.setattr(actions.Clicks, "_write", lambda self: (writes.append(1), write(self)))

    with counter._writing:
        for _ in range(100):
            counter.add(link)
        before = list(queries.hours(writer, link))
    counter.add(link)

    assert (before, len(writes)) == ([], 1)
    assert sum(n for _hour, n in queries.hours(writer, link)) == 101


@pytest.mark.django_db
def test_a_database_that_does_not_answer_costs_no_visitor_the_page_and_no_click(writer, monkeypatch):
    link = a_link(writer, code="badet")
    add = actions._add

    def broken(*_key):
        raise DatabaseError("låst")

    monkeypatch.setattr(actions, "_add", broken)
    assert Client().get("/l/badet").status_code == 302
    monkeypatch.setattr(actions, "_add", add)
    Client().get("/l/badet")

    assert sum(n for _hour, n in queries.hours(writer, link)) == 2
