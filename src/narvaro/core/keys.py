"""
The installation's keys: what encrypts tokens at rest, and what signs tree heads.

Keys are files in the data folder, readable by the owner only, and part of `narvaro backup`. A new key is
added in front; old ones stay readable until everything was sealed again.
"""

from __future__ import annotations

import os
import secrets
from base64 import b64decode, b64encode
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE_BYTES = 12
_KEY_ID_LENGTH = 8


class CannotOpen(Exception):
    """Something sealed cannot be opened: its key is not here, or it was moved or changed."""


def seal(plain: bytes, context: str) -> bytes:
    """Encrypt `plain` (AES-256-GCM) with the newest key, bound to `context`: moved elsewhere it cannot be opened."""
    key_id, key = next(iter(_sealing().items()))
    nonce = os.urandom(_NONCE_BYTES)
    return key_id.encode() + nonce + AESGCM(key).encrypt(nonce, plain, context.encode())


def unseal(sealed: bytes, context: str) -> bytes:
    """
    Return what was sealed with `context`.

    Raises:
        CannotOpen: The key is not in this data folder, or the bytes or the context are not the sealed ones.
    """
    key_id = sealed[:_KEY_ID_LENGTH].decode("ascii", "replace")
    key = _sealing().get(key_id)
    if key is None:
        raise CannotOpen(f"Nyckeln {key_id} finns inte i mappen keys. Återställ den från säkerhetskopian.")
    nonce, box = sealed[_KEY_ID_LENGTH : _KEY_ID_LENGTH + _NONCE_BYTES], sealed[_KEY_ID_LENGTH + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, box, context.encode())
    except InvalidTag:
        raise CannotOpen("En hemlighet har ändrats eller flyttats. Anslut kanalen igen.") from None


def is_sealed_with_newest(sealed: bytes) -> bool:
    return sealed[:_KEY_ID_LENGTH].decode("ascii", "replace") == next(iter(_sealing()))


def add_sealing_key() -> str:
    """Add a new encryption key in front of the old ones; returns its id. `narvaro keys rotate` seals again after it."""
    path = _sealing_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key_id = secrets.token_hex(_KEY_ID_LENGTH // 2)
    line = f"{key_id} {b64encode(AESGCM.generate_key(256)).decode()}\n"
    before = path.read_text(encoding="ascii") if path.exists() else ""
    _write_durably(path, line + before)
    _sealing_keys.cache_clear()
    return key_id


def drop_old_sealing_keys() -> int:
    """Forget every key but the newest; returns how many. Only after everything was sealed again."""
    lines = _sealing_path().read_text(encoding="ascii").splitlines()
    _write_durably(_sealing_path(), lines[0] + "\n")
    _sealing_keys.cache_clear()
    return len(lines) - 1


class Signature(NamedTuple):
    """An Ed25519 signature (64 bytes) with the id and the public half (32 raw bytes) of the key that made it."""

    key_id: str
    signature: bytes
    public: bytes


def sign(message: bytes) -> Signature:
    """Sign with the newest tree-head key. The three go together also when a new key is made meanwhile."""
    key_id, key = _signing()
    return Signature(key_id, key.sign(message), key.public_key().public_bytes_raw())


def is_signed(message: bytes, signature: bytes, public: bytes) -> bool:
    """Whether `signature` over `message` was made with the private half of `public` (32 raw bytes)."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def public_signing_key() -> tuple[str, bytes]:
    """Return the id and the public half (32 raw bytes) of the key that signs now."""
    key_id, key = _signing()
    return key_id, key.public_key().public_bytes_raw()


def add_signing_key() -> str:
    """Make a new tree-head key that signs from now on; returns its id. Old heads stay valid under their own key."""
    folder = _folder() / "tree"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key_id = f"{len(list(folder.glob('*.pem'))) + 1:04d}-{secrets.token_hex(4)}"
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write_durably(folder / f"{key_id}.pem", pem.decode("ascii"))
    _signing_key.cache_clear()
    return key_id


def _sealing() -> dict[str, bytes]:
    """Return the keys as the file has them now: another process may have added one."""
    if not _sealing_path().exists():
        add_sealing_key()
    return _sealing_keys(_sealing_path().stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _sealing_keys(changed_ns: int) -> dict[str, bytes]:
    pairs = (line.split() for line in _sealing_path().read_text(encoding="ascii").splitlines() if line.strip())
    return {key_id: b64decode(key) for key_id, key in pairs}


def _signing() -> tuple[str, Ed25519PrivateKey]:
    """Return the newest key that stands in the folder now."""
    folder = _folder() / "tree"
    if not folder.exists() or not any(folder.glob("*.pem")):
        add_signing_key()
    return _signing_key(folder.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _signing_key(changed_ns: int) -> tuple[str, Ed25519PrivateKey]:
    newest = max((_folder() / "tree").glob("*.pem"))
    key = serialization.load_pem_private_key(newest.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise CannotOpen(f"{newest.name} är ingen Ed25519-nyckel. Återställ mappen keys från säkerhetskopian.")
    return newest.stem, key


def forget_cached() -> None:
    """Read the key files anew at the next use (after a restore)."""
    _sealing_keys.cache_clear()
    _signing_key.cache_clear()


def _folder() -> Path:
    folder: Path = settings.OPTIONS.keys
    return folder


def _sealing_path() -> Path:
    return _folder() / "sealing.keys"


def _write_durably(path: Path, text: str) -> None:
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
