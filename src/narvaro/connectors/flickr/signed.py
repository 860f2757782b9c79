"""Calls signed by OAuth 1.0a, and what a refusal of Flickr's means: most come with status 200."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets as chance
from collections.abc import Mapping
from types import TracebackType
from typing import Any, BinaryIO, Self
from urllib.parse import quote

from narvaro.base import clock, http
from narvaro.connectors.client import Api, Json, Reply, garbled, problem, word
from narvaro.connectors.granted import placed
from narvaro.connectors.port import Account, Misconfigured, PlatformError, ReconnectNeeded, Transient

SITE = "https://www.flickr.com"
REST = "https://www.flickr.com/services/rest"
UPLOAD = "https://up.flickr.com/services/upload/"
GONE = {"1", "2"}

_KEY = {"96", "97", "98", "99"}
_BUSY = {"0", "105", "106"}


def sign(method: str, url: str, params: Mapping[str, str], client_secret: str, token_secret: str = "") -> str:
    """Return the HMAC-SHA1 signature of a call (RFC 5849, 3.4)."""
    pairs = sorted((_coded(key), _coded(value)) for key, value in params.items())
    base = "&".join(_coded(each) for each in (method, url, "&".join(f"{key}={value}" for key, value in pairs)))
    key = f"{_coded(client_secret)}&{_coded(token_secret)}"
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()


def oauth_params(client_id: str, token: str = "") -> dict[str, str]:
    """Return what every signed call says of itself."""
    return {
        "oauth_consumer_key": client_id, "oauth_nonce": chance.token_hex(16), "oauth_version": "1.0",
        "oauth_signature_method": "HMAC-SHA1", "oauth_timestamp": str(int(clock.now().timestamp())),
        **({"oauth_token": token} if token else {}),
    }  # fmt: skip


class Line:
    """
    An open line to Flickr for one account. A context manager.

    Raises:
        ReconnectNeeded: The account holds no key.
    """

    def __init__(self, account: Account) -> None:
        held = account.keeper.secrets()
        self._held = held
        if not held.get("access_token") or not held.get("token_secret"):
            raise ReconnectNeeded("Kanalen saknar en nyckel till plattformen. Anslut kanalen på nytt.")
        service = account.options.get("service", "") if account.allow_private_hosts else ""
        self._rest, self._upload = placed(REST, service), placed(UPLOAD, service)
        guard = http.Guard(allow_private=account.allow_private_hosts)
        self.api = Api("/".join(self._rest.split("/")[:3]), guard)
        self._uploads = Api("/".join(self._upload.split("/")[:3]), guard)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.api.close()
        self._uploads.close()

    def call(self, method: str, **asked: str) -> Reply:
        """Call a method that only reads."""
        return self._sent("GET", method, asked)

    def write(self, method: str, **asked: str) -> Reply:
        """Call a method that has effect, once."""
        return self._sent("POST", method, asked)

    def read(self, method: str, **asked: str) -> Json:
        """Call a method that reads; raise the port's errors for everything but a success."""
        reply = self.call(method, **asked)
        error = meaning(reply)
        if error is not None:
            raise error
        return reply.document()

    def upload(
        self, content: bytes | BinaryIO, media_type: str, said: Mapping[str, str], deadline_seconds: float = 120
    ) -> Reply:
        """Upload a picture or a film, once; an open file is read as it is sent. It is not part of what is signed."""
        form = self._signed("POST", self._upload, dict(said))
        path = "/" + self._upload.split("/", 3)[3]
        files = {"photo": ("bild", content, media_type)}
        return self._uploads.post(path, form=form, files=files, deadline_seconds=deadline_seconds)

    def _sent(self, verb: str, method: str, asked: Mapping[str, str]) -> Reply:
        wanted = {**asked, "method": method, "format": "json", "nojsoncallback": "1"}
        signed = self._signed(verb, self._rest, wanted)
        path = "/" + self._rest.split("/", 3)[3]
        return self.api.get(path, signed) if verb == "GET" else self.api.post(path, form=signed)

    def _signed(self, verb: str, url: str, asked: Mapping[str, str]) -> dict[str, str]:
        params = {**asked, **oauth_params(self._held.get("client_id", ""), self._held["access_token"])}
        secret, token_secret = self._held.get("client_secret", ""), self._held["token_secret"]
        return {**params, "oauth_signature": sign(verb, url, params, secret, token_secret)}


def meaning(reply: Reply) -> PlatformError | None:
    """Return what an answer means in the words of the port, or None for a success (P6)."""
    if reply.status in {400, 401} and b"oauth_problem" in reply.body[:500]:
        return ReconnectNeeded("Flickr godtar inte längre vår nyckel. Anslut kanalen på nytt.")
    error = problem(reply)
    if error is not None:
        return error
    if reply.is_page:
        return garbled(reply)
    try:
        said = reply.document()
    except PlatformError as broken:
        return broken
    if said.get("stat") == "ok":
        return None
    code, told = code_of(reply), word(said, "message")[:200]
    if code in _KEY:
        return ReconnectNeeded("Flickr godtar inte längre vår nyckel, eller så ger den inte rätt till det här.")
    if code == "100":
        return Misconfigured("Flickr känner inte igen myndighetens app. Kontrollera appens nyckel och hemlighet.")
    if code in _BUSY:
        return Transient(f"Flickr har tillfälliga problem. {told}".strip())
    return Misconfigured(f"Flickr godtog inte anropet. {told}".strip()) if code else garbled(reply)


def code_of(reply: Reply) -> str:
    """Return Flickr's own number for what went wrong, "" where it gives none."""
    try:
        found: Any = reply.document()
    except PlatformError:
        return ""
    return word(found, "code") if found.get("stat") == "fail" else ""


def _coded(text: str) -> str:
    return quote(text.encode("utf-8", "replace"), safe="~")
