"""
A volume of records for benchmarks: a municipality's channels over some years, filled quickly.

Words are drawn from a made-up vocabulary in which few words are common and most are rare, as in any
language, with Swedish endings; the same seed gives the same records. Everything goes in through the
product's own capture, so that what is measured afterwards is what capture leaves behind.
"""

from __future__ import annotations

import itertools
import json
import random
from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from narvaro.base.clock import now
from narvaro.channels.models import Channel
from narvaro.channels.testing import a_channel
from narvaro.connectors.port import Author, Item, Kind, Page, Visibility
from narvaro.core import ledger
from narvaro.core.models import Authority
from narvaro.records import actions, index

PAGE = 1000
COMMON = (
    "och", "att", "det", "är", "på", "som", "för", "inte", "har", "med", "till", "kommunen", "när", "vi", "man",
    "skolan", "bussen", "vägen", "biblioteket",
)  # fmt: skip
_BEGINNINGS = (
    "bad", "skol", "park", "gat", "buss", "vatten", "snö", "lek", "torg", "bibliotek", "avfall", "bygg", "trafik",
    "vård", "miljö",
)  # fmt: skip
_MIDDLES = (
    "hus", "plats", "lov", "väg", "hall", "rum", "avgift", "plan", "stig", "kort", "tid", "bänk", "bro", "led",
    "ljus",
)  # fmt: skip
_ENDINGS = ["", "en", "ar", "arna", "ens", "s"]


@dataclass(frozen=True, slots=True)
class Volume:
    """What was filled, with words to search for: one in every other record, one in thousands, one in a few."""

    authority: Authority
    channels: tuple[Channel, ...]
    records: int
    common: str = COMMON[0]
    usual: str = "badhus"
    rare: str = "sällsyntord"


@lru_cache(maxsize=1)
def vocabulary(size: int = 30_000) -> tuple[list[str], list[float]]:
    """Return words, and their cumulative weights after Zipf: the n-th word is n times rarer than the first."""
    made = list(COMMON)
    for beginning, middle, ending in itertools.product(_BEGINNINGS, _MIDDLES, _ENDINGS):
        made.append(beginning + middle + ending)
    made += [f"ord{number}" for number in range(size - len(made))]
    return made, list(itertools.accumulate(1 / (rank + 5) for rank in range(size)))


def items(count: int, *, seed: int = 1, start: int = 0, until: datetime | None = None) -> Iterator[Item]:
    """Yield items as a connector gives them: posts of ours with threads under them, oldest first."""
    chance = random.Random(seed)
    until = until or now()
    spacing = timedelta(days=3 * 365) / max(count, 1)
    words, weights = vocabulary()
    root = ""
    for number in range(start, start + count):
        said = [words[bisect(weights, chance.random() * weights[-1])] for _ in range(chance.randint(4, 30))]
        if chance.random() < 0.00005:
            said.append("sällsyntord")
        is_post = not root or chance.random() < 0.08
        remote_id = f"volume-{seed}-{number}"
        root = remote_id if is_post else root
        author = Author(f"a{chance.randrange(20_000)}", f"person{chance.randrange(20_000)}@social.example", "Person")
        text = " ".join(said).capitalize()
        yield Item(
            remote_id=remote_id, kind=Kind.POST if is_post else Kind.COMMENT, author=author, text=text,
            published_at=until - spacing * (start + count - number), is_own=is_post,
            parent_remote_id="" if is_post else root,
            root_remote_id=root, visibility=Visibility.PRIVATE if chance.random() < 0.01 else Visibility.PUBLIC,
            raw=json.dumps({"id": remote_id, "content": text, "created_at": str(until)}).encode(),
        )  # fmt: skip


def fill(
    authority: Authority, count: int, *, channels: int = 8, seed: int = 1, is_indexed: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Volume:  # fmt: skip
    """
    Keep `count` records in `channels` new channels, give them their place in the ledger, and index them.

    Args:
        is_indexed: Index for search too; otherwise the search cursor stays where it is.
        progress: Told how many records are kept, now and then.
    """
    made = tuple(a_channel(authority) for _ in range(channels))
    done = 0
    streams = [items(count // channels, seed=seed * 1000 + n) for n in range(channels)]
    while done < (count // channels) * channels:
        for channel, stream in zip(made, streams, strict=True):
            page = tuple(itertools.islice(stream, PAGE))
            if page:
                actions.capture(channel=channel, page=Page(items=page, next_cursor=""))
                done += len(page)
        while ledger.sequence(authority) == ledger.BATCH:
            pass
        if progress:
            progress(done)
    if is_indexed:
        while index.follow(authority.pk).read:
            pass
    return Volume(authority, made, done)
