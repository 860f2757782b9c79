"""
A thin client for JSON APIs, shared by the platforms.

It turns what a network can do into the three classes of the port, and keeps apart what matters most:
whether a call certainly had no effect (`Transient`) or may have had one (`Unanswered`). Nothing it says
in an error holds a header, a token, a query or a body that we sent.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache, cached_property
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeAlias
from urllib.parse import urlsplit

import httpx2

from narvaro.base import clock, http
from narvaro.connectors.port import (
    MOST_ID,
    Allowance,
    Misconfigured,
    PlatformError,
    ReconnectNeeded,
    Transient,
)

Json: TypeAlias = dict[str, Any]
Params: TypeAlias = Mapping[str, str | int | Iterable[str]]
Files: TypeAlias = Mapping[str, tuple[str, bytes | BinaryIO, str]]

MAX_ANSWER_BYTES = 32_000_000
DEADLINE_SECONDS = 30.0
LONGEST_WAIT_SECONDS = 24 * 3600.0

_SOONEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)
_SPACES = " \t\r\n"
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
_FRACTION = re.compile(r"\.(\d{6})\d+")
_PLACE = re.compile(r"https?://[\w.:\[\]-]{1,200}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z0-9-]{1,20}")
_RESETS = ("retry-after", "x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset", "x-ratelimit-reset-after")
_COUNTS = ("x-ratelimit-{}", "x-rate-limit-{}", "ratelimit-{}")
_RESET_IN_ONE = re.compile(r"(?:^|[;,\s])(?:t|reset)=\"?(\d+(?:\.\d+)?)", re.IGNORECASE)
_SECONDS_SINCE_1970, _MILLISECONDS_SINCE_1970 = 1_000_000_000, 100_000_000_000


class Unanswered(Transient):
    """The request may have reached the platform, but no whole answer came back. Only reading can tell."""


class TooMuch(Unanswered):
    """The answer was larger than what is taken in at one time; asking for less may help."""


@dataclass(frozen=True)
class Reply:
    """One whole answer. `headers` are looked up without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    host: str = ""
    moved_to: str = ""  # another origin that answered a call with our key, or that we were sent on to
    address: str = ""  # that answered in the end

    @property
    def ok(self) -> bool:
        """Whether the platform says that it was done."""
        return 200 <= self.status < 300

    @property
    def media_type(self) -> str:
        """Return what kind of answer it claims to be, without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_page(self) -> bool:
        """Whether a web page came where an answer for machines was asked for."""
        return self.media_type in {"text/html", "application/xhtml+xml"} or self.body[:200].lstrip()[:1] == b"<"

    @cached_property
    def _document(self) -> Any:
        return json.loads(_decoded(self.body))

    def json(self) -> Any:
        """
        Return the answer as JSON, whatever content type it claims.

        Raises:
            Transient: It is not JSON: a web page, an empty or a broken answer.
        """
        try:
            return self._document
        except (ValueError, RecursionError):
            raise garbled(self) from None

    def document(self) -> Json:
        """Return the answer as one JSON object; raise Transient when it is something else."""
        found = self.json()
        if not isinstance(found, dict):
            raise garbled(self)
        return found

    def items(self) -> list[tuple[Json, bytes]]:
        """Return each object of a JSON array with its exact bytes; raise Transient when it is no array."""
        try:
            return _cut_items(self.body)
        except _BROKEN:
            raise garbled(self) from None

    def parts(self) -> dict[str, tuple[Any, bytes]]:
        """Return each member of a JSON object with its exact bytes; raise Transient when it is no object."""
        try:
            return _cut_parts(self.body)
        except _BROKEN:
            raise garbled(self) from None

    def told(self) -> str:
        """Return what the platform says went wrong, shortened, or ""."""
        try:
            found = self._document
        except (ValueError, RecursionError):
            return ""
        if not isinstance(found, dict):
            return ""
        for key in ("error_description", "message", "error", "detail"):
            if isinstance(found.get(key), str) and found[key]:
                return " ".join(storable(found[key]).split())[:200]
        return ""


class Api:
    """
    One platform's API at one address, with the same headers on every call.

    `post`, `put` and `delete` make exactly one attempt; a `get` may be repeated once when its connection
    breaks. All return the answer whatever its status: `demand` turns a status into the errors of the port,
    and `read` is a `get` that demands.

    Raises (every call):
        Transient: It certainly never reached the platform (no connection, a name that is not found).
        Unanswered: It may have; the connection broke, or the answer was too large or too slow.
        Misconfigured: The address is not allowed or cannot be one.
    """

    def __init__(
        self,
        base_url: str,
        guard: http.Guard,
        headers: Mapping[str, str] | None = None,
        *,
        max_bytes: int = MAX_ANSWER_BYTES,
        deadline_seconds: float = DEADLINE_SECONDS,
        meter: Callable[[Allowance], None] | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._meter = meter
        self.host = urlsplit(self.base_url).netloc.rpartition("@")[2]
        self._headers = {"accept": "application/json", **(headers or {})}
        self._max_bytes = max_bytes
        self._deadline_seconds = deadline_seconds
        self._guard = guard
        self._client = http.client(guard, tls=_tls())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def get(self, path: str, params: Params | None = None, **how: Any) -> Reply:
        """Read once, or twice when the connection breaks."""
        return self.call("GET", path, params=params, **how)

    def post(self, path: str, **how: Any) -> Reply:
        """Post once."""
        return self.call("POST", path, **how)

    def put(self, path: str, **how: Any) -> Reply:
        """Put once."""
        return self.call("PUT", path, **how)

    def delete(self, path: str, **how: Any) -> Reply:
        """Delete once."""
        return self.call("DELETE", path, **how)

    def read(self, path: str, params: Params | None = None, **how: Any) -> Reply:
        """Get, and raise the port's errors for every answer that is not a success."""
        return self.demand(self.get(path, params, **how))

    def call(
        self,
        method: str,
        path: str,
        *,
        max_bytes: int | None = None,
        deadline_seconds: float | None = None,
        **what: Any,
    ) -> Reply:
        """
        Make one attempt of one call.

        Args:
            path: Begins with "/", under the base address; or a whole address, which then gets none of
                the account's headers unless it leads to the same place.
            what: What is sent: see `_request`.
        """
        url, ours = self._placed(path)
        request = self._request(method, url, ours=ours, **what)
        answer = self._answered(request, max_bytes or self._max_bytes, deadline_seconds or self._deadline_seconds)
        headers = httpx2.Headers(answer.headers)
        # A picture without a key may lie anywhere; only where our key was meant does it matter who answers.
        moved_to = _elsewhere(request.url, answer.url, headers) if "authorization" in request.headers else ""
        if self._meter is not None and ours and not moved_to:
            told = allowance_of(headers, window="reads" if method == "GET" else "writes")
            if told is not None:
                self._meter(told)
        return Reply(answer.status, headers, answer.body, self.host, moved_to, answer.url)

    def _request(
        self,
        method: str,
        url: str,
        *,
        ours: bool,
        params: Params | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        files: Files | None = None,
        content: bytes | BinaryIO | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Request:
        """
        Return the request to send.

        Args:
            params: Query; a list gives the key several times.
            files: Field → (file name, bytes or an open file, media type), sent as multipart. An open file is read in
                pieces while it is sent.
        """
        try:
            return self._client.build_request(
                method,
                url,
                params=_flat(params),
                json=json,
                data=form,
                files=files,
                content=content,
                headers={**(self._headers if ours else {}), **(headers or {})},
            )
        except (httpx2.InvalidURL, ValueError, TypeError, UnicodeError):
            raise Misconfigured(
                "Adressen till plattformen går inte att använda. Kontrollera kanalens adress."
            ) from None

    def _answered(self, request: httpx2.Request, max_bytes: int, deadline_seconds: float) -> http.Answer:
        """Send, and say in the words of the port when there is no whole answer."""
        send = self._read if request.method == "GET" else self._sent_once
        try:
            return send(request, max_bytes, deadline_seconds)
        except http.Refused:
            raise Misconfigured(
                f"Närvaro får inte anropa {self.host}. Kontrollera adressen, eller be driften tillåta den."
            ) from None
        except http.NotSent:
            raise Transient(f"Det gick inte att nå {self.host}. Nytt försök görs.") from None
        except http.TooLarge:
            raise TooMuch(f"{self.host} svarade med mer än Närvaro tar emot på en gång.") from None
        except http.TooSlow:
            raise Unanswered(f"{self.host} svarade för långsamt.") from None
        except http.NoAnswer:
            raise Unanswered(f"Förbindelsen med {self.host} bröts innan svaret hade kommit.") from None

    def demand(self, reply: Reply) -> Reply:
        """Return the answer if it is a success, else raise what `problem` says."""
        error = problem(reply)
        if error is not None:
            raise error
        return reply

    def _read(self, request: httpx2.Request, max_bytes: int, deadline_seconds: float) -> http.Answer:
        try:
            return http.send(self._client, request, max_bytes=max_bytes, deadline_seconds=deadline_seconds)
        except (http.TooLarge, http.TooSlow):
            raise
        except http.NoAnswer:
            # Some servers close a connection they seemed to keep. Reading has no effect, so it is done over.
            return http.send(self._client, request, max_bytes=max_bytes, deadline_seconds=deadline_seconds)

    def _sent_once(self, request: httpx2.Request, max_bytes: int, deadline_seconds: float) -> http.Answer:
        # On a connection of its own: one that the server closed unseen would make the outcome unclear.
        with http.client(self._guard, tls=_tls()) as fresh:
            return http.send(fresh, request, max_bytes=max_bytes, deadline_seconds=deadline_seconds)

    def _placed(self, path: str) -> tuple[str, bool]:
        if "://" not in path:
            return self.base_url + path, True
        asked, base = urlsplit(path), urlsplit(self.base_url)
        return path, (asked.scheme, asked.netloc) == (base.scheme, base.netloc)


def _elsewhere(asked: httpx2.URL, answered: str, headers: Mapping[str, str]) -> str:
    """Return the origin that an answer came from, or leads to, when it is not the one that was asked; else ""."""
    try:
        place = httpx2.URL(answered)
        onward = place.join(headers.get("location", "")) if headers.get("location") else place
    except (httpx2.InvalidURL, ValueError, TypeError):
        return ""
    there = f"{onward.scheme}://{onward.netloc.decode('ascii', 'replace')}"
    is_known = (onward.scheme, onward.netloc) == (asked.scheme, asked.netloc)
    return "" if is_known or onward.scheme not in {"http", "https"} or not _PLACE.fullmatch(there) else there


@cache
def _tls() -> ssl.SSLContext:
    # Reading the machine's certificates takes longer than a whole call; they are read once.
    return httpx2.create_ssl_context(trust_env=False)


def problem(reply: Reply) -> PlatformError | None:
    """
    Return what an answer's status means in the words of the port, or None for a success.

    A platform's own odd codes (400 or 422 for a dead key) are for its folder to tell first.
    """
    host = reply.host or "Plattformen"
    told = f" Plattformen säger: ”{reply.told()}”" if reply.told() else ""
    if reply.ok:
        return None
    if reply.status == 429:
        wait = retry_after_seconds(reply.headers)
        return Transient(f"{host} ber oss vänta, för många anrop har gjorts.", retry_after_seconds=wait)
    if reply.status >= 500 or reply.status in {408, 425}:
        wait = retry_after_seconds(reply.headers)
        return Transient(f"{host} har tillfälliga problem (kod {reply.status}).", retry_after_seconds=wait)
    if reply.moved_to:
        # Our key went no further than to the server it is for: what the other one says of it means nothing.
        return Misconfigured(
            f"{host} har flyttat till {reply.moved_to}. Nyckeln skickas inte dit av sig själv. "
            "Stämmer det, be driften ansluta kanalen med den nya adressen."
        )
    if reply.status == 401:
        return ReconnectNeeded(f"{host} godtar inte längre vår nyckel. Anslut kanalen på nytt.")
    if reply.status == 403:
        if reply.is_page:  # a firewall in front of the platform, not the platform
            return Transient(f"{host} släppte inte fram anropet (kod 403).")
        return ReconnectNeeded(f"{host} tillåter inte det här med vår nyckel. Anslut kanalen på nytt.{told}")
    if reply.status < 400:
        return Misconfigured(f"{host} hänvisar till en annan adress. Ange den adressen i kanalens inställningar.")
    if reply.status in {404, 405, 410}:
        return Misconfigured(f"{host} har inte det som efterfrågas (kod {reply.status}). Kontrollera kanalens adress.")
    return Misconfigured(f"{host} godtog inte anropet (kod {reply.status}).{told}")


def garbled(reply: Reply) -> Transient:
    """Return the error for an answer that is not what the API promises."""
    host = reply.host or "Plattformen"
    if reply.is_page:
        return Transient(f"{host} svarade med en webbsida i stället för uppgifter.")
    return Transient(f"{host} gav ett svar som inte går att tolka.")


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """
    Return how long the platform asks us to wait, in seconds (0 to one day), or None when it does not say.

    Understands Retry-After (seconds or a date) and the reset headers, as a time (Mastodon), as seconds or
    milliseconds since 1970 (Bluesky, others) or as seconds from now, also all in one header (RateLimit).
    """
    for value in (headers.get(name, "").strip() for name in _RESETS):
        seconds = _seconds_until(value) if value else None
        if seconds is not None:
            return min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)
    in_one = _RESET_IN_ONE.search(headers.get("ratelimit", ""))
    return min(float(in_one[1]), LONGEST_WAIT_SECONDS) if in_one else None


