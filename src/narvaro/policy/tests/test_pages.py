"""Pages of policy: rules and notices are decided there, and anybody reads the rules."""

from __future__ import annotations

import json
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from narvaro.base.ids import uuid7
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.core import actions as house
from narvaro.core import queries as core
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Actor, Role
from narvaro.policy import actions, queries, rules

pytestmark = pytest.mark.django_db

LIST = "/administration/kommentarsregler/"
MOST_QUERIES = 12


@pytest.fixture
def lead(authority) -> Actor:
    actor = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    actions.take_starting_rules(actor=actor)
    return actor


@pytest.fixture
def office(lead) -> Client:
    return signed_in(lead)


def words(answer) -> str:
    return unescape(answer.content.decode())


# --- Deciding about rules ---------------------------------------------------------------------------------------------


def test_a_rule_is_added_changed_moved_and_ended_on_pages(office, lead):
    page = office.get(f"{LIST}ny/")
    office.post(f"{LIST}ny/", filled(page, title="Upprepningar", text="Skriv det en gång.", first="answer"))
    rule = queries.house_rules(lead)[-1]
    assert rule.title == "Upprepningar"

    page = office.get(f"{LIST}{rule.uid}/")
    office.post(f"{LIST}{rule.uid}/", filled(page, text="En gång räcker."))
    rule = queries.house_rules(lead)[-1]
    assert rule.text == "En gång räcker."

    office.post(f"{LIST}{rule.uid}/flytta/", {"intent": uuid7(), "direction": "up"})
    assert queries.house_rules(lead)[-2].pk == rule.pk

    asked = office.get(f"{LIST}{rule.uid}/avsluta/")
    assert "Upprepningar" in words(asked)
    office.post(f"{LIST}{rule.uid}/avsluta/", {"intent": asked.context["fields"][0][1]})
    assert "Upprepningar" not in [each.title for each in queries.house_rules(lead)]
    assert "Skriv det en gång." in words(office.get(f"{LIST}{rule.uid}/"))


def test_a_form_sent_twice_adds_one_rule(office, lead):
    sent = filled(office.get(f"{LIST}ny/"), title="En", text="Gång.")

    first, second = office.post(f"{LIST}ny/", sent), office.post(f"{LIST}ny/", sent)

    assert (first.status_code, second.status_code) == (302, 409)
    assert [rule.title for rule in queries.house_rules(lead)].count("En") == 1


def test_rf_2_a_collision_is_told_in_words_while_writing_and_in_the_list_and_stops_nothing(office, lead):
    sent = filled(office.get(f"{LIST}ny/"), title="Politik", text="Inga politiska budskap.")

    looked = office.post(f"{LIST}ny/", {**sent, "look": "1"})
    live = office.post(f"{LIST}granska/", sent)
    assert "Politik" not in [rule.title for rule in queries.house_rules(lead)]
    saved = office.post(f"{LIST}ny/", sent)

    for answer in (looked, live, office.get(LIST)):
        assert answer.status_code == 200
        assert "Kan krocka med yttrandefriheten" in words(answer)
        assert "RF 2 kap. 1" in words(answer)
    assert saved.status_code == 302
    assert "Politik" in [rule.title for rule in queries.house_rules(lead)]


def test_a_rule_that_is_not_whole_comes_back_with_its_text(office):
    answer = office.post(f"{LIST}ny/", filled(office.get(f"{LIST}ny/"), title="", text="Min text."))

    assert answer.status_code == 422
    assert "Min text." in words(answer)


def test_a_channels_rules_are_decided_on_a_page_of_its_own(office, lead, authority):
    channel = a_channel(authority)
    place = f"{LIST}kanal/{channel.uid}/"
    assert "Inga egna regler för kanalen" in words(office.get(place))

    sent = filled(office.get(f"{place}ny/"), title="Bara här", text="Gäller simhallen.")
    assert office.post(f"{place}ny/", sent).url == place

    assert "Bara här" in words(office.get(place))
    assert "Bara här" not in words(office.get(LIST))
    assert channel.name in words(office.get(LIST))
    assert f"/{authority.slug}/kommentarsregler/{channel.uid}/" in words(office.get(place))
    assert f"/{authority.slug}/kommentarsregler/{channel.uid}/" in words(office.get(f"/kanaler/{channel.uid}/"))


