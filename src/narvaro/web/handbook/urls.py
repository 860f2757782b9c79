"""Addresses of the handbook, below /handbok/."""

from __future__ import annotations

from django.urls import path

from narvaro.web.handbook import views

urlpatterns = [
    path("", views.start, name="handbook"),
    path("sok/", views.search, name="handbook_search"),
    path("lag/", views.laws, name="handbook_laws"),
    path("lag/<slug:id>/", views.law, name="handbook_law"),
    path("<slug:slug>/", views.page, name="handbook_page"),
]
