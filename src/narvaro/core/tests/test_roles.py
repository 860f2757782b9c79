"""Every role before every page: who may read, who may change, and an auditor who changes nothing."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from narvaro.base.ids import uuid7
from narvaro.core import actions, queries
from narvaro.core.models import AuditEntry
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Actor, NotPermitted, Role

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

SETUP = {Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD}
OVERVIEW = {*SETUP, Role.AUDITOR, Role.DPO, Role.ARCHIVIST}
LOG = {Role.ADMINISTRATOR, Role.AUDITOR, Role.DPO, Role.ARCHIVIST}
EVERYBODY = set(Role)

PAGES = {
    "administration": OVERVIEW, "people": OVERVIEW, "person": OVERVIEW, "units": OVERVIEW, "unit": OVERVIEW,
    "authority": OVERVIEW, "hours": OVERVIEW, "appearance": OVERVIEW, "closed_days": OVERVIEW,
    "add_person": SETUP, "add_unit": SETUP, "change_person": {Role.ADMINISTRATOR},
    "end_person": {Role.ADMINISTRATOR}, "remove_two_step": {Role.ADMINISTRATOR}, "add_authority": {Role.ADMINISTRATOR},
    "audit_log": LOG, "audit_file": LOG, "operations": {Role.ADMINISTRATOR, Role.AUDITOR},
    "absences": EVERYBODY, "profile": EVERYBODY,
}  # fmt: skip

SENDINGS = {
    "add_person": {"name": "Ny", "email": "ny@storkoping.example", "role": "representative"},
    "change_person": {"name": "Nytt namn", "email": "nytt@storkoping.example"},
    "give_role": {"role": "registrar"},
    "end_person": {},
    "remove_two_step": {},
    "invite_again": {},
    "add_unit": {"name": "Gatukontoret"},
    "unit": {"name": "Nytt namn"},
    "close_unit": {},
    "open_unit": {},
    "authority": {"name": "Nytt namn"},
    "hours": {"open_weekdays": ["1"], "open_from": "09:00", "open_until": "10:00", "answer_hours": "3"},
    "appearance": {"primary_colour": "#14596b"},
    "closed_days": {"on": "2099-05-02", "why": "Klämdag"},
    "add_authority": {"name": "Bildningsnämnden"},
    "absences": {"from_on": "2099-05-02", "until_on": "2099-05-03"},
    "away_soon": {"when": "today"},
}


def a_signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(person_of(actor))
    return client


def address(name: str, person_uid: object, unit_uid: object) -> str:
    if name in ("person", "change_person", "give_role", "end_role", "end_person", "invite_again", "remove_two_step"):
        return reverse(f"core:{name}", args=[person_uid])
    if name in ("unit", "close_unit", "open_unit", "give_manager"):
        return reverse(f"core:{name}", args=[unit_uid])
    return reverse(f"core:{name}")


@pytest.mark.parametrize("role", list(Role))
def test_each_role_reads_its_pages_and_no_others(role):
    authority = an_authority()
    unit = a_unit(authority)
    other = an_actor(authority, role=Role.REPRESENTATIVE)
    client = a_signed_in(an_actor(authority, role=role))

    answers = {name: client.get(address(name, person_of(other).uid, unit.uid)).status_code for name in PAGES}

    expected = {name: HTTPStatus.OK if role in may else HTTPStatus.FORBIDDEN for name, may in PAGES.items()}
    assert answers == expected


@pytest.mark.parametrize("name", SENDINGS)
def test_an_auditor_changes_nothing(name):
    authority = an_authority()
    unit = a_unit(authority)
    other = an_actor(authority, role=Role.REPRESENTATIVE)
    auditor = an_actor(authority, role=Role.AUDITOR)
    client = a_signed_in(auditor)
    person = str(person_of(auditor).uid)
    before = AuditEntry.objects.of(auditor).count()

    answer = client.post(
        address(name, person_of(other).uid, unit.uid), {**SENDINGS[name], "person_uid": person, "intent": str(uuid7())}
    )

    assert answer.status_code in (HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)
    assert AuditEntry.objects.of(auditor).count() == before
    authority.refresh_from_db()
    assert (authority.version, authority.name) == (1, "Storköping")


def test_an_auditor_of_everything_is_refused_by_every_action():
    authority = an_authority()
    unit = a_unit(authority)
    auditor = an_actor(authority, role=Role.AUDITOR)
    other = person_of(an_actor(authority, role=Role.REPRESENTATIVE))
    deeds = [
        lambda: actions.add_unit(actor=auditor, name="X"),
        lambda: actions.change_unit(actor=auditor, unit_uid=unit.uid, name="X"),
        lambda: actions.close_unit(actor=auditor, unit_uid=unit.uid),
        lambda: actions.open_unit(actor=auditor, unit_uid=unit.uid),
        lambda: actions.add_person(actor=auditor, email="x@storkoping.example", name="X"),
        lambda: actions.change_person(
            actor=auditor, person_uid=other.uid, name="X", email=other.email, phone="", withhold_name=False
        ),
        lambda: actions.end_person(actor=auditor, person_uid=other.uid),
        lambda: actions.remove_two_step(actor=auditor, person_uid=other.uid),
        lambda: actions.give_role(actor=auditor, person=other, role=Role.REGISTRAR),
        lambda: actions.change_authority(actor=auditor, name="X"),
        lambda: actions.add_authority(actor=auditor, name="X"),
        lambda: actions.retry_job(actor=auditor, job_uid=uuid7()),
        lambda: actions.send_letter_again(actor=auditor, letter_uid=uuid7()),
        lambda: actions.log_changed_keys(actor=auditor, names=["x"]),
        lambda: actions.log_dropped_keys(actor=auditor, count=1),
    ]

    for deed in deeds:
        with pytest.raises(NotPermitted):
            deed()


def test_only_administrators_make_administrators():
    authority = an_authority()
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    other = person_of(an_actor(authority))

    with pytest.raises(NotPermitted):
        actions.give_role(actor=lead, person=other, role=Role.ADMINISTRATOR)
    page = a_signed_in(lead).get(reverse("core:person", args=[other.uid]))

    assert b'value="administrator"' not in page.content


def test_the_last_administrator_stays():
    authority = an_authority()
    administrator = an_actor(authority, role=Role.ADMINISTRATOR)
    held = queries.assignments_of(administrator)[0]

    with pytest.raises(NotPermitted, match="Minst en administratör behövs"):
        actions.end_role(actor=administrator, assignment_id=held.pk)


def test_a_closed_account_does_not_count_as_an_administrator():
    authority = an_authority()
    administrator = an_actor(authority, role=Role.ADMINISTRATOR)
    gone = person_of(an_actor(authority, role=Role.ADMINISTRATOR))
    gone.is_active = False
    gone.save()
    held = next(a for a in queries.assignments_of(administrator) if a.person_id == administrator.person_id)

    with pytest.raises(NotPermitted, match="Minst en administratör behövs"):
        actions.end_role(actor=administrator, assignment_id=held.pk)


def test_a_role_in_one_unit_administers_nothing():
    authority = an_authority()
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=a_unit(authority))

    assert a_signed_in(manager).get(reverse("core:people")).status_code == HTTPStatus.FORBIDDEN


def test_a_person_without_any_role_enters_nothing():
    authority = an_authority()
    actor = an_actor(authority)
    queries_held = queries.assignments_of(actor)[0]
    actions.end_role(actor=an_actor(authority, role=Role.COMMUNICATIONS_LEAD), assignment_id=queries_held.pk)

    assert a_signed_in(actor).get(reverse("core:profile")).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("name", sorted(PAGES))
def test_nobody_enters_without_signing_in(name):
    authority = an_authority()
    person = person_of(an_actor(authority))

    answer = Client().get(address(name, person.uid, a_unit(authority).uid))

    assert answer.status_code == HTTPStatus.FOUND
    assert answer["Location"].startswith("/accounts/login/?next=")
