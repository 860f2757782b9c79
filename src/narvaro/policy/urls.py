"""Addresses where house rules and notices are decided about."""

from __future__ import annotations

from django.urls import path

from narvaro.policy.views import notices, rules

app_name = "policy"
_root = "administration/kommentarsregler/"
urlpatterns = [
    path(_root, rules.house_rules, name="rules"),
    path(f"{_root}borja/", rules.begin, name="begin"),
    path(f"{_root}ny/", rules.add, name="add"),
    path(f"{_root}granska/", rules.look, name="look"),
    path(f"{_root}kanal/<uuid:uid>/", rules.channel_rules, name="channel_rules"),
    path(f"{_root}kanal/<uuid:uid>/ny/", rules.add_in_channel, name="add_in_channel"),
    path(f"{_root}besked/", notices.notices, name="notices"),
    path(f"{_root}besked/<slug:code>/", notices.notice, name="notice"),
    path(f"{_root}besked/<slug:code>/visa/", notices.preview, name="preview"),
    path(f"{_root}besked/<slug:code>/aterstall/", notices.restore, name="restore"),
    path(f"{_root}<uuid:uid>/", rules.rule, name="rule"),
    path(f"{_root}<uuid:uid>/flytta/", rules.move, name="move"),
    path(f"{_root}<uuid:uid>/avsluta/", rules.end, name="end"),
]