def allowance_of(headers: Mapping[str, str], *, window: str) -> Allowance | None:
    """Return what the head of an answer says is left to us, and until when; None when it does not say all of it."""
    found = [
        next((value for value in (headers.get(name.format(what), "").strip() for name in _COUNTS) if value), "")
        for what in ("limit", "remaining")
    ]
    seconds = retry_after_seconds({name: value for name, value in headers.items() if name.lower() != "retry-after"})
    if seconds is None or not all(value.isascii() and value.isdecimal() and len(value) < 10 for value in found):
        return None
    return Allowance(window, int(found[0]), int(found[1]), clock.now() + timedelta(seconds=seconds))


def _seconds_until(value: str) -> float | None:
    now = clock.now()
    try:
        number = float(value)
    except ValueError:
        pass
    else:
        if not math.isfinite(number):
            return None
        if number > _MILLISECONDS_SINCE_1970:
            number /= 1000
        return number - now.timestamp() if number > _SECONDS_SINCE_1970 else number
    at = moment(value)
    if at is None:
        try:
            at = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return (at - now).total_seconds()


def raw_items(body: bytes) -> list[tuple[Json, bytes]]:
    """
    Cut a top-level JSON array into its objects, each with the exact bytes it was given as.

    Elements that are not objects are left out.

    Raises:
        Transient: The body is not a JSON array.
    """
    return Reply(200, {}, body).items()


