"""
Speaking for one account: the session, its renewal, and what the network's refusals mean.

A session is made with an app password and then only refreshed (P28). Both tokens live with the keeper and
are replaced under its lock; the network's own clock decides when they are old, never ours.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from narvaro.base import clock, http
from narvaro.connectors import client
from narvaro.connectors.client import Api, Json, Params, Reply, Unanswered, raw_items
from narvaro.connectors.port import Account, Allowance, Misconfigured, PlatformError, ReconnectNeeded, Transient

# The public network allows 300 new sessions a day; far fewer are ever needed, so more means a fault of ours.
MOST_SESSIONS_A_DAY = 40
MOST_RENEWALS_A_DAY = 400

_STALE = frozenset({"ExpiredToken", "InvalidToken"})
_CLOSED = {
    "AccountTakedown": "Bluesky har stängt av kontot. Kontakta Bluesky; det hjälper inte att ansluta på nytt.",
    "AccountSuspended": "Bluesky har stängt av kontot tills vidare. Kontakta Bluesky.",
    "AccountDeactivated": "Kontot är inaktiverat. Aktivera det i Bluesky-appen, så fortsätter Närvaro av sig självt.",
}
_BUSY = frozenset({"UpstreamFailure", "UpstreamTimeout", "NotEnoughResources", "InternalServerError", "ServerError"})
_NOT_TAKEN = (
    "Bluesky godtar inte applösenordet längre. Skapa ett nytt i Bluesky under Inställningar, "
    "Sekretess och säkerhet, Applösenord, och anslut kanalen på nytt."
)
_SECOND_FACTOR = (
    "Bluesky vill ha en engångskod, och då är det kontots eget lösenord som har angetts. "
    "Skapa ett applösenord och anslut kanalen med det."
)


@dataclass(frozen=True)
class Connection:
    """What a channel keeps after connecting: who the account is, where it lives, and its secrets."""

    remote_id: str  # DID
    handle: str
    base_url: str
    secrets: Mapping[str, str]


def connect(base_url: str, identifier: str, app_password: str, *, allow_private_hosts: bool = False) -> Connection:
    """
    Sign in once with an app password, and return what is to be stored.

    Args:
        base_url: The service the account signs in to, for most "https://bsky.social".
        identifier: Handle, DID or e-mail.

    Raises:
        ReconnectNeeded: Wrong name or password, or the account's own password with a second factor.
        Misconfigured: The address is no Bluesky service, or the account is closed.
        Transient: It may work later.
    """
    identifier = identifier.strip().removeprefix("@")
    with _api(base_url, allow_private_hosts) as api:
        made = _created(api, identifier, app_password.strip())
    secrets = {"identifier": client.word(made, "did"), "app_password": app_password.strip(), **_tokens(made)}
    return Connection(
        remote_id=client.word(made, "did"),
        handle=client.word(made, "handle"),
        base_url=base_url.rstrip("/"),
        secrets=secrets,
    )


def service_for(
    handle: str,
    *,
    resolver: str = "https://public.api.bsky.app",
    directory: str = "https://plc.directory",
    allow_private_hosts: bool = False,
) -> str:
    """
    Return the address of the service where an account lives, for `connect`.

    Args:
        handle: Handle or DID.
        resolver: Any service of the network that looks up handles.

    Raises:
        Misconfigured: Nobody has the handle, or the account names no service.
        Transient: It may work later.
    """
    name = handle.strip().removeprefix("@").lower()
    if not name.startswith("did:"):
        with _api(resolver, allow_private_hosts) as api:
            reply = api.get("/xrpc/com.atproto.identity.resolveHandle", {"handle": name})
        error = trouble(reply)
        if isinstance(error, Misconfigured):
            raise Misconfigured("Det finns inget Bluesky-konto med det namnet. Kontrollera stavningen.")
        if error is not None:
            raise error
        name = client.word(reply.document(), "did")
    return home_of(name, directory, lambda address: _api(address, allow_private_hosts))


class Session:
    """
    One account's calls while one task lasts, as a context manager.

    `ask` reads and demands success, `call` gives the answer whatever it is. A call that was refused only
    because the token was old had no effect and is made once more with a renewed one.

    Raises (every call): the three errors of the port, and Unanswered when the call may have had effect.
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self._secrets = account.keeper.secrets()
        self._apis: dict[str, Api] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for api in self._apis.values():
            api.close()

    @property
    def did(self) -> str:
        return self.account.remote_id

    @property
    def pds(self) -> str:
        """Where the account's records live."""
        return self.account.options.get("pds") or self._secrets.get("pds") or self.account.base_url

    @property
    def scope(self) -> str:
        """What kind of key we hold, as the token says ("com.atproto.appPass"), "" when it does not say."""
        return client.word(_claims(self._secrets.get("accessJwt", "")), "scope")

    def api(self, base_url: str) -> Api:
        """Return a client without our token, for one server of the network."""
        if base_url not in self._apis:
            meter = self.account.meter if base_url == self.pds else None
            self._apis[base_url] = _api(base_url, self.account.allow_private_hosts, meter)
        return self._apis[base_url]

    def ask(self, method: str, params: Params | None = None, **how: Any) -> Json:
        """Read; return the answer's object."""
        return self.demand(self.call("GET", method, params=params, **how)).document()

    def ask_for_items(self, method: str, params: Params, name: str) -> tuple[Json, list[tuple[Json, bytes]]]:
        """Read; return the answer's object, and the objects of its array `name`, each with its exact bytes."""
        reply = self.demand(self.call("GET", method, params=params))
        value, raw = reply.parts().get(name, (None, b""))
        return reply.document(), raw_items(raw) if isinstance(value, list) else []

    def tell(self, method: str, body: Any) -> Json:
        """Act; return the answer's object."""
        return self.demand(self.call("POST", method, json=body)).document()

    def demand(self, reply: Reply) -> Reply:
        error = trouble(reply)
        if error is not None:
            raise error
        return reply

    def call(self, verb: str, method: str, **how: Any) -> Reply:
        """Make one call with our token, and once more if the token was too old."""
        if not self._secrets.get("accessJwt"):
            self._renew()
        reply = self._attempt(verb, method, **how)
        if is_stale(reply):
            self._renew()
            if hasattr(how.get("content"), "seek"):
                how["content"].seek(0)  # an open file was read while it was sent
            reply = self._attempt(verb, method, **how)
        return reply

    def _attempt(self, verb: str, method: str, **how: Any) -> Reply:
        headers = {"authorization": f"Bearer {self._secrets.get('accessJwt', '')}", **how.pop("headers", {})}
        proxy = self.account.options.get("appview", "")
        if proxy.startswith("did:") and method.startswith("app.bsky."):
            headers["atproto-proxy"] = proxy if "#" in proxy else f"{proxy}#bsky_appview"
        return self.api(self.pds).call(verb, f"/xrpc/{method}", headers=headers, **how)

    def _renew(self) -> None:
        try:
            self._secrets = self.account.keeper.renew(self._secrets, self._renewed)
        except Unanswered as error:
            # The renewal may or may not have happened; the call it was for certainly did not.
            raise Transient(str(error), retry_after_seconds=error.retry_after_seconds) from None

    def _renewed(self, current: Mapping[str, str]) -> Mapping[str, str]:
        found: Json = {}
        tally: dict[str, str] = {}
        if current.get("refreshJwt"):
            tally = _tallied(current, "renewals", MOST_RENEWALS_A_DAY)
            found = _refreshed(self.api(self.account.base_url), current["refreshJwt"])
        if not found and current.get("app_password"):
            tally |= _tallied(current, "sessions", MOST_SESSIONS_A_DAY)
            name = current.get("identifier") or self.did or self.account.handle
            found = _created(self.api(self.account.base_url), name, current["app_password"])
        if not found:
            raise ReconnectNeeded("Anslutningen till Bluesky har gått ut. Anslut kanalen på nytt med ett applösenord.")
        if self.did and client.word(found, "did") != self.did:
            raise ReconnectNeeded("Applösenordet hör till ett annat Bluesky-konto än kanalens. Anslut med rätt konto.")
        return {**current, **_tokens(found), **tally}


