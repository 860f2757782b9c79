"""Addresses about what accounts say of themselves."""

from __future__ import annotations

from django.urls import path

from narvaro.channels.views import checking

urlpatterns = [
    path("kanaler/presentationer/", checking.demands, name="demands"),
    path("kanaler/<uuid:uid>/presentation/", checking.presentation, name="presentation"),
    path("kanaler/<uuid:uid>/presentation/las/", checking.look, name="look_at_presentation"),
    path("kanaler/<uuid:uid>/presentation/sag/", checking.by_hand, name="say_presentation"),
]
