"""Reading what anybody may read on the web: a page, a feed. Guarded as every call, without key and cookies."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from narvaro.base import http
from narvaro.connectors.client import Api, problem
from narvaro.connectors.port import Misconfigured, ReconnectNeeded

MOST_BYTES = 3_000_000
_SECONDS = 20.0
_PAGE = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
FEED = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What stands at an address."""

    media_type: str
    body: bytes = field(repr=False)


def fetch(address: str, *, accept: str = _PAGE, allow_private_hosts: bool = False) -> Fetched:
    """
    Fetch a public page or feed; at most 3 MB, within 20 seconds.

    Raises:
        Transient: It may work later.
        Misconfigured: The address is none, is one we do not call, or nothing is there.
    """
    try:
        place = urlsplit(address.strip())
        is_one = place.scheme in ("http", "https") and bool(place.hostname)
    except ValueError:
        is_one = False
    if not is_one:
        raise Misconfigured("Adressen går inte att läsa. Den ska börja med https://.")
    origin = f"{place.scheme}://{place.netloc}"
    guard = http.Guard(allow_private=allow_private_hosts)
    with Api(origin, guard, {"accept": accept}, max_bytes=MOST_BYTES, deadline_seconds=_SECONDS) as api:
        reply = api.get(address.strip().partition("#")[0])
    error = problem(reply)
    if isinstance(error, Misconfigured | ReconnectNeeded):
        raise Misconfigured(f"{reply.host} har inget att läsa på den adressen (kod {reply.status}).")
    if error is not None:
        raise error
    return Fetched(reply.media_type, reply.body)
