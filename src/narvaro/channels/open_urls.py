"""Addresses of the register as anybody reads it: under the authority's short name; mounted last."""

from __future__ import annotations

from django.urls import path

from narvaro.channels.views import public

app_name = "accounts"
urlpatterns = [
    path("<slug:slug>/datasets/dcat", public.catalogue, name="catalogue"),
    path("<slug:slug>/trust.txt", public.trust, name="trust"),
    path("<slug:slug>/kanaler/", public.accounts, name="accounts"),
    path("<slug:slug>/kanaler/vart/", public.check, name="check"),
    path("<slug:slug>/kanaler/lista/", public.embedded, name="embedded"),
    path("<slug:slug>/kanaler.json", public.as_json, name="json"),
    path("<slug:slug>/kanaler.csv", public.as_csv, name="csv"),
    path("<slug:slug>/kanaler.atom", public.feed, name="feed"),
]
