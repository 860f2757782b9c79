"""People, roles, units and absence: what each page promises to the one who presses the button."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.urls import reverse

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core import actions, queries
from narvaro.core.models import Letter
from narvaro.core.testing import PASSWORD, a_person, a_unit, an_actor, an_authority, person_of
from narvaro.core.tests.pages import a_signed_in, send, words
from narvaro.core.types import Invalid, NotPermitted, Role
from narvaro.core.waiting import Wait, counts, of_person, put

pytestmark = pytest.mark.django_db


def test_somebody_added_gets_one_letter_and_their_role():
    authority = an_authority()
    unit = a_unit(authority)
    administrator = an_actor(authority, role=Role.ADMINISTRATOR)
    client = a_signed_in(administrator)

    answer = send(
        client, "add_person", name="Kim Ek", email="Kim@Storkoping.example", role="representative", unit_uid=unit.uid
    )

    (kim,) = queries.members(administrator, text="kim@")
    assert "Ett brev med en länk" in words(answer)
    assert [(a.role, a.unit_id) for a in queries.roles_held(administrator, [kim.pk])[kim.pk]] == [
        ("representative", unit.pk)
    ]
    letter = Letter.objects.of(administrator).get()
    assert (letter.kind, letter.to_person) == ("invitation", kim)
    assert not kim.has_usable_password()


def test_a_doubled_press_adds_one_person():
    administrator = an_actor(an_authority(), role=Role.ADMINISTRATOR)
    client, intent = a_signed_in(administrator), uuid7()
    values = {"name": "Kim Ek", "email": "kim@storkoping.example", "role": "representative", "intent": str(intent)}

    first = client.post(reverse("core:add_person"), values)
    second = client.post(reverse("core:add_person"), {**values, "email": "kim2@storkoping.example"})

    assert (first.status_code, second.status_code) == (HTTPStatus.FOUND, HTTPStatus.CONFLICT)
    assert len(queries.members(administrator, text="Kim")) == 1


def test_a_role_stands_where_it_can_be_held():
    authority = an_authority()
    unit = a_unit(authority)
    client = a_signed_in(an_actor(authority, role=Role.ADMINISTRATOR))

    in_unit = send(client, "add_person", name="A", email="a@storkoping.example", role="registrar", unit_uid=unit.uid)
    in_all = send(client, "add_person", name="A", email="a@storkoping.example", role="unit_manager")

    assert in_unit.status_code == in_all.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Rollen gäller hela myndigheten" in words(in_unit)
    assert "Välj vilken enhet chefen leder" in words(in_all)


def test_an_address_of_another_organisation_is_refused_at_its_field():
    taken = a_person(an_authority("Lillköping"))
    client = a_signed_in(an_actor(an_authority(), role=Role.ADMINISTRATOR))

    answer = send(client, "add_person", name="A", email=taken.email, role="employee")

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Adressen används redan i en annan organisation" in words(answer)
    assert 'value="A"' in words(answer)


def test_the_list_finds_pages_and_filters():
    authority = an_authority()
    administrator = an_actor(authority, role=Role.ADMINISTRATOR)
    unit = a_unit(authority)
    for number in range(60):
        person = a_person(authority, f"Namn {number:02d}")
        an_actor(authority, role=Role.REPRESENTATIVE, unit=unit if number < 3 else None, person=person)
    client, seen, url = a_signed_in(administrator), [], reverse("core:people")

    for _page in range(5):
        page = client.get(url)
        seen += [row["person"].name for row in page.context["rows"]]
        if not page.context["older_url"]:
            break
        url = reverse("core:people") + page.context["older_url"]
    in_unit = client.get(reverse("core:people"), {"enhet": str(unit.uid)}).context["rows"]
    found = client.get(reverse("core:people"), {"q": "namn 07"}).context["rows"]

    assert len(seen) == len(set(seen)) == 61
    assert (len(in_unit), len(found)) == (3, 1)


def test_the_list_costs_the_same_however_many_there_are(django_assert_max_num_queries):
    authority = an_authority()
    client = a_signed_in(an_actor(authority, role=Role.ADMINISTRATOR))
    for _number in range(30):
        an_actor(authority)

    with django_assert_max_num_queries(25):
        client.get(reverse("core:people"))


def test_an_ended_role_is_offered_back():
    authority = an_authority()
    administrator, other = an_actor(authority, role=Role.ADMINISTRATOR), an_actor(authority)
    uid, client = person_of(other).uid, a_signed_in(administrator)
    held = next(a for a in queries.assignments_of(administrator) if a.person_id == other.person_id)

    ended = send(client, "end_role", uid, assignment=held.pk)
    undo = ended.context["undo"]
    client.post(undo["url"], dict(undo["fields"]))

    assert "Ångra" in words(ended)
    assert [a.role for a in queries.roles_held(administrator, [other.person_id])[other.person_id]] == ["representative"]


def test_somebody_ended_loses_every_role_and_the_account():
    authority = an_authority()
    administrator, other = an_actor(authority, role=Role.ADMINISTRATOR), an_actor(authority)
    an_actor(authority, role=Role.REGISTRAR, person=person_of(other))
    browser = a_signed_in(other)

    send(a_signed_in(administrator), "end_person", person_of(other).uid)

    assert not person_of(other).is_active
    assert queries.roles_held(administrator, [other.person_id]) == {}
    assert browser.get(reverse("core:profile")).status_code == HTTPStatus.FOUND  # to the sign-in page


def test_somebody_ended_here_keeps_their_roles_in_another_authority():
    home = an_authority()
    board = an_authority("Bildningsnämnden", organisation=home.organisation)
    administrator, other = an_actor(home, role=Role.ADMINISTRATOR), an_actor(home)
    an_actor(board, person=person_of(other))

    actions.end_person(actor=administrator, person_uid=person_of(other).uid)

    assert person_of(other).is_active
    assert [a.pk for a in queries.authorities_of(person_of(other))] == [board.pk]


def test_what_waits_is_shown_before_somebody_is_ended():
    authority = an_authority()
    administrator, other = an_actor(authority, role=Role.ADMINISTRATOR), an_actor(authority)
    put(other, [Wait("inbox", "inbox.task", 1, "Hål i vägen", "/inkorg/1/", person_id=other.person_id)])

    page = a_signed_in(administrator).get(reverse("core:end_person", args=[person_of(other).uid]))

    assert "En sak väntar på personen" in words(page)
    assert "Hål i vägen" in words(page)


def test_what_waits_for_somebody_who_leaves_waits_for_somebody_else_at_once():
    authority = an_authority()
    administrator, other = an_actor(authority, role=Role.ADMINISTRATOR), an_actor(authority)
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    put(other, [Wait("inbox", "inbox.task", 1, "Hål i vägen", "/inkorg/1/", person_id=other.person_id)])

    actions.end_person(actor=administrator, person_uid=person_of(other).uid)

    assert of_person(administrator, other.person_id) == []
    assert counts(lead) == {"inbox": 1}
    assert queries.audit_log(administrator)[0].facts["let_go"] == 1


def test_the_last_role_is_ended_like_the_person():
    authority = an_authority()
    administrator, other = an_actor(authority, role=Role.ADMINISTRATOR), an_actor(authority)
    an_actor(authority, role=Role.REGISTRAR, person=person_of(other))
    put(other, [Wait("inbox", "inbox.task", 1, "Hål i vägen", "/inkorg/1/", person_id=other.person_id)])
    first, last = queries.roles_held(administrator, [other.person_id])[other.person_id]

    actions.end_role(actor=administrator, assignment_id=first.pk)
    assert len(of_person(administrator, other.person_id)) == 1
    assert queries.gone(administrator) == frozenset()

    actions.end_role(actor=administrator, assignment_id=last.pk)
    assert of_person(administrator, other.person_id) == []
    assert queries.gone(administrator) == {other.person_id}


def test_whoever_left_one_authority_has_not_left_another():
    home = an_authority()
    board = an_authority("Bildningsnämnden", organisation=home.organisation)
    administrator, other = an_actor(home, role=Role.ADMINISTRATOR), an_actor(home)
    there = an_actor(board, person=person_of(other))
    put(there, [Wait("inbox", "inbox.task", 1, "Hål i vägen", "/inkorg/1/", person_id=other.person_id)])

    actions.end_person(actor=administrator, person_uid=person_of(other).uid)

    assert queries.gone(administrator) == {other.person_id}
    assert queries.gone(there) == frozenset()
    assert len(of_person(there, other.person_id)) == 1


def test_nobody_ends_themselves():
    authority = an_authority()
    administrator = an_actor(authority, role=Role.ADMINISTRATOR)
    an_actor(authority, role=Role.ADMINISTRATOR)

    with pytest.raises(NotPermitted, match="ditt eget konto"):
        actions.end_person(actor=administrator, person_uid=person_of(administrator).uid)


def test_somebody_who_comes_back_has_their_old_account():
    authority = an_authority()
    administrator, other = an_actor(authority, role=Role.ADMINISTRATOR), an_actor(authority)
    person = person_of(other)
    actions.end_person(actor=administrator, person_uid=person.uid)

    back = actions.add_person(actor=administrator, email=person.email, name="Annat namn", role=Role.REGISTRAR)

    assert back.pk == person.pk
    assert person_of(other).is_active


def test_a_changed_address_is_told_to_the_old_one():
    authority = an_authority()
    administrator, other = an_actor(authority, role=Role.ADMINISTRATOR), an_actor(authority)
    old = person_of(other).email

    send(
        a_signed_in(administrator), "change_person", person_of(other).uid,
        name="Nytt Namn", email="ny@lillkoping.example",
        withhold_name="on",
    )  # fmt: skip

    assert (person_of(other).email, person_of(other).withhold_name) == ("ny@lillkoping.example", True)
    assert Letter.objects.of(administrator).get().to_address == old


def test_a_unit_never_stands_under_itself():
    authority = an_authority()
    administrator = an_actor(authority, role=Role.ADMINISTRATOR)
    top = a_unit(authority, "Kultur")
    below = a_unit(authority, "Biblioteket", parent=top)

    with pytest.raises(Invalid, match="inte ligga under sig själv"):
        actions.change_unit(actor=administrator, unit_uid=top.uid, name="Kultur", parent_uid=below.uid)
    page = a_signed_in(administrator).get(reverse("core:unit", args=[top.uid]))

    assert str(below.uid) not in [value for value, _label in page.context["form"].fields["parent_uid"].choices]


def test_a_unit_with_people_is_not_closed_and_an_empty_one_can_be_opened_again():
    authority = an_authority()
    administrator = an_actor(authority, role=Role.ADMINISTRATOR)
    busy, empty = a_unit(authority, "Biblioteket"), a_unit(authority, "Badhuset")
    an_actor(authority, role=Role.UNIT_MANAGER, unit=busy)
    client = a_signed_in(administrator)

    refused = send(client, "close_unit", busy.uid)
    closed = send(client, "close_unit", empty.uid)
    undo = closed.context["undo"]
    client.post(undo["url"], dict(undo["fields"]))

    assert "Någon har en roll i enheten" in words(refused)
    assert {u.name for u in queries.units(administrator)} == {"Biblioteket", "Badhuset"}


def test_a_manager_is_appointed_from_the_unit():
    authority = an_authority()
    administrator, other = an_actor(authority, role=Role.ADMINISTRATOR), an_actor(authority)
    unit = a_unit(authority)

    send(a_signed_in(administrator), "give_manager", unit.uid, person_uid=person_of(other).uid)

    assert queries.nearest_manager(administrator, unit.pk) == person_of(other)


@pytest.mark.parametrize(("when", "days"), [("today", 0), ("tomorrow", 1)])
def test_one_press_marks_me_absent_and_one_takes_it_back(when, days):
    me = an_actor(an_authority())
    client = a_signed_in(me)

    answer = send(client, "away_soon", when=when)
    moment = now() + timedelta(days=days, seconds=1)
    away = queries.absent_now(me, [me.person_id], at=moment)
    undo = answer.context["undo"]
    client.post(undo["url"], dict(undo["fields"]))

    assert away == {me.person_id}
    assert queries.absences(me) == []


def test_a_colleague_is_marked_absent_for_whole_days():
    authority = an_authority()
    me, silent = an_actor(authority), an_actor(authority)
    first, last = (now() + timedelta(days=3)).date(), (now() + timedelta(days=4)).date()

    send(a_signed_in(me), "absences", person_uid=person_of(silent).uid, from_on=first, until_on=last)

    (absence,) = queries.absences(me)
    assert absence.person_id == silent.person_id
    assert absence.until_at - absence.from_at == timedelta(days=2)


def test_an_employee_marks_nobody_but_themselves():
    authority = an_authority()
    employee, other = an_actor(authority, role=Role.EMPLOYEE), an_actor(authority)

    answer = send(
        a_signed_in(employee), "absences", person_uid=person_of(other).uid, from_on="2099-01-01", until_on="2099-01-02"
    )

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert queries.absences(employee) == []


def test_a_profile_is_changed_by_its_owner_and_the_language_follows():
    me = an_actor(an_authority())
    client = a_signed_in(me)

    send(client, "profile", name="Kim Ek", signature="Kim, Biblioteket", withhold_name="on", language="en")

    person = person_of(me)
    assert (person.name, person.signature, person.withhold_name) == ("Kim Ek", "Kim, Biblioteket", True)
    assert client.get(reverse("core:profile"))["Content-Language"] == "en"


def test_a_lost_second_step_is_removed_by_an_administrator_and_told():
    from allauth.mfa.totp.internal.auth import TOTP

    authority = an_authority()
    administrator, other = an_actor(authority, role=Role.ADMINISTRATOR), an_actor(authority)
    TOTP.activate(person_of(other), "JBSWY3DPEHPK3PXP")

    send(a_signed_in(administrator), "remove_two_step", person_of(other).uid)

    assert queries.with_two_step([other.person_id]) == frozenset()
    assert Letter.objects.of(administrator).get().to_person_id == other.person_id


def test_an_invitation_is_sent_again_until_a_password_is_chosen():
    authority = an_authority()
    administrator = an_actor(authority, role=Role.ADMINISTRATOR)
    person = actions.add_person(actor=administrator, email="kim@storkoping.example", name="Kim Ek")
    client = a_signed_in(administrator)

    send(client, "invite_again", person.uid)
    person.set_password(PASSWORD)
    person.save()
    refused = send(client, "invite_again", person.uid)

    assert Letter.objects.of(administrator).filter(kind="invitation").count() == 2
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
