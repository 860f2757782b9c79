"""Installs the guards after every migrate."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _install_guards(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    from narvaro.records import guards  # noqa: PLC0415 - models are ready only now

    guards.install(using)


class RecordsConfig(AppConfig):
    name = "narvaro.records"

    def ready(self) -> None:
        post_migrate.connect(_install_guards, sender=self, dispatch_uid="records.guards")
