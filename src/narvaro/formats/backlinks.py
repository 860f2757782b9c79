"""
How a website says which accounts are its own: `rel="me"`, schema.org `sameAs`, trust.txt.

A page comes from elsewhere and may be anything: what is read takes time in proportion to its length, and what cannot
be understood says nothing.

Law: OD-6
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

_TAG: Final = re.compile(r"<(?:a|link)\s([^<>]{1,4000})>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"""([a-zA-Z:-]{1,30})\s{0,5}=\s{0,5}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_DATA: Final = re.compile(r"<script\s[^<>]{0,500}application/ld\+json[^<>]{0,200}>", re.IGNORECASE)
_MOST_LINKS: Final = 5_000
_MOST_BLOCKS: Final = 50
_MOST_DEPTH: Final = 20


def rel_me(html: str, address: str = "") -> list[str]:
    """Return the addresses that a page calls its own with `rel="me"`, in order; relative ones completed."""
    return [_whole(each["href"], address) for each in _links(html) if "me" in each.get("rel", "").lower().split()]


def same_as(html: str, address: str = "") -> list[str]:
    """Return the addresses that a page says are the same organisation, by JSON-LD or `itemprop="sameAs"`."""
    marked = [_whole(each["href"], address) for each in _links(html) if "sameAs" in each.get("itemprop", "").split()]
    return [*marked, *(told for block in _blocks(html) for told in _same_in(block, 0))]


def linked(html: str, address: str = "") -> list[str]:
    """Return every address that a page links to, in order."""
    return [_whole(each["href"], address) for each in _links(html)]


def trusted(text: str) -> list[str]:
    """Return the addresses that a trust.txt names as the publisher's accounts (`social=`)."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines()[:2000])
    return [line.partition("=")[2].strip() for line in lines if line.lower().startswith("social=")]


def is_same_place(one: str, other: str) -> bool:
    """Whether two addresses lead to the same page, whatever the scheme, "www." and a last slash."""
    here, there = _place(one), _place(other)
    return bool(here) and here == there


def is_within(address: str, website: str) -> bool:
    """Whether an address stands on a website, or on a part of it under the same name."""
    host, home = _host(address), _host(website)
    return bool(home) and (host == home or host.endswith(f".{home}"))


def _place(address: str) -> str:
    try:
        parts = urlsplit(address.strip() if "://" in address else f"https://{address.strip()}")
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{_host(address)}{parts.path.rstrip('/').casefold()}{query}"


def _host(address: str) -> str:
    try:
        host = urlsplit(address.strip() if "://" in address else f"https://{address.strip()}").hostname or ""
    except ValueError:
        return ""
    return host.casefold().removeprefix("www.")


def _links(html: str) -> Iterator[dict[str, str]]:
    for number, tag in enumerate(_TAG.finditer(html)):
        if number >= _MOST_LINKS:
            return
        told = {name.lower(): unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(tag[1])}
        if told.get("href"):
            yield told


def _blocks(html: str) -> Iterator[Any]:
    for number, begun in enumerate(_DATA.finditer(html)):
        end = html.find("</", begun.end())
        if number >= _MOST_BLOCKS or end < 0:
            return
        try:
            yield json.loads(html[begun.end() : end])
        except (ValueError, RecursionError):
            continue


def _same_in(told: Any, depth: int) -> Iterator[str]:
    if depth > _MOST_DEPTH:
        return
    if isinstance(told, list):
        for each in told:
            yield from _same_in(each, depth + 1)
    elif isinstance(told, dict):
        same = told.get("sameAs", [])
        yield from (each for each in (same if isinstance(same, list) else [same]) if isinstance(each, str))
        for name, each in told.items():
            if name != "sameAs":
                yield from _same_in(each, depth + 1)


def _whole(href: str, address: str) -> str:
    try:
        return urljoin(address, href.strip())
    except ValueError:
        return ""
