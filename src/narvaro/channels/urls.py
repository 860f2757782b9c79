"""Addresses of the channel register."""

from __future__ import annotations

from django.urls import path

from narvaro.channels import kept_urls
from narvaro.channels.checking_urls import urlpatterns as checking
from narvaro.channels.views import apps, assessing, bringing, connecting, conversing, life, owning, register, watches

app_name = "channels"
urlpatterns = [
    *kept_urls.urlpatterns,
    path("kanaler/", register.channels, name="channels"),
    *checking,
    path("kanaler/aterstar/", register.lacking, name="lacking"),
    path("administration/grind/", life.gate, name="gate"),
    path("kanaler/plattformar/", assessing.all_platforms, name="platforms"),
    path("kanaler/plattformar/<slug:key>/", assessing.one_platform, name="platform"),
    path("kanaler/plattformar/<slug:key>/app/", apps.app, name="app"),
    path("kanaler/ny/", register.add, name="add"),
    path("kanaler/las-in/", bringing.start, name="bring_in"),
    path("kanaler/las-in/mall.csv", bringing.example, name="register_example"),
    path("kanaler/las-in/<uuid:uid>/", bringing.one_file, name="register_file"),
    path("kanaler/bevakning/", watches.shifts, name="shifts"),
    path("kanaler/bevakning/ta-bort/", watches.remove_shift, name="remove_shift"),
    path("kanaler/anslut/klart/", connecting.callback, name="callback"),
    path("kanaler/<uuid:uid>/", register.channel, name="channel"),
    path("kanaler/<uuid:uid>/andra/", register.change, name="change"),
    path("kanaler/<uuid:uid>/kort/", register.card, name="card"),
    path("kanaler/<uuid:uid>/las-nu/", register.read_now, name="read_now"),
    path("kanaler/<uuid:uid>/privata-meddelanden/", conversing.private_messages, name="private_messages"),
    path("kanaler/<uuid:uid>/godkann/", life.approve, name="approve"),
    path("kanaler/<uuid:uid>/besluta/", life.decide, name="decide"),
    path("kanaler/<uuid:uid>/i-drift/", life.open_it, name="open"),
    path("kanaler/<uuid:uid>/vila/", life.rest, name="rest"),
    path("kanaler/<uuid:uid>/prova/", life.keep, name="keep"),
    path("kanaler/<uuid:uid>/vack/", life.wake, name="wake"),
    path("kanaler/<uuid:uid>/borja-avsluta/", life.begin_closing, name="begin_closing"),
    path("kanaler/<uuid:uid>/avsluta/", register.close, name="close"),
    path("kanaler/<uuid:uid>/anslut/", connecting.connect, name="connect"),
    path("kanaler/<uuid:uid>/anslut/borja/", connecting.begin, name="begin"),
    path("kanaler/<uuid:uid>/anslut/app/", apps.begin, name="begin_app"),
    path("kanaler/<uuid:uid>/anslut/valj/", apps.pick, name="pick"),
    path("kanaler/<uuid:uid>/anslut/eget/", owning.take_into_use, name="take_into_use"),
    path("kanaler/<uuid:uid>/anslut/kod/", connecting.code, name="code"),
    path("kanaler/<uuid:uid>/anslut/nyckel/", connecting.token, name="token"),
    path("kanaler/<uuid:uid>/anslut/applosenord/", connecting.app_password, name="app_password"),
]
