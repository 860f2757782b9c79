"""The card of a page of our own website: fetched guarded, read without running anything, and off where it cannot be."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings

from narvaro.connectors import web
from narvaro.connectors.client import storable
from narvaro.connectors.port import PlatformError
from narvaro.core import queries as core
from narvaro.core.types import Actor, Invalid
from narvaro.media import actions as media

MOST_WORDS = 300
MOST_PICTURE_BYTES = 950_000  # Bluesky takes a million
MOST_HEAD = 200_000
_LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_AFTER = ".,;:!?…”’')"
_PICTURES = "image/jpeg, image/png, image/webp"


def own_link(actor: Actor, text: str) -> str:
    """Return the first link in a text to a page of the authority's own website, "" when there is none."""
    home = _host(core.authority_of(actor).website).removeprefix("www.")
    for match in _LINK.finditer(text):
        link = match[0].rstrip(_AFTER)
        host = _host(link)
        if home and (host.removeprefix("www.") == home or host.endswith(f".{home}")):
            return link
    return ""


def card_for(actor: Actor, text: str, known: dict[str, Any] | None = None) -> dict[str, Any] | None:
    """
    Return the card of the own page that a text links to; None where it links to none or the page cannot be fetched.

    Only our own website is fetched, once for each save: what others may put in a card is not ours to vouch for.

    Args:
        known: The card from before; kept as it is while the link is the same, so that what was read stays so.

    Law: none; it is a page that we have published ourselves.
    """
    link = own_link(actor, text)
    if not link or len(link) > 2000:
        return None
    if known is not None and known.get("url") == link:
        return known
    try:
        page = web.fetch(link, allow_private_hosts=settings.OPTIONS.allow_private_hosts)
    except PlatformError:
        return None
    head = _Head()
    head.feed(page.body[:MOST_HEAD].decode("utf-8", "replace"))
    title = _words(head.said.get("og:title") or head.title)
    if not title:
        return None
    description = _words(head.said.get("og:description") or head.said.get("description", ""))
    return {"url": link, "title": title, "description": description, **_picture(actor, link, title, head.said)}


def _picture(actor: Actor, link: str, title: str, said: dict[str, str]) -> dict[str, str]:
    """Return what the card holds of its picture, nothing where there is none that can be had."""
    nothing = {"picture": "", "digest": ""}
    address = urljoin(link, said.get("og:image", "").strip()) if said.get("og:image") else ""
    if not address.startswith(("https://", "http://")):
        return nothing
    try:
        found = web.fetch(address, accept=_PICTURES, allow_private_hosts=settings.OPTIONS.allow_private_hosts)
        if len(found.body) > MOST_PICTURE_BYTES:
            return nothing
        kept = media.keep_for_card(actor=actor, content=found.body, alt=title)
    except (PlatformError, Invalid):
        return nothing
    if kept.size_bytes > MOST_PICTURE_BYTES:
        return nothing
    return {"picture": str(kept.uid), "digest": kept.digest}


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").casefold()
    except ValueError:
        return ""


def _words(text: str) -> str:
    return storable(" ".join(text.split()))[:MOST_WORDS]


class _Head(HTMLParser):
    """What the head of a page says of it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: dict[str, str] = {}
        self.title = ""
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._in_title = tag == "title" and not self.title
        name = (values.get("property") or values.get("name", "")).casefold()
        if tag == "meta" and name in ("og:title", "og:description", "og:image", "description"):
            self.said.setdefault(name, values.get("content", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title and len(self.title) < MOST_WORDS:
            self.title += data
