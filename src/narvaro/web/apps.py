"""Loads what must be known before the product works: every capability's jobs and their schedules."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class WebConfig(AppConfig):
    name = "narvaro.web"

    def ready(self) -> None:
        autodiscover_modules("tasks")