def test_an_authority_without_rules_begins_with_those_that_ship(authority):
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    office = signed_in(lead)
    page = office.get(LIST)
    assert "Börja med reglerna som följer med" in words(page)

    office.post(f"{LIST}borja/", {"intent": uuid7()})

    assert len(queries.house_rules(lead)) == len(rules.STARTING_RULES)


@pytest.mark.parametrize("role", [Role.REPRESENTATIVE, Role.AUDITOR])
def test_those_who_do_not_decide_read_only(lead, authority, role):
    rule = queries.house_rules(lead)[0]
    reader = signed_in(an_actor(authority, role=role))

    listed = words(reader.get(LIST))
    read = words(reader.get(f"{LIST}{rule.uid}/"))
    notice = words(reader.get(f"{LIST}besked/BBS-5a/"))

    assert rule.title in listed
    assert "Lägg till en regel" not in listed
    assert rule.text in read
    for text in (read, notice):
        assert "Spara" not in text
    assert reader.get(f"{LIST}ny/").status_code == 403
    assert reader.get(f"{LIST}{rule.uid}/avsluta/").status_code == 403
    assert reader.post(f"{LIST}{rule.uid}/", {"intent": uuid7(), "title": "X", "text": "X"}).status_code == 403
    assert reader.post(f"{LIST}{rule.uid}/avsluta/", {"intent": uuid7()}).status_code == 403
    assert reader.post(f"{LIST}{rule.uid}/flytta/", {"intent": uuid7(), "direction": "up"}).status_code == 403
    assert reader.post(f"{LIST}besked/BBS-5a/", {"intent": uuid7(), "text": "X"}).status_code == 403
    assert reader.post(f"{LIST}besked/BBS-5a/aterstall/", {"intent": uuid7()}).status_code == 403


def test_another_authoritys_rules_look_missing(lead):
    rule = queries.house_rules(lead)[0]
    stranger = signed_in(an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD))

    assert stranger.get(f"{LIST}{rule.uid}/").status_code == 404
    assert stranger.post(f"{LIST}{rule.uid}/avsluta/", {"intent": uuid7()}).status_code == 404


def test_a_wording_that_has_ended_can_be_read_and_not_changed(office, lead):
    rule = queries.house_rules(lead)[0]
    sent = filled(office.get(f"{LIST}{rule.uid}/"), text="Min ändring.")
    actions.change_rule(actor=lead, uid=rule.uid, title="Ny", text="Någon annans.")

    stale = office.post(f"{LIST}{rule.uid}/", sent)

    assert stale.status_code == 409
    assert "Spara" not in words(office.get(f"{LIST}{rule.uid}/"))


def test_administration_leads_to_the_rules(office):
    assert f'href="{LIST}"' in words(office.get("/administration/"))


# --- Notices ----------------------------------------------------------------------------------------------------------


def test_a_notice_is_shown_filled_in_changed_and_restored(office, lead):
    place = f"{LIST}besked/personal_attack/"
    page = office.get(place)
    assert "Påhopp på person." in page.context["example"]
    assert "{" not in page.context["example"]
    assert "{klaga}" in words(page)

    office.post(place, filled(page, text="Hej! {skäl} {klaga}"))
    assert queries.notice_for(lead, queries.ground_for(lead, "personal_attack")) == "Hej! {skäl} {klaga}"
    assert "Egen text" in words(office.get(f"{LIST}besked/"))

    page = office.get(place)
    office.post(
        f"{place}aterstall/", {"intent": uuid7(), "seen_version": page.context["restore"]["seen_version"].value()}
    )
    assert "Egen text" not in words(office.get(f"{LIST}besked/"))


