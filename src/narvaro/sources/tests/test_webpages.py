"""A web page as a source: what is new there becomes a draft, and a page that has become another is told of."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from narvaro.base import clock
from narvaro.base.clock import now
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.core import waiting
from narvaro.core.testing import a_unit, an_actor
from narvaro.core.types import Invalid, Role
from narvaro.sources import actions, queries, reading
from narvaro.sources.models import Entry, Source
from narvaro.sources.testing import a_source, a_wish, texts_of, told, worked
from narvaro.sources.types import Kind, Setup, Shape, SourceState
from narvaro.testing.servers.scripted import Said, Scripted

MORNING = datetime(2026, 11, 2, 7, 30, tzinfo=UTC)
HOME = "https://storkoping.example"
TEMPLATE = "Vi söker {rubrik}\nSök senast {sista_dag}.\n{lank}"


@pytest.fixture
def channel(authority):
    return a_channel(authority, unit=a_unit(authority))


def a_page(*jobs: str, more: str = "") -> bytes:
    rows = "".join(f'<li><a href="/jobb/{job}">{job}</a> <time datetime="2026-12-01">snart</time></li>' for job in jobs)
    return (
        f'<base href="{HOME}/"><nav><a href="/jobb/">Jobb</a></nav><h2>Lediga jobb</h2><ul>{rows}</ul>{more}'.encode()
    )


class Site:
    """A site whose one page says what the test says."""

    def __init__(self) -> None:
        self.body = a_page("larare")

    def __call__(self, _call) -> Said:
        return Said(body=self.body, headers={"content-type": "text/html; charset=iso-8859-1"})


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def server(site):
    with Scripted(site) as running:
        yield running


@pytest.fixture
def source(authority, channel, lead, server):
    with clock.frozen(MORNING):
        yield a_source(
            authority, Kind.VACANCY, channel=channel, lead=lead, shape=Shape.PAGE.value, way="address",
            address=f"{server.base_url}/jobb", template=TEMPLATE, setup={"holds": ("/jobb/",)},
        )  # fmt: skip


def again(lead) -> None:
    Source.objects.of(lead).update(next_at=now())
    worked()


@pytest.fixture
def waits(authority, source):
    """What waits for who is responsible, about the source itself."""
    person = an_actor(authority, person=source.responsible, role=Role.EMPLOYEE)
    link = f"/publicerat/kallor/{source.uid}/"
    return lambda: [each.title for each in waiting.today(person) if each.link == link]


@pytest.mark.django_db
def test_each_new_link_becomes_one_draft_and_what_stood_there_before_none(lead, site, source):
    worked()
    assert texts_of(lead, source) == []
    site.body = a_page("kock", "larare", "kock#sok")
    again(lead)
    site.body = a_page("larare")
    again(lead)
    site.body = a_page("larare", "kock")
    again(lead)

    assert texts_of(lead, source) == [f"Vi söker kock\nSök senast 1 december.\n{HOME}/jobb/kock"]
    assert "Det fanns redan när källan lades upp." in told(lead, source)


@pytest.mark.django_db
def test_a_page_that_no_longer_lists_anything_is_told_to_who_is_responsible_until_it_does(lead, site, source, waits):
    worked()
    site.body = b'<div id="app"></div><script src="/app.js"></script>'
    for _time in range(3):
        again(lead)
    told_of = waits()
    said = Source.objects.of(lead).get().last_error
    site.body = a_page("larare", "kock")
    again(lead)

    assert told_of == [f"Källan {source.name} går inte att läsa"]
    assert "ritas troligen av skript" in said
    assert waits() == []
    assert len(texts_of(lead, source)) == 1


@pytest.mark.django_db
def test_a_page_that_has_become_another_pauses_its_source_and_floods_nobody(lead, site, source, waits):
    worked()
    site.body = a_page(*(f"ny-{n}" for n in range(5)))
    again(lead)
    paused = queries.source_for(lead, source.uid)
    told_of = waits()
    actions.resume_source(actor=lead, uid=source.uid)
    site.body = a_page(*(f"ny-{n}" for n in range(5)), "kock")
    again(lead)

    assert (paused.state, told_of) == (SourceState.PAUSED, [f"Sidan som källan {source.name} läser verkar ombyggd"])
    assert waits() == []
    assert texts_of(lead, source) == [f"Vi söker kock\nSök senast 1 december.\n{HOME}/jobb/kock"]
    assert "paused: Allt på sidan är nytt på en gång. Den verkar ombyggd. ×1" in told(lead, source)


@pytest.mark.django_db
def test_who_points_at_other_links_begins_anew_and_what_is_like_before_does_not(
    authority, channel, lead, server, site, source
):
    worked()
    given = {"shape": "page", "way": "address", "template": TEMPLATE, "responsible_uid": channel.responsible.uid}
    same = a_wish(authority, lead, Kind.VACANCY, channel, **given, setup={"holds": ("/jobb/",)})
    other = a_wish(authority, lead, Kind.VACANCY, channel, **given, setup={"heading": "Guider"})
    actions.change_source(actor=lead, uid=source.uid, wish=same)
    site.body = a_page("larare", "kock", more="<h2>Guider</h2><a href=/guide>Så söker du</a>")
    again(lead)
    actions.change_source(actor=lead, uid=source.uid, wish=other)
    again(lead)

    assert texts_of(lead, source) == [f"Vi söker kock\nSök senast 1 december.\n{HOME}/jobb/kock"]
    assert Entry.objects.of(lead).filter(title="Så söker du", why="Det fanns redan när källan lades upp.").exists()
    for values, field in (({"way": "file"}, "way"), ({"setup": {"holds": ("x",)}}, "holds")):
        wish = a_wish(authority, lead, Kind.VACANCY, channel, **{**given, **values})
        with pytest.raises(Invalid) as refusal:
            actions.add_source(actor=lead, kind=Kind.VACANCY, wish=wish, file=("fil", b""))
        assert refusal.value.field == field


@pytest.mark.django_db
def test_what_would_be_found_is_shown_before_anything_is_saved(lead, channel, server, site):
    browser = signed_in(lead)
    page = browser.get("/publicerat/kallor/ny/vacancy/")
    values = filled(page, shape="page", way="address", address=f"{server.base_url}/jobb", holds="/jobb/", show="1")
    site.body = a_page("l&lt;b>rare")
    shown = browser.post("/publicerat/kallor/ny/vacancy/", values)
    missed = browser.post("/publicerat/kallor/ny/vacancy/", {**values, "heading": "Kallelser"})
    without = browser.post("/publicerat/kallor/ny/vacancy/", {**values, "address": ""})

    assert (shown.status_code, missed.status_code, without.status_code) == (200, 200, 422)
    assert "Vi söker: l&lt;b&gt;rare" in shown.content.decode()
    assert "Där finns: ”Lediga jobb”" in missed.content.decode()
    assert "Skriv adressen som ska läsas." in without.content.decode()
    assert (Source.objects.of(lead).count(), Entry.objects.of(lead).count()) == (0, 0)

    del values["show"]
    values |= {"name": "Jobben", "channels": [str(channel.uid)], "responsible": str(channel.responsible.uid)}
    saved = browser.post("/publicerat/kallor/ny/vacancy/", values, follow=True)

    assert "Länkar som innehåller" in saved.content.decode()
    assert queries.setup_of(Source.objects.of(lead).get()).holds == ("/jobb/",)


def in_page(*things: dict) -> bytes:
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(each)}</script>' for each in things)
    return f"<a href='/annat'>Annat</a>{scripts}".encode()


@pytest.mark.one_database
def test_what_a_page_says_of_itself_goes_before_its_links_unless_a_heading_points_at_them():
    job = {"@type": "JobPosting", "title": "Lärare", "url": "/jobb/1", "validThrough": "2026-12-01T23:59",
           "hiringOrganization": {"name": "Björkens skola"}, "identifier": {"value": "A1"}}  # fmt: skip
    meeting = {"@type": "Event", "name": "Nämnden", "startDate": "2026-11-03T18:00:00+01:00", "url": f"{HOME}/mote/1",
               "eventStatus": "https://schema.org/EventCancelled", "location": {"name": "Rådhuset"}}  # fmt: skip
    later = {**meeting, "startDate": "2026-12-24", "url": f"{HOME}/mote/2"}
    news = {"@type": "NewsArticle", "headline": "Badet öppnar", "mainEntityOfPage": {"@id": "/nyhet/1"}}
    itself = {"@type": "NewsArticle", "headline": "Sidan själv", "url": "/nu"}

    def read(kind: str, *things: dict, **setup):
        body = in_page(*things) + b"<h2>Jobb</h2><a href='/jobb/9'>Kock</a>"
        readout = reading.read(kind, Shape.PAGE, Setup(**setup), body, at=MORNING, address=f"{HOME}/nu")
        return [(each.title, each.values["lank"], each.is_over, each.skip) for each in readout.found]

    assert read(Kind.VACANCY, job, {**job, "title": "Samma"}) == [("Lärare", f"{HOME}/jobb/1", False, "")]
    assert read(Kind.AGENDA, meeting, later, days_before=7) == [("Nämnden", f"{HOME}/mote/1", True, "")]
    assert read(Kind.NEWS, news, itself) == [("Badet öppnar", f"{HOME}/nyhet/1", False, "")]
    assert read(Kind.VACANCY, job, heading="Jobb") == [("Kock", f"{HOME}/jobb/9", False, "")]
    assert read(Kind.VACANCY, job, holds=("kock",)) == [("Kock", f"{HOME}/jobb/9", False, "")]
    assert read(Kind.NEWS, meeting, words=("bad",))[0][3] == "Handlar inte om något av orden."
