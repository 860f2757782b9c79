"""Addresses of the house rules and the guideline for anybody, under the authority's short name; mounted last of all."""

from __future__ import annotations

from django.urls import path

from narvaro.policy.views import published, published_guideline

app_name = "house_rules"
urlpatterns = [
    path("<slug:slug>/kommentarsregler/", published.page, name="page"),
    path("<slug:slug>/kommentarsregler.json", published.as_json, name="json"),
    path("<slug:slug>/riktlinje/", published_guideline.page, name="guideline"),
    path("<slug:slug>/kommentarsregler/<uuid:uid>/", published.page, name="channel"),
    path("<slug:slug>/kommentarsregler/<uuid:uid>.json", published.as_json, name="channel_json"),
]
