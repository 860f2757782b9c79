"""Addresses of our own outlets: for those who work here, and for whoever holds a link out of a letter."""

from __future__ import annotations

from django.urls import path

from narvaro.outlets.views import letters, working

app_name = "outlets"
urlpatterns = [
    path("kanaler/egna/", working.outlets, name="outlets"),
    path("kanaler/egna/<uuid:uid>/ta-bort/", working.withdraw, name="withdraw"),
    path("brev/<str:token>/", letters.letter, name="letter"),
    path("brev/<str:token>/avsluta/", letters.leave, name="leave"),
]
