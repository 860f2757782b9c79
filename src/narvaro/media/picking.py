"""The library as forms of the house choose from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from narvaro.core.forms.pictures import Offered
from narvaro.core.types import Actor
from narvaro.media import queries
from narvaro.media.shapes import label_of


class LibraryOf:
    """The library of an actor's authority."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.search_url = reverse("media:pick")

    def offered(self, chosen: Sequence[str], words: str = "") -> list[Offered]:
        """Return what can be chosen, the chosen first."""
        return [
            Offered(
                uid=str(row.uid), alt=row.alt, shape=label_of(row.crop), is_chosen=str(row.uid) in chosen,
                thumb_url=reverse("media:thumb", args=[row.uid]),
            )
            for row in queries.offered(self.actor, words=words, chosen=chosen)
        ]  # fmt: skip

    def picked(self, uids: Sequence[str]) -> list[Any]:
        """Return the pictures with these ids, in that order; those that are not there are left out."""
        return queries.picked(self.actor, uids)