def raw_parts(body: bytes) -> dict[str, tuple[Any, bytes]]:
    """
    Cut a JSON object into its members: name → (value, the exact bytes of the value).

    Raises:
        Transient: The body is not a JSON object.
    """
    return Reply(200, {}, body).parts()


_BROKEN = (ValueError, IndexError, RecursionError)
_DECODER = json.JSONDecoder()


def _cut_items(body: bytes) -> list[tuple[Json, bytes]]:
    text = _decoded(body)
    found: list[tuple[Json, bytes]] = []
    at = _entered(text, "[")
    while text[at] != "]":
        item, end = _DECODER.raw_decode(text, at)
        if isinstance(item, dict):
            found.append((item, text[at:end].encode("utf-8", "surrogateescape")))
        at = _next(text, end, "]")
    _left(text, at)
    return found


def _cut_parts(body: bytes) -> dict[str, tuple[Any, bytes]]:
    text = _decoded(body)
    found: dict[str, tuple[Any, bytes]] = {}
    at = _entered(text, "{")
    while text[at] != "}":
        name, end = _DECODER.raw_decode(text, at)
        at = _past(text, end)
        if not isinstance(name, str) or text[at] != ":":
            raise ValueError
        at = _past(text, at + 1)
        value, end = _DECODER.raw_decode(text, at)
        found[name] = value, text[at:end].encode("utf-8", "surrogateescape")
        at = _next(text, end, "}")
    _left(text, at)
    return found


