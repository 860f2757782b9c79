"""The register of paid promotion: open to anybody, true about what happened, careful about what is to come."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from narvaro.base.clock import today
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.publishing import actions as publishing
from narvaro.publishing.actions import promotion as actions
from narvaro.publishing.models import PromotionVersion
from narvaro.publishing.queries import promotion as queries
from narvaro.publishing.rules import promotion as rules
from narvaro.publishing.testing import a_promotion
from narvaro.publishing.types.promotion import Topic

pytestmark = pytest.mark.django_db
SOON = timedelta(days=10)


@pytest.fixture
def writer(authority):
    return an_actor(authority, role=Role.REPRESENTATIVE)


def anybody_reads(authority, ending="/"):
    return Client().get(f"/{authority.slug}/betald-spridning{ending}").content.decode()


@pytest.mark.parametrize(
    ("topic", "platform", "given", "field"),
    [
        (Topic.ORDINARY, "instagram", {}, None),
        (Topic.SOCIAL, "facebook", {}, "fallback"),
        (Topic.VOTING, "threads", {"fallback": "Vår webbplats"}, None),
        (Topic.SOCIAL, "linkedin", {}, None),
        (Topic.POLITICAL, "facebook", {"label_about": "Valet", "label_url": "https://a.example"}, "topic"),
        (Topic.POLITICAL, "linkedin", {}, "label_about"),
        (Topic.POLITICAL, "linkedin", {"label_about": "Valet"}, "label_url"),
        (Topic.POLITICAL, "linkedin", {"label_about": "Valet", "label_url": "https://a.example"}, None),
    ],
)
@pytest.mark.one_database
def test_ttpa_1_what_is_about_to_begin_is_refused_with_the_reason_and_what_has_begun_is_entered(
    topic, platform, given, field
):
    values = {"label_about": "", "label_url": "", "fallback": "", "amount_kr": 1, "topic": topic, "platform": platform}
    days = {"begins_on": today() + SOON, "ends_on": today() + SOON}
    begun = {"begins_on": today(), "ends_on": today() + SOON}

    stopped = rules.why_not({**values, **days, **given}, today())

    assert (stopped[0] if stopped else None) == field
    assert rules.why_not({**values, **begun, **given}, today()) is None


def test_ttpa_1_political_advertising_that_happened_stands_in_the_register_with_what_it_lacks(authority, writer):
    a_promotion(writer, topic=Topic.POLITICAL, platform="facebook")

    page, data = anybody_reads(authority), json.loads(anybody_reads(authority, ".json"))

    assert "Märkningen som krävs av politisk reklam saknas." in page
    assert len(data["promotions"][0]["flags"]) == 3


def test_anybody_reads_functions_and_amounts_and_no_name_of_whoever_entered_it(authority, writer):
    a_promotion(writer, title="=SUM(1)", fallback="Internt: vår webbplats")
    struck = a_promotion(writer, title="Blev aldrig av")
    actions.withdraw_promotion(actor=writer, uid=struck.uid, why="Köpet blev aldrig av.")

    page, words, table = (anybody_reads(authority, ending) for ending in ("/", ".json", ".csv"))

    name = person_of(writer).name
    for each in (page, words, table):
        assert "Kommunikationsenheten" in each
        assert not any(hidden in each for hidden in (name, "Blev aldrig av", "Internt"))
    assert "'=SUM(1)" in table
    assert "4000 kronor" in page
    assert queries.paid_by_year(writer)[0][1] == 4000


def test_what_stood_before_is_kept_with_the_reason_and_cannot_be_rewritten(authority, writer):
    bought = a_promotion(writer)
    values = queries.content_of_promotion(bought) | {"begins_on": bought.begins_on, "ends_on": bought.ends_on}
    changed = values | {"amount_kr": 5000}

    with pytest.raises(Invalid, match="varför"):
        actions.change_promotion(actor=writer, uid=bought.uid, why=" ", **changed)
    actions.change_promotion(actor=writer, uid=bought.uid, why="Fakturan blev större.", seen_version=1, **changed)
    with pytest.raises(Stale):
        actions.change_promotion(actor=writer, uid=bought.uid, why="Igen.", seen_version=1, **changed)

    assert [row.content["amount_kr"] for row in queries.promotion_versions(writer, bought)] == [5000, 4000]
    with pytest.raises(DatabaseError), transaction.atomic():
        PromotionVersion.objects.of(writer).update(why="")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payer", " "), ("audience", ""), ("post_url", "javascript:alert(1)"), ("label_url", "data:x"),
        ("amount_kr", -1), ("amount_kr", 10**9), ("topic", "x"), ("ends_on", today() - timedelta(days=900)),
    ],
)  # fmt: skip
def test_what_nobody_could_read_is_refused_at_its_field(writer, field, value):
    with pytest.raises(Invalid) as refused:
        a_promotion(writer, **{field: value})

    assert refused.value.field == field


def test_only_those_who_answer_residents_enter_and_anothers_register_looks_missing(authority, writer):
    with pytest.raises(NotPermitted):
        a_promotion(an_actor(authority, role=Role.AUDITOR))
    with pytest.raises(NotFound):
        queries.promotion_for(an_actor(an_authority()), a_promotion(writer).uid)


def test_a_post_leads_to_the_register_with_what_is_known_and_the_pages_ask_little(
    authority, writer, django_assert_max_num_queries
):
    channel = a_channel(authority, responsible=person_of(writer))
    message = publishing.save_message(actor=writer, text="Sök till gymnasiet nu.", channels={channel: ""})
    desk, new = signed_in(writer), f"/publicerat/betalt/nytt/?inlagg={message.uid}"
    given = {"function": "Skolan", "amount_kr": 900, "audience": "Alla", "begins_on": today(), "ends_on": today()}

    made = desk.post(new, filled(desk.get(new), **given))
    address = made["Location"]
    desk.post(address, filled(desk.get(address), amount_kr=950, why="Fel summa."))

    with django_assert_max_num_queries(12):
        page = desk.get(address).content.decode()
    assert (made.status_code, "Sök till gymnasiet nu." in page, "950 kr" in page) == (302, True, True)
    with django_assert_max_num_queries(12):
        assert "Sök till gymnasiet nu." in desk.get("/publicerat/betalt/").content.decode()
    assert desk.get("/publicerat/betalt/nytt/?inlagg=nonsens").status_code == 404
