"""How far a reading has come, as it is stored between two calls: the opaque cursor of the port, opened and closed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self, get_args, get_origin, get_type_hints

from narvaro.connectors.client import Json


@dataclass
class Cursor:
    """
    A dataclass of texts, numbers, and lists and dictionaries of them, that is stored as text.

    Every field has a default. What is stored is ours but may be old or damaged: what cannot be understood is left
    out, and reading begins anew there. That only costs time, for what was given is known by its id.
    """

    VERSION: ClassVar[int | None] = None
    """What a stored cursor must say of itself, where a class has begun to count."""

    @classmethod
    def opened(cls, text: str) -> Self:
        """Open a stored cursor; one that is empty, damaged or not ours starts anew."""
        found = stored(text)
        return cls.of(found) if found.get("v") == cls.VERSION else cls()

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """Return what is stored of the fields that there are, where it is of their kind."""
        kinds = get_type_hints(cls)
        names = [each.name for each in fields(cls) if each.name in found]
        return cls(**{name: found[name] for name in names if _fits(found[name], kinds[name])})

    def closed(self) -> str:
        """Return the cursor as text: what differs from an empty one, and no space."""
        version = {} if self.VERSION is None else {"v": self.VERSION}
        return json.dumps({**version, **self.said()}, separators=(",", ":"))

    def said(self) -> Json:
        """Return the fields that differ from those of an empty cursor."""
        empty = type(self)()
        held = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in held.items() if value != getattr(empty, name)}


def stored(text: str) -> Json:
    """Return the object that a stored cursor is; {} for one that is empty, damaged or something else."""
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _fits(value: object, kind: Any) -> bool:
    whole, inside = get_origin(kind) or kind, get_args(kind)
    if type(value) is not whole:  # a truth value is no number here
        return False
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(_fits(each, inside[-1]) for each in held)
