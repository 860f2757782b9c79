"""
What servers that speak a commercial platform's documented protocol have in common: tokens, and saying no.

Each is a callable for `Scripted`, so it runs on loopback in the test's own process. It refuses what the platform's
documentation says is refused: unknown fields, missing ones, keys that have ended, a code used twice.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from narvaro.testing.servers.scripted import Call, Said

CLIENT_ID, CLIENT_SECRET = "app-17", "appens-hemlighet"
REDIRECT = "https://narvaro.example/kanaler/anslut/klart/"


@dataclass
class Tokens:
    """The authorization server: codes that work once, tokens that end, renewals that turn the old ones bad."""

    scopes: str
    has_basic: bool = False
    has_challenge: bool = False
    rotates: bool = True
    live: set[str] = field(default_factory=set)
    refreshing: set[str] = field(default_factory=set)
    codes: dict[str, str] = field(default_factory=dict)  # code → challenge
    renewals: int = 0
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def allow(self, url_query: Mapping[str, str]) -> dict[str, str]:
        """Play the person in the window who lets the app in; returns the query that comes home."""
        assert url_query["client_id"] == CLIENT_ID
        assert url_query["redirect_uri"] == REDIRECT
        assert url_query["response_type"] == "code"
        assert set(url_query["scope"].split()) == set(self.scopes.split())
        assert not self.has_challenge or url_query["code_challenge_method"] == "S256"
        code = f"kod-{next(self._numbers)}"
        self.codes[code] = url_query.get("code_challenge", "")
        return {"code": code, "state": url_query["state"]}

    def issue(self) -> dict[str, str]:
        number = next(self._numbers)
        self.live.add(f"nyckel-{number}")
        self.refreshing.add(f"fornyelse-{number}")
        return {"access_token": f"nyckel-{number}", "refresh_token": f"fornyelse-{number}"}

    def end_all(self) -> None:
        """Let every access token end, as after two hours."""
        self.live.clear()

    def knows(self, call: Call) -> bool:
        return call.headers.get("authorization", "").removeprefix("Bearer ") in self.live

    def exchange(self, call: Call) -> Said:
        form = dict(parse_qsl(call.body.decode()))
        if not self._is_app(call, form):
            return Said(401, {"error": "invalid_client", "error_description": "Unknown client"})
        if form.get("grant_type") == "refresh_token":
            if form.get("refresh_token") not in self.refreshing:
                return Said(400, {"error": "invalid_grant", "error_description": "Token was revoked"})
            self.renewals += 1
            if self.rotates:
                self.refreshing.discard(form["refresh_token"])
                return self._said(self.issue())
            return self._said({"access_token": self.issue()["access_token"]})
        challenge = self.codes.pop(form.get("code", ""), None)
        if form.get("grant_type") != "authorization_code" or challenge is None or form.get("redirect_uri") != REDIRECT:
            return Said(400, {"error": "invalid_grant", "error_description": "Bad code"})
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if self.has_challenge and base64.urlsafe_b64encode(digest).decode().rstrip("=") != challenge:
            return Said(400, {"error": "invalid_grant", "error_description": "Bad verifier"})
        return self._said(self.issue())

    def _said(self, tokens: Mapping[str, str]) -> Said:
        return Said(200, {"token_type": "bearer", "expires_in": 7200, "scope": self.scopes, **tokens})

    def _is_app(self, call: Call, form: Mapping[str, str]) -> bool:
        if self.has_basic:
            pair = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
            return call.headers.get("authorization") == f"Basic {pair}" and "client_secret" not in form
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)


def query_of(url: str) -> dict[str, str]:
    """Return the query of an address."""
    return dict(parse_qsl(url.partition("?")[2]))


@dataclass
class Keys:
    """A keeper in memory, with the promises of the port's."""

    kept: dict[str, str]
    renewals: int = 0

    def secrets(self) -> Mapping[str, str]:
        return dict(self.kept)

    def renew(self, stale: Mapping[str, str], renewal: Any) -> Mapping[str, str]:
        if self.kept == dict(stale):
            self.renewals += 1
            self.kept |= {name: each for name, each in renewal(dict(self.kept)).items() if each}
        return dict(self.kept)
