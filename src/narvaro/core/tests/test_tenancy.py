"""The wall between authorities: nothing is asked without saying who asks, and what is another's looks missing."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.apps import apps
from django.urls import reverse

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core import actions, audit, queries
from narvaro.core.models import Letter, Unit
from narvaro.core.tenancy import NoActor, Owned
from narvaro.core.testing import a_person, a_unit, an_actor, an_authority, person_of
from narvaro.core.tests.pages import a_signed_in, send
from narvaro.core.types import NotFound, NotPermitted, Role

pytestmark = pytest.mark.django_db

OWNED = [model for model in apps.get_models() if issubclass(model, Owned)]


@pytest.mark.parametrize("model", OWNED, ids=lambda m: m._meta.label)
@pytest.mark.parametrize("ask", ["all", "filter", "get", "count", "exists", "first"])
def test_a_query_on_owned_rows_without_an_actor_is_refused(model, ask):
    with pytest.raises(NoActor):
        getattr(model.objects, ask)()


def test_a_sweep_names_its_duty():
    with pytest.raises(NoActor):
        Unit.objects.everywhere("")


def test_an_actor_sees_the_rows_of_their_authority_only():
    mine, theirs = an_authority(), an_authority("Lillköping")
    me = an_actor(mine)
    a_unit(mine, "Biblioteket")
    a_unit(theirs, "Badhuset")

    assert [unit.name for unit in queries.units(me)] == ["Biblioteket"]


def test_an_authority_of_the_same_organisation_is_behind_the_wall_too():
    mine = an_authority()
    board = an_authority("Bildningsnämnden", organisation=mine.organisation)
    me = an_actor(mine)
    unit = a_unit(board, "Skolan")

    with pytest.raises(NotFound):
        queries.unit_for(me, unit.uid)


def test_another_organisations_things_look_missing_at_every_address():
    mine, theirs = an_authority(), an_authority("Lillköping")
    me = an_actor(mine, role=Role.ADMINISTRATOR)
    them = an_actor(theirs, role=Role.ADMINISTRATOR)
    person, unit, client = person_of(them), a_unit(theirs), a_signed_in(me)
    absence = actions.mark_absent(actor=them, person=person, from_at=now(), until_at=now().replace(year=2099))
    letter = Letter.objects.create(
        authority=theirs, kind="x", to_address="a@lillkoping.example", subject="x", body="", not_before=now(),
        once_key="1", last_error="fel",
    )  # fmt: skip

    about = [
        *(client.get(reverse(f"core:{name}", args=[person.uid])) for name in
          ("person", "change_person", "end_person", "remove_two_step")),
        client.get(reverse("core:unit", args=[unit.uid])),
        client.get(reverse("core:people"), {"efter": str(person.uid)}),
    ]  # fmt: skip
    sent = [
        send(client, "change_person", person.uid, name="X", email="x@storkoping.example"),
        send(client, "give_role", person.uid, role="administrator"),
        send(client, "end_role", person.uid, assignment=1),
        send(client, "end_person", person.uid),
        send(client, "invite_again", person.uid),
        send(client, "remove_two_step", person.uid),
        send(client, "unit", unit.uid, name="X"),
        send(client, "give_manager", unit.uid, person_uid=person.uid),
        send(client, "close_unit", unit.uid),
        send(client, "open_unit", unit.uid),
        send(client, "end_absence", absence=absence.pk),
        send(client, "send_letter_again", letter.uid),
        client.post(reverse("core:change_authority"), {"authority": str(theirs.uid)}),
    ]

    assert {answer.status_code for answer in [*about, *sent]} == {HTTPStatus.NOT_FOUND}
    assert person_of(them).name == person.name


def test_what_is_another_organisations_and_what_never_was_look_alike():
    mine, theirs = an_authority(), an_authority("Lillköping")
    client, stranger = a_signed_in(an_actor(mine, role=Role.ADMINISTRATOR)), person_of(an_actor(theirs))

    one = client.get(reverse("core:person", args=[stranger.uid])).content.decode()
    other = client.get(reverse("core:person", args=[uuid7()])).content.decode()

    assert _without_tokens(one) == _without_tokens(other)


def test_another_organisations_units_and_people_cannot_be_put_into_a_form():
    mine, theirs = an_authority(), an_authority("Lillköping")
    me = an_actor(mine, role=Role.ADMINISTRATOR)
    unit, person = a_unit(theirs), person_of(an_actor(theirs))
    client = a_signed_in(me)

    answers = [
        send(client, "add_unit", name="X", parent_uid=unit.uid),
        send(client, "add_person", name="X", email="x@a.example", role="employee", unit_uid=unit.uid),
        send(client, "give_manager", a_unit(mine).uid, person_uid=person.uid),
        send(client, "absences", person_uid=person.uid, from_on="2099-01-01", until_on="2099-01-02"),
    ]

    assert {answer.status_code for answer in answers} == {HTTPStatus.UNPROCESSABLE_ENTITY}


def test_a_role_in_one_authority_counts_in_no_other():
    mine = an_authority()
    board = an_authority("Bildningsnämnden", organisation=mine.organisation)
    person = a_person(mine)
    an_actor(mine, role=Role.ADMINISTRATOR, person=person)
    there = an_actor(board, role=Role.EMPLOYEE, person=person)

    with pytest.raises(NotPermitted):
        actions.add_unit(actor=there, name="X")


def test_a_session_that_names_an_authority_without_a_role_falls_back():
    mine, theirs = an_authority(), an_authority("Lillköping")
    person = person_of(an_actor(mine))

    actor = queries.actor_for(person, theirs.pk)

    assert actor is not None
    assert actor.authority_id == mine.pk


def test_the_log_of_another_authority_is_not_read():
    mine, theirs = an_authority(), an_authority("Lillköping")
    me, them = an_actor(mine, role=Role.AUDITOR), an_actor(theirs, role=Role.ADMINISTRATOR)
    audit.note(them, "core.set_up", theirs)

    assert queries.audit_log(me) == []


def _without_tokens(html: str) -> str:
    return "\n".join(line for line in html.splitlines() if "csrf" not in line and "next" not in line)
