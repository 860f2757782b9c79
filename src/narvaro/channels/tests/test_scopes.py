"""Connecting to a server that knows other rights than we ask for, played after how Pixelfed does it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from narvaro.channels.models import Channel
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead, filled, signed_in
from narvaro.channels.types import Connection
from narvaro.connectors.mastodon import oauth
from narvaro.core.testing import an_authority
from narvaro.testing.servers.scripted import Call, Said, Scripted

pytestmark = pytest.mark.django_db
METADATA = "/.well-known/oauth-authorization-server"


def a_server(call: Call) -> Said:
    """Answer as one that takes any scopes when an app is made, and says nothing of which it knows."""
    if call.path == "/api/v1/apps":
        return Said(body={"client_id": "vi", "client_secret": "hemligt"})
    return Said(404, b"<html>Finns inte</html>")


def registered(server: Scripted) -> list[str]:
    made = [parse_qs(call.body.decode()) for call in server.calls if call.path == "/api/v1/apps"]
    return [each["scopes"][0] for each in made]


@pytest.fixture
def begun() -> Any:
    """Give a browser that has asked a server for leave, with its channel."""
    authority = an_authority()
    channel = a_channel(authority, connection=Connection.NOT_CONNECTED)
    with Scripted(a_server) as server:
        Channel.objects.everywhere("test").filter(pk=channel.pk).update(base_url=server.base_url, remote_id="")
        client = signed_in(a_lead(authority))
        place = f"/kanaler/{channel.uid}/anslut/"
        client.post(f"{place}borja/", filled(client.get(place), "begin_form"))
        yield client, place, server


def led_to(client: Any, place: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(client.get(place).context["begun"]["url"]).query)


def test_a_server_that_does_not_know_the_narrow_rights_is_asked_for_the_wide_ones(begun):
    client, place, server = begun
    first = led_to(client, place)

    answer = client.get("/kanaler/anslut/klart/", {"error": "invalid_scope", "state": first["state"][0]}, follow=True)

    second = led_to(client, place)
    assert "snäva rättigheterna" in answer.content.decode()
    assert (first["scope"], second["scope"]) == ([oauth.NARROW_SCOPES], [oauth.WIDE_SCOPES])
    assert second["state"] != first["state"]
    assert registered(server) == [oauth.NARROW_SCOPES, oauth.WIDE_SCOPES]


def test_a_server_that_refuses_those_too_is_asked_no_more(begun):
    client, place, server = begun
    for _ in range(2):
        state = led_to(client, place)["state"][0]
        answer = client.get("/kanaler/anslut/klart/", {"error": "invalid_scope", "state": state}, follow=True)

    assert "släppte inte in Närvaro" in answer.content.decode()
    assert answer.context["begun"] is None
    assert len(registered(server)) == 2


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ({"scopes_supported": ["read", "write", "follow", "push"]}, oauth.WIDE_SCOPES),
        ({"scopes_supported": [*oauth.NARROW_SCOPES.split(), "read", "write"]}, oauth.NARROW_SCOPES),
        ({"scopes_supported": []}, oauth.NARROW_SCOPES),
        ({"issuer": "x"}, oauth.NARROW_SCOPES),
        ([], oauth.NARROW_SCOPES),
        (b"<html>", oauth.NARROW_SCOPES),
    ],
)
def test_what_a_server_says_that_it_knows_is_asked_for(told: Any, asked: str):
    with Scripted(lambda call: Said(body=told) if call.path == METADATA else a_server(call)) as server:
        app = oauth.register_app(server.base_url, "https://narvaro.example/tillbaka", allow_private_hosts=True)

    assert app.scopes == asked
    assert registered(server) == [asked]
