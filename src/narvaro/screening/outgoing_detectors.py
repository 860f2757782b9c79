"""What patterns alone cannot tell about a text of our own: how it is built, and what goes out with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .finding import Context, Severity

Detected = tuple[int, int, Severity | None]

OUTGOING_DETECTORS: dict[str, Callable[[str, Context], Iterator[Detected]]] = {}
