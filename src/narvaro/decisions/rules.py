"""What content is, as far as a decision is concerned: exactly itself."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any


def content_hash(content: Any) -> str:
    """
    Return what a decision is bound to: the SHA-256 of the content in its canonical form, in hexadecimal.

    Canonical is JSON in UTF-8 with sorted keys and no space between: the order in which a form was filled in does not
    matter, every character does.

    Raises:
        TypeError: The content holds what JSON cannot say, such as a date; say it as text.
        ValueError: It holds a number that is none.
    """
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return sha256(canonical.encode()).hexdigest()
