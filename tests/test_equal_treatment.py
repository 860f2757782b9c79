"""The equal-treatment view: what each rule led to, what was treated differently, and never whom it was about."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from narvaro.base import clock
from narvaro.base.clock import now
from narvaro.channels.testing import a_channel
from narvaro.connectors.port import Author
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Actor, NotPermitted, Role
from narvaro.inbox.testing import a_comment
from narvaro.moderation import actions, equal
from narvaro.policy.testing import a_rule
from narvaro.policy.types import Measure as Kind

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
UNTOLD = {"waive_notice_why": "Det är ett automatiskt konto."}
ROOT = "/moderering/likabehandling/"
THREAT = "Jag ska slå dig sönder och samman din jävel"


@pytest.fixture
def auditor(authority):
    return an_actor(authority, role=Role.AUDITOR)


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(person_of(actor), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def author(number: int) -> Author:
    return Author(f"skribent-{number}", f"skribent{number}@social.example", f"Skribent {number}", "")


def decide(lead, item, kind=Kind.HIDE, ground="BBS-5a"):
    return actions.decide_measure(
        actor=lead, item=item, kind=kind, ground=ground, reasons="Texten hotar en person.", **UNTOLD
    ).measure


def everything(channel_id=None) -> equal.Span:
    return equal.Span(now() - timedelta(days=30), now() + timedelta(days=1), channel_id)


def test_rf_1_decisions_are_counted_by_rule_kind_channel_and_month(authority, lead, auditor):
    first, second = a_channel(authority), a_channel(authority)
    decide(lead, a_comment(authority, THREAT, channel=first).item)
    decide(lead, a_comment(authority, THREAT + " snart", channel=second).item, Kind.REMOVE)
    decide(lead, a_comment(authority, "Din idiot", channel=second).item, Kind.WARN, a_rule(authority).code)

    decided, is_cut = equal.decisions(auditor, everything())
    by_ground = equal.tallied(decided, lambda one: one.ground)

    assert not is_cut
    assert by_ground["BBS-5a"].kinds == {"hide": 1, "remove": 1}
    assert len(equal.tallied(decided, lambda one: one.channel_id)) == 2
    assert [one.kind for one in equal.decisions(auditor, everything(first.pk))[0]] == ["hide"]


def test_how_long_it_took_is_the_median(authority, lead, auditor):
    for hours in (1, 2, 30):
        item = a_comment(authority, f"{THREAT} {hours}").item
        with clock.frozen(now() + timedelta(hours=hours)):
            measure = decide(lead, item)
        measure.knowledge_at = measure.decided_at - timedelta(hours=hours)
        type(measure).objects.everywhere("test").filter(pk=measure.pk).update(knowledge_at=measure.knowledge_at)

    (tally,) = equal.tallied(
        equal.decisions(auditor, equal.Span(now(), now() + timedelta(days=9)))[0], lambda one: one.ground
    ).values()

    assert tally.usual_known_for == timedelta(hours=2)
    assert tally.usual_carried_in is None


def test_rf_1_the_same_finding_treated_differently_stands_side_by_side_the_most_alike_first(authority, lead, auditor):
    hidden = a_comment(authority, THREAT, author=author(1)).item
    left = a_comment(authority, THREAT + " nu", author=author(2)).item
    other = a_comment(authority, "Akta dig, jag vet var du bor och ska slå ihjäl dig", author=author(3)).item
    decide(lead, hidden)

    found = equal.comparison(auditor, everything())

    assert {found.pairs[0].first.uid, found.pairs[0].second.uid} == {hidden.uid, left.uid}
    assert {one.outcome for one in (found.pairs[0].first, found.pairs[0].second)} == {(), ("hide",)}
    assert found.pairs[0].likeness > 0.8
    assert other.uid not in {side.uid for pair in found.pairs for side in (pair.first, pair.second)}
    assert found == equal.comparison(auditor, everything())


def test_what_was_treated_the_same_is_no_pair(authority, lead, auditor):
    for text in (THREAT, THREAT + " nu"):
        decide(lead, a_comment(authority, text).item)

    found = equal.comparison(auditor, everything())

    assert found.pairs == ()
    assert found.rules[0][2] == {("hide",): 2}


def test_gdpr_6_findings_that_tell_of_the_writer_are_never_compared(authority, auditor):
    a_comment(authority, "Jag orkar inte leva längre, jag vill ta mitt liv")
    a_comment(authority, "Min son med personnummer 20121212-1212 får ingen hjälp av socialtjänsten")

    assert equal.comparison(auditor, everything()).rules == ()


def test_another_authoritys_comments_are_not_compared(auditor):
    stranger = an_authority("Lillköping")
    decide(an_actor(stranger, role=Role.COMMUNICATIONS_LEAD), a_comment(stranger, THREAT).item)

    assert equal.comparison(auditor, everything()).rules == ()
    assert equal.decisions(auditor, everything()) == ([], False)


def test_rf_4_the_pages_never_say_who_wrote(authority, lead, auditor):
    decide(lead, a_comment(authority, THREAT, author=author(1)).item)
    a_comment(authority, THREAT + " nu", author=author(2))
    office = signed_in(auditor)

    pages = [office.get(ROOT + path).content.decode() for path in ("", "sida-vid-sida/")]
    file = b"".join(office.get(ROOT + "likabehandling.csv")).decode()

    assert "slå dig sönder" in pages[1]
    assert "Olaga hot" in file
    for body in (*pages, file):
        assert "kribent" not in body
    narrowed = office.get(ROOT + "sida-vid-sida/?author=skribent-1&regel=x&forfattare=skribent-1").content.decode()
    assert narrowed.count('class="quote"') == pages[1].count('class="quote"') == 2


@pytest.mark.parametrize("role", Role)
def test_moderation_leads_those_who_compare_to_equal_treatment_and_nobody_else(authority, role):
    reader = an_actor(authority, role=role)

    page = signed_in(reader).get("/moderering/").content.decode()

    assert (f'href="{ROOT}"' in page) == (role in equal.READERS)


@pytest.mark.parametrize("path", ["", "sida-vid-sida/", "likabehandling.csv"])
def test_only_those_who_audit_compare(authority, lead, path):
    for role in Role:
        answer = signed_in(an_actor(authority, role=role)).get(ROOT + path)
        assert answer.status_code == (200 if role in (Role.AUDITOR, Role.ARCHIVIST, Role.DPO) else 403), role
    assert Client().get(ROOT + path).status_code == 302
    with pytest.raises(NotPermitted):
        equal.comparison(lead, everything())
    with pytest.raises(NotPermitted):
        equal.decisions(lead, everything())


def test_the_filter_stays_in_the_address_and_an_empty_page_says_so(authority, lead, auditor):
    channel = a_channel(authority)
    decide(lead, a_comment(authority, THREAT, channel=channel).item)
    office = signed_in(auditor)

    narrowed = office.get(ROOT, {"kanal": str(channel.uid), "fran": "2020-01-01"})
    before = office.get(ROOT, {"till": "2020-01-01"})
    odd = office.get(ROOT, {"kanal": "ingen", "fran": "i går", "sida": "x"})

    body = narrowed.content.decode()
    assert f"likabehandling.csv?fran=2020-01-01&amp;kanal={channel.uid}" in body
    assert f"sida-vid-sida/?fran=2020-01-01&amp;kanal={channel.uid}" in body
    assert "Inga beslut att jämföra" in before.content.decode()
    assert odd.status_code == 200
    assert "Inget som behandlats olika" in office.get(ROOT + "sida-vid-sida/").content.decode()


def test_pairs_are_paged_and_each_page_costs_a_few_queries(
    authority, lead, auditor, monkeypatch, django_assert_max_num_queries
):
    from narvaro.moderation.views import equal as pages

    monkeypatch.setattr(pages, "PAIRS", 1)
    monkeypatch.setattr(pages, "LINES", 1)
    channels = [a_channel(authority), a_channel(authority)]
    for number in range(2):
        decide(lead, a_comment(authority, f"{THREAT} {number} ett", channel=channels[number]).item)
        a_comment(authority, f"{THREAT} {number} två", channel=channels[number])
    office = signed_in(auditor)
    office.get("/handlingar/")

    for path in ("", "?sida=2", "sida-vid-sida/", "sida-vid-sida/?sida=2", "likabehandling.csv"):
        with django_assert_max_num_queries(MOST_QUERIES, info=path):
            assert office.get(ROOT + path).status_code == 200
    first, second = (office.get(f"{ROOT}sida-vid-sida/?sida={number}").content.decode() for number in (1, 2))
    assert "?sida=2" in first
    assert "?sida=1" in second
    assert first.count('class="quote"') == second.count('class="quote"') == 2
