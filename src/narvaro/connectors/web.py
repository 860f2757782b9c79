"""
What lies open on the web: addresses that strangers give, and the pages, feeds and files there.

Reading is guarded as every call, and goes without key and cookies.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from narvaro.base import http
from narvaro.connectors.client import Api, problem
from narvaro.connectors.port import Misconfigured, ReconnectNeeded

MOST_BYTES = 3_000_000
_SECONDS = 20.0
_FILE_SECONDS = 240.0  # a film takes longer than an answer; whoever fetches it holds a lease of five minutes
PAGE = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
FEED = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What stands at an address, and the address that it was in the end."""

    media_type: str
    body: bytes = field(repr=False)
    address: str = ""


def web_address(text: str) -> str:
    """Return an address that a page may link to, or "": names and links come from strangers."""
    return text if text.lower().startswith(("https://", "http://")) else ""


def fetch(address: str, *, accept: str = PAGE, allow_private_hosts: bool = False) -> Fetched:
    """
    Fetch a public page or feed; at most 3 MB, within 20 seconds.

    Raises:
        Transient: It may work later.
        Misconfigured: The address is none, is one we do not call, or nothing is there.
    """
    origin = _origin(address.strip())
    if not origin:
        raise Misconfigured("Adressen går inte att läsa. Den ska börja med https://.")
    guard = http.Guard(allow_private=allow_private_hosts)
    with Api(origin, guard, {"accept": accept}, max_bytes=MOST_BYTES, deadline_seconds=_SECONDS) as api:
        reply = api.get(address.strip().partition("#")[0])
    error = problem(reply)
    if isinstance(error, Misconfigured | ReconnectNeeded):
        raise Misconfigured(f"{reply.host} har inget att läsa på den adressen (kod {reply.status}).")
    if error is not None:
        raise error
    return Fetched(reply.media_type, reply.body, reply.address)


def fetch_file(address: str, max_bytes: int, *, allow_private_hosts: bool = False) -> tuple[bytes, str]:
    """
    Fetch a public file of a platform's, often at another host: the account's key stays at home.

    Returns:
        Its bytes, and what kind of file it claims to be.

    Raises:
        Transient: It may work later.
        Misconfigured: The address is none, or one we do not call, or the file is not given out. Some addresses are
            signed and end after some days; the next reading of the thread gives a new one.
    """
    origin = _origin(address)
    if not origin:
        raise Misconfigured("Bildens adress går inte att hämta.")
    guard = http.Guard(allow_private=allow_private_hosts)
    with Api(origin, guard, {"accept": "*/*"}, max_bytes=max_bytes, deadline_seconds=_FILE_SECONDS) as api:
        reply = api.get(address[len(origin) :] or "/")
    error = problem(reply)
    if isinstance(error, Misconfigured | ReconnectNeeded):
        raise Misconfigured(f"{reply.host} lämnar inte ut filen (kod {reply.status}).")
    if error is not None:
        raise error
    return reply.body, reply.media_type or "application/octet-stream"


def _origin(address: str) -> str:
    """Return the server that an address on the web leads to, "" for anything else."""
    try:
        place = urlsplit(address)
    except ValueError:
        return ""
    return f"{place.scheme}://{place.netloc}" if place.scheme in {"http", "https"} and place.hostname else ""
