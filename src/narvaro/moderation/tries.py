"""
How many wrong codes may come from one place: so few that no code can be guessed, whoever answers the request.

A try takes one of a few places for an hour before the code is looked at, and gives it back when the code was right.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address

from django.core.cache import cache
from django.http import HttpRequest

from narvaro.moderation.types import TooManyTries, UnknownCode

MOST = 10
WITHIN_SECONDS = 3600
MOST_SENT = 30  # reports from one place in the same time: many people may share one address


@contextmanager
def one_try(request: HttpRequest) -> Iterator[None]:
    """
    Let one code be looked at. Never inside a transaction: what is undone there would not be counted.

    Raises:
        TooManyTries: So many wrong ones came from the same place that no more are looked at.
    """
    taken = _take(request, "code", MOST)
    try:
        yield
    except UnknownCode:
        raise
    except BaseException:
        cache.delete(taken)
        raise
    else:
        cache.delete(taken)


@contextmanager
def one_report(request: HttpRequest) -> Iterator[None]:
    """Count one report from a place, whatever becomes of it. Raises TooManyTries."""
    _take(request, "report", MOST_SENT)
    yield


def _take(request: HttpRequest, what: str, most: int) -> str:
    place = _place(str(request.META.get("REMOTE_ADDR", "")))
    for number in range(most):
        name = f"moderation:{what}:{place}:{number}"
        if cache.add(name, 1, WITHIN_SECONDS):
            return name
    raise TooManyTries


def _place(address: str) -> str:
    """Return where a request came from: of the newer addresses the network, since one household has millions."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return found.exploded[:19]
    return str(found)
