"""Builds the wall between authorities after every migrate."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _build_wall(sender: AppConfig, **kwargs: Any) -> None:
    from narvaro.core import wall  # noqa: PLC0415 - models are ready only now

    existing = set(_tables())
    if set(wall.owned_tables()) <= existing:
        wall.build()


def _tables() -> list[str]:
    from django.db import connection  # noqa: PLC0415

    return connection.introspection.table_names()


class CoreConfig(AppConfig):
    name = "narvaro.core"

    def ready(self) -> None:
        # After the last capability's tables stand; earlier calls find some missing and leave it.
        post_migrate.connect(_build_wall, dispatch_uid="core.wall")
