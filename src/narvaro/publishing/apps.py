"""Tells the library where its pictures are used."""

from __future__ import annotations

from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "narvaro.publishing"

    def ready(self) -> None:
        from narvaro.media.queries import uses  # noqa: PLC0415 - models are ready only now
        from narvaro.publishing.queries.pictures import picture_uses  # noqa: PLC0415

        if picture_uses not in uses:
            uses.append(picture_uses)
