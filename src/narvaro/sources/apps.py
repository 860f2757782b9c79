"""Sources, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class SourcesConfig(AppConfig):
    name = "narvaro.sources"
