"""What a resident writes to a page on Facebook in private: chosen, let in, read, seen by few, answered in private."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client

from narvaro.base import clock
from narvaro.channels import actions as channels
from narvaro.channels import queries as channel_queries
from narvaro.channels import rules as channel_rules
from narvaro.channels.models import Channel
from narvaro.channels.testing import a_channel
from narvaro.channels.types import Connection, Platform
from narvaro.connectors import private
from narvaro.connectors.port import Kind, Visibility
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import NotFound, NotPermitted, Role
from narvaro.inbox import actions, queries
from narvaro.inbox.models import Incoming
from narvaro.inbox.testing import a_comment, take_in
from narvaro.publishing import actions as publishing
from narvaro.publishing import queries as publications
from narvaro.publishing import tasks
from narvaro.publishing.types import State
from narvaro.records import tasks as records
from narvaro.records.models import Gap, Item
from narvaro.testing.servers.graph import APP, SECRET, GraphServer
from narvaro.testing.servers.graph_messages import told

pytestmark = [pytest.mark.django_db, pytest.mark.server]
SECRET_WORDS = "Min dotter har skyddad identitet och bor på Storgatan 1. Vem ringer jag?"


@pytest.fixture
def server() -> Iterator[GraphServer]:
    with GraphServer() as running:
        yield running


def a_place(authority, platform, handle, **values):
    channel = a_channel(authority, platform=platform, connection=Connection.MANUAL)
    fields = {
        "handle": handle, "handle_key": channel_rules.handle_key(handle), "base_url": "", "remote_id": "",
        "in_operation_from": clock.now() - timedelta(days=1), **values,
    }  # fmt: skip
    Channel.objects.everywhere("test").filter(pk=channel.pk).update(**fields)
    return Channel.objects.everywhere("test").select_related("authority").get(pk=channel.pk)


def sent_form(client, address, form="form", **values):
    shown = client.get(address).context[form]
    return {each.html_name: each.value() or "" for each in shown} | values


def let_in(client, server, channel):
    """Do as the person who presses "allow" at the platform."""
    connect = f"/kanaler/{channel.uid}/anslut/"
    client.post(f"{connect}app/", sent_form(client, connect, "begin_form"))
    url = client.get(connect).context["begun"]["url"]
    home = urlsplit(server.allow(url, "page"))
    client.get(f"{home.path}?{home.query}")


def test_tf_2_tf_4_a_message_is_chosen_let_in_read_and_answered_and_nobody_else_sees_it(server):
    authority = an_authority()
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    elsewhere = an_actor(authority, role=Role.REPRESENTATIVE, unit=a_unit(authority, "Gatukontoret"))
    page = server.page("Storköpings kommun", "storkoping")
    post = page.post("Simhallen öppnar")
    told(server, page, "anna", SECRET_WORDS)
    channel = a_place(authority, Platform.FACEBOOK, "storkoping")
    channels.keep_app(
        actor=lead, platform="facebook", client_id=APP, client_secret=SECRET, service=server.base_url
    )  # fmt: skip
    client = Client()
    client.force_login(person_of(lead), backend="allauth.account.auth_backends.AuthenticationBackend")

    let_in(client, server, channel)
    records.read_channel(channels.claim_reading())
    before = Item.objects.of(lead).filter(kind=Kind.MESSAGE).count()
    address = f"/kanaler/{channel.uid}/privata-meddelanden/"
    chosen = client.post(address, sent_form(client, address, choice="las"))
    let_in(client, server, channel)
    records.read_channel(channels.claim_reading(channel_id=channel.pk))
    take_in(authority)
    incoming = Incoming.objects.of(lead).select_related("item").get(item__kind=Kind.MESSAGE)
    thread = client.get(f"/inkorg/{incoming.uid}/").content.decode()
    actions.answer(actor=lead, uid=incoming.uid, text="Ring växeln, 0123-456 78.")
    with clock.frozen(clock.now() + timedelta(seconds=publishing.UNDO_SECONDS + 1)):
        tasks.publish_due.call()

    assert before == 0
    assert chosen.headers["location"] == f"/kanaler/{channel.uid}/anslut/"
    assert "Läses in och besvaras här" in client.get(f"/kanaler/{channel.uid}/").content.decode()
    assert (incoming.is_private, incoming.item.visibility) == (True, Visibility.PRIVATE)
    assert incoming.item.secrecy_suspected, "what may be secret goes to the registrar (OSL-4)"
    assert "Svaret blir privat" in thread
    with pytest.raises(NotFound):
        queries.incoming_for(elsewhere, incoming.uid)
    ours = [each for each in server.objects.values() if each.get("by_us")]
    assert ["Ring växeln" in each["text"] for each in ours] == [True]
    assert server.beneath(post) == []
    answer = Item.objects.of(lead).get(kind=Kind.MESSAGE, origin="drawn_up")
    assert (answer.visibility, answer.thread_key) == (Visibility.PRIVATE, incoming.item.thread_key)
    assert not Gap.objects.of(lead).filter(channel=channel, why__contains="inte ut privata").exists()


@pytest.mark.parametrize("platform", [Platform.THREADS, Platform.FACEBOOK])
def test_tf_4_what_cannot_be_answered_in_private_is_never_answered_in_public(server, platform):
    authority = an_authority()
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    owner = server.page("Storköpings kommun", "storkoping") if platform == "facebook" else server.threads("storkoping")
    channel = a_place(authority, platform, owner.handle, options={"graph": server.base_url})
    secrets = {"access_token": owner.token, "client_secret": SECRET}
    channel = channels.connect_channel(
        actor=lead, channel=channel_queries.channel_for(lead, channel.uid), secrets=secrets
    )
    pasted = a_comment(authority, channel=channel, visibility=Visibility.PRIVATE, kind=Kind.MESSAGE)
    written = len(server.calls)

    with pytest.raises(NotPermitted):
        actions.answer(actor=lead, uid=pasted.uid, text="Klockan sju.")
    by_law = publishing.publish_answer(actor=lead, item=pasted.item, text="Klockan sju.", asks_approval=False)
    with clock.frozen(clock.now() + timedelta(seconds=publishing.UNDO_SECONDS + 1)):
        tasks.publish_due.call()

    refused = publications.publication_for(lead, by_law.uid)
    assert (refused.state, "skickat" in refused.reason) == (State.REFUSED, True)
    assert [call.path for call in server.calls[written:] if call.method == "POST"] == []


def test_who_answers_for_a_channel_does_not_choose_and_a_closed_platform_has_no_choice():
    authority = an_authority()
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    client = Client()
    mastodon, x = a_channel(authority), a_place(authority, Platform.X, "storkoping")
    client.force_login(person_of(lead), backend="allauth.account.auth_backends.AuthenticationBackend")
    nowhere = client.get(f"/kanaler/{mastodon.uid}/privata-meddelanden/")
    client.force_login(x.responsible, backend="allauth.account.auth_backends.AuthenticationBackend")
    refused = client.get(f"/kanaler/{x.uid}/privata-meddelanden/")

    assert (nowhere.status_code, refused.status_code) == (404, 403)
    assert private.OPTION not in channel_queries.channel_for(lead, x.uid).options
