"""The pages for bringing in, with empty pages where the shell's links lead."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from narvaro.channels.tests.addresses import others

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("narvaro.channels.urls")),
    path("", include("narvaro.records.import_urls")),
    path("", include("narvaro.records.urls")),
    *others(),
]
