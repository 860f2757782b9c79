"""Tells the library where its pictures and films are used."""

from __future__ import annotations

from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "narvaro.publishing"

    def ready(self) -> None:
        from narvaro.media.queries import film_uses as of_films  # noqa: PLC0415
        from narvaro.media.queries import uses  # noqa: PLC0415 - models are ready only now
        from narvaro.publishing.queries.films import film_uses  # noqa: PLC0415
        from narvaro.publishing.queries.pictures import picture_uses  # noqa: PLC0415

        if picture_uses not in uses:
            uses.append(picture_uses)
        if film_uses not in of_films:
            of_films.append(film_uses)
