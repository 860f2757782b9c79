"""Addresses of moderation."""

from __future__ import annotations

from django.urls import path

from narvaro.moderation.views import decisions

app_name = "moderation"
urlpatterns = [
    path("moderering/", decisions.measures, name="measures"),
    path("moderering/blockeringar/", decisions.blocks, name="blocks"),
    path("moderering/blockeringar/<uuid:uid>/<slug:what>/", decisions.change_block, name="change_block"),
    path("moderering/<uuid:uid>/", decisions.measure, name="measure"),
    path("moderering/<uuid:uid>/hav/", decisions.undo, name="undo"),
    path("moderering/<uuid:uid>/gjort/", decisions.by_hand, name="by_hand"),
]
