"""
The one way out: whatever a person, a file or a machine is given of a record's words has passed here.

Search hits, the record page, and every export are made of `Outward`, and only this module makes them.
What is sealed or expunged leaves without its words; what is private leaves only to those who may read it.

Law: BBS-10, TF-4, TF-8, GDPR-6; P15
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from narvaro.connectors.port import Visibility
from narvaro.core.types import Actor, NotPermitted
from narvaro.media import store
from narvaro.records import queries, rules
from narvaro.records.models import File, Item, Version
from narvaro.records.types import VersionKind, Withheld

if TYPE_CHECKING:
    from narvaro.channels.models import Channel


@dataclass(frozen=True, slots=True)
class Outward:
    """A version as it may leave. Where `withheld` says why, everything that somebody wrote is empty."""

    item: Item
    channel: Channel
    version_id: int
    version_uid: UUID
    number: int
    kind: str
    source: str
    visibility: str
    published_at: datetime
    edited_at: datetime | None
    captured_at: datetime
    expunged_at: datetime | None
    leaf_hash: bytes
    withheld: Withheld
    text: str = ""
    author_remote_id: str = ""
    author_handle: str = ""
    author_name: str = ""
    media: str = ""
    language: str = ""
    url: str = ""
    payload_digest: str = ""
    payload: bytes | None = None  # only when asked for
    salt: bytes = b""
    thread_key: str | None = None
    files: tuple[File, ...] = ()

    @property
    def author(self) -> str:
        """What the author is called: the name, else the handle; "" when withheld."""
        return self.author_name or self.author_handle

    @property
    def is_tombstone(self) -> bool:
        return self.kind == VersionKind.TOMBSTONE

    @property
    def is_earlier(self) -> bool:
        """Whether the item has been written anew since; its last words before it vanished are not earlier."""
        last = self.item.versions - 1 if self.item.gone_at is not None and not self.is_tombstone else self.item.versions
        return self.number < last


def outward(
    actor: Actor,
    versions: Sequence[Version],
    *,
    files: Iterable[File] = (),
    known: Mapping[int, tuple[Channel, bool]] | None = None,
    with_payloads: bool = False,
) -> list[Outward]:
    """
    Return versions as the actor may have them, in the order given; those the actor may not read are left out.

    One query for the channels, however many versions.

    Args:
        versions: Each with its `item`, of the actor's authority; others are left out.
        files: The media of the versions, if they are wanted.
        known: What `queries.channels_for_reading` gave this actor, if it has been asked already.
        with_payloads: The exact bytes of the platform too; the versions must not have them deferred.

    Law: BBS-10, TF-4
    """
    known = queries.channels_for_reading(actor) if known is None else known
    by_version: dict[int, list[File]] = {}
    for file in files:
        by_version.setdefault(file.version_id, []).append(file)
    made = []
    for version in versions:
        channel, may_read_private = known.get(version.item.channel_id, (None, False))
        is_private = Visibility.PRIVATE in (version.visibility, version.item.visibility)
        if channel is None or version.authority_id != actor.authority_id or (is_private and not may_read_private):
            continue
        made.append(_outward(version, channel, tuple(by_version.get(version.pk, ())), with_payloads))
    return made


@dataclass(frozen=True, slots=True)
class Trace:
    """
    What may be told to the police alone of a version whose words may leave by no way: where, when, by which account.

    Never its text, its media, their descriptions, the author's display name or what the platform sent; of those only
    hashes that were computed already. Law: BBS-10, SM-11b
    """

    version_id: int
    number: int
    kind: str
    published_at: datetime
    captured_at: datetime
    leaf_hash: bytes
    url: str
    author_remote_id: str
    author_handle: str
    payload_digest: str
    file_digests: tuple[str, ...]


def traces(actor: Actor, versions: Sequence[Version], *, files: Iterable[File] = ()) -> list[Trace]:
    """
    Return what a report to the police may hold of versions that are sealed; for that alone, and logged by its maker.

    Raises:
        NotPermitted: The actor may not place a hold, and so makes no report.

    Law: BBS-10
    """
    if not rules.may_hold(actor):
        raise NotPermitted
    digests: dict[int, list[str]] = {}
    for file in files:
        if file.digest:
            digests.setdefault(file.version_id, []).append(file.digest)
    readable = {version.version_id for version in outward(actor, versions)}
    return [
        Trace(
            version_id=version.pk, number=version.number, kind=version.kind, published_at=version.published_at,
            captured_at=version.captured_at, leaf_hash=bytes(version.leaf_hash), url=version.url,
            author_remote_id=version.author_remote_id, author_handle=version.author_handle,
            payload_digest=version.payload_digest, file_digests=tuple(sorted(digests.get(version.pk, ()))),
        )
        for version in versions
        if version.pk in readable
    ]  # fmt: skip


def _outward(version: Version, channel: Channel, files: tuple[File, ...], with_payload: bool) -> Outward:
    item = version.item
    why = rules.withheld(is_sealed=item.sealed_at is not None, is_expunged=version.expunged_at is not None)
    bare = Outward(
        item=item, channel=channel, version_id=version.pk, version_uid=version.uid, number=version.number,
        kind=version.kind, source=version.source, visibility=version.visibility, published_at=version.published_at,
        edited_at=version.edited_at, captured_at=version.captured_at, expunged_at=version.expunged_at,
        leaf_hash=bytes(version.leaf_hash), withheld=why,
    )  # fmt: skip
    if why:
        return bare
    return replace(
        bare, text=version.text, author_remote_id=version.author_remote_id, author_handle=version.author_handle,
        author_name=version.author_name, media=version.media, language=version.language, url=version.url,
        payload_digest=version.payload_digest, payload=_payload(version) if with_payload else None,
        salt=bytes(version.salt or b""), thread_key=version.thread_key, files=files,
    )  # fmt: skip


def _payload(version: Version) -> bytes:
    if version.payload_in_store:
        return store.read(version.authority_id, version.payload_digest)
    return bytes(version.payload or b"")
