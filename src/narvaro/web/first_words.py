"""
Addresses looked for only where they can stand.

Each capability's addresses begin with a few words of its own. Django tries every address of every capability in turn:
with four hundred of them that was half of the work of an open page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import URLPattern, URLResolver, include
from django.urls.resolvers import RoutePattern


def addresses_of(module: str) -> URLResolver:
    """Return what `path("", include(module))` does, passed by when no address in it begins as the one asked for."""
    found: Any
    found, app_name, namespace = include(module)
    return URLResolver(_FirstWord(found.urlpatterns), found, {}, app_name=app_name, namespace=namespace)


class _FirstWord(RoutePattern):
    """Matches nothing but the beginning, and only for a path whose first word some address here begins with."""

    def __init__(self, patterns: Sequence[URLPattern | URLResolver]) -> None:
        super().__init__("", is_endpoint=False)
        firsts = [_first(each) for each in patterns]
        self._words = None if "" in firsts else frozenset(firsts)  # None: any word may begin an address here

    def match(self, path: str) -> Any:
        if self._words is not None and path.partition("/")[0] not in self._words:
            return None
        return super().match(path)


def _first(each: URLPattern | URLResolver) -> str:
    """Return the word that every address of a pattern begins with; "" when it may be any."""
    word, slash, _rest = str(each.pattern).partition("/")
    is_whole = bool(slash) or isinstance(each, URLPattern)
    return word if is_whole and isinstance(each.pattern, RoutePattern) and "<" not in word else ""
