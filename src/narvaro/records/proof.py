"""
What a version's leaf commits to: the whole version, metadata included, under a salt of its own.

The order and the form of the fields are a promise to every ledger ever written: a new form gets a new
name first in the list, and the old one stays readable.

Law: ARK-1 (fixity), TF-12
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

FORM = "version-2"
_FORM_WITHOUT_THREAD = "version-1"  # of what was kept by 0.1.0
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # made once: dumps makes one each time


def leaf_fields(fields: Sequence[Any]) -> list[Any]:
    """
    Return what a version's leaf commits to beside its salt, the name of the form first.

    Args:
        fields: channel uid, item uid, version uid, remote id, item kind, origin, visibility, parent remote
            id, number, version kind, source, author's remote id, handle and name, text, media, language,
            url, published, edited and captured moments (`moment_text`), SHA-256 of the payload, and the thread
            in which it hung when it was kept; None for that gives the form that did not have it.
    """
    return [_FORM_WITHOUT_THREAD, *fields[:-1]] if fields[-1] is None else [FORM, *fields]


def leaf_content(salt: bytes, fields: Sequence[Any]) -> bytes:
    """Return the bytes that a version's leaf is the hash of: the salt, then `leaf_fields` as JSON."""
    return salt + _as_json(leaf_fields(fields)).encode("utf-8", "surrogatepass")


def file_mark(salt: bytes, uid: UUID, fields: Sequence[str]) -> str:
    """
    Return the mark of a kept file, 64 hex characters: what its row says, under the salt of its version.

    It goes into the audit log, which may hold no digest of any content: without the salt, which is deleted with the
    content, nobody can find out what it was made of.

    Args:
        fields: digest, kind, media type, alternative text and address.
    """
    written = _as_json(["file-1", uid.hex, *fields])
    return sha256(salt + written.encode("utf-8", "surrogatepass")).hexdigest()


def entry_mark(salt: bytes, fields: Sequence[str | bool]) -> str:
    """
    Return the mark of an entry in the registry, 64 hex characters: what its row says, under a salt of its own.

    It goes into the audit log, which may hold no names: without the salt nobody can find out what it was made of.
    """
    return sha256(salt + _as_json(["entry-1", *fields]).encode("utf-8", "surrogatepass")).hexdigest()


def moment_text(value: datetime | str | None) -> str:
    """Return a moment as `2026-11-20 18:30:00[.ffffff]` in UTC, "" for none; a database text passes through."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return str(value)  # a naive moment comes from SQLite, which holds UTC


def uid_text(value: UUID | str) -> str:
    """Return a UUID as 32 hexadecimal digits, however the database gives it."""
    return value if isinstance(value, str) else value.hex
