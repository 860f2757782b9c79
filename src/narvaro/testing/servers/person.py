"""Somebody with an account on a Mastodon-API server, acting by its API with nothing but the standard library."""

from __future__ import annotations

import http.client
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from narvaro.testing.servers.processes import ServerFailed

CALL_SECONDS = 15.0
_DATED_ID = re.compile(r"\d{10}[0-9a-f]{32}")


def call(
    method: str,
    url: str,
    *,
    token: str = "",
    form: Mapping[str, str] | None = None,
    body: Any = None,
    raw: tuple[str, bytes] | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Mapping[str, str], bytes]:
    """Make one call without following redirects. `raw` is (content type, bytes)."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=CALL_SECONDS)
    sent = dict(headers or {})
    content: bytes | None = None
    if form is not None:
        sent["content-type"], content = "application/x-www-form-urlencoded", urlencode(form).encode()
    elif body is not None:
        sent["content-type"], content = "application/json", json.dumps(body).encode()
    elif raw is not None:
        sent["content-type"], content = raw
    if token:
        sent["authorization"] = f"Bearer {token}"
    try:
        connection.request(method, place.path + (f"?{place.query}" if place.query else ""), content, sent)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


@dataclass(frozen=True)
class Person:
    """An account with a working token: a citizen, or the authority in the platform's own app."""

    base_url: str
    name: str
    password: str
    token: str
    remote_id: str
    domain: str

    @property
    def handle(self) -> str:
        """The full handle, without the leading @."""
        return f"{self.name}@{self.domain}"

    def post(
        self,
        text: str,
        *,
        answers: str = "",
        visibility: str = "public",
        picture: bytes = b"",
        alt: str = "",
        warning: str = "",
        language: str = "sv",
    ) -> str:
        """Post, and return the id of the status, dated by when it was written (see `lasting`)."""
        wanted: dict[str, Any] = {"status": text, "visibility": visibility, "language": language}
        if answers:
            wanted["in_reply_to_id"] = answers
        if warning:
            wanted["spoiler_text"] = warning
        if picture:
            wanted["media_ids"] = [self.attach(picture, alt)]
        return lasting(self._json("POST", "/api/v1/statuses", body=wanted))

    def attach(self, picture: bytes, alt: str) -> str:
        """Upload a PNG with its alt text, and return the id of the medium."""
        edge = secrets.token_hex(16)
        lines = [
            f'--{edge}\r\nContent-Disposition: form-data; name="description"\r\n\r\n'.encode() + alt.encode() + b"\r\n",
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="bild.png"\r\n'.encode(),
            b"Content-Type: image/png\r\n\r\n" + picture + b"\r\n",
            f"--{edge}--\r\n".encode(),
        ]
        raw = (f"multipart/form-data; boundary={edge}", b"".join(lines))
        return str(self._json("POST", "/api/v1/media", raw=raw)["id"])

    def edit(self, status_id: str, text: str) -> None:
        self._json("PUT", f"/api/v1/statuses/{status_id}", body={"status": text})

    def delete(self, status_id: str) -> None:
        self._json("DELETE", f"/api/v1/statuses/{status_id}")

    def boost(self, status_id: str) -> None:
        self._json("POST", f"/api/v1/statuses/{status_id}/reblog")

    def like(self, status_id: str) -> None:
        self._json("POST", f"/api/v1/statuses/{status_id}/favourite")

    def status(self, status_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self._json("GET", f"/api/v1/statuses/{status_id}")
        return found

    def statuses(self) -> list[dict[str, Any]]:
        """Return the account's newest statuses, at most 40."""
        found: list[dict[str, Any]] = self._json("GET", f"/api/v1/accounts/{self.remote_id}/statuses?limit=40")
        return found

    def notifications(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._json("GET", "/api/v1/notifications?limit=40")
        return found

    def _json(self, method: str, path: str, **how: Any) -> Any:
        status, _headers, answer = call(method, self.base_url + path, token=self.token, **how)
        if not 200 <= status < 300:
            raise ServerFailed(f"{self.name}: {method} {path} gave {status}: {answer[:300]!r}")
        return json.loads(answer or b"{}")


def lasting(status: dict[str, Any]) -> str:
    """
    Return a status's id; snac's with the second when it was written before the part that stays.

    snac looks up by the latter alone. The second it gives itself may be the next one when the machine is busy.
    """
    found = str(status["id"])
    if not _DATED_ID.fullmatch(found):
        return found
    written = datetime.fromisoformat(str(status["created_at"]).replace("Z", "+00:00"))
    return f"{int(written.timestamp()):010d}{found[10:]}"
