"""Lets the forms of the house choose pictures from the library."""

from __future__ import annotations

from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "narvaro.media"

    def ready(self) -> None:
        from narvaro.core.forms.pictures import libraries  # noqa: PLC0415 - models are ready only now
        from narvaro.media.picking import LibraryOf  # noqa: PLC0415

        if LibraryOf not in libraries:
            libraries.append(LibraryOf)