def test_a_misspelt_placeholder_comes_back_with_a_sentence_and_the_text(office, lead):
    place = f"{LIST}besked/BBS-5a/"

    answer = office.post(place, filled(office.get(place), text="Hej {skal} där"))

    assert answer.status_code == 422
    assert "Det finns inget som heter {skal}." in words(answer)
    assert "Hej {skal} där" in words(answer)
    assert queries.own_notices(lead) == frozenset()


def test_a_notice_is_looked_at_before_it_is_saved_and_long_ones_are_told(office, lead):
    place = f"{LIST}besked/BBS-5a/"
    sent = filled(office.get(place), text="Hej! {regel}. {klaga} " + "mycket " * 50)

    looked, live = office.post(place, {**sent, "look": "1"}), office.post(f"{place}visa/", sent)

    for answer in (looked, live):
        assert answer.status_code == 200
        assert "Bluesky tar högst 300" in words(answer)
    assert queries.own_notices(lead) == frozenset()


def test_a_notice_of_an_unknown_ground_is_missing(office):
    assert office.get(f"{LIST}besked/asikt/").status_code == 404


# --- Open to anybody --------------------------------------------------------------------------------------------------


def test_bbs_5_anybody_reads_the_rules_and_what_the_law_asks_for(lead, authority, client):
    text = words(client.get(f"/{authority.slug}/kommentarsregler/"))

    for rule in rules.STARTING_RULES:
        assert rule.title in text
        assert rule.text in text
    for ground in rules.CRIMES:
        assert str(ground.title) in text


def test_rf_2_bbs_2_tf_1_the_open_page_says_what_is_free_who_answers_and_what_becomes_of_it(lead, authority, client):
    text = words(client.get(f"/{authority.slug}/kommentarsregler/"))

    assert "Vi tar aldrig bort något för att det är en åsikt" in text
    assert f"{authority.name} svarar för kanalerna" in text
    assert "allmän handling" in text
    assert "Reglerna gäller sedan den" in text
    at = [text.index(step) for step in ("Vi svarar.", "Vi påminner", "Vi döljer kommentaren", "blockerar vi")]
    assert at == sorted(at)


def test_a_channels_open_page_has_its_own_rules_too(lead, authority, client):
    channel = a_channel(authority)
    actions.add_rule(actor=lead, title="Bara här", text="Gäller simhallen.", channel=channel)

    here, everywhere = f"/{authority.slug}/kommentarsregler/{channel.uid}/", f"/{authority.slug}/kommentarsregler/"

    assert "Bara här" in words(client.get(here))
    assert "Bara här" not in words(client.get(everywhere))


def test_the_open_page_is_in_english_where_somebody_has_written_english(lead, authority, client):
    actions.add_rule(actor=lead, title="Bara svenska", text="Ingen översättning.")

    answer = client.get(f"/{authority.slug}/kommentarsregler/?sprak=en")
    text = words(answer)

    assert answer["Content-Language"] == "en"
    assert '<html lang="en"' in text
    assert "Attacks on persons" in text
    assert '<dt lang="sv">Bara svenska</dt>' in text
    assert translation.get_language() == "sv"


def test_the_open_page_is_kept_by_caches_and_changes_with_the_rules(lead, authority, client):
    place = f"/{authority.slug}/kommentarsregler/"
    first = client.get(place)

    again = client.get(place, HTTP_IF_NONE_MATCH=first["ETag"])
    actions.end_rule(actor=lead, uid=queries.house_rules(lead)[0].uid)
    changed = client.get(place, HTTP_IF_NONE_MATCH=first["ETag"])

    assert "public" in first["Cache-Control"]
    assert "max-age" in first["Cache-Control"]
    assert not first.cookies
    assert again.status_code == 304
    assert changed.status_code == 200


def test_the_open_page_is_the_same_for_those_who_are_signed_in(lead, office, authority, client):
    place = f"/{authority.slug}/kommentarsregler/"

    assert client.get(place).content == office.get(place).content


