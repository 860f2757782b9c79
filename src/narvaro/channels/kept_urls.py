"""Addresses about who looks after channels: hand-overs, passwords and access, the checklist, incidents, everybody."""

from __future__ import annotations

from django.urls import path

from narvaro.channels.views import continuity, custody, everybody, incidents

urlpatterns = [
    path("for-alla/", everybody.for_all, name="for_all"),
    path("kanaler/mina/", continuity.mine, name="mine"),
    path("kanaler/mina/brev/", continuity.choose_letter, name="choose_letter"),
    path("kanaler/om-nagon-slutade/", continuity.tomorrow, name="tomorrow"),
    path("kanaler/overlamning/", continuity.vacancies, name="vacancies"),
    path("kanaler/overlamning/<uuid:uid>/", continuity.hand_over, name="hand_over"),
    path("kanaler/incidenter/", incidents.listed, name="incidents"),
    path("kanaler/incident/<uuid:uid>/", incidents.incident, name="incident"),
    path("kanaler/incident/<uuid:uid>/andra/", incidents.change, name="change_incident"),
    path("kanaler/incident/<uuid:uid>/logg/", incidents.write, name="write_in_log"),
    path("kanaler/incident/<uuid:uid>/kasta-nyckeln/", incidents.revoke, name="revoke_key"),
    path("kanaler/incident/<uuid:uid>/avsluta/", incidents.close, name="close_incident"),
    path("kanaler/incident/<uuid:uid>/rapport-json/", incidents.as_json, name="incident_json"),
    path("kanaler/incident/<uuid:uid>/rapport-pdf/", incidents.as_pdf, name="incident_pdf"),
    path("kanaler/<uuid:uid>/incident/", incidents.open_incident, name="open_incident"),
    path("kanaler/<uuid:uid>/inloggning/", custody.custody, name="custody"),
    path("kanaler/<uuid:uid>/inloggning/andra/", custody.keep_custody, name="keep_custody"),
    path("kanaler/<uuid:uid>/inloggning/lagg-till/", custody.note_access, name="note_access"),
    path("kanaler/<uuid:uid>/inloggning/ta-bort/", custody.end_access, name="end_access"),
    path("kanaler/<uuid:uid>/inloggning/genomgang/", custody.review, name="review"),
    path("kanaler/<uuid:uid>/sakerhet/", custody.checklist, name="checklist"),
]
