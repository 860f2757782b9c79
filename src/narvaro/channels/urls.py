"""Addresses of the channel register."""

from __future__ import annotations

from django.urls import path

from narvaro.channels import views

app_name = "channels"
urlpatterns = [
    path("kanaler/", views.channels, name="channels"),
    path("kanaler/ny/", views.add, name="add"),
    path("kanaler/bevakning/", views.shifts, name="shifts"),
    path("kanaler/bevakning/ta-bort/", views.remove_shift, name="remove_shift"),
    path("kanaler/anslut/klart/", views.callback, name="callback"),
    path("kanaler/<uuid:uid>/", views.channel, name="channel"),
    path("kanaler/<uuid:uid>/andra/", views.change, name="change"),
    path("kanaler/<uuid:uid>/las-nu/", views.read_now, name="read_now"),
    path("kanaler/<uuid:uid>/avsluta/", views.close, name="close"),
    path("kanaler/<uuid:uid>/anslut/", views.connect, name="connect"),
    path("kanaler/<uuid:uid>/anslut/borja/", views.begin, name="begin"),
    path("kanaler/<uuid:uid>/anslut/kod/", views.code, name="code"),
    path("kanaler/<uuid:uid>/anslut/nyckel/", views.token, name="token"),
    path("kanaler/<uuid:uid>/anslut/applosenord/", views.app_password, name="app_password"),
]
