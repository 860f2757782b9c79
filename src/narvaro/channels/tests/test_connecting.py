"""Connecting, on real servers: in the browser, with a code, a key or an app password, and what goes wrong in words."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from django.db import connection as database
from django.test import Client

from narvaro.channels import actions, queries, rules
from narvaro.channels.models import ChannelReading, ChannelSecret
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead, filled, signed_in
from narvaro.channels.types import Connection, Platform
from narvaro.connectors.port import ReconnectNeeded
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Role
from narvaro.testing.servers.bluesky import BlueskyNetwork
from narvaro.testing.servers.mastodon_mock import MastodonMock
from narvaro.testing.servers.snac import Snac

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database, pytest.mark.server]


def a_mastodon(authority, server, name="kommunen", **values):
    person = server.person(name)
    values = {"connection": Connection.NOT_CONNECTED, **values}
    channel = a_channel(authority, **values)
    type(channel).objects.everywhere("test").filter(pk=channel.pk).update(
        base_url=server.base_url, handle=person.handle, remote_id=values.get("remote_id", ""), url=""
    )
    channel.refresh_from_db(from_queryset=type(channel).objects.everywhere("test"))
    return channel


def a_bluesky(authority, handle):
    channel = a_channel(authority, platform=Platform.BLUESKY, connection=Connection.NOT_CONNECTED)
    type(channel).objects.everywhere("test").filter(pk=channel.pk).update(
        handle=handle, handle_key=rules.handle_key(handle), base_url="", remote_id=""
    )
    channel.refresh_from_db(from_queryset=type(channel).objects.everywhere("test"))
    return channel


def how(channel):
    return ChannelReading.objects.everywhere("test").get(channel=channel).connection


def begun(client: Client, channel, *, shows_code: bool = False):
    """Press the button that asks the server, and return the page that leads there."""
    page = client.get(f"/kanaler/{channel.uid}/anslut/")
    form = "begin_code_form" if shows_code else "begin_form"
    client.post(f"/kanaler/{channel.uid}/anslut/borja/", filled(page, form))
    return client.get(f"/kanaler/{channel.uid}/anslut/")


@pytest.fixture(params=["snac", "mock"])
def server(request) -> Snac | MastodonMock:
    return request.getfixturevalue(request.param)


def let_in(server, url, name):
    return server.allow(url, name, server.person(name).password)


def test_an_account_is_connected_in_the_browser_and_read_at_once(server):
    lead = a_lead(an_authority())
    channel = a_mastodon(an_authority_of(lead), server)
    client = signed_in(lead)

    page = begun(client, channel)
    home = let_in(server, page.context["begun"]["url"], "kommunen")
    answer = client.get(home.removeprefix(f"{urlsplit(home).scheme}://{urlsplit(home).netloc}"))

    assert answer.url == f"/kanaler/{channel.uid}/"
    assert urlsplit(home).path == "/kanaler/anslut/klart/"
    assert how(channel) == Connection.CONNECTED
    assert queries.channel_for(lead, channel.uid).remote_id == server.person("kommunen").remote_id
    assert actions.claim_reading().channel_id == channel.pk
    shown = client.get(answer.url)
    assert shown.context["able"], "what the key can do is tried at once (P8)"


def test_the_code_that_came_home_is_used_once(server):
    lead = a_lead(an_authority())
    channel = a_mastodon(an_authority_of(lead), server)
    client = signed_in(lead)
    home = let_in(server, begun(client, channel).context["begun"]["url"], "kommunen")
    place = f"{urlsplit(home).path}?{urlsplit(home).query}"
    client.get(place)

    again = client.get(place, follow=True)

    assert "Börja om från kanalens sida" in again.content.decode()
    assert how(channel) == Connection.CONNECTED


def test_a_server_that_cannot_lead_back_is_connected_with_the_code_or_the_whole_address(server):
    lead = a_lead(an_authority())
    channel = a_mastodon(an_authority_of(lead), server)
    client = signed_in(lead)
    page = begun(client, channel)
    home = let_in(server, page.context["begun"]["url"], "kommunen")

    client.post(f"/kanaler/{channel.uid}/anslut/kod/", filled(page, "code_form", code=home))

    assert how(channel) == Connection.CONNECTED


def test_a_server_can_be_asked_to_show_a_code(snac):
    lead = a_lead(an_authority())
    channel = a_mastodon(an_authority_of(lead), snac)

    page = begun(signed_in(lead), channel, shows_code=True)

    assert "urn%3Aietf%3Awg%3Aoauth%3A2.0%3Aoob" in page.context["begun"]["url"]


def test_p8_the_wrong_account_is_refused_and_nothing_is_stored(server):
    lead = a_lead(an_authority())
    channel = a_mastodon(an_authority_of(lead), server)
    server.person("privatperson")
    client = signed_in(lead)
    home = let_in(server, begun(client, channel).context["begun"]["url"], "privatperson")

    answer = client.get(f"{urlsplit(home).path}?{urlsplit(home).query}")

    assert answer.status_code == 422
    assert "privatperson" in answer.context["trouble"]["text"]
    assert how(channel) == Connection.NOT_CONNECTED
    assert not ChannelSecret.objects.everywhere("test").filter(channel=channel).exists()


def test_a_state_made_up_or_from_another_browser_leads_nowhere(snac):
    authority = an_authority()
    lead, other = a_lead(authority), a_lead(authority)
    channel = a_mastodon(authority, snac)
    home = let_in(snac, begun(signed_in(lead), channel).context["begun"]["url"], "kommunen")
    place = f"{urlsplit(home).path}?{urlsplit(home).query}"

    for place_tried in (place, "/kanaler/anslut/klart/?state=x&code=y", "/kanaler/anslut/klart/"):
        assert signed_in(other).get(place_tried).url == "/kanaler/"

    assert how(channel) == Connection.NOT_CONNECTED


def test_a_refusal_at_the_server_changes_nothing(snac):
    lead = a_lead(an_authority())
    channel = a_mastodon(an_authority_of(lead), snac)
    client = signed_in(lead)
    state = begun(client, channel).context["begun"]["state"]

    answer = client.get(f"/kanaler/anslut/klart/?state={state}&error=access_denied", follow=True)

    assert "Inget är ändrat" in answer.content.decode()
    assert how(channel) == Connection.NOT_CONNECTED


def test_an_access_token_connects_and_a_bad_one_is_told_as_such(server):
    lead = a_lead(an_authority())
    channel = a_mastodon(an_authority_of(lead), server)
    client = signed_in(lead)
    place = f"/kanaler/{channel.uid}/anslut/nyckel/"
    page = client.get(f"/kanaler/{channel.uid}/anslut/")

    bad = client.post(place, filled(page, "token_form", access_token="fel"))
    good = client.post(place, filled(page, "token_form", access_token=server.person("kommunen").token))

    assert bad.status_code == 422
    assert bad.context["trouble"]["heading"] == "Plattformen släppte inte in Närvaro"
    assert 'value="fel"' not in bad.content.decode()
    assert good.status_code == 302
    assert how(channel) == Connection.CONNECTED


def test_p14_reconnecting_keeps_how_far_the_channel_was_read(server):
    lead = a_lead(an_authority())
    channel = a_mastodon(an_authority_of(lead), server)
    actions.connect_channel(actor=lead, channel=channel, secrets={"access_token": server.person("kommunen").token})
    rows = ChannelReading.objects.everywhere("test").filter(channel=channel)
    rows.update(cursor="långt fram", connection=Connection.RECONNECT, failures=7, last_error="Nyckeln är död.")

    actions.connect_channel(
        actor=lead, channel=queries.channel_for(lead, channel.uid),
        secrets={"access_token": server.person("kommunen").token},
    )  # fmt: skip

    reading = rows.get()
    assert (reading.cursor, reading.connection, reading.failures) == ("långt fram", Connection.CONNECTED, 0)


def test_what_a_post_may_be_is_what_the_server_said_when_it_was_connected(snac):
    lead = a_lead(an_authority())
    channel = a_mastodon(an_authority_of(lead), snac)
    before = queries.limits_of(channel).max_length

    actions.connect_channel(actor=lead, channel=channel, secrets={"access_token": snac.person("kommunen").token})
    told = queries.limits_of(queries.channel_for(lead, channel.uid))
    longer = replace(told, max_length=700, url_length=23)
    actions.store_probe(actor=lead, channel=channel, capabilities=[], limits=longer)
    probed = queries.limits_of(queries.channel_for(lead, channel.uid))
    actions.store_probe(actor=lead, channel=channel, capabilities=[])

    assert (before, told.max_length, probed) == (500, 100_000, longer)
    assert queries.limits_of(queries.channel_for(lead, channel.uid)) == longer


def test_p6_faults_are_told_by_class(mock):
    lead = a_lead(an_authority())
    channel = a_mastodon(an_authority_of(lead), mock)
    client = signed_in(lead)
    page = client.get(f"/kanaler/{channel.uid}/anslut/")
    with mock.fault("/api/v1/apps", {"type": "status", "status": 503}):
        busy = client.post(f"/kanaler/{channel.uid}/anslut/borja/", filled(page, "begin_form"))
    type(channel).objects.everywhere("test").filter(pk=channel.pk).update(base_url="http://127.0.0.1:9")

    nowhere = client.post(f"/kanaler/{channel.uid}/anslut/borja/", filled(page, "begin_form"))

    assert (busy.status_code, busy.context["trouble"]["kind"]) == (422, "warning")
    assert nowhere.status_code == 422
    assert how(channel) == Connection.NOT_CONNECTED


def test_private_hosts_are_not_called_unless_a_setting_allows_it(snac, settings):
    settings.OPTIONS = settings.OPTIONS.model_copy(update={"allow_private_hosts": False})
    lead = a_lead(an_authority())
    channel = a_mastodon(an_authority_of(lead), snac)
    client = signed_in(lead)
    page = client.get(f"/kanaler/{channel.uid}/anslut/")

    answer = client.post(f"/kanaler/{channel.uid}/anslut/borja/", filled(page, "begin_form"))

    assert answer.status_code == 422
    assert "får inte anropa" in answer.context["trouble"]["text"]


def test_no_transaction_is_open_while_the_platform_is_asked(snac, monkeypatch):
    from narvaro.connectors.mastodon import Mastodon

    lead = a_lead(an_authority())
    channel = a_mastodon(an_authority_of(lead), snac)
    seen = []
    for name in ("profile", "probe"):
        real = getattr(Mastodon, name)
        monkeypatch.setattr(
            Mastodon,
            name,
            lambda self, account, real=real: (seen.append(database.in_atomic_block), real(self, account))[1],
        )

    actions.connect_channel(actor=lead, channel=channel, secrets={"access_token": snac.person("kommunen").token})

    assert seen == [False, False]


@pytest.mark.parametrize(("role", "status"), [(Role.AUDITOR, 403), (Role.EMPLOYEE, 403), (Role.REGISTRAR, 403)])
def test_others_do_not_connect(snac, role, status):
    authority = an_authority()
    channel = a_mastodon(authority, snac)
    client = signed_in(an_actor(authority, role=role))

    assert client.get(f"/kanaler/{channel.uid}/anslut/").status_code == status
    assert client.post(f"/kanaler/{channel.uid}/anslut/nyckel/").status_code == status


def test_who_answers_for_the_channel_may_connect_it(snac):
    authority = an_authority()
    channel = a_mastodon(authority, snac)
    from narvaro.core.queries import actor_for

    responsible = actor_for(channel.responsible, authority.pk)

    assert signed_in(responsible).get(f"/kanaler/{channel.uid}/anslut/").status_code == 200


def test_another_organisation_cannot_connect_it(snac):
    channel = a_mastodon(an_authority("Storköping"), snac)
    stranger = signed_in(a_lead(an_authority("Lillköping")))

    for way in ("borja", "kod", "nyckel", "applosenord"):
        assert stranger.post(f"/kanaler/{channel.uid}/anslut/{way}/").status_code == 404


# --- Bluesky --------------------------------------------------------------------------------------------------------


def a_password_form(client, channel, network, password):
    page = client.get(f"/kanaler/{channel.uid}/anslut/")
    return filled(
        page, "password_form", app_password=password, service=network.pds_url, directory=network.plc_url
    )  # fmt: skip


@pytest.mark.seldom
def test_a_bluesky_account_is_connected_with_handle_and_app_password(bluesky_network: BlueskyNetwork):
    lead = a_lead(an_authority())
    citizen = bluesky_network.citizen(display_name="Storköpings kommun")
    channel = a_bluesky(an_authority_of(lead), citizen.handle)
    client = signed_in(lead)

    answer = client.post(
        f"/kanaler/{channel.uid}/anslut/applosenord/",
        a_password_form(client, channel, bluesky_network, citizen.app_password()),
    )

    found = queries.channel_for(lead, channel.uid)
    assert answer.status_code == 302
    assert (found.remote_id, found.base_url) == (citizen.did, bluesky_network.pds_url)
    assert how(channel) == Connection.CONNECTED
    assert client.get(answer.url).context["able"]


def test_a_wrong_app_password_is_told_and_nothing_is_stored(bluesky_network: BlueskyNetwork):
    lead = a_lead(an_authority())
    citizen = bluesky_network.citizen()
    channel = a_bluesky(an_authority_of(lead), citizen.handle)
    client = signed_in(lead)

    answer = client.post(
        f"/kanaler/{channel.uid}/anslut/applosenord/", a_password_form(client, channel, bluesky_network, "fel-fel-fel")
    )

    assert answer.status_code == 422
    assert "applösenord" in answer.context["trouble"]["text"]
    assert "fel-fel-fel" not in answer.content.decode()
    assert not ChannelSecret.objects.everywhere("test").filter(channel=channel).exists()


def test_p8_another_bluesky_account_is_refused(bluesky_network: BlueskyNetwork):
    lead = a_lead(an_authority())
    ours, other = bluesky_network.citizen(), bluesky_network.citizen()
    channel = a_bluesky(an_authority_of(lead), ours.handle)
    client = signed_in(lead)

    answer = client.post(
        f"/kanaler/{channel.uid}/anslut/applosenord/",
        a_password_form(client, channel, bluesky_network, other.app_password()),
    )

    assert answer.status_code == 422
    assert how(channel) == Connection.NOT_CONNECTED


def test_p28_a_dead_app_password_is_tried_once_and_then_rests_until_a_person_acts(bluesky_network: BlueskyNetwork):
    lead = a_lead(an_authority())
    citizen = bluesky_network.citizen()
    channel = a_bluesky(an_authority_of(lead), citizen.handle)
    client = signed_in(lead)
    name = "narvaro"
    password = citizen.app_password(name)
    client.post(
        f"/kanaler/{channel.uid}/anslut/applosenord/", a_password_form(client, channel, bluesky_network, password)
    )
    citizen.call("com.atproto.server.revokeAppPassword", name=name)
    actions.store_secrets(actor=lead, channel=channel, secrets={"accessJwt": "gammal", "refreshJwt": "gammal"})
    from narvaro.connectors.registry import connector

    reading = actions.claim_reading(channel_id=channel.pk)
    with pytest.raises(ReconnectNeeded) as dead:
        connector("bluesky").read(queries.account_of(queries.channel_for(lead, channel.uid)), "")
    actions.end_reading(reading, error=dead.value)
    ChannelReading.objects.everywhere("test").filter(channel=channel).update(next_at="2020-01-01T00:00:00Z")

    assert how(channel) == Connection.RECONNECT
    assert actions.claim_reading() is None
    assert actions.claim_reading(channel_id=channel.pk) is None
    assert channel.pk not in queries.connected_ids()


def an_authority_of(actor):
    from narvaro.core.queries import authority_of

    return authority_of(actor)