def _entered(text: str, sign: str) -> int:
    at = _past(text, 0)
    if text[at] != sign:
        raise ValueError
    return _past(text, at + 1)


def _next(text: str, end: int, last: str) -> int:
    """Return where the next element begins, or the closing bracket stands."""
    at = _past(text, end)
    if text[at] == last:
        return at
    if text[at] != ",":
        raise ValueError
    at = _past(text, at + 1)
    if text[at] == last:
        raise ValueError
    return at


def _left(text: str, at: int) -> None:
    if _past(text, at + 1) != len(text):
        raise ValueError


def serialised(item: Mapping[str, Any]) -> bytes:
    """Return an object as JSON bytes, for the raw of an item that stood inside another answer."""
    text = json.dumps(item, ensure_ascii=False, separators=(",", ":"), default=str)
    return text.encode("utf-8", "surrogateescape" if not _lone(text) else "backslashreplace")


def storable(text: str) -> str:
    """Return the text with what no database can hold (NUL, half characters) replaced by U+FFFD; else untouched."""
    return _NOT_STORABLE.sub("\ufffd", text)


def word(item: Mapping[str, Any], key: str) -> str:
    """Return a text field, storable; a number as its digits; anything else as ""."""
    value = item.get(key)
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ""


def opaque_id(text: str, most: int = MOST_ID) -> str:
    """Return an id as it may be kept; of one too long its beginning and a digest of it all, the same every time."""
    if len(text) <= most:
        return text
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
    return f"{text[: most - len(digest) - 1]}~{digest}"


