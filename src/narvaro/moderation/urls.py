"""Addresses of moderation."""

from __future__ import annotations

from django.urls import path

from narvaro.moderation import views

app_name = "moderation"
urlpatterns = [
    path("moderering/", views.measures, name="measures"),
    path("moderering/blockeringar/", views.blocks, name="blocks"),
    path("moderering/blockeringar/<uuid:uid>/<slug:what>/", views.change_block, name="change_block"),
    path("moderering/<uuid:uid>/", views.measure, name="measure"),
    path("moderering/<uuid:uid>/hav/", views.undo, name="undo"),
    path("moderering/<uuid:uid>/gjort/", views.by_hand, name="by_hand"),
]
