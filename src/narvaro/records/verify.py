"""
Recomputing everything: does each leaf match its version, each root its leaves, each signature its head?

It trusts nothing that is stored about itself. What it finds first is named; the rest is not hidden by it,
since nothing is changed.

Law: ARK-1, TF-12
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Value

from narvaro.base import merkle
from narvaro.core import audit, keys, ledger
from narvaro.core import queries as core
from narvaro.core.types import Actor, NotPermitted
from narvaro.media import store
from narvaro.media.types import BlobMissing
from narvaro.records import bulk, guards, logged, queries, rules
from narvaro.records.models import File, Item, Version
from narvaro.records.proof import leaf_content
from narvaro.records.types import Verdict, VersionKind

if TYPE_CHECKING:
    from narvaro.core.models import AuditEntry, TreeHead

Progress = Callable[[int], None]
_TILES = 20  # whose leaves are read at a time
_WRONG_TILES = "Trädets lagrade noder stämmer inte med löven."


def verify(actor: Actor, *, progress: Progress | None = None, until_fault: bool = True) -> Verdict:
    """
    Recompute the authority's whole ledger.

    Args:
        progress: Told the number of leaves done, now and then.
        until_fault: Stop at the first thing that is wrong.

    Raises:
        NotPermitted: The actor may not verify.

    Law: ARK-1
    """
    if not rules.may_verify(actor):
        raise NotPermitted
    begun = time.perf_counter()
    verdict = Verdict()
    steps = (_guards, _versions, _audits, _tree, _items, _files)
    for step in steps:
        step(actor, verdict, progress or (lambda _: None))
        if verdict.fault and until_fault:
            break
    verdict.seconds = time.perf_counter() - begun
    return verdict


def _guards(actor: Actor, verdict: Verdict, progress: Progress) -> None:
    missing = guards.missing()
    if missing:
        _wrong(verdict, f"Databasens spärr {missing[0]} saknas. Kör narvaro doctor --repair.")


def _versions(actor: Actor, verdict: Verdict, progress: Progress) -> None:
    size = ledger.size(actor)  # what comes in meanwhile is for the next time
    for rows in bulk.leaves_and_versions(actor.authority_id, until=size):
        for row in rows:
            if row[2] is None:
                return _wrong(verdict, f"Handlingen på plats {row[0]} finns inte längre.")
            fault = _version_fault(actor.authority_id, row, verdict)
            if fault:
                return _wrong(verdict, f"Handling på plats {row[0]} ({row[9]}, version {row[15]}): {fault}")
        verdict.versions += len(rows)
        progress(verdict.versions)
    named, stored = _named_and_stored(actor)
    if named != stored:
        _wrong(
            verdict, f"Loggen nämner {named} versioner, men {stored} finns: något har lagts till vid sidan av Närvaro."
        )
    return None


def _named_and_stored(actor: Actor) -> tuple[int, int]:
    """Count versions in the log and in the records, in one statement: what comes in meanwhile is in both or neither."""
    named = ledger.rows_of(actor, ledger.VERSION)
    stored = Version.objects.of(actor).order_by()
    counted = [
        rows.annotate(of=Value(of, IntegerField())).values("of").annotate(found=Count("pk")).values_list("of", "found")
        for of, rows in enumerate((named, stored))
    ]
    found = dict(counted[0].union(counted[1], all=True))
    return found.get(0, 0), found.get(1, 0)


def _version_fault(authority_id: int, row: tuple[Any, ...], verdict: Verdict) -> str:
    _position, leaf, kept_leaf, salt, expunged_at, is_in_store, payload, *fields = row
    leaf = bytes(leaf)
    if leaf != kept_leaf:
        return "dess löv i loggen är ett annat än det som skrevs."
    if expunged_at is not None:
        verdict.expunged += 1
        return ""
    digest = fields[21]
    if is_in_store:
        fault = _blob_fault(authority_id, digest, verdict)
        if fault:
            return fault
    elif sha256(payload if payload is not None else b"").hexdigest() != digest:
        return "den ursprungliga datan har ändrats."
    published_at, edited_at, captured_at = fields[18:21]
    fields[18:21] = str(published_at), "" if edited_at is None else str(edited_at), str(captured_at)
    if salt is None or merkle.leaf_hash(leaf_content(bytes(salt), fields)) != leaf:
        return "texten eller uppgifterna om den har ändrats."
    return ""


def _blob_fault(authority_id: int, digest: str, verdict: Verdict) -> str:
    try:
        found, size = store.recomputed(authority_id, digest)
    except BlobMissing:
        return f"filen {digest[:12]} finns inte i lagret."
    verdict.blob_bytes += size
    verdict.blobs += 1
    return "" if found == digest else f"filen {digest[:12]} har ändrats."


def _items(actor: Actor, verdict: Verdict, progress: Progress) -> None:
    """
    Hold what an item says of itself against its versions: which is the latest, whether it is gone, where it hangs, who
    may see it.

    Leaves commit to versions. An item that pointed at an earlier one, hung in another thread or called a private
    message public would show something else than what was kept though every leaf holds.
    """
    mine = Version.objects.of(actor).order_by().filter(item=OuterRef("pk"))
    gone, there = Q(kind=VersionKind.TOMBSTONE, item__gone_at__isnull=False), Q(item__gone_at=None)
    latest = mine.filter(gone | there & Q(kind=VersionKind.CONTENT), number=OuterRef("versions"))
    is_seen = Q(visibility=OuterRef("visibility")) | Q(item__versions__gt=1)  # of an edited one the log decides
    first = mine.filter(is_seen, number=1, published_at=OuterRef("published_at"))
    later = mine.filter(number__gt=OuterRef("versions"))
    not_latest = "den version som visas är inte den senaste."
    for sound, fault in (
        (Exists(latest.filter(pk=OuterRef("latest_version_id"))), not_latest),
        (~Exists(later), not_latest),
        (Exists(first), "dag eller synlighet är en annan än när den kom in."),
    ):
        wrong = Item.objects.of(actor).order_by("pk").exclude(sound).first()
        if wrong is not None and not Item.objects.of(actor).filter(sound, pk=wrong.pk).exists():
            return _wrong(verdict, f"Handlingen {wrong.uid} ({wrong.remote_id}): {fault}")
    found = logged.fault_of_threads(actor) or logged.fault_of_audiences(actor)
    return _wrong(verdict, found) if found else None


def _audits(actor: Actor, verdict: Verdict, progress: Progress) -> None:
    sealed: set[int] = set()
    told = logged.Told(actor)
    for part in _parts(ledger.leaves(actor, kind=ledger.AUDIT), 1000):
        entries = audit.entries(actor, [subject_id for _, subject_id, _ in part])
        for _, subject_id, hash_ in part:
            entry = entries.get(subject_id)
            if entry is None:
                return _wrong(verdict, f"Rad {subject_id} i händelseloggen finns inte längre.")
            if merkle.leaf_hash(audit.content_of(entry)) != hash_:
                return _wrong(verdict, f"Rad {entry.uid} i händelseloggen har ändrats.")
            told.hear(entry)
            if entry.verb == "records.seal_item":
                sealed.add(entry.subject_id or 0)
            elif entry.verb == "records.lift_seal":
                sealed.discard(entry.subject_id or 0)
        fault = _fault_of_marks(actor, [entry for entry in entries.values() if entry.verb == "records.keep_file"])
        if fault:
            return _wrong(verdict, fault)
        verdict.audits += len(part)
        progress(verdict.versions + verdict.audits)
    fault = _fault_of_seals(actor, sealed) or told.fault()
    return _wrong(verdict, fault) if fault else None


def _fault_of_marks(actor: Actor, noted: list[AuditEntry]) -> str:
    """Hold kept files against what the log says of them; returns what is wrong, "" when nothing is."""
    rows = File.objects.of(actor).filter(pk__in=[entry.subject_id for entry in noted]).select_related("version")
    files = {file.pk: file for file in rows.defer("version__payload")}
    for entry in noted:
        file = files.get(entry.subject_id or 0)
        if file is None:
            return f"Bilaga {entry.subject_uid} finns inte längre."
        if file.version.expunged_at is None and queries.mark_of(file) != entry.facts.get("mark"):
            return f"Bilaga {file.uid} är en annan än den som bevarades, eller uppgifterna om den har ändrats."
    return ""


def _fault_of_seals(actor: Actor, sealed: set[int]) -> str:
    """Return which item is open though the log says that it is sealed; "" when none is."""
    for item in Item.objects.of(actor).filter(pk__in=sorted(sealed), sealed_at=None).order_by("pk"):
        told = (entry.verb for entry in audit.history(actor, item))
        newest = next((verb for verb in told if verb in ("records.seal_item", "records.lift_seal")), "")
        if newest == "records.seal_item":  # else it was lifted while we read
            return f"Handlingen {item.uid} är förseglad enligt loggen, men förseglingen är borta."
    return ""


def _tree(actor: Actor, verdict: Verdict, progress: Progress) -> None:
    """Recompute the tree from its leaves, and hold each stored tile and each signed head against it."""
    size = ledger.size(actor)
    growing = _Growing(actor)
    while growing.size < size:
        start = growing.size
        rows = bulk.leaf_hashes(actor.authority_id, since=start, limit=min(size - start, _TILES * merkle.TILE_WIDTH))
        hole = next((place for place, (position, _) in enumerate(rows, start) if position != place), None)
        if hole is not None:
            return _wrong(verdict, f"Loggen har ett hål efter plats {hole - 1}.")
        if not rows:
            return _wrong(verdict, f"Loggen ska ha {size} löv, men har {start}.")
        fault = growing.grow([hash_ for _, hash_ in rows])
        if fault:
            return _wrong(verdict, fault)
    verdict.heads, verdict.waiting = growing.heads, ledger.waiting_count(actor)
    fault = growing.fault_above() or growing.fault_of_heads()
    beyond = bulk.leaf_hashes(actor.authority_id, since=size, limit=1)
    if not fault and beyond and ledger.size(actor) == size:  # else it has grown since we began
        fault = f"Loggen ska ha {size} löv, men har fler."
    return _wrong(verdict, fault) if fault else None


class _Growing:
    """A tree that grows as it once did, leaf by leaf, and the stored tiles and heads that it is held against."""

    def __init__(self, actor: Actor) -> None:
        self.size = self.heads = 0
        self._actor, self._authority = actor, core.authority_of(actor)
        self._public = ledger.public_keys()
        self._coming = ledger.heads(actor)
        self._head = next(self._coming, None)
        self._last = 0
        self._full: list[bytes] = []  # the roots of full tiles: what the level above stores
        self._trunk, self._twig = merkle.Frontier(), merkle.Frontier()  # over full tiles; over the tile that grows

    def grow(self, hashes: list[bytes]) -> str:
        """Add leaves, from the beginning of a tile, and return what is wrong with the tiles and heads over them."""
        stored = bulk.tiles(self._actor.authority_id, 0, first=self.size // merkle.TILE_WIDTH, count=_TILES)
        for at in range(0, len(hashes), merkle.TILE_WIDTH):
            part = hashes[at : at + merkle.TILE_WIDTH]
            if any(len(hash_) != merkle.HASH_BYTES for hash_ in part):
                return f"Ett löv efter plats {self.size - 1} är skadat."
            if not _is_stored(part, stored.get(self.size // merkle.TILE_WIDTH, b"")):
                return _WRONG_TILES
            start = self.size
            while self._head is not None and self._head.size < start + len(part):
                self._add(part[self.size - start : self._head.size - start])
                fault = self._head_fault(self._head)
                if fault:
                    return fault
            self._add(part[self.size - start :])
            if len(part) == merkle.TILE_WIDTH:
                self._full.append(self._twig.root())
                self._trunk.append(self._full[-1])
                self._twig = merkle.Frontier()
            while self._head is not None and self._head.size == self.size:
                fault = self._head_fault(self._head)
                if fault:
                    return fault
        return ""

    def fault_above(self) -> str:
        """Return what is wrong with the tiles above the lowest level; "" when nothing is."""
        level, hashes = 1, self._full
        while hashes:
            count = -(-len(hashes) // merkle.TILE_WIDTH)
            stored = bulk.tiles(self._actor.authority_id, level, first=0, count=count)
            parts = [hashes[at : at + merkle.TILE_WIDTH] for at in range(0, len(hashes), merkle.TILE_WIDTH)]
            if not all(_is_stored(part, stored.get(number, b"")) for number, part in enumerate(parts)):
                return _WRONG_TILES
            level, hashes = level + 1, [merkle.tile_root(part) for part in parts if len(part) == merkle.TILE_WIDTH]
        return ""

    def fault_of_heads(self) -> str:
        """Return what is wrong with the heads as a whole: none over all leaves, or one over more than there are."""
        if self._head is not None and self._head.size > ledger.size(self._actor):
            return f"Loggen har blivit kortare: ett trädhuvud säger {self._head.size} löv."
        return "" if self._last == self.size else "Det senaste trädhuvudet täcker inte hela loggen."

    def _add(self, hashes: list[bytes]) -> None:
        self._twig.extend(hashes)
        self.size += len(hashes)

    def _head_fault(self, head: TreeHead) -> str:
        """Pass over a head of the size that the tree has now; returns what is wrong with it."""
        if not self._is_signed(head):
            return f"Underskriften på trädhuvudet vid {head.size} löv är inte äkta."
        roots = self._trunk.to_bytes()[8:] + self._twig.to_bytes()[8:]  # what a frontier over all the leaves holds
        if merkle.Frontier.from_bytes(self.size.to_bytes(8, "big") + roots).root() != bytes(head.root):
            return f"Loggens början har ändrats före plats {head.size}."
        self.heads += 1
        self._last = head.size
        self._head = next(self._coming, None)
        return ""

    def _is_signed(self, head: TreeHead) -> bool:
        key = self._public.get(head.key_id)
        if key is None or len(head.root) != merkle.HASH_BYTES:
            return False
        return keys.is_signed(ledger.head_bytes(head, self._authority), bytes(head.signature), key)


def _is_stored(hashes: list[bytes], tile: bytes) -> bool:
    """Whether a tile holds the hashes; the last one may have grown since."""
    made = b"".join(hashes)
    return tile == made if len(hashes) == merkle.TILE_WIDTH else tile.startswith(made)


def _files(actor: Actor, verdict: Verdict, progress: Progress) -> None:
    rows = File.objects.of(actor).exclude(digest="").order_by("pk").values_list("uid", "digest")
    for uid, digest in rows.iterator(chunk_size=1000):
        fault = _blob_fault(actor.authority_id, digest, verdict)
        if fault:
            return _wrong(verdict, f"Bilaga {uid}: {fault}")
    return None


def _parts(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    part: list[Any] = []
    for row in rows:
        part.append(row)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


def _wrong(verdict: Verdict, fault: str) -> None:
    if not verdict.fault:
        verdict.fault = fault
    else:
        verdict.notes.append(fault)
