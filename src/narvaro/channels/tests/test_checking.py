"""What accounts say of themselves: read from real servers and the website, said by hand, and written to the gate."""

from __future__ import annotations

from datetime import timedelta

import pytest

from narvaro.base.clock import frozen, now, today
from narvaro.channels import actions, queries, tasks
from narvaro.channels.actions import verifying
from narvaro.channels.models import Channel, ChannelCheck, Condition
from narvaro.channels.queries import checking
from narvaro.channels.rules import about
from narvaro.channels.rules.about import AboutItem, Expected, Presented
from narvaro.channels.rules.gate import sentence
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead, filled, signed_in
from narvaro.channels.types import Connection, Platform
from narvaro.connectors.bluesky import connect
from narvaro.core.models import Authority
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Invalid, NotPermitted, Role
from narvaro.testing.servers.scripted import Call, Said, Scripted

pytestmark = pytest.mark.django_db
RULES = "https://narvaro.example/storkoping/kommentarsregler/"
EXPECTED = Expected(
    ("Storköpings kommun",), "https://storkoping.example", (RULES,), ("https://storkoping.example/gdpr",)
)
WHOLE = (
    "Storköpings kommun. Vi svarar på frågor. Det du skriver blir allmän handling. Ring 010-123 45 67. "
    "https://storkoping.example och https://storkoping.example/gdpr"
)


# --- What a presentation says -----------------------------------------------------------------------------------------


@pytest.mark.one_database
def test_bbs_2_a_presentation_that_says_everything_lacks_nothing():
    shown = Presented("Kommunen", WHOLE)

    assert about.lacking_items(shown, EXPECTED, wanted=about.USUAL_ITEMS, platform="mastodon") == ([], "text")


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("without", "item"),
    [
        ("Storköpings kommun. ", AboutItem.IDENTITY),
        ("Vi svarar på frågor. ", AboutItem.EXPECT),
        ("Det du skriver blir allmän handling. ", AboutItem.RULES),
        ("Ring 010-123 45 67. ", AboutItem.CONTACT),
        ("https://storkoping.example och https://storkoping.example/gdpr", AboutItem.WEBSITE),
        (" och https://storkoping.example/gdpr", AboutItem.PRIVACY),
    ],
)
def test_bbs_2_what_a_presentation_does_not_say_is_told(without, item):
    shown = Presented("Vi", WHOLE.replace(without, ""))

    lacking, _by = about.lacking_items(shown, EXPECTED, wanted=about.USUAL_ITEMS, platform="mastodon")

    assert item in lacking


@pytest.mark.one_database
def test_bbs_2_where_there_is_no_room_a_link_to_the_rules_or_a_pinned_post_is_enough_but_for_who_it_is():
    named, unnamed = "Storköpings kommun på Bluesky", "Vi svarar"

    def lacking(about_text: str, pinned: str = "", platform: str = "bluesky"):
        shown = Presented("", about_text, pinned)
        return about.lacking_items(shown, EXPECTED, wanted=about.USUAL_ITEMS, platform=platform)

    assert lacking(f"{named} {RULES}") == ([], "rules_page")
    assert lacking(f"{named} narvaro.example/storkoping/kommentarsregler") == ([], "rules_page")
    assert lacking(named, pinned=WHOLE) == ([], "pinned")
    assert lacking(f"{unnamed} {RULES}") == ([AboutItem.IDENTITY], "rules_page")
    assert AboutItem.RULES in lacking(named)[0]
    assert AboutItem.CONTACT in lacking(f"{named} {RULES}", platform="mastodon")[0]  # there is room there
    assert AboutItem.RULES in lacking(f"{named} https://narvaro.example.evil.example/storkoping/kommentarsregler/")[0]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        ("https://bsky.app/profile/storkoping.example", True),
        ("https://bsky.app/profile/did:plc:abc", True),
        ("https://bsky.app/profile/storkoping.example.evil.example", False),
        ("https://social.example/@storkoping.example", False),
        ("", False),
    ],
)
def test_od_6_a_link_back_leads_to_the_very_account(address, is_ours):
    where = {"platform": "bluesky", "handle": "storkoping.example", "remote_id": "did:plc:abc", "url": ""}

    assert about.is_account_at(address, **where) is is_ours
    assert about.is_under_domain("bibliotek.storkoping.example", "https://www.storkoping.example/")
    assert not about.is_under_domain("storkoping.bsky.example", "https://storkoping.example/")


