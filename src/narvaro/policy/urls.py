"""Addresses where house rules, notices and the guideline are decided about, and where the guideline is read."""

from __future__ import annotations

from django.urls import path

from narvaro.policy.views import auditing, drafting, duties, guideline, notices, rules, words

app_name = "policy"
_root = "administration/kommentarsregler/"
_words = "administration/egna-ord/"
_draft = "policy/utkast/<uuid:uid>/"
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
    path("policy/", guideline.home, name="guideline"),
    path("policy/versioner/", guideline.versions, name="versions"),
    path("policy/versioner/<uuid:uid>/", guideline.version, name="version"),
    path("policy/versioner/<uuid:uid>/jamfor/", guideline.compare, name="compare"),
    path("policy/versioner/<uuid:uid>/granska/", drafting.look, name="look_over"),
    path("policy/versioner/<uuid:uid>.pdf", guideline.as_pdf, name="version_pdf"),
    path("policy/borja/", drafting.begin, name="begin_guideline"),
    path(f"{_draft}varden/", drafting.values, name="values"),
    path(f"{_draft}frister/", drafting.retention, name="retention"),
    path(f"{_draft}anta/", drafting.adopt, name="adopt"),
    path(f"{_draft}lagg-undan/", drafting.drop, name="drop_draft"),
    path(f"{_draft}avsnitt/", drafting.add_section, name="add_section"),
    path(f"{_draft}avsnitt/<slug:code>/", drafting.section, name="section"),
    path(f"{_draft}avsnitt/<slug:code>/ta-bort/", drafting.remove_section, name="remove_section"),
    path(f"{_draft}avsnitt/<slug:code>/flytta/", drafting.move_section, name="move_section"),
    path("policy/last/", guideline.reading, name="reading"),
    path("policy/uppdrag/", duties.mine, name="duties"),
    path("policy/uppdrag/<uuid:uid>/", duties.see, name="see_duties"),
    path("policy/oversyn/", guideline.review, name="review"),
    path("policy/oversyn/utse/", guideline.name_reviewer, name="name_reviewer"),
    path("policy/oversyn/<uuid:uid>/avsluta/", guideline.end_reviewer, name="end_reviewer"),
    path("policy/protokoll/", guideline.minutes, name="minutes"),
    path("policy/granskning/", auditing.page, name="audit"),
    path("policy/granskning.pdf", auditing.as_pdf, name="audit_pdf"),
]
