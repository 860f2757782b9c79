"""
The tree that proves nothing was changed: RFC 6962 hashing, proofs, a fast frontier and stored tiles.

Three ways to the same root, so that each can check the others: plain lists of leaf hashes (short, for
tests and small trees), a `Frontier` (what the sequencer carries from batch to batch) and tiles (what is
stored, and what proofs of any size are read from). Nothing here signs or stores anything.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Final, NamedTuple
from unicodedata import is_normalized

HASH_BYTES: Final = 32
TILE_WIDTH: Final = 256
_TILE_HEIGHT: Final = 8  # 2 ** 8 hashes in a tile
EMPTY_ROOT: Final = sha256(b"").digest()

ReadTile = Callable[[int, int], bytes]
"""`read(level, index)` returns the concatenated hashes of a stored tile, or b"" when there is none."""

_HashOf = Callable[[int, int], bytes]


def leaf_hash(content: bytes) -> bytes:
    """Return the 32-byte hash of a leaf's bytes (RFC 6962 prefix 0x00). Law: none."""
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash of two children (RFC 6962 prefix 0x01). Law: none."""
    return sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes; `EMPTY_ROOT` when there are none. Law: none."""
    if not leaf_hashes:
        return EMPTY_ROOT
    frontier = Frontier()
    frontier.extend(leaf_hashes)
    return frontier.root()


# --- Proofs ---------------------------------------------------------------------------------------------


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """
    Return the hashes that lead from leaf `index` (from 0) to the root, lowest first.

    Raises:
        ValueError: There is no such leaf.

    Law: none.
    """
    return _inclusion(_over(leaf_hashes), index, len(leaf_hashes))


def consistency_proof(leaf_hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """
    Return the hashes showing that the first `old_size` leaves are unchanged in the whole tree.

    Returns:
        The proof; [] when `old_size` is 0 or the whole size.

    Raises:
        ValueError: `old_size` is negative or larger than the tree.

    Law: none.
    """
    return _consistency(_over(leaf_hashes), old_size, len(leaf_hashes))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes) -> bool:
    """
    Tell whether the leaf hash stands at `index` in the tree of `size` leaves with this root.

    A proof from a stranger may be anything; a malformed one is simply not a proof. Law: none.
    """
    if not 0 <= index < size or not _are_hashes((leaf, expected_root, *proof)):
        return False
    node, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and compare_digest(found, expected_root)


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """
    Tell whether the tree of `new_size` leaves begins with the tree of `old_size` leaves.

    The empty tree is a beginning of every tree. A malformed proof is simply not a proof. Law: none.
    """
    if not 0 <= old_size <= new_size or not _are_hashes((old_root, new_root, *proof)):
        return False
    if old_size == 0:
        nothing_claimed = compare_digest(old_root, EMPTY_ROOT) and not proof
        return nothing_claimed and (new_size > 0 or compare_digest(new_root, EMPTY_ROOT))
    if old_size == new_size:
        return not proof and compare_digest(old_root, new_root)
    return _is_consistent(old_size, old_root, new_size, new_root, list(proof))


def _is_consistent(old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: list[bytes]) -> bool:
    # RFC 9162, 2.1.4.2: a full old tree is its own first node and is left out of the proof.
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and compare_digest(old, old_root) and compare_digest(new, new_root)


def _inclusion(hash_of: _HashOf, index: int, size: int) -> list[bytes]:
    if not 0 <= index < size:
        raise ValueError(f"There is no leaf {index} in a tree of {size} leaves.")
    start, end, proof = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(hash_of(middle, end))
            end = middle
        else:
            proof.append(hash_of(start, middle))
            start = middle
    return proof[::-1]


def _consistency(hash_of: _HashOf, old_size: int, size: int) -> list[bytes]:
    if not 0 <= old_size <= size:
        raise ValueError(f"A tree of {size} leaves never had {old_size} leaves.")
    if old_size in (0, size):
        return []
    start, end, proof = 0, size, []
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            proof.append(hash_of(middle, end))
            end = middle
        else:
            proof.append(hash_of(start, middle))
            start = middle
    if start:
        proof.append(hash_of(start, end))
    return proof[::-1]


