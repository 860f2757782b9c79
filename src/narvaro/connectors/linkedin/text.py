"""The "little" text format of posts: signs that mean something to it are written with a backslash before them."""

from __future__ import annotations

import re

MOST = 3000
_RESERVED = re.compile(r"([\\|{}@\[\]()<>#*_~])")
_TAG = re.compile(r"\{hashtag\|\\?#\|([^{}|]+)\}")
_NAME = re.compile(r"@\[((?:[^\]\\]|\\.)*)\]\(urn:li:[^)]*\)")
_BEHIND = re.compile(r"\\([\\|{}@\[\]()<>#*_~])")


def escaped(text: str) -> str:
    """
    Return a text as the platform takes it, sign for sign: what is not escaped may cut a post off in silence.

    Hashtags keep their sign, so that they lead somewhere.
    """
    return re.sub(r"\\#(?=[^\W_])", "#", _RESERVED.sub(r"\\\1", text))


def unescaped(text: str) -> str:
    """Return a text as people read it."""
    plain = _NAME.sub(r"\1", _TAG.sub(r"#\1", text))
    return _BEHIND.sub(r"\1", plain)
