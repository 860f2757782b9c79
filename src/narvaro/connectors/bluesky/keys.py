"""Record keys chosen before the call: TIDs, which sort as time does (atproto.com/specs/tid)."""

from __future__ import annotations

import secrets
from threading import Lock

from narvaro.base import clock

_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_lock = Lock()
_last = 0


def new_key() -> str:
    """Return a record key nobody has used: microseconds now, then chance. Later keys of a process sort later."""
    global _last
    with _lock:
        _last = max(int(clock.now().timestamp() * 1_000_000), _last + 1)
        number = (_last << 10) | secrets.randbelow(1024)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(60, -1, -5))


def is_key(text: str) -> bool:
    """Return whether a text can be the key of a post."""
    return len(text) == 13 and text[0] in "234567abcdefghij" and all(sign in _ALPHABET for sign in text)


def made_at(key: str) -> int:
    """Return when a record key was made, in microseconds since 1970; of a text for which `is_key` holds."""
    number = 0
    for sign in key:
        number = number * 32 + _ALPHABET.index(sign)
    return number >> 10
