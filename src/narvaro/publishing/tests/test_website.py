"""The page of the website that a message belongs to: ours, looked at outside of transactions, told when it is dead."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from narvaro import screening
from narvaro.base import clock
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.connectors.port import Misconfigured, Transient
from narvaro.core import waiting
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Invalid, NotPermitted, Role
from narvaro.publishing import actions, queries, website_looking
from narvaro.publishing.actions.website import name_page
from narvaro.publishing.queries.website import asking_of_page, page_of
from narvaro.publishing.types.website import PageState

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
PAGE = "https://www.storkoping.example/badet"


@pytest.fixture
def authority():
    made = an_authority()
    made.website = "https://storkoping.example/"
    made.save(update_fields=["website"])
    return made


@pytest.fixture
def writer(authority):
    return an_actor(authority, role=Role.REPRESENTATIVE)


@pytest.fixture
def message(authority, writer):
    channel = a_channel(authority, responsible=person_of(writer))
    with clock.frozen(MORNING):
        return actions.save_message(
            actor=writer, text="Badet öppnar.", channels={channel: ""}, day=date(2026, 10, 2), clock=time(8, 0)
        )


@pytest.fixture
def answers(monkeypatch):
    """What the website answers, in order; each call says where it went and that no transaction was held."""
    asked, given = [], []

    def fetch(address, **_kwargs):
        asked.append(address)
        if isinstance(found := given.pop(0), Exception):
            raise found

    monkeypatch.setattr(website_looking.web, "fetch", fetch)
    return asked, given


def test_a_page_is_looked_at_when_named_and_half_an_hour_before_it_goes_out_and_its_author_told(
    writer, message, answers
):
    asked, given = answers
    with clock.frozen(MORNING):
        name_page(actor=writer, uid=message.uid, url=PAGE)
        given.append(None)
        assert (website_looking.look_at_due(), website_looking.look_at_due()) == (1, 0)
        actions.send_message(actor=writer, uid=message.uid)
    assert page_of(writer, message).state == PageState.THERE

    with clock.frozen(datetime(2026, 10, 2, 5, 29, tzinfo=UTC)):
        assert website_looking.look_at_due() == 0
    with clock.frozen(datetime(2026, 10, 2, 5, 31, tzinfo=UTC)):
        given.append(Misconfigured("Sidan har inget att läsa (kod 404)."))
        assert (website_looking.look_at_due(), website_looking.look_at_due()) == (1, 0)
        waits = waiting.today(writer)

    page = page_of(writer, message)
    assert (asked, page.state, page.reason) == ([PAGE, PAGE], PageState.DEAD, "Sidan har inget att läsa (kod 404).")
    assert "finns inte" in waits[0].title


def test_a_page_that_is_only_slow_is_tried_three_times_before_that_is_believed(writer, message, answers):
    name_page(actor=writer, uid=message.uid, url=PAGE)
    at, states = clock.now(), []
    for number in range(3):
        answers[1].append(Transient("Svarade inte i tid."))
        with clock.frozen(at + timedelta(minutes=6 * number, seconds=1)):
            assert website_looking.look_at_due() == 1
            states.append(page_of(writer, message).state)

    assert states == [PageState.UNREAD, PageState.UNREAD, PageState.DEAD]


@pytest.mark.parametrize(
    "url", ["https://ond.example/badet", "javascript:alert(1)", "https://storkoping.example.ond.example/", "badet"]
)
def test_only_a_page_of_our_own_website_is_named_and_looked_at(writer, message, url):
    with pytest.raises(Invalid):
        name_page(actor=writer, uid=message.uid, url=url)


def test_a_stranger_names_no_page_and_a_dead_one_is_asked_about_before_publishing(authority, writer, message, answers):
    with pytest.raises(NotPermitted):
        name_page(actor=an_actor(authority, role=Role.AUDITOR), uid=message.uid, url=PAGE)
    desk, address = signed_in(writer), f"/publicerat/utkast/{message.uid}/"
    desk.post(f"{address}sida/", filled(desk.get(address), "website_form", url=PAGE))
    answers[1].append(Misconfigured("Borta."))
    website_looking.look_at_due()

    assert "Borta." in desk.get(address).content.decode()
    checks = asking_of_page(writer, queries.checks_of(writer, "Hej.", kind=screening.Kind.POST), message)
    assert PAGE in checks.asks[0]
    desk.post(f"{address}sida/", filled(desk.get(address), "website_form", url=""))
    assert page_of(writer, message) is None
