"""Builds the wall between authorities after every migrate."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate

from narvaro.core.migrating import render_less


def _build_wall(sender: AppConfig, using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    from narvaro.core import wall  # noqa: PLC0415 - models are ready only now

    if sender != _last_told():  # each capability is told; once is enough, and locks each table once
        return
    if set(wall.owned_tables()) <= set(connections[using].introspection.table_names()):
        wall.build(using)


def _last_told() -> AppConfig:
    """Return the capability that hears last that migrating is done."""
    return [each for each in apps.get_app_configs() if each.models_module is not None][-1]


class CoreConfig(AppConfig):
    name = "narvaro.core"

    def ready(self) -> None:
        render_less(frozenset(each.label for each in apps.get_app_configs() if each.name.startswith("narvaro.")))
        # A migration of some capabilities only may leave tables to come; their wall is built with them.
        post_migrate.connect(_build_wall, dispatch_uid="core.wall")
