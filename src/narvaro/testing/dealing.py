"""
How tests are dealt out to the processes of a run (`--dist loadfile`): a file stays together, and so does all that needs
the Bluesky network, which takes long to start and is then started once.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    import pytest

_NETWORK = "bluesky_network"


class Dealt(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Deals out files, in the order they were collected in."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return _NETWORK if _asks_for_the_network(self.config.rootpath / file) else file


def longest_first(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return tests in the order that leaves no process alone with a long one: the network, the long, the rest."""
    long = {item.path for item in items if item.get_closest_marker("seldom") or item.get_closest_marker("server")}

    def rank(item: pytest.Item) -> int:
        return 0 if _asks_for_the_network(item.path) else 1 if item.path in long else 2

    return sorted(items, key=rank)


@cache
def _asks_for_the_network(file: Path) -> bool:
    return _NETWORK in file.read_text()
