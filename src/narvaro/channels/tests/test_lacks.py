"""What a channel still lacks is told in time, with who can mend it, and hinders nobody."""

from __future__ import annotations

from datetime import date

import pytest

from narvaro.channels import queries, rules
from narvaro.channels.models import ChannelCard
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead, signed_in
from narvaro.channels.types import ChannelState
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Role

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12
LACKS = {
    "deputy": {"has_deputy": False},
    "left": {"has_left": True},
    "purpose": {"purpose": ""},
    "hours": {"staffed_hours": ""},
    "elsewhere": {"elsewhere": ""},
    "mailbox": {"function_mailbox": ""},
    "privacy": {"privacy_url": ""},
    "basis": {"legal_basis": ""},
    "archive": {"archive_owner": ""},
    "administrators": {"administrators": 1},
    "access": {"administrators_reviewed_on": date(2026, 7, 1)},
    "two_step": {"two_step_verified_on": date(2025, 11, 1)},
    "review": {"next_review_on": date(2026, 11, 1)},
}
A_DAY = date(2026, 11, 20)


def lacking(**changed):
    card = {
        "staffed_hours": "Vardagar", "elsewhere": "Ring", "function_mailbox": "a@storkoping.example",
        "comments": "open",
        "privacy_url": "https://storkoping.example/", "decision_ref": "KS 2026/1", "legal_basis": "Allmänt intresse",
        "administrators": 2, "administrators_reviewed_on": date(2026, 10, 1), "two_step_verified_on": date(2026, 10, 1),
        "archive_owner": "Arkivarien", "next_review_on": date(2027, 1, 1),
    }  # fmt: skip
    known = {"purpose": "Öppettider", "has_deputy": True, "has_left": False, "first": date(2026, 4, 1)}
    given = {name: value for name, value in changed.items() if name in known}
    values = {**card, **{name: value for name, value in changed.items() if name in card}}
    return rules.lacks_of(ChannelCard(**values), **{**known, **given}, on=A_DAY)


def test_a_channel_with_everything_lacks_nothing():
    assert lacking() == []


@pytest.mark.parametrize("key", LACKS)
def test_sec_2_each_thing_that_is_lacking_is_told_by_itself(key):
    assert [lack.key for lack in lacking(**LACKS[key])] == [key]


def test_a_channel_gets_ninety_days_for_what_was_never_there_and_none_for_what_has_grown_old():
    never, old = lacking(legal_basis="", administrators_reviewed_on=date(2026, 7, 1))

    assert (never.key, never.due) == ("basis", date(2026, 4, 1))
    assert (old.key, old.due) == ("access", date(2026, 10, 1))


def test_where_nobody_can_write_nobody_needs_to_be_there():
    assert lacking(staffed_hours="", comments="closed") == []


def test_the_channels_page_says_what_is_lacking_and_who_can_mend_it():
    authority = an_authority()
    unit = a_unit(authority)
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=unit)
    channel = a_channel(authority, unit=unit)

    mine = signed_in(manager).get(f"/kanaler/{channel.uid}/").content.decode()
    others = signed_in(an_actor(authority, role=Role.EMPLOYEE)).get(f"/kanaler/{channel.uid}/").content.decode()

    assert f'href="/kanaler/{channel.uid}/kort/">Skriv vem som svarar för arkivet.' in mine
    assert f"{person_of(manager).name} kan göra det." in others
    assert f"/kanaler/{channel.uid}/kort/" not in others


def test_what_every_channel_lacks_stands_on_one_page_and_in_a_file(django_assert_max_num_queries):
    authority = an_authority()
    lead = a_lead(authority)
    for _ in range(20):
        a_channel(authority)
    client = signed_in(lead)

    with django_assert_max_num_queries(MOST_QUERIES):
        page = client.get("/kanaler/aterstar/").content.decode()
    lines = client.get("/kanaler/aterstar/?fil=csv").content.decode("utf-8-sig").splitlines()

    assert page.count("Utse en ersättare") == 20
    assert len(lines) == 1 + sum(len(each) for each in queries.lacks(lead, queries.channels(lead)).values())


def test_a_closed_channel_lacks_nothing():
    authority = an_authority()
    channel = a_channel(authority, state=ChannelState.CLOSED)

    assert "Det som återstår" not in signed_in(a_lead(authority)).get(f"/kanaler/{channel.uid}/").content.decode()
