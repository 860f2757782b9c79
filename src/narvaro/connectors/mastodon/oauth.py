"""
Connecting an account in the browser: register, send the person to their server, take the code home.

`state` must be unguessable, bound to the person's session and compared by the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from narvaro.connectors.client import Api, Reply, problem, word
from narvaro.connectors.mastodon.session import VERIFY, guard_of
from narvaro.connectors.port import Misconfigured, PlatformError, ReconnectNeeded

CLIENT_NAME = "Närvaro"
NARROW_SCOPES = (
    "read:accounts read:statuses read:notifications read:follows read:blocks "
    "write:statuses write:media write:blocks write:reports"
)
WIDE_SCOPES = "read write"  # for servers that know no narrower


@dataclass(frozen=True, slots=True)
class App:
    """Närvaro as one server knows it. `client_secret` is kept as any secret."""

    base_url: str
    client_id: str
    client_secret: str
    redirect_uri: str
    scopes: str

    def __repr__(self) -> str:
        return f"App(base_url={self.base_url!r}, client_id={self.client_id!r})"


@dataclass(frozen=True, slots=True)
class Token:
    """What an account's keeper stores. Mastodon's tokens do not expire; `scopes` is what was granted."""

    access_token: str
    scopes: str

    def __repr__(self) -> str:
        return f"Token(scopes={self.scopes!r})"

    def secrets(self) -> dict[str, str]:
        return {"access_token": self.access_token}


def base_url_of(typed: str) -> str:
    """
    Return the address of a server from what a person typed: an address, a domain, or a whole handle.

    Raises:
        Misconfigured: It is none of them.
    """
    text = typed.strip().rstrip("/")
    if "://" not in text:
        text = "https://" + text.rpartition("@")[2]
    try:
        place = urlsplit(text)
        port = f":{place.port}" if place.port else ""
    except ValueError:
        place, port = urlsplit(""), ""
    if place.scheme not in {"http", "https"} or not place.hostname or place.username or " " in place.netloc:
        raise Misconfigured("Ange serverns adress, till exempel social.exempel.se.")
    return f"{place.scheme}://{place.hostname}{port}"


def register_app(base_url: str, redirect_uri: str, *, allow_private_hosts: bool = False, is_wide: bool = False) -> App:
    """
    Make Närvaro known to a server, with the narrowest scopes it accepts.

    Some servers take any scopes here and refuse those they do not know once a person stands before them; what they
    tell of themselves is asked first.

    Args:
        is_wide: Ask for the wide scopes at once: the narrow ones were refused.

    Raises:
        Transient, Misconfigured: As the port says; Misconfigured also when there is no such server there.
    """
    with Api(base_url, guard_of(allow_private_hosts)) as api:
        scopes = WIDE_SCOPES if is_wide or _knows_only_wide(api) else NARROW_SCOPES
        reply = _registered(api, redirect_uri, scopes)
        if reply.status in {400, 403, 422} and scopes != WIDE_SCOPES:
            reply, scopes = _registered(api, redirect_uri, WIDE_SCOPES), WIDE_SCOPES
        error = problem(reply)
        if error is not None or reply.is_page:
            raise _no_server(reply, error)
        app = reply.document()
    client_id, client_secret = word(app, "client_id"), word(app, "client_secret")
    if not client_id or not client_secret:
        raise Misconfigured(f"{reply.host} svarar inte som en server för Mastodon. Kontrollera adressen.")
    return App(api.base_url, client_id, client_secret, redirect_uri, scopes)


def authorize_url(app: App, state: str) -> str:
    """Return the address on the server where the person allows Närvaro to speak for the account."""
    asked = {
        "client_id": app.client_id,
        "redirect_uri": app.redirect_uri,
        "response_type": "code",
        "scope": app.scopes,
        "state": state,
        "force_login": "true",  # never let an own private account, already signed in, slip in instead
    }
    return f"{app.base_url}/oauth/authorize?{urlencode(asked)}"


def exchange_code(app: App, code: str, *, allow_private_hosts: bool = False) -> Token:
    """
    Exchange the code that came home for a token.

    Raises:
        ReconnectNeeded: The code was used, is too old or is not for us; begin again.
        Transient, Misconfigured: As the port says.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "redirect_uri": app.redirect_uri,
        "scope": app.scopes,
    }
    with Api(app.base_url, guard_of(allow_private_hosts)) as api:
        reply = api.post("/oauth/token", form=form)
        if reply.status in {400, 401, 403, 422}:
            raise _not_accepted(reply)
        error = problem(reply)
        if error is not None:
            raise error
        answer = reply.document()
        token = word(answer, "access_token")
        # Some servers hand out a key for any code; it speaks for nobody.
        if not token or api.get(VERIFY, headers={"authorization": f"Bearer {token}"}).status in {400, 401, 403, 422}:
            raise _not_accepted(reply)
    return Token(token, word(answer, "scope") or app.scopes)


def _not_accepted(reply: Reply) -> ReconnectNeeded:
    return ReconnectNeeded(f"{reply.host} godtog inte godkännandet. Börja om med att ansluta kanalen.")


def _knows_only_wide(api: Api) -> bool:
    """Whether the server lists the scopes it knows, and lacks some that we ask for (Pixelfed)."""
    reply = api.get("/.well-known/oauth-authorization-server")
    try:
        known = reply.document().get("scopes_supported") if reply.ok else None
    except PlatformError:
        return False
    return isinstance(known, list) and bool(known) and not set(NARROW_SCOPES.split()) <= {str(each) for each in known}


def _registered(api: Api, redirect_uri: str, scopes: str) -> Reply:
    form = {"client_name": CLIENT_NAME, "redirect_uris": redirect_uri, "scopes": scopes}
    return api.post("/api/v1/apps", form=form)


def _no_server(reply: Reply, error: PlatformError | None) -> PlatformError:
    if error is not None and not isinstance(error, Misconfigured) and not isinstance(error, ReconnectNeeded):
        return error
    return Misconfigured(f"{reply.host} svarar inte som en server för Mastodon. Kontrollera adressen.")
