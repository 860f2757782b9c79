"""Tells the channel register which accounts are said in public not to be ours."""

from __future__ import annotations

from django.apps import AppConfig


class WatchConfig(AppConfig):
    name = "narvaro.watch"

    def ready(self) -> None:
        from narvaro.channels.queries import warned  # noqa: PLC0415 - models are ready only now
        from narvaro.watch import queries  # noqa: PLC0415

        if queries.warnings not in warned.warnings:
            warned.warnings.append(queries.warnings)
