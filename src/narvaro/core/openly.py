"""Pages open to anybody: the same for everybody, so that caches may keep them; in the language that is asked for."""

from __future__ import annotations

import gzip
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import quote_etag

KEPT_SECONDS = 300
MOST_READY_BYTES = 32 * 1024 * 1024
LANGUAGES: dict[str, str] = dict(settings.LANGUAGES)

_TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:\s*,|\s*$))")


def language(request: HttpRequest) -> str:
    """Return the language of the page: as the address says (`sprak`), else as the visitor has chosen."""
    wanted = request.GET.get("sprak", "")
    return wanted if wanted in LANGUAGES else (translation.get_language() or settings.LANGUAGE_CODE)


def stays_in_language(request: HttpRequest) -> str:
    """Return what a link to another open page adds to stay in the language that the address asks for; "" for none."""
    wanted = request.GET.get("sprak", "")
    return f"?sprak={wanted}" if wanted in LANGUAGES else ""


def other_languages(address: str) -> list[dict[str, str]]:
    """Return the links to the same page in each other language, for `core/page_open.html`."""
    spoken = translation.get_language() or settings.LANGUAGE_CODE
    joint = "&" if "?" in address else "?"
    return [
        {"code": code, "label": label, "url": f"{address}{joint}sprak={code}"}
        for code, label in LANGUAGES.items()
        if code != spoken
    ]


def kept_by_caches(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    """Let caches keep an answer for five minutes; 304 when the one who asks has it already."""
    response["ETag"] = quote_etag(_digest(response.content))
    response["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
    return _answered(request, response)


def kept_ready(
    request: HttpRequest, name: Hashable, edition: Hashable, make: Callable[[], HttpResponse]
) -> HttpResponseBase:  # fmt: skip
    """
    Answer with what `make` gives, made once an edition by each process and kept ready, packed; see `kept_by_caches`.

    An edition is read from the database with every request (`Authority.edition`), so no process answers with what has
    changed. What is read inside a transaction may be undone with it, and is not kept.

    Args:
        name: What is answered with, and for whom; the language is added.
        edition: Another one when anything in the answer may be another.
    """
    spoken = translation.get_language() or settings.LANGUAGE_CODE
    ready = _SHELF.take((name, spoken), edition)
    if ready is None:
        made = make()
        ready = _Ready(gzip.compress(made.content, mtime=0), tuple(made.headers.items()), _digest(made.content))
        if not connection.in_atomic_block:
            _SHELF.put((name, spoken), edition, ready)
    if _TAKES_GZIP.search(request.headers.get("Accept-Encoding", "")):
        response = HttpResponse(ready.packed, headers=dict(ready.headers))
        response["Content-Encoding"] = "gzip"
        response["ETag"] = f"W/{quote_etag(ready.digest)}"
    else:
        response = HttpResponse(gzip.decompress(ready.packed), headers=dict(ready.headers))
        response["ETag"] = quote_etag(ready.digest)
    response["Content-Language"] = spoken
    patch_vary_headers(response, ["Accept-Encoding"])
    return _answered(request, response)


def as_data(response: HttpResponse) -> HttpResponse:
    """Let pages anywhere read an answer: it is open to anybody, and no cookie decides what stands in it."""
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _answered(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    patch_cache_control(response, public=True, max_age=KEPT_SECONDS)
    patch_vary_headers(response, ["Cookie"])  # the chosen language
    found = get_conditional_response(request, etag=response["ETag"], response=response)
    return found if found is not None else response


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class _Ready:
    """An answer, packed, with what it says besides its content."""

    packed: bytes
    headers: tuple[tuple[str, str], ...]
    digest: str


class Shelf:
    """Answers kept ready by this process, each in one edition; those that nobody asked for longest go first."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._held: OrderedDict[Hashable, tuple[Hashable, _Ready]] = OrderedDict()
        self._lock = Lock()

    def take(self, name: Hashable, edition: Hashable) -> _Ready | None:
        """Return the answer of that edition, None when it is not here."""
        with self._lock:
            held = self._held.get(name)
            if held is None or held[0] != edition:
                return None
            self._held.move_to_end(name)
            return held[1]

    def put(self, name: Hashable, edition: Hashable, ready: _Ready) -> None:
        """Keep an answer instead of the one of another edition."""
        with self._lock:
            before = self._held.pop(name, None)
            self._bytes -= len(before[1].packed) if before else 0
            self._held[name] = (edition, ready)
            self._bytes += len(ready.packed)
            while self._bytes > self._most_bytes:
                _name, (_edition, gone) = self._held.popitem(last=False)
                self._bytes -= len(gone.packed)


_SHELF = Shelf(MOST_READY_BYTES)
