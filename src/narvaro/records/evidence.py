"""
The proof of one version: its leaf, the way from the leaf to the root, and the signature over the root.

Law: ARK-1, TF-12
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from narvaro.base import merkle
from narvaro.core import keys, ledger
from narvaro.core import queries as core
from narvaro.core.types import Actor
from narvaro.records import index, proof
from narvaro.records.models import Item, Version
from narvaro.records.proof import leaf_content, moment_text

if TYPE_CHECKING:
    from narvaro.core.models import TreeHead
    from narvaro.records.outward import Outward


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    What can be shown of a version. `position` is None while it waits for its place in the ledger.

    `leaf_holds` is None when the content is expunged, and only the leaf can be proven.
    """

    position: int | None = None
    leaf_holds: bool | None = None
    size: int = 0
    root: bytes = b""
    signed_at: datetime | None = None
    key_id: str = ""
    path: tuple[bytes, ...] = ()
    path_holds: bool = False
    signature_holds: bool = False

    @property
    def holds(self) -> bool:
        """Whether everything that can be shown is as it was when the version was kept."""
        return self.leaf_holds is not False and self.path_holds and self.signature_holds


def evidence_of(actor: Actor, version: Version) -> Evidence:
    """
    Recompute a version's leaf and its way to the latest signed tree head.

    Args:
        version: With its item and channel, of the actor's authority and theirs to read.

    Law: ARK-1
    """
    key = index.key_of(version.published_at, version.pk)
    position = index.known_positions(actor.authority_id, {key: version.pk}).get(version.pk)
    head = ledger.latest_head(actor)
    leaf_holds = None if version.expunged_at else _leaf(version) == bytes(version.leaf_hash)
    if position is None or head is None or head.size <= position:
        return Evidence(leaf_holds=leaf_holds)
    root, public = bytes(head.root), ledger.public_keys().get(head.key_id)
    try:
        path = merkle.inclusion_proof_from_tiles(ledger.tile_reader(actor.authority_id), position, head.size)
    except ValueError:  # a tile is missing: then nothing can be shown
        path = []
    written = ledger.head_bytes(head, core.authority_of(actor))
    return Evidence(
        position=position, leaf_holds=leaf_holds, size=head.size, root=root, signed_at=head.at, key_id=head.key_id,
        path=tuple(path),
        path_holds=merkle.verify_inclusion(bytes(version.leaf_hash), position, head.size, path, root),
        signature_holds=public is not None and keys.is_signed(written, bytes(head.signature), public),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a leaf stands in the tree, and the hashes that lead from it to the root, lowest first."""

    position: int
    path: tuple[bytes, ...]


def places_of(actor: Actor, versions: Sequence[Outward], head: TreeHead) -> dict[int, Place]:
    """
    Return where versions stand under one signed tree head, by version; those that came after it are absent.

    Reads each tile once, however many versions.

    Raises:
        ValueError: A tile is missing: then nothing can be shown.

    Law: ARK-1
    """
    keys = {index.key_of(version.published_at, version.version_id): version.version_id for version in versions}
    read = cache(ledger.tile_reader(actor.authority_id))
    return {
        pk: Place(position, tuple(merkle.inclusion_proof_from_tiles(read, position, head.size)))
        for pk, position in index.known_positions(actor.authority_id, keys).items()
        if position < head.size
    }


def leaf_fields(version: Outward) -> list[Any]:
    """Return what a version's leaf commits to beside its salt, the name of the form first. Law: ARK-1"""
    return proof.leaf_fields(_fields(version.channel.uid, version.item, version.version_uid, version))


def _leaf(version: Version) -> bytes:
    fields = _fields(version.item.channel.uid, version.item, version.uid, version)
    return merkle.leaf_hash(leaf_content(bytes(version.salt or b""), fields))


def _fields(channel_uid: UUID, item: Item, version_uid: UUID, version: Version | Outward) -> tuple[Any, ...]:
    return (
        channel_uid.hex, item.uid.hex, version_uid.hex, item.remote_id, item.kind, item.origin,
        version.visibility, item.parent_remote_id, version.number, version.kind, version.source,
        version.author_remote_id, version.author_handle, version.author_name, version.text, version.media,
        version.language, version.url, moment_text(version.published_at), moment_text(version.edited_at),
        moment_text(version.captured_at), version.payload_digest, version.thread_key,
    )  # fmt: skip
