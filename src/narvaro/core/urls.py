"""Addresses of the house."""

from __future__ import annotations

from datetime import date

from django.urls import path, register_converter

from narvaro.core.views import absence, audit, operations, people, profile, settings


class DayConverter:
    """A date as 2026-12-24."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DayConverter, "day")

app_name = "core"
_person, _unit = "administration/personer/<uuid:uid>/", "administration/enheter/<uuid:uid>/"
urlpatterns = [
    path("administration/", settings.administration, name="administration"),
    path("administration/byt/", settings.change_authority, name="change_authority"),
    path("administration/myndigheter/ny/", settings.add_authority, name="add_authority"),
    path("administration/myndighet/", settings.authority, name="authority"),
    path("administration/myndighet/tider/", settings.hours, name="hours"),
    path("administration/myndighet/utseende/", settings.appearance, name="appearance"),
    path("administration/stangda-dagar/", settings.closed_days, name="closed_days"),
    path("administration/stangda-dagar/<day:on>/oppna/", settings.open_day, name="open_day"),
    path("administration/personer/", people.people, name="people"),
    path("administration/personer/ny/", people.add_person, name="add_person"),
    path(_person, people.person, name="person"),
    path(f"{_person}andra/", people.change_person, name="change_person"),
    path(f"{_person}roll/", people.give_role, name="give_role"),
    path(f"{_person}roll/avsluta/", people.end_role, name="end_role"),
    path(f"{_person}avsluta/", people.end_person, name="end_person"),
    path(f"{_person}bjud-in/", people.invite_again, name="invite_again"),
    path(f"{_person}tvasteg/", people.remove_two_step, name="remove_two_step"),
    path("administration/enheter/", people.units, name="units"),
    path("administration/enheter/ny/", people.add_unit, name="add_unit"),
    path(_unit, people.unit, name="unit"),
    path(f"{_unit}chef/", people.give_manager, name="give_manager"),
    path(f"{_unit}avsluta/", people.close_unit, name="close_unit"),
    path(f"{_unit}oppna/", people.open_unit, name="open_unit"),
    path("administration/handelselogg/", audit.audit_log, name="audit_log"),
    path("administration/handelselogg/fil/", audit.audit_file, name="audit_file"),
    path("administration/drift/", operations.operations, name="operations"),
    path("administration/drift/jobb/<uuid:uid>/", operations.retry_job, name="retry_job"),
    path("administration/drift/brev/<uuid:uid>/", operations.send_letter_again, name="send_letter_again"),
    path("franvaro/", absence.absences, name="absences"),
    path("franvaro/snart/", absence.away_soon, name="away_soon"),
    path("franvaro/avsluta/", absence.end_absence, name="end_absence"),
    path("mina-installningar/", profile.profile, name="profile"),
]
