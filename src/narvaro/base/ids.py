"""Time-ordered public identifiers (UUID version 7, RFC 9562)."""

from __future__ import annotations

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """Return a new UUIDv7: 48 bits of milliseconds, then chance."""
    return uuid7s(1)[0]


def uuid7s(count: int) -> list[UUID]:
    """Return `count` new UUIDv7 of this very moment, with one call for randomness."""
    chance = os.urandom(10 * count)
    head = (time.time_ns() // 1_000_000) << 80
    return [UUID(int=_stamped(head, chance[i * 10 : i * 10 + 10])) for i in range(count)]


def _stamped(head: int, chance: bytes) -> int:
    bits = head | int.from_bytes(chance, "big")
    bits = (bits & ~(0xF << 76)) | (0x7 << 76)
    return (bits & ~(0x3 << 62)) | (0x2 << 62)
