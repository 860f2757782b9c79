"""Addresses for bringing in what no connector reads; they stand under the channel it is brought in to."""

from __future__ import annotations

from django.urls import path

from narvaro.records.views import bringing

app_name = "imports"
urlpatterns = [
    path("kanaler/<uuid:uid>/arkiv/", bringing.start, name="start"),
    path("kanaler/arkiv/<uuid:uid>/", bringing.one_import, name="import"),
    path("kanaler/<uuid:uid>/lagg-in/", bringing.paste, name="paste"),
    path("kanaler/<uuid:uid>/publicerat/", bringing.published, name="published"),
]
