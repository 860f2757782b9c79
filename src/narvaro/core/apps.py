"""Builds the wall between authorities after every migrate."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate


def _build_wall(sender: AppConfig, using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    from narvaro.core import wall  # noqa: PLC0415 - models are ready only now

    if set(wall.owned_tables()) <= set(connections[using].introspection.table_names()):
        wall.build(using)


class CoreConfig(AppConfig):
    name = "narvaro.core"

    def ready(self) -> None:
        # After the last capability's tables stand; earlier calls find some missing and leave it.
        post_migrate.connect(_build_wall, dispatch_uid="core.wall")