def _over(leaf_hashes: Sequence[bytes]) -> _HashOf:
    return lambda start, end: root(leaf_hashes[start:end])


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size` (> 1)."""
    return 1 << ((size - 1).bit_length() - 1)


def _are_hashes(values: Iterable[bytes]) -> bool:
    return all(isinstance(value, bytes) and len(value) == HASH_BYTES for value in values)


# --- Growing --------------------------------------------------------------------------------------------


class Frontier:
    """
    The roots of the perfect subtrees along the right edge: all a tree needs to remember in order to grow.

    Holds at most 64 hashes however large the tree is. Not safe to share between threads. Law: none.
    """

    __slots__ = ("_roots", "_size")

    def __init__(self) -> None:
        """Begin an empty tree."""
        self._size = 0
        self._roots: list[bytes] = []  # largest subtree first; one for each set bit of the size

    @property
    def size(self) -> int:
        """Return the number of leaves."""
        return self._size

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash. Raises ValueError unless it is 32 bytes."""
        self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes in order. Raises ValueError, before anything is added, unless each is 32 bytes."""
        coming = leaves if isinstance(leaves, list | tuple) else list(leaves)
        if any(len(leaf) != HASH_BYTES for leaf in coming):
            raise ValueError("A leaf hash is 32 bytes.")
        size, roots, digest = self._size, self._roots, sha256
        for leaf in coming:
            found, bit = leaf, 1
            while size & bit:
                found = digest(b"\x01" + roots.pop() + found).digest()
                bit <<= 1
            roots.append(found)
            size += 1
        self._size = size

    def root(self) -> bytes:
        """Return the root of the tree as it stands; `EMPTY_ROOT` while it is empty."""
        if not self._roots:
            return EMPTY_ROOT
        found = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            found = node_hash(left, found)
        return found

    def copy(self) -> Frontier:
        """Return an independent frontier with the same leaves."""
        twin = Frontier()
        twin._size, twin._roots = self._size, list(self._roots)
        return twin

    def to_bytes(self) -> bytes:
        """Return the frontier as bytes: 8 bytes of size, big-endian, then the subtree roots, largest first."""
        return self._size.to_bytes(8, "big") + b"".join(self._roots)

    @classmethod
    def from_bytes(cls, stored: bytes) -> Frontier:
        """Return the frontier that `to_bytes` stored. Raises ValueError when the bytes cannot be one."""
        size = int.from_bytes(stored[:8], "big")
        if len(stored) != 8 + HASH_BYTES * size.bit_count():
            raise ValueError("The stored frontier is damaged: its length does not fit its size.")
        frontier = cls()
        frontier._size, frontier._roots = size, hashes_of(stored[8:])
        return frontier

    @classmethod
    def from_tiles(cls, read: ReadTile, size: int) -> Frontier:
        """
        Return the frontier of the first `size` leaves of stored tiles.

        Raises:
            ValueError: A tile that the size calls for is missing or too short.
        """
        frontier, start = cls(), 0
        for bit in reversed(range(size.bit_length())):
            if size >> bit & 1:
                frontier._roots.append(_perfect(read, start, bit))
                start += 1 << bit
        frontier._size = size
        return frontier


# --- Tiles ----------------------------------------------------------------------------------------------
#
# Tile (0, n) holds the leaf hashes [256 n, 256 n + 256); tile (level, n) holds the roots of the full tiles
# [256 n, 256 n + 256) of the level below. The last tile of each level may be partial; a longer stored tile
# than a smaller tree calls for is read only as far as that tree goes.


class Tile(NamedTuple):
    """A tile to store: its level, its number on that level (from 0), and its concatenated 32-byte hashes (1–256)."""

    level: int
    number: int
    hashes: bytes


def hashes_of(tile: bytes) -> list[bytes]:
    """Return the hashes of a tile one by one. Raises ValueError for a length that is no multiple of 32."""
    if len(tile) % HASH_BYTES:
        raise ValueError("A tile is whole hashes of 32 bytes.")
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


def tile_root(hashes: bytes | Sequence[bytes]) -> bytes:
    """
    Return the root over the 1–256 hashes of a tile, taken as the nodes of a tree of their own.

    For a full tile this is the hash that the level above stores.

    Raises:
        ValueError: No hashes, more than 256, or not whole ones.

    Law: none.
    """
    nodes = hashes_of(hashes) if isinstance(hashes, bytes) else list(hashes)
    if not 1 <= len(nodes) <= TILE_WIDTH:
        raise ValueError("A tile holds between 1 and 256 hashes.")
    return root(nodes)


def grow_tiles(read: ReadTile, size: int, leaf_hashes: Sequence[bytes]) -> Iterator[Tile]:
    """
    Yield the tiles, new and lengthened, to store when leaves are added to a tree of `size` leaves.

    Each tile comes once, complete as it then stands, lowest level first. Only the last partial tile of each
    level is read. Storing them again after a crash changes nothing.

    Raises:
        ValueError: A stored tile is shorter than `size` calls for.

    Law: none.
    """
    level, held, coming = 0, size, list(leaf_hashes)
    while coming:
        index, kept = divmod(held, TILE_WIDTH)
        before = hashes_of(_tile(read, level, index, kept))[:kept] if kept else []
        nodes = before + coming
        above = []
        for at in range(0, len(nodes), TILE_WIDTH):
            part = nodes[at : at + TILE_WIDTH]
            yield Tile(level, index + at // TILE_WIDTH, b"".join(part))
            if len(part) == TILE_WIDTH:
                above.append(tile_root(part))
        level, held, coming = level + 1, index, above


def root_from_tiles(read: ReadTile, size: int) -> bytes:
    """Return the root of the first `size` leaves. Raises ValueError when a tile is missing. Law: none."""
    return Frontier.from_tiles(read, size).root()


def inclusion_proof_from_tiles(read: ReadTile, index: int, size: int) -> list[bytes]:
    """
    Return the inclusion proof of leaf `index` in the tree of the first `size` leaves.

    Reads O(log size) tiles.

    Raises:
        ValueError: There is no such leaf, or a tile is missing.

    Law: none.
    """
    return _inclusion(_over_tiles(read), index, size)


def consistency_proof_from_tiles(read: ReadTile, old_size: int, size: int) -> list[bytes]:
    """
    Return the proof that the first `size` leaves begin with the first `old_size` leaves.

    Raises:
        ValueError: `old_size` is negative or larger than `size`, or a tile is missing.

    Law: none.
    """
    return _consistency(_over_tiles(read), old_size, size)


def _over_tiles(read: ReadTile) -> _HashOf:
    def hash_of(start: int, end: int) -> bytes:
        parts = []
        while start < end:
            height = (end - start).bit_length() - 1
            parts.append(_perfect(read, start, height))
            start += 1 << height
        found = parts.pop()
        while parts:
            found = node_hash(parts.pop(), found)
        return found

    return hash_of


def _perfect(read: ReadTile, start: int, height: int) -> bytes:
    """Return the root of the 2 ** height leaves from `start`, which is a multiple of that."""
    level, inner = divmod(height, _TILE_HEIGHT)
    index, offset = divmod(start >> (_TILE_HEIGHT * level), TILE_WIDTH)
    until = offset + (1 << inner)
    return root(hashes_of(_tile(read, level, index, until))[offset:until])


def _tile(read: ReadTile, level: int, index: int, at_least: int) -> bytes:
    tile = read(level, index)
    if len(tile) < at_least * HASH_BYTES:
        raise ValueError(f"Tile {index} on level {level} is missing or shorter than the tree it belongs to.")
    return tile


# --- Tree heads -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TreeHead:
    """What a log states at a moment: its name, how many leaves it has, and their root."""

    origin: str
    size: int
    root: bytes
    at: datetime


def tree_head_bytes(origin: str, size: int, root: bytes, at: datetime) -> bytes:
    """
    Return the one way of writing a tree head, for signing: four lines of UTF-8, each ended by a line feed.

    The first three are those of a transparency-log checkpoint (origin, decimal size, base64 root), so that
    common tools can read them; the fourth is the moment in UTC to the microsecond.

    Raises:
        ValueError: The origin is empty or could be mistaken for something else, the size is negative, the
            root is not 32 bytes, or the moment is naive.

    Law: none.
    """
    if not origin or not origin.isprintable() or " " in origin or "+" in origin or not is_normalized("NFC", origin):
        raise ValueError("The origin is one printable word in NFC without '+'.")
    if size < 0 or len(root) != HASH_BYTES:
        raise ValueError("A tree head has a size of at least 0 and a root of 32 bytes.")
    if at.tzinfo is None:
        raise ValueError("A tree head is dated with an aware moment.")
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return f"{origin}\n{size}\n{b64encode(root).decode()}\nat {moment}\n".encode()


def parse_tree_head(written: bytes) -> TreeHead:
    """Return the tree head in `written`. Raises ValueError unless it is written exactly as we write it."""
    try:
        origin, size, encoded, moment, end = written.decode().split("\n")
        at = datetime.strptime(moment, "at %Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        head = TreeHead(origin, int(size), b64decode(encoded, validate=True), at)
    except (ValueError, binascii.Error) as error:
        raise ValueError("This is not a tree head.") from error
    if end or tree_head_bytes(head.origin, head.size, head.root, head.at) != written:
        raise ValueError("The tree head is not written in its one form.")
    return head
