"""
The ledger: one Merkle log (RFC 6962) per authority, over salted leaves.

Whoever writes something that must be provable appends a leaf without a position, in the same transaction.
One sequencer per authority then gives gapless positions in short transactions and stores the tree as
tiles. The position is the feed that other capabilities follow: a serial id would not do, since on
PostgreSQL a row that commits late is skipped.

Law: ARK-1, TF-12
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import QuerySet

from narvaro.base import merkle
from narvaro.base.clock import now
from narvaro.core import keys
from narvaro.core.models import Authority, Cursor, Leaf, Tile, Tree, TreeHead, TreeKey
from narvaro.core.types import Actor

VERSION = "version"
AUDIT = "audit"
BATCH = 5000


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One sequenced leaf: its position and what it is about."""

    position: int
    kind: str
    subject_id: int


def append(authority_id: int, kind: str, subject_id: int, content: bytes) -> None:
    """Append a leaf over `content` (salt first) in the caller's transaction; it gets its position later."""
    Leaf.objects.create(authority_id=authority_id, kind=kind, subject_id=subject_id, hash=merkle.leaf_hash(content))


def append_each(authority_id: int, kind: str, contents: Iterable[tuple[int, bytes]]) -> None:
    """Append a leaf for each (subject, content), as `append` does for one."""
    Leaf.objects.bulk_create(
        [
            Leaf(authority_id=authority_id, kind=kind, subject_id=subject_id, hash=merkle.leaf_hash(content))
            for subject_id, content in contents
        ],
        batch_size=500,
    )


def sequence(authority: Authority, *, limit: int = BATCH) -> int:
    """
    Give positions to waiting leaves, oldest first, and sign a new tree head. Returns how many.

    One short transaction under the authority's tree row: two sequencers wait for each other, and a
    killed one leaves nothing half done.
    """
    with transaction.atomic():
        tree = _locked_tree(authority)
        leaves = list(
            Leaf.objects.everywhere("sequence")
            .filter(authority=authority, position=None)
            .order_by("id")
            .values_list("id", "hash")[:limit]
        )
        if not leaves:
            return 0
        hashes = [bytes(hash_) for _, hash_ in leaves]
        _place([pk for pk, _ in leaves], tree.size)
        _store_tiles(authority, tree.size, hashes)
        frontier = _frontier(tree)
        frontier.extend(hashes)
        Tree.objects.everywhere("sequence").filter(pk=tree.pk).update(size=frontier.size, frontier=frontier.to_bytes())
        _sign_head(authority, frontier)
    return len(leaves)


def waiting_authorities() -> list[Authority]:
    """Return the authorities that have leaves without a position."""
    ids = Leaf.objects.everywhere("sequence").filter(position=None).values_list("authority_id", flat=True).distinct()
    return list(Authority.objects.filter(pk__in=list(ids)))


def feed(authority_id: int, since: int, *, kind: str = VERSION, limit: int = 1000) -> tuple[list[FeedEntry], int]:
    """
    Read the feed from position `since`.

    Returns:
        The entries of `kind` in order, at most `limit` positions' worth, and the position to go on from.
    """
    leaves = Leaf.objects.everywhere("feed").filter(authority_id=authority_id, position__gte=since)
    rows = [
        FeedEntry(position or 0, kind_, subject_id)
        for position, kind_, subject_id in leaves.order_by("position").values_list("position", "kind", "subject_id")[
            :limit
        ]
    ]
    return [row for row in rows if row.kind == kind], rows[-1].position + 1 if rows else since


def cursor_position(authority_id: int, name: str) -> int:
    """Return the position that the named follower reads next; 0 before it has begun."""
    row = Cursor.objects.everywhere("feed").filter(authority_id=authority_id, name=name).first()
    return row.position if row else 0


def move_cursor(authority_id: int, name: str, *, since: int, to: int) -> bool:
    """
    Move a follower's cursor from `since` to `to`, in the caller's transaction.

    Returns:
        False when another has moved it meanwhile: the caller must roll back what it did.
    """
    Cursor.objects.bulk_create([Cursor(authority_id=authority_id, name=name, position=0)], ignore_conflicts=True)
    moved = (
        Cursor.objects.everywhere("feed")
        .filter(authority_id=authority_id, name=name, position=since)
        .update(position=to, moved_at=now())
    )
    return moved == 1