def is_stale(reply: Reply) -> bool:
    """Return whether a call was refused because the token is old or no longer known."""
    return reply.status in {400, 401} and not reply.moved_to and code(reply) in _STALE


def code(reply: Reply) -> str:
    """Return the network's own name for what went wrong ("RecordNotFound"), or ""."""
    try:
        return client.word(reply.document(), "error")
    except Transient:
        return ""


def message(reply: Reply) -> str:
    """Return the network's own words for what went wrong, or ""."""
    try:
        return client.word(reply.document(), "message")
    except Transient:
        return ""


def is_missing(reply: Reply) -> bool:
    """Return whether the network says that a record, its post or its account is not there (any more)."""
    if reply.status not in {400, 404}:
        return False
    told = message(reply)
    return code(reply) in {"RecordNotFound", "NotFound", "RepoNotFound"} or told.startswith(
        ("Could not locate record", "Could not find repo", "Post not found")
    )


def trouble(reply: Reply) -> PlatformError | None:
    """
    Return what an answer means in the words of the port, or None for a success (P6).

    An account that the network has closed is not a dead key, and a busy server is neither.
    """
    if reply.ok:
        return None
    name, told = code(reply), message(reply)
    if name in _CLOSED:
        return Misconfigured(_CLOSED[name])
    if reply.moved_to:
        return client.problem(reply)
    if name == "RateLimitExceeded" and reply.status != 429:
        wait = client.retry_after_seconds(reply.headers)
        return Transient("Bluesky ber oss vänta, för många anrop har gjorts.", retry_after_seconds=wait)
    if name == "AuthFactorTokenRequired":
        return ReconnectNeeded(_SECOND_FACTOR)
    if name in _STALE:
        return ReconnectNeeded("Bluesky godtar inte längre vår nyckel. Anslut kanalen på nytt.")
    if name in _BUSY:
        return Transient("Bluesky har tillfälliga problem.", retry_after_seconds=None)
    if told.startswith("Profile not found"):
        # A new account is unknown to the view for a moment; and nothing can be concluded from it later.
        return Transient("Bluesky känner ännu inte till kontots profil.", retry_after_seconds=2.0)
    if name in {"MethodNotImplemented", "XRPCNotSupported"} or told.startswith("No service configured"):
        return Misconfigured("Servern är inte en fullständig Bluesky-tjänst. Kontrollera kanalens adress.")
    return client.problem(reply)


