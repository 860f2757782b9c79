"""
Keys by OAuth 2 that end and are renewed: what X, LinkedIn and YouTube have in common.

A renewal is made under the keeper's lock, and an empty answer never replaces what is kept (P7). When a key ends is
kept where the platform says so, "" where it does not: then the daily probe tells. A refused renewal is one of three
(P6): the consent is over (a person connects again), the app is wrong (an administrator mends it), or it may work later.
"""

from __future__ import annotations

import base64
import hashlib
import secrets as chance
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from narvaro.base import clock, http
from narvaro.connectors.client import Api, Json, Params, Reply, garbled, moment, problem, word
from narvaro.connectors.oauth import App, Begun
from narvaro.connectors.port import (
    Account,
    Allowance,
    Misconfigured,
    PlatformError,
    ReconnectNeeded,
)

RENEWED_BEFORE = timedelta(minutes=5)


@dataclass(frozen=True)
class Grant:
    """How one platform lets an app in by OAuth 2."""

    name: str  # as people say it
    api_url: str
    window_url: str
    token_url: str
    scopes: str
    has_challenge: bool = False  # PKCE
    has_basic: bool = False  # the app says who it is in a header, else in the form
    asked: Mapping[str, str] = field(default_factory=dict)  # what is asked for besides in the window
    headers: Mapping[str, str] = field(default_factory=dict)  # on every call

    def begin(self, app: App, state: str) -> Begun:
        """Return the window where a person lets the app in; see `WayIn.begin`."""
        query = {
            "response_type": "code", "client_id": app.client_id, "redirect_uri": app.redirect_uri,
            "scope": self.scopes, "state": state, **self.asked,
        }  # fmt: skip
        kept: dict[str, str] = {}
        if self.has_challenge:
            kept["verifier"] = chance.token_urlsafe(48)
            digest = hashlib.sha256(kept["verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            query |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        return Begun(f"{placed(self.window_url, app.service)}?{urlencode(query)}", kept)

    def exchanged(self, app: App, kept: Mapping[str, str], answer: Mapping[str, str]) -> dict[str, str]:
        """
        Return the secrets that a keeper stores, out of the code that came home.

        Raises:
            ReconnectNeeded: The code was used, is too old or is not for us; begin again.
        """
        form = {
            "grant_type": "authorization_code", "code": answer.get("code", ""), "redirect_uri": app.redirect_uri,
            **({"code_verifier": kept.get("verifier", "")} if self.has_challenge else {}),
        }  # fmt: skip
        ours = {"client_id": app.client_id, "client_secret": app.client_secret}
        return {**ours, **self._tokens(form, ours, app.service, app.allow_private_hosts)}

    def renewed(self, held: Mapping[str, str], service: str, allow_private_hosts: bool) -> dict[str, str]:
        """Return new tokens for old ones. Raises as the port says (P6)."""
        if not held.get("refresh_token"):
            raise ReconnectNeeded(f"Nyckeln till {self.name} har gått ut. Anslut kanalen på nytt.")
        form = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"]}
        return self._tokens(form, held, service, allow_private_hosts)

    def _tokens(
        self, form: Mapping[str, str], ours: Mapping[str, str], service: str, allow_private_hosts: bool
    ) -> dict[str, str]:  # fmt: skip
        address = placed(self.token_url, service)
        origin = "/".join(address.split("/")[:3])
        client_id, client_secret = ours.get("client_id", ""), ours.get("client_secret", "")
        headers: dict[str, str] = {}
        if self.has_basic:
            pair = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
            headers["authorization"] = f"Basic {pair}"
            said = dict(form)
        else:
            said = {**form, "client_id": client_id, "client_secret": client_secret}
        with Api(origin, http.Guard(allow_private=allow_private_hosts)) as api:
            reply = api.post(address[len(origin) :], form=said, headers=headers)
        self._refuse(reply, is_renewal=form["grant_type"] == "refresh_token")
        found = reply.document()
        if not word(found, "access_token"):
            raise garbled(reply)
        return {
            "access_token": word(found, "access_token"), "refresh_token": word(found, "refresh_token"),
            "scope": word(found, "scope"), "ends_at": _ends_at(found),
        }  # fmt: skip

    def _refuse(self, reply: Reply, *, is_renewal: bool) -> None:
        if reply.ok and not reply.is_page:
            return
        if reply.status in {400, 401, 403} and not reply.is_page:
            what = word(reply.document(), "error")
            if what in {"invalid_client", "unauthorized_client"}:
                raise Misconfigured(
                    f"{self.name} känner inte igen myndighetens app. Den som sköter Närvaro kontrollerar appens id "
                    "och hemlighet."
                )
            if is_renewal:
                raise ReconnectNeeded(f"{self.name} förnyar inte nyckeln. Anslut kanalen på nytt.")
            raise ReconnectNeeded(f"{self.name} godtog inte godkännandet. Börja om med att ansluta kanalen.")
        raise problem(reply) or garbled(reply)


class Line:
    """
    An open line to a platform's API for one account, with its key. A context manager.

    Raises:
        ReconnectNeeded: The account holds no key, or one that has ended and cannot be renewed.
    """

    def __init__(self, account: Account, grant: Grant) -> None:
        self.account, self.grant = account, grant
        self.service = account.options.get("service", "") if account.allow_private_hosts else ""
        held = account.keeper.secrets()
        if not held.get("access_token"):
            raise ReconnectNeeded("Kanalen saknar en nyckel till plattformen. Anslut kanalen på nytt.")
        ends_at = moment(held.get("ends_at", ""))
        if ends_at is not None and ends_at - RENEWED_BEFORE < clock.now() and held.get("refresh_token"):
            held = self._renewed(held)
        self._held = held
        self.api = self._opened()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.api.close()

    def call(self, method: str, path: str, **how: Any) -> Reply:
        """
        Make one call. An answer that the key is not good means that nothing was done: the key is renewed, once,
        and the call made with the new one.
        """
        reply = self.api.call(method, path, **how)
        if reply.status == 401 and not reply.is_page and self._held.get("refresh_token"):
            self._held = self._renewed(self._held)
            self.api.close()
            self.api = self._opened()
            reply = self.api.call(method, path, **how)
        self._metered(method, reply)
        return reply

    def get(self, path: str, params: Params | None = None) -> Reply:
        return self.call("GET", path, params=params)

    def read(self, path: str, params: Params | None = None) -> Json:
        """Get one JSON object; raise the port's errors for everything but a success."""
        reply = self.get(path, params)
        error = self.refusal(reply)
        if error is not None:
            raise error
        return reply.document()

    def refusal(self, reply: Reply) -> PlatformError | None:
        """Return what an answer means, or None for a success. Platforms with codes of their own say more."""
        error = problem(reply)
        return garbled(reply) if error is None and reply.is_page else error

    def may(self, scope: str) -> bool:
        """Whether a right was granted; True where the platform did not say which were."""
        granted = self._held.get("scope", "").replace(",", " ").split()
        return not granted or scope in granted

    def _opened(self) -> Api:
        headers = {"authorization": f"Bearer {self._held['access_token']}", **self.grant.headers}
        base = placed(self.grant.api_url, self.service)
        return Api(base, http.Guard(allow_private=self.account.allow_private_hosts), headers)

    def _renewed(self, stale: Mapping[str, str]) -> Mapping[str, str]:
        def renewal(held: Mapping[str, str]) -> Mapping[str, str]:
            return self.grant.renewed(held, self.service, self.account.allow_private_hosts)

        return self.account.keeper.renew(stale, renewal)

    def _metered(self, method: str, reply: Reply) -> None:
        limit, left = (_number(reply.headers.get(f"x-rate-limit-{name}", "")) for name in ("limit", "remaining"))
        resets = _number(reply.headers.get("x-rate-limit-reset", ""))
        if self.account.meter is None or limit is None or left is None or resets is None:
            return
        now = clock.now()
        resets_at = now + timedelta(seconds=min(max(resets - now.timestamp(), 0), 86_400))
        self.account.meter(Allowance("reads" if method == "GET" else "writes", limit, left, resets_at))


def placed(address: str, service: str) -> str:
    """Return an address of a platform, on the server for tests where there is one."""
    if not service:
        return address
    path = address.partition("://")[2].partition("/")[2]
    return service.rstrip("/") + (f"/{path}" if path else "")


def options_of(app: App) -> dict[str, str]:
    """Return what a channel remembers of where its platform is: nothing, but for tests."""
    return {"service": app.service.rstrip("/")} if app.service else {}


def _ends_at(found: Json) -> str:
    seconds = _number(word(found, "expires_in"))
    return (clock.now() + timedelta(seconds=min(seconds, 10 * 365 * 86_400))).isoformat() if seconds else ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None
