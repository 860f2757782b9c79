"""Addresses of publications."""

from __future__ import annotations

from django.urls import path

from narvaro.publishing import views

app_name = "publishing"
urlpatterns = [
    path("publicerat/", views.unclear, name="unclear"),
    path("publicerat/nytt/", views.new_post, name="new_post"),
    path("publicerat/nytt/granska/", views.check_post, name="check_post"),
    path("publicerat/<uuid:uid>/", views.publication, name="publication"),
    path("publicerat/<uuid:uid>/igen/", views.try_again, name="try_again"),
    path("publicerat/<uuid:uid>/lat-vara/", views.let_be, name="let_be"),
    path("publicerat/<uuid:uid>/angra/", views.undo, name="undo"),
]
