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
from typing import Any

from narvaro.base import merkle
from narvaro.core import audit, keys, ledger
from narvaro.core import queries as core
from narvaro.core.types import Actor, NotPermitted
from narvaro.media import store
from narvaro.media.types import BlobMissing
from narvaro.records import bulk, guards, rules
from narvaro.records.models import File, Version
from narvaro.records.proof import leaf_content, moment_text, uid_text
from narvaro.records.types import Verdict

Progress = Callable[[int], None]


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
    steps = (_guards, _versions, _unnamed_versions, _audits, _tree, _heads, _files)
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
    for rows in bulk.leaves_and_versions(actor.authority_id):
        for row in rows:
            fault = _version_fault(actor, row, verdict)
            if fault:
                _wrong(verdict, f"Handling på plats {row[0]} ({uid_text(row[3])}, version {row[11]}): {fault}")
                return
        verdict.versions += len(rows)
        progress(verdict.versions)


def _version_fault(actor: Actor, row: tuple[Any, ...], verdict: Verdict) -> str:
    leaf, kept_leaf, salt, expunged_at = bytes(row[1]), bytes(row[29]), row[25], row[28]
    if leaf != kept_leaf:
        return "dess löv i loggen är ett annat än det som skrevs."
    if expunged_at is not None:
        verdict.expunged += 1
        return ""
    digest, payload = row[24], row[26]
    if row[27]:
        fault = _blob_fault(actor.authority_id, digest, verdict)
        if fault:
            return fault
    elif sha256(payload if payload is not None else b"").hexdigest() != digest:
        return "den ursprungliga datan har ändrats."
    fields = (
        uid_text(row[4]), uid_text(row[5]), uid_text(row[3]), *row[6:11], row[11], *row[12:21], moment_text(row[21]),
        moment_text(row[22]), moment_text(row[23]), digest,
    )  # fmt: skip
    if salt is None or merkle.leaf_hash(leaf_content(bytes(salt), fields)) != leaf:
        return "texten eller uppgifterna om den har ändrats."
    return ""


def _blob_fault(authority_id: int, digest: str, verdict: Verdict) -> str:
    found = sha256()
    try:
        for piece in store.open_blob(authority_id, digest):
            found.update(piece)
            verdict.blob_bytes += len(piece)
    except BlobMissing:
        return f"filen {digest[:12]} finns inte i lagret."
    verdict.blobs += 1
    return "" if found.hexdigest() == digest else f"filen {digest[:12]} har ändrats."


def _unnamed_versions(actor: Actor, verdict: Verdict, progress: Progress) -> None:
    named = verdict.versions + ledger.waiting_count(actor, kind=ledger.VERSION)
    stored = Version.objects.of(actor).count()
    if stored != named:
        _wrong(
            verdict, f"Loggen nämner {named} versioner, men {stored} finns: något har lagts till vid sidan av Närvaro."
        )


def _audits(actor: Actor, verdict: Verdict, progress: Progress) -> None:
    for part in _parts(ledger.leaves(actor, kind=ledger.AUDIT), 1000):
        entries = audit.entries(actor, [subject_id for _, subject_id, _ in part])
        for _, subject_id, hash_ in part:
            entry = entries.get(subject_id)
            if entry is None:
                return _wrong(verdict, f"Rad {subject_id} i händelseloggen finns inte längre.")
            if merkle.leaf_hash(audit.content_of(entry)) != hash_:
                return _wrong(verdict, f"Rad {entry.uid} i händelseloggen har ändrats.")
        verdict.audits += len(part)
        progress(verdict.versions + verdict.audits)
    return None


def _tree(actor: Actor, verdict: Verdict, progress: Progress) -> None:
    frontier = merkle.Frontier()
    expected = 0
    for part in _parts(ledger.leaves(actor), 5000):
        if [position for position, _, _ in part] != list(range(expected, expected + len(part))):
            return _wrong(verdict, f"Loggen har ett hål efter plats {expected - 1}.")
        frontier.extend([hash_ for _, _, hash_ in part])
        expected += len(part)
    size = ledger.size(actor)
    if size != expected:
        return _wrong(verdict, f"Loggen ska ha {size} löv, men har {expected}.")
    if size and merkle.root_from_tiles(ledger.tile_reader(actor.authority_id), size) != frontier.root():
        return _wrong(verdict, "Trädets lagrade noder stämmer inte med löven.")
    verdict.waiting = ledger.waiting_count(actor)
    return None


def _heads(actor: Actor, verdict: Verdict, progress: Progress) -> None:
    authority = core.authority_of(actor)
    public = ledger.public_keys()
    read = _cached(ledger.tile_reader(actor.authority_id))
    last = 0
    for head in ledger.heads(actor):
        key = public.get(head.key_id)
        if key is None or not keys.is_signed(ledger.head_bytes(head, authority), bytes(head.signature), key):
            return _wrong(verdict, f"Underskriften på trädhuvudet vid {head.size} löv är inte äkta.")
        try:
            root = merkle.root_from_tiles(read, head.size)
        except ValueError:
            return _wrong(verdict, f"Loggen har blivit kortare: ett trädhuvud säger {head.size} löv.")
        if root != bytes(head.root):
            return _wrong(verdict, f"Loggens början har ändrats före plats {head.size}.")
        verdict.heads += 1
        last = head.size
    if last != ledger.size(actor):
        return _wrong(verdict, "Det senaste trädhuvudet täcker inte hela loggen.")
    return None


def _files(actor: Actor, verdict: Verdict, progress: Progress) -> None:
    rows = File.objects.of(actor).exclude(digest="").order_by("pk").values_list("uid", "digest")
    for uid, digest in rows.iterator(chunk_size=1000):
        fault = _blob_fault(actor.authority_id, digest, verdict)
        if fault:
            return _wrong(verdict, f"Bilaga {uid}: {fault}")
    return None


def _cached(read: merkle.ReadTile) -> merkle.ReadTile:
    """Full tiles never change; heads share most of them."""
    held: dict[tuple[int, int], bytes] = {}

    def cached(level: int, number: int) -> bytes:
        found = held.get((level, number))
        if found is None:
            found = held[level, number] = read(level, number)
        return found

    return cached


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