def home_of(did: str, directory: str, api_at: Callable[[str], Api]) -> str:
    """
    Return the address of the data server of an account, as its own document says.

    Raises:
        Misconfigured: There is no such account, or its document names no server.
    """
    if did.startswith("did:web:"):
        place, path = f"https://{did.removeprefix('did:web:').replace('%3A', ':')}", "/.well-known/did.json"
    else:
        place, path = directory.rstrip("/"), f"/{did}"
    document = api_at(place).read(path).document()
    home = service_of(document)
    if not home or client.word(document, "id") != did:
        raise Misconfigured("Det går inte att se var Bluesky-kontot finns.")
    return home


def service_of(document: Mapping[str, Any]) -> str:
    """Return the address of the data server in a DID document, "" when it names none."""
    for service in client.parts(document, "service"):
        address = client.word(service, "serviceEndpoint").rstrip("/")
        if client.word(service, "id").endswith("#atproto_pds") and urlsplit(address).scheme in {"http", "https"}:
            return address
    return ""


def _api(
    base_url: str, allow_private_hosts: bool, meter: Callable[[Allowance], None] | None = None
) -> Api:  # fmt: skip
    if not (base_url.lower().startswith("https://") or allow_private_hosts):
        raise Misconfigured("Adressen till Bluesky måste börja med https://. Kontrollera kanalens adress.")
    return Api(base_url, http.Guard(allow_private=allow_private_hosts), meter=meter)


def _created(api: Api, identifier: str, app_password: str) -> Json:
    reply = api.post(
        "/xrpc/com.atproto.server.createSession", json={"identifier": identifier, "password": app_password}
    )
    if reply.status == 401 and code(reply) not in {*_CLOSED, "AuthFactorTokenRequired"}:
        raise ReconnectNeeded(_NOT_TAKEN)
    return _whole(reply)


def _refreshed(api: Api, token: str) -> Json:
    """Return a refreshed session, {} when the network wants the app password again."""
    headers = {"authorization": f"Bearer {token}"}
    reply = api.post("/xrpc/com.atproto.server.refreshSession", headers=headers)
    if is_stale(reply) or (reply.status == 401 and code(reply) not in _CLOSED):
        return {}
    return _whole(reply)


def _whole(reply: Reply) -> Json:
    error = trouble(reply)
    if error is not None:
        raise error
    found = reply.document()
    tokens = client.word(found, "accessJwt"), client.word(found, "refreshJwt")
    # A token that cannot stand in a header would stop every later call, and the renewal too.
    usable = tokens[0] and all(token.isascii() and (not token or token.isprintable()) for token in tokens)
    if not usable or not client.word(found, "did").startswith("did:"):
        raise client.garbled(reply)
    if found.get("active") is False:
        status = client.word(found, "status")
        name = {"takendown": "AccountTakedown", "suspended": "AccountSuspended"}.get(status, "AccountDeactivated")
        raise Misconfigured(_CLOSED[name])
    return found


def _tokens(found: Json) -> dict[str, str]:
    """Return what to store of a session's answer; never an empty value (P7)."""
    tokens = {
        "accessJwt": client.word(found, "accessJwt"),
        "refreshJwt": client.word(found, "refreshJwt"),
        "pds": service_of(client.part(found, "didDoc")),
    }
    return {key: value for key, value in tokens.items() if value}


def _tallied(current: Mapping[str, str], what: str, most: int) -> dict[str, str]:
    """Count one more today; raise Transient when there have been so many that something must be wrong."""
    now = clock.now()
    day = now.date().isoformat()
    made = int(current.get(f"{what}_made", "0") or 0) if current.get(f"{what}_on") == day else 0
    if made >= most:
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        raise Transient(
            "Närvaro har loggat in på Bluesky ovanligt många gånger i dag och väntar till i morgon.",
            retry_after_seconds=(midnight - now).total_seconds(),
        )
    return {f"{what}_on": day, f"{what}_made": str(made + 1)}


def _claims(token: str) -> Json:
    middle = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        found = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