# --- Read from a server and a website ---------------------------------------------------------------------------------


def a_website(account: str):
    data = f'<script type="application/ld+json">{{"sameAs": "{account}"}}</script>'
    page = f'<a rel="me" href="{account}">Mastodon</a>{data}'

    def answers(call: Call) -> Said:
        if call.path == "/trust.txt":
            return Said(body=f"social={account}\n".encode(), headers={"content-type": "text/plain"})
        return Said(body=f"<html><body>{page}</body></html>".encode())

    return answers


@pytest.mark.server
def test_bbs_2_an_account_is_read_from_its_server_and_what_is_missing_is_told_on_its_page(snac):
    authority = an_authority()
    lead, person = a_lead(authority), snac.person("kommunen")
    channel = a_channel(authority)
    Channel.objects.of(lead).update(base_url=snac.base_url, handle=person.handle, remote_id=person.remote_id)
    channel = queries.channel_for(lead, channel.uid)
    actions.store_secrets(actor=lead, channel=channel, secrets={"access_token": person.token})
    client = signed_in(lead)

    with Scripted(a_website(f"{snac.base_url}/{person.name}")) as site:
        Authority.objects.filter(pk=authority.pk).update(website=site.base_url)
        Channel.objects.of(lead).update(url=f"{snac.base_url}/{person.name}")
        page = client.get(f"/kanaler/{channel.uid}/presentation/")
        answer = client.post(f"/kanaler/{channel.uid}/presentation/las/", filled(page, "look_form"), follow=True)

    told = answer.content.decode()
    check = checking.check_of(lead, channel)
    condition = Condition.objects.of(lead).get(channel=channel, key="about_text")
    assert check.checked_at is not None
    assert check.last_error == ""
    assert AboutItem.RULES in check.lacking
    assert {each["key"] for each in check.links_back if each["is_there"]} == {"rel_me", "same_as", "trust"}
    assert "Något fattas i presentationen." in told
    assert not condition.is_met
    assert condition.valid_until == today() + about.HOLDS_FOR
    assert "allmän handling" in sentence(condition)
    assert "Presentationen säger inte" in client.get(f"/kanaler/{channel.uid}/").content.decode()


@pytest.mark.server
def test_bbs_2_on_bluesky_a_pinned_post_says_what_there_is_no_room_for(bluesky_network):
    authority = an_authority()
    lead, citizen = a_lead(authority), bluesky_network.citizen()
    channel = a_channel(authority, platform=Platform.BLUESKY)
    made = connect(bluesky_network.pds_url, citizen.handle, citizen.app_password(), allow_private_hosts=True)
    Channel.objects.of(lead).update(
        base_url=made.base_url, handle=made.handle, remote_id=made.remote_id,
        options={"plc": bluesky_network.plc_url},
    )  # fmt: skip
    channel = queries.channel_for(lead, channel.uid)
    actions.store_secrets(actor=lead, channel=channel, secrets=dict(made.secrets))
    post = citizen.post(WHOLE)
    record = {
        "$type": "app.bsky.actor.profile", "displayName": authority.name, "description": "Vi är här",
        "pinnedPost": {"uri": post.uri, "cid": post.cid},
    }  # fmt: skip
    citizen.call(
        "com.atproto.repo.putRecord", repo=citizen.did, collection="app.bsky.actor.profile", rkey="self", record=record
    )
    bluesky_network.until(lambda: bool(bluesky_network.profile(citizen.did).get("pinnedPost")), "the pinned post")

    check = verifying.verify_account(actor=lead, channel=channel)

    assert (check.met_by, check.last_error[:40]) == ("pinned", "Myndighetens webbplats står inte i instä")
    # The authority of this test has no website, so none of the addresses is its own.
    assert set(check.lacking) <= {AboutItem.WEBSITE, AboutItem.PRIVACY}


def test_a_server_that_does_not_answer_leaves_what_was_found_and_is_asked_again_tomorrow(authority, lead):
    channel = a_channel(authority)
    verifying.verify_by_hand(actor=lead, channel=channel, says=list(AboutItem))
    Channel.objects.of(lead).update(base_url="http://127.0.0.1:9")
    actions.store_secrets(actor=lead, channel=channel, secrets={"access_token": "x"})

    check = verifying.verify_account(actor=lead, channel=queries.channel_for(lead, channel.uid))

    assert "127.0.0.1:9" in check.last_error
    assert check.lacking == []
    assert check.next_at > now() + timedelta(hours=23)
    assert Condition.objects.of(lead).get(channel=channel, key="about_text").is_met


