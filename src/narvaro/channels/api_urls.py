"""Addresses that machines ask often, of all authorities: mounted first, so that they are found at once."""

from __future__ import annotations

from django.urls import path

from narvaro.channels.views import public

app_name = "open_api"
urlpatterns = [
    path("api/v1/accounts/verify", public.verify, name="verify"),
    path("api/v1/openapi.json", public.described, name="openapi"),
    path("datasets/dcat", public.catalogue_of_all, name="catalogue_of_all"),
]