def test_the_same_stands_as_data(lead, authority, client):
    channel = a_channel(authority)
    actions.add_rule(actor=lead, title="Bara här", text="Gäller simhallen.", channel=channel)

    answer = client.get(f"/{authority.slug}/kommentarsregler/{channel.uid}.json")
    data = json.loads(answer.content)

    assert answer["Content-Type"].startswith("application/json")
    assert [rule["code"] for rule in data["not_allowed"]] == [
        *(rule.code for rule in rules.STARTING_RULES), "bara_har",
    ]  # fmt: skip
    assert data["not_allowed"][-1]["applies_to"] == "channel"
    assert [ground["code"] for ground in data["law_requires_removal"]] == [ground.code for ground in rules.CRIMES]
    assert data["in_force_since"]
    assert json.loads(client.get(f"/{authority.slug}/kommentarsregler.json").content)["channel"] is None


def test_an_open_page_of_nobody_and_of_another_authoritys_channel_is_missing(authority, client):
    channel = a_channel(an_authority("Lillköping"))

    assert client.get("/finns-inte/kommentarsregler/").status_code == 404
    assert client.get(f"/{authority.slug}/kommentarsregler/{channel.uid}/").status_code == 404


def test_an_authority_without_rules_says_so(authority, client):
    assert "Vi har inga egna regler utöver lagen." in words(client.get(f"/{authority.slug}/kommentarsregler/"))


def test_what_somebody_writes_in_a_rule_is_never_markup(lead, authority, client):
    actions.add_rule(actor=lead, title="<b>X</b>", text="<script>alert(1)</script>")

    assert b"<script>alert" not in client.get(f"/{authority.slug}/kommentarsregler/").content


@pytest.mark.parametrize("name", ["Kanaler", "Administration", "Att göra", "Handbok", "Static", "Inkorg", "Accounts"])
def test_no_authority_is_called_as_a_place_of_ours(name):
    lead = an_actor(an_authority(), role=Role.ADMINISTRATOR)

    added = house.add_authority(actor=lead, name=name)

    assert added.slug.endswith("-2")
    assert core.authority_by_slug(added.slug).name == name


# --- Cost -------------------------------------------------------------------------------------------------------------


def test_pages_cost_few_questions(office, lead, authority, client, django_assert_max_num_queries):
    channels = [a_channel(authority) for _ in range(3)]
    for channel in channels:
        actions.add_rule(actor=lead, title="Bara här", text="X.", channel=channel)
    rule = queries.house_rules(lead)[0]
    staff = [
        LIST, f"{LIST}ny/", f"{LIST}{rule.uid}/", f"{LIST}{rule.uid}/avsluta/", f"{LIST}kanal/{channels[0].uid}/",
        f"{LIST}besked/", f"{LIST}besked/BBS-5a/",
    ]  # fmt: skip

    for path in staff:
        with django_assert_max_num_queries(MOST_QUERIES, info=path):
            assert office.get(path).status_code == 200
    for kind, args in (("page", {}), ("channel", {"uid": channels[0].uid}), ("json", {})):
        with django_assert_max_num_queries(MOST_QUERIES):
            address = reverse(f"house_rules:{kind}", kwargs={"slug": authority.slug, **args})
            assert client.get(address).status_code == 200


def test_a_long_list_of_channels_is_paged(office, lead, authority, monkeypatch):
    monkeypatch.setattr("narvaro.policy.views.rules.CHANNELS_SHOWN", 2)
    channels = [a_channel(authority) for _ in range(3)]
    for channel in channels:
        actions.add_rule(actor=lead, title="Bara här", text="X.", channel=channel)

    first = office.get(LIST)
    second = office.get(LIST + first.context["older_url"])

    assert [row.uid for row in first.context["channels"]] == [channels[0].uid, channels[1].uid]
    assert [row.uid for row in second.context["channels"]] == [channels[2].uid]
    assert second.context["older_url"] == ""
