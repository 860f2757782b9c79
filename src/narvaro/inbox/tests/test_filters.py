"""What a narrowed list promises: only what is wanted, every one of it once, at the same cost however rare it is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from narvaro.base.clock import now
from narvaro.channels.testing import a_channel
from narvaro.core.testing import a_unit, an_actor, an_authority
from narvaro.core.types import Invalid, Role
from narvaro.inbox import actions, queries
from narvaro.inbox.models import Incoming
from narvaro.inbox.queries import lists
from narvaro.inbox.testing import take_in
from narvaro.inbox.tests.pages.desk import EVERY_QUERY, body, seen, signed_in, thread_url
from narvaro.inbox.types import List, Only
from narvaro.records import actions as records
from narvaro.records.testing import a_page, an_item

pytestmark = pytest.mark.django_db

TEXTS = ("När öppnar ni?", "Tack för i dag", "Gatlyktan är trasig på Storgatan.", "Jag vill klaga på snöröjningen.")


@pytest.fixture
def town():
    """An authority with three units and channels, sixty items, some done and some resting."""
    authority = an_authority()
    units = [a_unit(authority, name) for name in ("Biblioteket", "Gatukontoret", "Kansliet")]
    channels = [a_channel(authority, unit=u, in_operation_from=datetime(2026, 1, 1, tzinfo=UTC)) for u in units]
    start = now() - timedelta(days=3)
    for number, channel in enumerate(channels):
        found = [
            an_item(TEXTS[n % 4], at=start + timedelta(seconds=n // 3, milliseconds=number)) for n in range(20)
        ]  # fmt: skip
        records.capture(channel=channel, page=a_page(*found))
    take_in(authority)
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    rows = list(Incoming.objects.of(lead).order_by("pk"))
    actions.close_many(actor=lead, uids=[row.uid for row in rows[::7]], outcome="no_answer_needed")
    actions.snooze_many(actor=lead, uids=[row.uid for row in rows[1::9]], until=now() + timedelta(days=1))
    actions.pass_on_many(actor=lead, uids=[row.uid for row in rows[3::8]], unit_uid=units[0].uid)
    return authority, lead, units, channels


def walked(actor, which, only, limit=4):
    """Return every item of a narrowed list, page by page, and how many pages it took."""
    found, key = [], ""
    for pages in range(1, 500):
        page = queries.list_page(actor, which, after=key, limit=limit, only=only)
        found += [card.incoming for card in page.cards]
        key = page.next_key
        if not key:
            return found, pages
    raise AssertionError("the list never ends")


@pytest.mark.parametrize("stretch", [5, 7, 3000])
@pytest.mark.parametrize("which", List.values)
@pytest.mark.seldom
def test_every_wanted_item_is_reached_once_in_the_lists_order(town, which, stretch, monkeypatch):
    _authority, lead, units, channels = town
    monkeypatch.setattr(lists, "STRETCH", stretch)
    everything, _pages = walked(lead, which, Only(), limit=100)

    for only, is_wanted in (
        (Only(channel=channels[1].uid), lambda row: row.channel_id == channels[1].pk),
        (Only(unit=units[0].uid), lambda row: row.unit_id == units[0].pk),
        (Only(kind="fault_report"), lambda row: "fault_report" in row.classes.split(",")),
        (Only(channels[2].uid, units[2].uid, "question"),
         lambda row: row.channel_id == channels[2].pk and row.unit_id == units[2].pk
         and "question" in row.classes.split(",")),
    ):  # fmt: skip
        found, _pages = walked(lead, which, only)
        assert [row.pk for row in found] == [row.pk for row in everything if is_wanted(row)], only


def test_a_kind_is_not_taken_for_another_that_ends_with_it(town):
    _authority, lead, _units, _channels = town
    rows = Incoming.objects.of(lead).order_by("pk")
    Incoming.objects.of(lead).filter(pk=rows[0].pk).update(classes="accessibility_complaint,question")
    Incoming.objects.of(lead).filter(pk=rows[1].pk).update(classes="accessibility_complaint,complaint,question")

    found = {row.pk for row in walked(lead, List.ALL, Only(kind="complaint"))[0]}

    assert rows[0].pk not in found
    assert rows[1].pk in found


def test_a_page_ends_with_its_stretch_and_says_so(town, monkeypatch):
    _authority, lead, _units, channels = town
    monkeypatch.setattr(lists, "STRETCH", 35)
    Incoming.objects.of(lead).filter(channel=channels[0]).exclude(
        pk=Incoming.objects.of(lead).filter(channel=channels[0]).order_by("received_at")[0].pk
    ).update(channel=channels[1])

    first = queries.list_page(lead, List.ALL, only=Only(channel=channels[0].uid))
    found, pages = walked(lead, List.ALL, Only(channel=channels[0].uid), limit=25)

    assert (first.cards, first.is_short) == ((), True)
    assert (len(found), pages) == (1, 2)


@pytest.mark.parametrize("which", [List.ALL, List.UNIT, List.UNASSIGNED])
def test_narrowing_costs_no_query(town, which):
    _authority, lead, _units, channels = town

    with CaptureQueriesContext(connection) as whole:
        queries.list_page(lead, which)
    with CaptureQueriesContext(connection) as narrowed:
        queries.list_page(lead, which, only=Only(channel=channels[0].uid, kind="question"))

    assert len(narrowed) <= len(whole)


def test_what_another_authority_has_narrows_to_nothing_and_no_kind_is_refused(town):
    _authority, lead, _units, _channels = town
    other = a_channel(an_authority("Lillköping"))

    assert not queries.list_page(lead, List.ALL, only=Only(channel=other.uid)).cards
    assert not queries.list_page(lead, List.ALL, only=Only(unit=uuid4())).cards
    with pytest.raises(Invalid):
        queries.list_page(lead, List.ALL, only=Only(kind="hemligt"))


# --- The page --------------------------------------------------------------------------------------------------------


def test_the_filter_stays_in_every_address_and_can_be_cleared(town):
    _authority, lead, _units, channels = town
    client = signed_in(lead)
    query = f"lista=alla&kanal={channels[0].uid}&slag=question"

    html = seen(client, f"{reverse('inbox:inbox')}?{query}")
    uid = re.search(r'id="t-([0-9a-f-]{36})"', html)[1]
    thread = seen(client, f"/inkorg/{uid}/?{query}")
    kept = query.replace("&", "&amp;")

    for page in (html, thread):
        assert f"/inkorg/{uid}/?{kept}" in page
        assert all(f'name="{name}"' in page for name in ("kanal", "enhet", "slag"))
        assert f'<option value="{channels[0].uid}" selected>' in page
        assert '<input type="hidden" name="lista" value="alla"' in page
        assert 'href="/inkorg/?lista=alla"' in page  # Rensa
        assert f"/inkorg/?lista=sena&amp;kanal={channels[0].uid}&amp;slag=question" in page
        assert f"{channels[0].name}" in page
    assert f"/inkorg/{uid}/steg/ta/?{kept}" in thread
    assert f'data-poll="/inkorg/lista/?{kept}' in html
    assert channels[1].name not in re.sub(r"<option.*?</option>", "", html)


def test_paging_keeps_the_filter_and_reaches_everything(town, monkeypatch):
    _authority, lead, _units, channels = town
    monkeypatch.setattr(lists, "STRETCH", 30)
    client, found = signed_in(lead), set()
    url = f"{reverse('inbox:inbox')}?lista=alla&kanal={channels[0].uid}"
    for _ in range(10):
        html = seen(client, url)
        found |= set(re.findall(r'id="t-([0-9a-f-]{36})"', html))
        more = re.search(r'href="([^"]+)" rel="next"', html)
        if more is None:
            break
        url = more[1].replace("&amp;", "&")
        assert f"kanal={channels[0].uid}" in url

    assert found == {str(row.uid) for row in Incoming.objects.of(lead).filter(channel=channels[0])}


def test_an_empty_narrowed_list_says_that_the_filter_hides_things(town, monkeypatch):
    _authority, lead, _units, _channels = town
    client = signed_in(lead)
    url = f"{reverse('inbox:inbox')}?lista=alla&slag=appeal"

    empty = seen(client, url)
    monkeypatch.setattr(lists, "STRETCH", 30)
    short = seen(client, url)

    assert "Inget här passar filtret" in empty
    assert "Rensa filtret" in empty
    assert 'rel="next"' not in empty
    assert "Leta vidare" in short
    assert 'rel="next"' in short


@pytest.mark.parametrize("query", ["kanal=x", "enhet=1", "slag=hemligt", "kanal=%00"])
def test_a_filter_that_is_none_is_refused_with_a_sentence(town, query):
    _authority, lead, _units, _channels = town

    answer = signed_in(lead).get(f"{reverse('inbox:inbox')}?{query}")

    assert answer.status_code == 422
    assert "Det filtret finns inte" in body(answer)


def test_a_choice_that_chooses_nothing_narrows_nothing(town):
    _authority, lead, _units, _channels = town

    html = seen(signed_in(lead), f"{reverse('inbox:inbox')}?lista=alla&kanal=&enhet=&slag=")

    assert 'id="threads"' in html
    assert "Rensa" not in html


@pytest.mark.parametrize("name", ["enhet", "alla", "mina"])
def test_a_narrowed_page_costs_as_few_queries(town, name):
    _authority, lead, _units, channels = town
    client = signed_in(lead)
    asked = Incoming.objects.of(lead).order_by("pk")[3]
    query = f"?lista={name}&kanal={channels[0].uid}&slag=question"

    for url in (f"{reverse('inbox:inbox')}{query}", thread_url(asked, query)):
        with CaptureQueriesContext(connection) as spent:
            seen(client, url)
        assert len(spent) <= EVERY_QUERY, "\n".join(q["sql"][:120] for q in spent.captured_queries)
