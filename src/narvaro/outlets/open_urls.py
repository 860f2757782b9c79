"""Addresses of our own outlets for anybody, under the authority's short name; mounted last of all."""

from __future__ import annotations

from django.urls import path

from narvaro.outlets.views import published

app_name = "outlets_open"
urlpatterns = [
    path("<slug:slug>/nyheter/", published.all_outlets, name="all"),
    path("<slug:slug>/nyheter/<uuid:uid>/", published.outlet, name="outlet"),
    path("<slug:slug>/nyheter/<uuid:uid>.rss", published.feed, name="feed"),
]
