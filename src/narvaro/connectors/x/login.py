"""Letting the authority's app in to X: OAuth 2.0 with PKCE, and with offline access so that the key can be renewed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from narvaro.base import http
from narvaro.connectors.client import Api, part, problem, word
from narvaro.connectors.granted import Grant, options_of, placed
from narvaro.connectors.oauth import App, Begun, Choice

GRANT = Grant(
    name="X",
    api_url="https://api.x.com",
    window_url="https://x.com/i/oauth2/authorize",
    token_url="https://api.x.com/2/oauth2/token",  # noqa: S106 - an address
    scopes="tweet.read users.read tweet.write tweet.moderate.write media.write offline.access",
    has_challenge=True,
    has_basic=True,
)


MESSAGE_SCOPES = "dm.read dm.write"


class XLogin:
    """See `WayIn`."""

    console_url = "https://developer.x.com/en/portal/dashboard"
    console_name = "X Developer Console"

    def begin(self, app: App, state: str) -> Begun:
        asked = replace(GRANT, scopes=f"{GRANT.scopes} {MESSAGE_SCOPES}") if app.wants_messages else GRANT
        return asked.begin(app, state)

    def finish(self, app: App, kept: Mapping[str, str], answer: Mapping[str, str]) -> tuple[Choice, ...]:
        secrets = GRANT.exchanged(app, kept, answer)
        headers = {"authorization": f"Bearer {secrets['access_token']}"}
        with Api(placed(GRANT.api_url, app.service), http.Guard(allow_private=app.allow_private_hosts), headers) as api:
            reply = api.get("/2/users/me")
        error = problem(reply)
        if error is not None:
            raise error
        me = part(reply.document(), "data")
        handle = word(me, "username")
        if not word(me, "id") or not handle:
            return ()
        return (Choice(word(me, "id"), handle, word(me, "name"), secrets, "", options_of(app)),)
