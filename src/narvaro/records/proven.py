"""
Records as a report to the police takes them out: what may leave, with the proof of each version under one tree head.

A port beside `queries`: those who stand higher build on it, and the words have passed `outward` as everywhere.

Law: ARK-1, BBS-10; P15
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from narvaro.core.types import Actor
from narvaro.records import evidence
from narvaro.records.evidence import Place
from narvaro.records.export import archive_name as medium_name
from narvaro.records.models import File, Item, Version
from narvaro.records.outward import Outward, Trace, outward, traces

if TYPE_CHECKING:
    from narvaro.core.models import TreeHead

__all__ = ["Outward", "Place", "Proven", "Trace", "medium_name", "proven"]


@dataclass(frozen=True, slots=True)
class Proven:
    """An item as it stood under a tree head. `places` and `leaves` are by version; a sealed version has no leaf."""

    item: Item
    versions: tuple[Outward, ...]
    places: dict[int, Place]
    leaves: dict[int, list[Any]]
    traces: tuple[Trace, ...] = ()


def proven(
    actor: Actor, items: Sequence[Item], head: TreeHead, *, with_payloads: Sequence[Item] = (), as_traces: bool = False
) -> list[Proven]:
    """
    Return items with every version that stood under a tree head, in the order given; those not to be read are absent.

    Args:
        with_payloads: The items whose exact bytes from the platform are wanted too.
        as_traces: For what is sealed: also what alone may be told of it.

    Raises:
        ValueError: A tile of the ledger is missing: then nothing can be shown.
        NotPermitted: Traces are asked for by somebody who makes no report.

    Law: ARK-1, BBS-10
    """
    by_pk = {item.pk: item for item in items}
    rows = list(Version.objects.of(actor).filter(item_id__in=list(by_pk)).order_by("item_id", "number"))
    for row in rows:
        row.item = by_pk[row.item_id]
    files = list(File.objects.of(actor).filter(version__in=[row.pk for row in rows]).order_by("pk"))
    wanted = {item.pk for item in with_payloads}
    made = [
        *outward(actor, [row for row in rows if row.item_id in wanted], files=files, with_payloads=True),
        *outward(actor, [row for row in rows if row.item_id not in wanted], files=files),
    ]
    made.sort(key=lambda version: (version.item.pk, version.number))
    places = evidence.places_of(actor, made, head)
    told = {trace.version_id: trace for trace in traces(actor, rows, files=files)} if as_traces else {}
    found = {}
    for pk, group in groupby((v for v in made if v.version_id in places), key=lambda version: version.item.pk):
        versions = tuple(group)
        found[pk] = Proven(
            item=by_pk[pk], versions=versions, places={v.version_id: places[v.version_id] for v in versions},
            leaves={v.version_id: evidence.leaf_fields(v) for v in versions if not v.withheld},
            traces=tuple(told[v.version_id] for v in versions if v.version_id in told),
        )  # fmt: skip
    return [found[item.pk] for item in items if item.pk in found]
