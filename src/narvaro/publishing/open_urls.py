"""Addresses of what anybody reads of publishing, under the authority's short name; mounted last."""

from __future__ import annotations

from django.urls import path

from narvaro.publishing.views import promotion

app_name = "promotions"
urlpatterns = [
    path("<slug:slug>/betald-spridning/", promotion.page, name="page"),
    path("<slug:slug>/betald-spridning.json", promotion.as_json, name="json"),
    path("<slug:slug>/betald-spridning.csv", promotion.as_csv, name="csv"),
]