def size(actor: Actor) -> int:
    """Return how many leaves the authority's log holds with a position."""
    tree = Tree.objects.of(actor).first()
    return tree.size if tree else 0


def leaves(actor: Actor, *, kind: str | None = None) -> Iterator[tuple[int | None, int, bytes]]:
    """
    Yield the authority's leaves: position, subject id, hash. Those without a position are left out.

    Args:
        kind: Only leaves of this kind, in the order they were written, waiting ones included.
    """
    rows = Leaf.objects.of(actor)
    rows = rows.filter(kind=kind).order_by("id") if kind else rows.exclude(position=None).order_by("position")
    for position, subject_id, digest in rows.values_list("position", "subject_id", "hash").iterator(chunk_size=5000):
        yield position, subject_id, bytes(digest)


def rows_of(actor: Actor, kind: str) -> QuerySet[Leaf]:
    """Return the authority's leaves of one kind as rows to count, waiting ones included; in no order."""
    return Leaf.objects.of(actor).filter(kind=kind).order_by()


def waiting_count(actor: Actor, *, kind: str | None = None) -> int:
    """Return how many leaves wait for a position."""
    rows = Leaf.objects.of(actor).filter(position=None)
    return (rows.filter(kind=kind) if kind else rows).count()


def public_keys() -> dict[str, bytes]:
    """Return the public half of every key that ever signed a tree head, by key id."""
    return {key.key_id: bytes(key.public) for key in TreeKey.objects.all()}


def heads(actor: Actor) -> Iterator[TreeHead]:
    """Yield the signed tree heads of the authority, oldest first."""
    yield from TreeHead.objects.of(actor).order_by("size", "id").iterator()


def latest_head(actor: Actor) -> TreeHead | None:
    """Return the newest signed tree head of the authority; None before there is any."""
    found: TreeHead | None = TreeHead.objects.of(actor).order_by("-size", "-id").first()
    return found


def tile_reader(authority_id: int) -> merkle.ReadTile:
    """Return a reader of the authority's stored tiles."""

    def read(level: int, number: int) -> bytes:
        found = (
            Tile.objects.everywhere("read tile")
            .filter(authority_id=authority_id, level=level, number=number)
            .values_list("hashes", flat=True)
            .first()
        )
        return bytes(found) if found is not None else b""

    return read


def head_bytes(head: TreeHead, authority: Authority) -> bytes:
    """Return exactly what was signed."""
    return merkle.tree_head_bytes(f"narvaro/{authority.uid}", head.size, bytes(head.root), head.at)


def _locked_tree(authority: Authority) -> Tree:
    Tree.objects.bulk_create([Tree(authority=authority)], ignore_conflicts=True)
    tree: Tree = Tree.objects.everywhere("sequence").select_for_update().get(authority=authority)
    return tree


def _frontier(tree: Tree) -> merkle.Frontier:
    return merkle.Frontier.from_bytes(bytes(tree.frontier)) if tree.size else merkle.Frontier()


def _place(leaf_ids: Iterable[int], start: int) -> None:
    pairs = list(enumerate(leaf_ids, start))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # one statement instead of as many round trips
            cursor.execute(
                "UPDATE core_leaf SET position = given.position FROM unnest(%s::bigint[], %s::bigint[]) "
                "AS given (position, id) WHERE core_leaf.id = given.id AND core_leaf.position IS NULL",
                [list(column) for column in zip(*pairs, strict=True)],
            )
            return
        cursor.executemany("UPDATE core_leaf SET position = %s WHERE id = %s AND position IS NULL", pairs)


def _store_tiles(authority: Authority, size_before: int, hashes: list[bytes]) -> None:
    tiles = [
        Tile(authority=authority, level=tile.level, number=tile.number, hashes=tile.hashes)
        for tile in merkle.grow_tiles(tile_reader(authority.pk), size_before, hashes)
    ]
    Tile.objects.bulk_create(
        tiles, update_conflicts=True, unique_fields=["authority", "level", "number"], update_fields=["hashes"]
    )


def _sign_head(authority: Authority, frontier: merkle.Frontier) -> None:
    head = TreeHead(authority=authority, size=frontier.size, root=frontier.root(), at=now().replace(microsecond=0))
    made = keys.sign(head_bytes(head, authority))
    TreeKey.objects.get_or_create(key_id=made.key_id, defaults={"public": made.public})
    head.key_id, head.signature = made.key_id, made.signature
    head.save(force_insert=True)
