"""Letting the authority's app in to YouTube by Google's OAuth 2.0, with consent, so that the key can be renewed."""

from __future__ import annotations

from collections.abc import Mapping

from narvaro.base import http
from narvaro.connectors.client import Api, Json, part, parts, word
from narvaro.connectors.granted import Grant, options_of, placed
from narvaro.connectors.oauth import App, Begun, Choice
from narvaro.connectors.youtube.session import meaning

GRANT = Grant(
    name="YouTube",
    api_url="https://youtube.googleapis.com",
    window_url="https://accounts.google.com/o/oauth2/v2/auth",
    token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
    scopes="https://www.googleapis.com/auth/youtube.force-ssl",
    asked={"access_type": "offline", "prompt": "consent", "include_granted_scopes": "false"},
)
CHANNELS = "/youtube/v3/channels"
MINE = {"part": "snippet", "mine": "true", "maxResults": "50"}


class YouTubeLogin:
    """See `WayIn`."""

    console_url = "https://console.cloud.google.com/apis/credentials"
    console_name = "Google Cloud Console"

    def begin(self, app: App, state: str) -> Begun:
        return GRANT.begin(app, state)

    def finish(self, app: App, kept: Mapping[str, str], answer: Mapping[str, str]) -> tuple[Choice, ...]:
        secrets = GRANT.exchanged(app, kept, answer)
        headers = {"authorization": f"Bearer {secrets['access_token']}"}
        with Api(placed(GRANT.api_url, app.service), http.Guard(allow_private=app.allow_private_hosts), headers) as api:
            reply = api.get(CHANNELS, MINE)
        error = meaning(reply)
        if error is not None:
            raise error
        found = [each for each in parts(reply.document(), "items") if word(each, "id")]
        return tuple(
            Choice(
                word(each, "id"), handle_of(each), word(part(each, "snippet"), "title"), secrets, "",
                {**options_of(app), "channel": word(each, "id")},
            )
            for each in found
        )  # fmt: skip


def handle_of(channel: Json) -> str:
    """Return what people call a channel: @name, or its id where it has no name."""
    return word(part(channel, "snippet"), "customUrl") or word(channel, "id")
