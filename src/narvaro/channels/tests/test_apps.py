"""Connecting by an app of the authority's own: entered once, let in in the browser, the right account chosen."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from narvaro.channels import actions, queries, rules
from narvaro.channels.models import Channel, ChannelReading, ChannelSecret, PlatformApp
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead, filled, signed_in
from narvaro.channels.types import Connection, Platform
from narvaro.core.models import AuditEntry
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import NotPermitted, Role
from narvaro.testing.servers.graph import APP, SECRET, GraphServer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.server]


@pytest.fixture(scope="module")
def running() -> Iterator[GraphServer]:
    with GraphServer() as server:
        yield server


@pytest.fixture
def graph(running: GraphServer) -> GraphServer:
    running.forget()
    return running


def a_place(authority, platform, handle):
    channel = a_channel(authority, platform=platform, connection=Connection.MANUAL)
    rows = Channel.objects.everywhere("test").filter(pk=channel.pk)
    rows.update(handle=handle, handle_key=rules.handle_key(handle), base_url="", remote_id="", url="")
    return rows.get()


def an_app(lead, server, platform):
    return actions.keep_app(actor=lead, platform=platform, client_id=APP, client_secret=SECRET, service=server.base_url)


def begun(client, channel):
    page = client.get(f"/kanaler/{channel.uid}/anslut/")
    client.post(f"/kanaler/{channel.uid}/anslut/app/", filled(page, "begin_form"))
    return client.get(f"/kanaler/{channel.uid}/anslut/").context["begun"]["url"]


def home(client, address):
    place = urlsplit(address)
    return client.get(f"{place.path}?{place.query}", follow=True)


def how(channel):
    return ChannelReading.objects.everywhere("test").get(channel=channel).connection


def test_a_channel_goes_by_hand_until_the_app_is_entered_and_it_is_let_in(graph):
    authority = an_authority()
    lead = a_lead(authority)
    page = graph.page("Storköpings kommun", "storkoping")
    graph.page("En annan sida", "annansida")
    channel = a_place(authority, Platform.FACEBOOK, "storkoping")
    client = signed_in(lead)
    by_hand = rules.is_by_hand(channel.platform, channel.remote_id)
    before = client.get(f"/kanaler/{channel.uid}/anslut/").content.decode()
    form = client.get("/kanaler/plattformar/facebook/app/")
    assert "http://testserver/kanaler/anslut/klart/" in form.content.decode()
    client.post(
        "/kanaler/plattformar/facebook/app/",
        filled(form, client_id=APP, client_secret=SECRET, service=graph.base_url),
    )

    answer = home(client, graph.allow(begun(client, channel), "page"))

    found = queries.channel_for(lead, channel.uid)
    assert "Först behövs en app hos Facebook" in before
    assert answer.redirect_chain[-1][0] == f"/kanaler/{channel.uid}/"
    assert (how(channel), found.remote_id) == (Connection.CONNECTED, page.remote_id)
    assert (by_hand, rules.is_by_hand(found.platform, found.remote_id)) == (True, False)
    assert actions.claim_reading().channel_id == channel.pk
    assert queries.account_of(found).keeper.secrets()["access_token"] == page.token


@pytest.mark.parametrize("platform", [Platform.INSTAGRAM, Platform.THREADS])
def test_the_account_itself_lets_the_app_in_with_a_key_that_lasts(graph, platform):
    lead = a_lead(an_authority())
    owner = getattr(graph, platform)("storkoping")
    channel = a_place(authority_of(lead), platform, "storkoping")
    an_app(lead, graph, platform)
    client = signed_in(lead)

    home(client, graph.allow(begun(client, channel), platform, owner))

    kept = queries.account_of(queries.channel_for(lead, channel.uid)).keeper.secrets()
    assert how(channel) == Connection.CONNECTED
    assert graph.keys[kept["access_token"]].is_lasting
    assert kept["expires_at"] > "2026"


def test_p8_whoever_lets_in_another_page_chooses_by_name_and_a_known_channel_never_changes_account(graph):
    lead = a_lead(an_authority())
    graph.page("Ett")
    two = graph.page("Två sidor")
    channel = a_place(authority_of(lead), Platform.FACEBOOK, "Storköpings kommun")
    an_app(lead, graph, "facebook")
    client = signed_in(lead)
    page = home(client, graph.allow(begun(client, channel), "page"))
    secret_before = ChannelSecret.objects.everywhere("test").filter(channel=channel).exists()

    client.post(f"/kanaler/{channel.uid}/anslut/valj/", filled(page, "pick_form", account="1"))
    found = queries.channel_for(lead, channel.uid)
    graph.owners.pop(two.remote_id)
    again = home(client, graph.allow(begun(client, channel), "page"))

    assert "Vilket konto är kanalen?" in page.content.decode()
    assert not secret_before
    assert (found.remote_id, found.handle) == (two.remote_id, f"profile.php?id={two.remote_id}")
    assert again.status_code == 422
    assert "inte in Närvaro till något konto" in again.context["trouble"]["text"]


def test_a_code_used_twice_another_state_or_a_no_changes_nothing(graph):
    authority = an_authority()
    lead, other = a_lead(authority), a_lead(authority)
    owner = graph.instagram("storkoping")
    channel = a_place(authority, Platform.INSTAGRAM, "storkoping")
    an_app(lead, graph, "instagram")
    client = signed_in(lead)
    address = graph.allow(begun(client, channel), "instagram", owner)
    state = address.partition("state=")[2]
    graph.codes.clear()

    strange = home(signed_in(other), address)
    refused = client.get(f"/kanaler/anslut/klart/?state={state}&error=access_denied", follow=True)
    used = home(client, address)

    assert "annan webbläsare" in strange.content.decode()
    assert "Inget är ändrat" in refused.content.decode()
    assert used.status_code == 422
    assert "godkännandet" in used.context["trouble"]["text"]
    assert how(channel) == Connection.MANUAL


def test_sec_2_the_apps_secret_is_sealed_never_shown_and_never_replaced_by_nothing(graph):
    lead = a_lead(an_authority())
    client = signed_in(lead)
    an_app(lead, graph, "facebook")
    row = PlatformApp.objects.everywhere("test").get()

    page = client.get("/kanaler/plattformar/facebook/app/")
    client.post("/kanaler/plattformar/facebook/app/", filled(page, client_secret=""))
    kept = queries.opened_app(queries.platform_app(lead, "facebook"), "")

    assert SECRET.encode() not in bytes(row.sealed)
    assert SECRET not in page.content.decode()
    assert kept.client_secret == SECRET
    assert SECRET not in repr(kept)
    assert not AuditEntry.objects.everywhere("test").filter(facts__icontains=SECRET).exists()
    assert queries.platform_app(a_lead(an_authority("Lillköping")), "facebook") is None
    for role in (Role.UNIT_MANAGER, Role.REPRESENTATIVE, Role.AUDITOR):
        with pytest.raises(NotPermitted):
            actions.keep_app(
                actor=an_actor(authority_of(lead), role=role), platform="facebook", client_id="1", client_secret="x"
            )


def test_a_new_secret_of_the_same_app_reaches_the_channels_at_once(graph):
    lead = a_lead(an_authority())
    page = graph.page("Storköpings kommun", "storkoping")
    channel = a_place(authority_of(lead), Platform.FACEBOOK, "storkoping")
    an_app(lead, graph, "facebook")
    client = signed_in(lead)
    home(client, graph.allow(begun(client, channel), "page"))

    actions.keep_app(actor=lead, platform="facebook", client_id=APP, client_secret="ny", service=graph.base_url)

    kept = queries.account_of(queries.channel_for(lead, channel.uid)).keeper.secrets()
    assert (kept["client_secret"], kept["access_token"]) == ("ny", page.token)


def authority_of(actor):
    from narvaro.core.queries import authority_of as found

    return found(actor)
