"""Keys: what is sealed opens here and as it was only, and keys can be changed without losing anything."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from narvaro.core import keys


@pytest.fixture(autouse=True)
def _a_folder_of_its_own(settings, tmp_path: Path) -> Iterator[None]:
    settings.OPTIONS = settings.OPTIONS.model_copy(update={"data": tmp_path})
    keys.forget_cached()
    yield
    keys.forget_cached()


def folder(settings) -> Path:
    return Path(settings.OPTIONS.keys)


def test_what_is_sealed_opens_with_its_context_only():
    sealed = keys.seal(b"hemligt", "channel-1")

    assert keys.unseal(sealed, "channel-1") == b"hemligt"
    assert b"hemligt" not in sealed
    with pytest.raises(keys.CannotOpen, match="ändrats eller flyttats"):
        keys.unseal(sealed, "channel-2")


@pytest.mark.parametrize("place", range(0, 40, 3))
def test_a_changed_byte_anywhere_is_seen(place):
    sealed = bytearray(keys.seal(b"hemligt och ganska langt", "x"))
    sealed[place] ^= 1

    with pytest.raises(keys.CannotOpen):
        keys.unseal(bytes(sealed), "x")


@pytest.mark.parametrize("sealed", [b"", b"kort", b"\xff" * 40, b"00000000"])
def test_rubbish_is_refused_in_words(sealed):
    with pytest.raises(keys.CannotOpen):
        keys.unseal(sealed, "x")


def test_the_same_secret_is_never_sealed_alike():
    assert keys.seal(b"a", "x") != keys.seal(b"a", "x")


def test_a_new_key_seals_while_old_ones_still_open():
    old = keys.seal(b"a", "x")
    keys.add_sealing_key()
    new = keys.seal(b"b", "x")

    assert (keys.unseal(old, "x"), keys.unseal(new, "x")) == (b"a", b"b")
    assert (keys.is_sealed_with_newest(old), keys.is_sealed_with_newest(new)) == (False, True)


def test_after_old_keys_are_dropped_only_what_was_sealed_anew_opens():
    old = keys.seal(b"a", "x")
    keys.add_sealing_key()
    anew = keys.seal(keys.unseal(old, "x"), "x")

    assert keys.drop_old_sealing_keys() == 1

    assert keys.unseal(anew, "x") == b"a"
    with pytest.raises(keys.CannotOpen, match="Återställ den från säkerhetskopian"):
        keys.unseal(old, "x")


def test_keys_are_readable_by_their_owner_only(settings):
    keys.seal(b"a", "x")
    keys.sign(b"m")

    files = [path for path in folder(settings).rglob("*") if path.is_file()]

    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_lost_key_file_is_told_and_a_restored_one_opens(settings):
    sealed = keys.seal(b"a", "x")
    copy = folder(settings).with_name("copy")
    shutil.copytree(folder(settings), copy)
    shutil.rmtree(folder(settings))
    keys.forget_cached()

    with pytest.raises(keys.CannotOpen):
        keys.unseal(sealed, "x")
    shutil.rmtree(folder(settings))
    shutil.copytree(copy, folder(settings))
    keys.forget_cached()

    assert keys.unseal(sealed, "x") == b"a"


def test_a_signature_holds_for_its_message_and_its_key_only():
    key_id, signature, _public = keys.sign(b"trad 1")
    named, public = keys.public_signing_key()
    keys.add_signing_key()
    _other_id, other = keys.public_signing_key()

    assert key_id == named
    assert keys.is_signed(b"trad 1", signature, public)
    assert not keys.is_signed(b"trad 2", signature, public)
    assert not keys.is_signed(b"trad 1", signature, other)


def test_the_newest_signing_key_signs():
    first = keys.sign(b"m").key_id
    added = keys.add_signing_key()

    assert keys.sign(b"m")[0] == added != first
