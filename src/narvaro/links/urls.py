"""Addresses of short links."""

from __future__ import annotations

from django.urls import path

from narvaro.links import views

app_name = "links"
_link = "publicerat/lankar/<uuid:uid>/"
urlpatterns = [
    path("publicerat/lankar/", views.links, name="links"),
    path(_link, views.link, name="link"),
    path(f"{_link}andra/", views.change, name="change"),
    path(f"{_link}dra-in/", views.retire, name="retire"),
    path(f"{_link}klick.csv", views.as_csv, name="csv"),
    path("l/<slug:code>", views.follow, name="follow"),
    path("l/<slug:code>/", views.follow),
    path("l/<slug:code>+", views.preview, name="preview"),
]
