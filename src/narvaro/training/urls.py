"""Addresses of training."""

from __future__ import annotations

from django.urls import path

from narvaro.training.views import cases, courses, meetings, votes

app_name = "training"
_root = "utbildning/"
_cases = f"{_root}fall/"
_meeting = f"{_root}moten/<uuid:uid>/"
_screen = f"{_meeting}fall/<int:number>/"
_groups = f"{_root}grupper/"
urlpatterns = [
    path(_root, cases.start, name="start"),
    path(_cases, cases.cases, name="cases"),
    path(f"{_cases}nytt/", cases.add, name="add_case"),
    path(f"{_cases}eget/<uuid:uid>/", cases.change, name="change_case"),
    path(f"{_cases}eget/<uuid:uid>/ta-bort/", cases.end, name="end_case"),
    path(f"{_cases}<slug:case>/", cases.one, name="case"),
    path(f"{_root}temadagar/", meetings.days, name="days"),
    path(f"{_root}temadagar/ny/", meetings.call_day, name="call_day"),
    path(_meeting, meetings.meeting, name="meeting"),
    path(f"{_meeting}anteckningar/", meetings.minutes, name="minutes"),
    path(f"{_meeting}las/", meetings.fix, name="fix"),
    path(f"{_meeting}gora/", meetings.agree, name="agree"),
    path(f"{_root}gora/<uuid:uid>/", meetings.finish, name="finish"),
    path(_screen, votes.screen, name="screen"),
    path(f"{_screen}lage/", votes.live, name="live"),
    path(f"{_screen}oppna/", votes.open_poll, name="open_poll"),
    path(f"{_screen}stang/", votes.close_poll, name="close_poll"),
    path(f"{_root}rosta/", votes.enter, name="enter"),
    path(f"{_root}rosta/<slug:poll>/", votes.vote, name="vote"),
    path(_groups, meetings.groups, name="groups"),
    path(f"{_groups}ny/", meetings.form_group, name="form_group"),
    path(f"{_groups}<uuid:uid>/", meetings.group, name="group"),
    path(f"{_groups}<uuid:uid>/andra/", meetings.change_group, name="change_group"),
    path(f"{_groups}<uuid:uid>/avsluta/", meetings.end_group, name="end_group"),
    path(f"{_groups}<uuid:uid>/mote/", meetings.call_meeting, name="call_meeting"),
    path(f"{_groups}<uuid:uid>/med/", meetings.add_member, name="add_member"),
    path(f"{_groups}<uuid:uid>/ur/", meetings.end_member, name="end_member"),
    path(f"{_root}oversikt/", courses.overview, name="overview"),
    path(f"{_root}krav/", courses.demands, name="demands"),
    path(f"{_root}krav/<slug:course>/", courses.demand, name="demand"),
    path(f"{_root}kurser/<slug:course>/", courses.course, name="course"),
    path(f"{_root}intyg/<uuid:uid>/", courses.certificate, name="certificate"),
    path(f"{_root}intyg/<uuid:uid>.pdf", courses.certificate_pdf, name="certificate_pdf"),
]