def language(text: str) -> str:
    """Return a language tag, or "" for what is none."""
    return text if _LANGUAGE.fullmatch(text) else ""


def count(item: Mapping[str, Any], key: str) -> int:
    """Return a whole number that is not negative, or 0."""
    value = item.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else 0


def part(item: Mapping[str, Any], key: str) -> Json:
    """Return an object field, or {} when it is missing or something else."""
    value = item.get(key)
    return value if isinstance(value, dict) else {}


def parts(item: Mapping[str, Any], key: str) -> list[Json]:
    """Return the objects of an array field; [] when it is missing or something else."""
    value = item.get(key)
    return [element for element in value if isinstance(element, dict)] if isinstance(value, list) else []


def moment(text: str) -> datetime | None:
    """Return an ISO 8601 time as aware UTC (a naive one is taken as UTC), or None when it is not one."""
    try:
        at = datetime.fromisoformat(_FRACTION.sub(r".\1", text.strip()))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _decoded(body: bytes) -> str:
    # Bytes that are no UTF-8 survive the way there and back; `storable` shows them as U+FFFD.
    return body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")


def _past(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACES:
        at += 1
    return at


def _lone(text: str) -> bool:
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return True
    return False


def _flat(params: Params | None) -> list[tuple[str, str | int | float | bool | None]] | None:
    if params is None:
        return None
    pairs: list[tuple[str, str | int | float | bool | None]] = []
    for key, value in params.items():
        if isinstance(value, str | int):
            pairs.append((key, str(value)))
        else:
            pairs.extend((key, each) for each in value)
    return pairs
