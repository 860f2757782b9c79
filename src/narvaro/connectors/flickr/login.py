"""Letting the authority's app in to Flickr: three steps of OAuth 1.0a. The key does not end by itself."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from narvaro.base import http
from narvaro.connectors.client import Api, Reply, problem
from narvaro.connectors.flickr.signed import SITE, oauth_params, sign
from narvaro.connectors.granted import options_of, placed
from narvaro.connectors.oauth import App, Begun, Choice
from narvaro.connectors.port import Misconfigured, ReconnectNeeded

REQUEST, AUTHORIZE, ACCESS = (
    f"{SITE}/services/oauth/{step}" for step in ("request_token", "authorize", "access_token")
)


class FlickrLogin:
    """See `WayIn`."""

    console_url = "https://www.flickr.com/services/apps/create/"
    console_name = "Flickr App Garden"

    def begin(self, app: App, state: str) -> Begun:
        said = _told(app, REQUEST, {"oauth_callback": f"{app.redirect_uri}?{urlencode({'state': state})}"})
        token, secret = said.get("oauth_token", ""), said.get("oauth_token_secret", "")
        if not token or not secret:
            raise Misconfigured("Flickr känner inte igen myndighetens app. Kontrollera appens nyckel och hemlighet.")
        query = urlencode({"oauth_token": token, "perms": "delete"})  # to remove what is ours; it holds the lesser ones
        return Begun(f"{placed(AUTHORIZE, app.service)}?{query}", {"token": token, "token_secret": secret})

    def finish(self, app: App, kept: Mapping[str, str], answer: Mapping[str, str]) -> tuple[Choice, ...]:
        if answer.get("oauth_token") != kept.get("token"):
            raise ReconnectNeeded("Svaret från Flickr hör till en annan anslutning. Börja om.")
        more = {"oauth_verifier": answer.get("oauth_verifier", "")}
        said = _told(app, ACCESS, more, kept.get("token", ""), kept.get("token_secret", ""))
        nsid, name = said.get("user_nsid", ""), said.get("username", "")
        if not nsid or not said.get("oauth_token"):
            return ()
        secrets = {
            "access_token": said["oauth_token"], "token_secret": said.get("oauth_token_secret", ""),
            "client_id": app.client_id, "client_secret": app.client_secret,
        }  # fmt: skip
        return (Choice(nsid, name or nsid, said.get("fullname", "") or name, secrets, "", options_of(app)),)


def _told(app: App, url: str, more: Mapping[str, str], token: str = "", token_secret: str = "") -> dict[str, str]:
    address = placed(url, app.service)
    params = {**more, **oauth_params(app.client_id, token)}
    params["oauth_signature"] = sign("GET", address, params, app.client_secret, token_secret)
    origin = "/".join(address.split("/")[:3])
    with Api(origin, http.Guard(allow_private=app.allow_private_hosts), {"accept": "*/*"}) as api:
        reply = api.get(address[len(origin) :], params)
    _refuse(reply, is_known=bool(token))
    return dict(parse_qsl(reply.body[:10_000].decode("utf-8", "replace")))


def _refuse(reply: Reply, *, is_known: bool) -> None:
    if reply.ok and not reply.is_page:
        return
    if b"consumer_key" in reply.body[:500] or (reply.status in {400, 401} and not is_known):
        raise Misconfigured("Flickr känner inte igen myndighetens app. Kontrollera appens nyckel och hemlighet.")
    if reply.status in {400, 401}:
        raise ReconnectNeeded("Flickr godtog inte godkännandet. Börja om med att ansluta kanalen.")
    raise problem(reply) or Misconfigured("Flickr svarar inte som väntat.")
