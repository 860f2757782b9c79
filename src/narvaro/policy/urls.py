"""Addresses where house rules and notices are decided about."""

from __future__ import annotations

from django.urls import path

from narvaro.policy.views import notices, rules, words

app_name = "policy"
_root = "administration/kommentarsregler/"
_words = "administration/egna-ord/"
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
    path(_words, words.own_words, name="own_words"),
    path(f"{_words}ny/", words.add, name="add_words"),
    path(f"{_words}<uuid:uid>/", words.word_list, name="word_list"),
    path(f"{_words}<uuid:uid>/pa/", words.switch_on, name="switch_words_on"),
    path(f"{_words}<uuid:uid>/av/", words.switch_off, name="switch_words_off"),
    path(f"{_words}<uuid:uid>/ta-bort/", words.end, name="end_words"),
]