def test_two_workers_look_at_an_account_once_and_the_slower_one_writes_nothing(authority, lead):
    channel = a_channel(authority)
    verifying.make_checks([channel, channel])

    first = verifying.claim_check()
    assert verifying.claim_check() is None
    ChannelCheck.objects.of(lead).update(lease_until=None)
    second = verifying.claim_check()
    verifying.check_account(first)  # its lease ran out: somebody else has it

    assert second.fence == first.fence + 1
    assert checking.check_of(lead, channel).last_error == ""
    verifying.check_account(second)
    assert checking.check_of(lead, channel).last_error != ""


def test_every_connected_account_gets_its_turn_and_those_kept_by_hand_none(authority, lead):
    connected = a_channel(authority)
    Channel.objects.of(lead).update(base_url="http://127.0.0.1:9")
    a_channel(authority, platform=Platform.MANUAL, connection=Connection.MANUAL)

    tasks.check_accounts.call()
    tasks.check_accounts.call()

    (row,) = ChannelCheck.objects.of(lead)
    assert row.channel_id == connected.pk
    assert row.fence == 1  # not due again
    assert row.last_error


# --- By hand, and what is asked ---------------------------------------------------------------------------------------


def test_bbs_2_what_nothing_reads_is_said_by_a_person_and_holds_for_half_a_year(authority, lead):
    channel = a_channel(authority, platform=Platform.MANUAL, connection=Connection.MANUAL)
    client = signed_in(lead)
    page = client.get(f"/kanaler/{channel.uid}/presentation/")
    wanted = [item.value for item in about.USUAL_ITEMS]

    data = {**filled(page, "hand_form"), "says": wanted[:-1]}
    assert client.post(f"/kanaler/{channel.uid}/presentation/sag/", data).status_code == 302
    told = client.get(f"/kanaler/{channel.uid}/presentation/").content.decode()
    lacking = Condition.objects.of(lead).get(channel=channel, key="about_text")
    data = {**filled(client.get(f"/kanaler/{channel.uid}/presentation/"), "hand_form"), "says": wanted}
    client.post(f"/kanaler/{channel.uid}/presentation/sag/", data)
    whole = Condition.objects.of(lead).get(channel=channel, key="about_text")

    assert person_of(lead).name in told
    assert "Länk till hur personuppgifter behandlas" in sentence(lacking)
    assert (lacking.is_met, whole.is_met) == (False, True)
    assert whole.valid_until == today() + about.HOLDS_FOR_BY_HAND
    with pytest.raises(Invalid):
        verifying.verify_account(actor=lead, channel=channel)
    assert not any("presentation" in lack.text for lack in queries.lacks(lead, [channel])[channel.pk])
    with frozen(now() + about.HOLDS_FOR_BY_HAND + timedelta(days=1)):
        assert any("presentation" in lack.text for lack in queries.lacks(lead, [channel])[channel.pk])


def test_an_authority_chooses_what_each_presentation_says(authority, lead):
    client = signed_in(lead)
    page = client.get("/kanaler/presentationer/")

    refused = client.post("/kanaler/presentationer/", {**filled(page), "items": ["hours"]})
    kept = client.post("/kanaler/presentationer/", {**filled(page), "items": ["identity", "hours"]})

    assert refused.status_code == 422
    assert kept.status_code == 302
    assert checking.demands_of(lead).items == ["identity", "hours"]


def test_another_unit_reads_but_says_nothing_and_looks_at_nothing(authority):
    channel = a_channel(authority)
    stranger = an_actor(authority, role=Role.EMPLOYEE)
    client = signed_in(stranger)

    page = client.get(f"/kanaler/{channel.uid}/presentation/")

    assert page.status_code == 200
    assert "hand_form" not in page.context
    for verb in (
        lambda: verifying.verify_by_hand(actor=stranger, channel=channel, says=[]),
        lambda: verifying.verify_account(actor=stranger, channel=channel),
        lambda: verifying.change_demands(actor=stranger, items=["identity"]),
    ):
        with pytest.raises(NotPermitted):
            verb()
