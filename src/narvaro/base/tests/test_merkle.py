"""The tree proves what it should, and every way to the root agrees."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narvaro.base import merkle

# The eight inputs and the roots of their prefixes that RFC 6962 implementations test each other with.
KNOWN_LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
KNOWN_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaves(count: int) -> list[bytes]:
    return [merkle.leaf_hash(b"%d" % number) for number in range(count)]


class Shelf(dict[tuple[int, int], bytes]):
    """Tiles in memory."""

    def read(self, level: int, index: int) -> bytes:
        return self.get((level, index), b"")

    def store(self, size: int, added: list[bytes]) -> None:
        for tile in list(merkle.grow_tiles(self.read, size, added)):
            self[tile.level, tile.number] = tile.hashes


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_rfc_6962(size: int):
    hashes = [merkle.leaf_hash(leaf) for leaf in KNOWN_LEAVES[:size]]

    assert merkle.root(hashes).hex() == KNOWN_ROOTS[size]


def test_empty_tree_has_the_hash_of_nothing():
    assert merkle.root([]) == merkle.EMPTY_ROOT == merkle.Frontier().root()


def test_every_leaf_of_every_small_tree_is_proved_and_no_other():
    for size in range(1, 40):
        hashes = leaves(size)
        whole = merkle.root(hashes)
        for index in range(size):
            proof = merkle.inclusion_proof(hashes, index)

            assert merkle.verify_inclusion(hashes[index], index, size, proof, whole)
            assert not merkle.verify_inclusion(merkle.leaf_hash(b"other"), index, size, proof, whole)
            assert not merkle.verify_inclusion(hashes[index], index, size, [*proof, whole], whole)
            if size > 1:
                assert not merkle.verify_inclusion(hashes[index], (index + 1) % size, size, proof, whole)
                assert not merkle.verify_inclusion(hashes[index], index, size, proof[:-1], whole)


def test_every_small_tree_is_shown_to_begin_with_every_smaller_one():
    for size in range(40):
        hashes = leaves(size)
        for old in range(size + 1):
            proof = merkle.consistency_proof(hashes, old)
            old_root, whole = merkle.root(hashes[:old]), merkle.root(hashes)

            assert merkle.verify_consistency(old, old_root, size, whole, proof)
            if old:
                changed = merkle.root([merkle.leaf_hash(b"changed"), *hashes[1:old]])
                assert not merkle.verify_consistency(old, changed, size, whole, proof)
            if 0 < old < size:
                assert not merkle.verify_consistency(old, old_root, size, old_root, proof)
                assert not merkle.verify_consistency(old, old_root, size, whole, proof[:-1])
                assert not merkle.verify_consistency(old, old_root, size, whole, [*proof, whole])


@given(st.integers(0, 900), st.lists(st.binary(min_size=0, max_size=40), max_size=12), st.integers(0, 900))
def test_a_strangers_proof_is_refused_without_an_error(index: int, proof: list[bytes], size: int):
    whole = merkle.root(leaves(3))

    assert not merkle.verify_inclusion(merkle.leaf_hash(b"x"), index, size, proof, whole)
    assert not merkle.verify_consistency(index + 1, merkle.leaf_hash(b"x"), index + 1 + size, whole, proof)


def test_a_leaf_that_does_not_exist_has_no_proof():
    with pytest.raises(ValueError, match="no leaf 3"):
        merkle.inclusion_proof(leaves(3), 3)
    with pytest.raises(ValueError, match="never had 4"):
        merkle.consistency_proof(leaves(3), 4)


@given(st.lists(st.integers(0, 700), max_size=6))
@settings(max_examples=40)
def test_frontier_tiles_and_plain_list_agree_however_leaves_arrive(batches: list[int]):
    hashes, shelf, frontier = leaves(sum(batches)), Shelf(), merkle.Frontier()

    at = 0
    for batch in batches:
        added = hashes[at : at + batch]
        shelf.store(at, added)
        frontier.extend(added)
        frontier = merkle.Frontier.from_bytes(frontier.to_bytes())
        at += batch

    assert frontier.size == at
    assert frontier.root() == merkle.root(hashes) == merkle.root_from_tiles(shelf.read, at)
    assert merkle.Frontier.from_tiles(shelf.read, at).to_bytes() == frontier.to_bytes()


@given(st.data())
@settings(max_examples=60)
def test_proofs_from_tiles_are_the_proofs_from_the_list(data: st.DataObject):
    total = 1500
    hashes, shelf = leaves(total), Shelf()
    shelf.store(0, hashes)
    size = data.draw(st.integers(1, total))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(0, size))

    inclusion = merkle.inclusion_proof_from_tiles(shelf.read, index, size)
    consistency = merkle.consistency_proof_from_tiles(shelf.read, old, size)

    assert inclusion == merkle.inclusion_proof(hashes[:size], index)
    assert consistency == merkle.consistency_proof(hashes[:size], old)


def test_a_tree_over_three_levels_of_tiles_is_proved_from_few_tiles():
    size = 256 * 256 + 300
    hashes, shelf = leaves(size), Shelf()
    shelf.store(0, hashes[:70])
    shelf.store(70, hashes[70:65_536])
    shelf.store(65_536, hashes[65_536:])
    reads: list[tuple[int, int]] = []

    def read(level: int, index: int) -> bytes:
        reads.append((level, index))
        return shelf.read(level, index)

    proof = merkle.inclusion_proof_from_tiles(read, 12_345, size)

    assert (2, 0) in shelf
    assert len(reads) <= 24
    assert merkle.verify_inclusion(hashes[12_345], 12_345, size, proof, merkle.root(hashes))


def test_storing_the_same_batch_again_changes_no_tile():
    shelf, hashes = Shelf(), leaves(600)
    shelf.store(0, hashes[:300])
    shelf.store(300, hashes[300:])
    before = dict(shelf)

    shelf.store(300, hashes[300:])

    assert shelf == before


def test_a_missing_or_short_tile_is_said_aloud():
    shelf = Shelf()
    shelf.store(0, leaves(10))

    with pytest.raises(ValueError, match="missing or shorter"):
        merkle.root_from_tiles(shelf.read, 11)
    with pytest.raises(ValueError, match="missing or shorter"):
        list(merkle.grow_tiles(shelf.read, 20, leaves(1)))


def test_full_tile_has_the_root_its_parent_stores():
    shelf, hashes = Shelf(), leaves(512)
    shelf.store(0, hashes)

    assert shelf[1, 0] == merkle.tile_root(shelf[0, 0]) + merkle.tile_root(hashes[256:])


@pytest.mark.parametrize("damaged", [b"", b"\x00" * 7, (3).to_bytes(8, "big") + b"\x00" * 32])
def test_a_damaged_frontier_is_refused(damaged: bytes):
    with pytest.raises(ValueError, match="damaged"):
        merkle.Frontier.from_bytes(damaged)


def test_a_short_leaf_is_refused_before_anything_is_added():
    frontier = merkle.Frontier()

    with pytest.raises(ValueError, match="32 bytes"):
        frontier.extend([merkle.leaf_hash(b"a"), b"short"])

    assert frontier.size == 0
    assert frontier.root() == merkle.EMPTY_ROOT


def test_a_copied_frontier_grows_on_its_own():
    frontier = merkle.Frontier()
    frontier.extend(leaves(5))

    twin = frontier.copy()
    twin.append(merkle.leaf_hash(b"more"))

    assert frontier.root() == merkle.root(leaves(5))
    assert twin.size == 6


def test_tree_head_is_written_in_one_way_whatever_the_time_zone():
    at = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    elsewhere = at.astimezone(timezone(timedelta(hours=1)))

    written = merkle.tree_head_bytes("storköping.example/kommunstyrelsen", 3, merkle.EMPTY_ROOT, at)

    assert written == merkle.tree_head_bytes("storköping.example/kommunstyrelsen", 3, merkle.EMPTY_ROOT, elsewhere)
    assert written.decode() == (
        "storköping.example/kommunstyrelsen\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
        "at 2026-11-20T12:00:00.000000Z\n"
    )
    assert merkle.parse_tree_head(written) == merkle.TreeHead(
        "storköping.example/kommunstyrelsen", 3, merkle.EMPTY_ROOT, at
    )


@pytest.mark.parametrize("origin", ["", "two words", "line\nbreak", "a+b", "o\u0308", "tab\tbed"])
def test_an_origin_that_could_be_mistaken_is_refused(origin: str):
    with pytest.raises(ValueError, match="origin"):
        merkle.tree_head_bytes(origin, 0, merkle.EMPTY_ROOT, datetime(2026, 11, 20, tzinfo=UTC))


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"log\n03\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nat 2026-11-20T12:00:00.000000Z\n",
        b"log\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nat 2026-11-20T12:00:00.0Z\n",
        b"log\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nat 2026-11-20T12:00:00.000000Z",
        b"log\n3\nAAAA\nat 2026-11-20T12:00:00.000000Z\n",
        b"\xff\n3\nAAAA\nat 2026-11-20T12:00:00.000000Z\n",
    ],
)
def test_a_tree_head_in_another_form_is_refused(written: bytes):
    with pytest.raises(ValueError):
        merkle.parse_tree_head(written)
