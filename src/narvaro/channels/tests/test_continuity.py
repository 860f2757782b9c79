"""Somebody leaves, moves or is away for long: the channel is found, the manager told, and somebody takes over."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from narvaro.base.clock import STOCKHOLM, frozen, now
from narvaro.channels import queries, tasks
from narvaro.channels.actions import continuity as actions
from narvaro.channels.actions import custody
from narvaro.channels.queries import continuity as reads
from narvaro.channels.rules.continuity import Bare, Why, empty_places, exposure, units_under
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead, filled, signed_in
from narvaro.core import actions as house
from narvaro.core import queries as core
from narvaro.core import waiting
from narvaro.core.models import Letter
from narvaro.core.testing import a_person, a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Actor, NotFound, NotPermitted, Role

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


@pytest.fixture
def manager(authority):
    return an_actor(authority, role=Role.UNIT_MANAGER, unit=a_unit(authority))


def two_who_answer(authority):
    unit = a_unit(authority)
    return [person_of(an_actor(authority, role=role, unit=unit)) for role in (Role.REPRESENTATIVE, Role.DEPUTY)]


def letters_to(actor, kind):
    return list(Letter.objects.of(actor).filter(to_person_id=actor.person_id, kind=kind).order_by("pk"))


# --- Decisions ----------------------------------------------------------------------------------------------------


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("deputy", "gone", "reaching", "steering", "expected"),
    [
        (2, (), 2, 3, (Bare.FINE, Bare.FINE, Bare.FINE)),
        (None, (), 1, 2, (Bare.IF_ONE_LEAVES, Bare.IF_ONE_LEAVES, Bare.IF_ONE_LEAVES)),
        (2, (1,), 0, 1, (Bare.IF_ONE_LEAVES, Bare.NOW, Bare.NOW)),
        (None, (1,), 1, 2, (Bare.NOW, Bare.IF_ONE_LEAVES, Bare.IF_ONE_LEAVES)),
    ],
)
def test_what_hangs_on_one_person_is_counted_in_places(deputy, gone, reaching, steering, expected):
    found = exposure(answering=(1, deputy), gone=gone, reaching=reaching, steering=steering)

    assert (found.answers, found.password, found.administrator) == expected
    assert found.is_fine is (set(expected) == {Bare.FINE})


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("gone", "days_away", "units", "expected"),
    [
        ({1}, {}, {1: {7}, 2: {7}}, [(1, Why.LEFT, False)]),
        ({1, 2}, {}, {}, [(1, Why.LEFT, True), (2, Why.LEFT, True)]),
        (set(), {1: 13}, {1: {7}, 2: {7}}, []),
        (set(), {1: 14}, {1: {7}, 2: {7}}, [(1, Why.AWAY, False)]),
        (set(), {1: 1, 2: 1}, {1: {7}, 2: {7}}, [(1, Why.AWAY, True), (2, Why.AWAY, True)]),
        (set(), {}, {1: {8}, 2: {None}}, [(1, Why.MOVED, False)]),
        (set(), {}, {2: {7}}, []),
    ],
)
def test_an_empty_place_is_told_from_a_short_absence(gone, days_away, units, expected):
    moment = datetime(2026, 11, 20, 12, tzinfo=STOCKHOLM)
    away = {person: moment - timedelta(days=days) for person, days in days_away.items()}

    found = empty_places(
        channel_id=3, unit_id=7, responsible_id=1, deputy_id=2, gone=gone, away_since=away, units_of=units, at=moment
    )

    assert [(each.person_id, each.why, each.is_orphaned) for each in found] == expected


@pytest.mark.one_database
def test_a_department_has_the_units_under_its_units_and_a_circle_ends():
    assert units_under([1], {2: 1, 3: 2, 4: None, 1: 3}) == {1, 2, 3}


# --- Somebody leaves ----------------------------------------------------------------------------------------------


def test_when_somebody_leaves_the_manager_is_told_once_and_it_is_over_when_the_deputy_has_it(authority, manager):
    leaving, deputy = two_who_answer(authority)
    channel = a_channel(authority, responsible=leaving, deputy=deputy)
    house.end_person(actor=an_actor(authority, role=Role.ADMINISTRATOR), person_uid=leaving.uid)

    tasks.follow_people.call()
    tasks.follow_people.call()

    told = letters_to(manager, "channels.vacancy")
    assert len(told) == 1
    assert channel.name in told[0].body
    assert f"/kanaler/overlamning/{leaving.uid}/" in told[0].body
    assert [wait.title for wait in waiting.today(manager)] == [f"{channel.name} behöver en person till."]

    actions.hand_over_channels(actor=manager, person=leaving, channels=[channel])

    changed = queries.channel_for(manager, channel.uid)
    assert (changed.responsible, changed.deputy) == (deputy, None)
    assert waiting.today(manager) == []
    assert reads.vacancies(manager) == []
    assert {row.person_id for row in queries.assignments(manager, changed)} == {deputy.pk}


def test_a_channel_that_nobody_answers_for_waits_and_another_place_filled_ends_it(authority, manager):
    leaving, other = two_who_answer(authority)
    channel = a_channel(authority, responsible=leaving)
    house.end_person(actor=an_actor(authority, role=Role.ADMINISTRATOR), person_uid=leaving.uid)
    tasks.follow_people.call()

    assert [wait.title for wait in waiting.today(manager)] == [f"Ingen svarar för {channel.name} nu. Utse någon."]

    actions.hand_over_channels(actor=manager, person=leaving, channels=[channel], to=other)

    assert queries.channel_for(manager, channel.uid).responsible == other
    assert waiting.today(manager) == []


def test_a_long_absence_is_told_by_letter_alone_and_ends_by_itself(authority, manager):
    away, deputy = two_who_answer(authority)
    a_channel(authority, responsible=away, deputy=deputy)
    begun = now()
    absence = house.mark_absent(
        actor=manager, person=away, from_at=begun, until_at=begun + timedelta(days=60)
    )  # fmt: skip

    tasks.follow_people.call()
    assert letters_to(manager, "channels.vacancy") == []

    with frozen(begun + timedelta(days=15)):
        tasks.follow_people.call()
        assert len(letters_to(manager, "channels.vacancy")) == 1
        assert waiting.today(manager) == []
        house.end_absence(actor=manager, absence_id=absence.pk)
        tasks.follow_people.call()

    assert reads.vacancies(manager) == []


def test_the_one_who_left_is_not_told_of_themselves_and_a_demo_writes_to_nobody(authority, manager):
    lead = a_lead(authority)
    channel = a_channel(authority, responsible=person_of(manager))
    house.end_person(actor=an_actor(authority, role=Role.ADMINISTRATOR), person_uid=person_of(manager).uid)
    tasks.follow_people.call()

    demo = an_authority()
    demo.is_demo = True
    demo.save()
    unit = a_unit(demo)
    leaving = person_of(an_actor(demo, role=Role.REPRESENTATIVE, unit=unit))
    over = an_actor(demo, role=Role.UNIT_MANAGER, unit=unit)
    a_channel(demo, responsible=leaving)
    house.end_person(actor=an_actor(demo, role=Role.ADMINISTRATOR), person_uid=leaving.uid)
    tasks.follow_people.call()

    assert channel.name in letters_to(lead, "channels.vacancy")[0].body
    assert letters_to(manager, "channels.vacancy") == []
    assert len(waiting.today(over)) == 1
    assert letters_to(over, "channels.vacancy") == []


# --- Pages --------------------------------------------------------------------------------------------------------


def test_the_hand_over_lists_everything_and_gives_several_channels_in_one_press(
    authority, manager, django_assert_max_num_queries
):
    leaving, deputy = two_who_answer(authority)
    new = person_of(an_actor(authority, role=Role.REPRESENTATIVE, unit=a_unit(authority)))
    first = a_channel(authority, responsible=leaving, deputy=deputy)
    second = a_channel(authority, responsible=deputy, deputy=leaving)
    custody.note_access(actor=manager, channel=first, function="Redaktör", person=leaving, reaches_password=True)
    waiting.put(manager, [waiting.Wait("inbox", "x.y", 1, "En öppen fråga", "/", person_id=leaving.pk)])
    client, address = signed_in(manager), f"/kanaler/overlamning/{leaving.uid}/"
    with django_assert_max_num_queries(MOST_QUERIES):
        page = client.get(address)
    body = page.content.decode()

    answer = client.post(address, filled(page, to=str(new.uid)))

    for said in (first.name, second.name, "Redaktör", "En öppen fråga", f"Ge till {deputy.name}"):
        assert said in body, said
    assert answer.status_code == 302
    assert queries.channel_for(manager, first.uid).responsible == new
    assert queries.channel_for(manager, second.uid).deputy == new


def test_only_who_names_people_hands_over_and_another_authoritys_person_is_missing(authority, manager):
    leaving, deputy = two_who_answer(authority)
    channel = a_channel(authority, responsible=leaving, deputy=deputy)
    other = an_actor(authority, role=Role.REPRESENTATIVE, unit=a_unit(authority))
    stranger = a_lead(an_authority())
    elsewhere = an_actor(authority, role=Role.UNIT_MANAGER, unit=a_unit(authority, "Simhallen"))

    assert signed_in(other).get(f"/kanaler/overlamning/{leaving.uid}/").status_code == 403
    assert signed_in(stranger).get(f"/kanaler/overlamning/{leaving.uid}/").status_code == 404
    with pytest.raises(NotPermitted):
        actions.hand_over_channels(actor=elsewhere, person=leaving, channels=[channel])
    with pytest.raises(NotFound):
        actions.hand_over_channels(actor=manager, person=leaving, channels=[channel], to=person_of(stranger))


def test_the_report_of_tomorrow_follows_the_list_of_who_has_access(authority, manager, django_assert_max_num_queries):
    first, second = two_who_answer(authority)
    channel = a_channel(authority, responsible=first, deputy=second)
    a_channel(authority, unit=a_unit(authority, "Simhallen"))

    def stand():
        (unit,) = reads.if_somebody_left(manager, reads.units_led(manager))
        return unit.stands[0].exposure

    assert (stand().answers, stand().password) == (Bare.FINE, Bare.NOW)
    for person in (first, second, a_person_here(authority)):
        custody.note_access(
            actor=manager, channel=channel, function="Redaktör", person=person, reaches_password=True
        )  # fmt: skip
    assert stand().is_fine

    house.end_person(actor=an_actor(authority, role=Role.ADMINISTRATOR), person_uid=first.uid)
    assert (stand().answers, stand().password, stand().administrator) == (
        Bare.IF_ONE_LEAVES, Bare.FINE, Bare.IF_ONE_LEAVES,
    )  # fmt: skip
    client = signed_in(manager)
    with django_assert_max_num_queries(MOST_QUERIES):
        page = client.get("/kanaler/om-nagon-slutade/").content.decode()
    file = client.get("/kanaler/om-nagon-slutade/?fil=csv").content.decode()
    assert channel.name in page
    assert f"Biblioteket;{channel.name};skulle saknas;klarar sig;skulle saknas" in file
    assert "Simhallen" not in file
    assert not any(person.name in page for person in (first, second))


def a_person_here(authority):
    return person_of(an_actor(authority, role=Role.REPRESENTATIVE, unit=a_unit(authority)))


def test_the_head_of_a_department_sees_the_units_under_it_and_others_their_own(
    authority, django_assert_max_num_queries
):
    department = a_unit(authority, "Kultur och fritid")
    below = a_unit(authority, "Simhallen", parent=department)
    head = an_actor(authority, role=Role.UNIT_MANAGER, unit=department)
    mine, other = a_channel(authority, unit=below), a_channel(authority, unit=a_unit(authority, "Gatan"))
    answers = core.actor_for(other.responsible, authority.pk)

    client = signed_in(head)
    with django_assert_max_num_queries(MOST_QUERIES):
        page = client.get("/kanaler/mina/").content.decode()

    assert mine.name in page
    assert other.name not in page
    assert [channel.pk for channel in reads.channels_looked_after(answers)] == [other.pk]
    assert "Månadsbrevet" in page
    assert "Månadsbrevet" not in signed_in(answers).get("/kanaler/mina/").content.decode()


# --- Letters ------------------------------------------------------------------------------------------------------

MONDAY = datetime(2026, 12, 7, 8, tzinfo=STOCKHOLM)


def test_the_letter_of_the_month_comes_once_is_plain_and_can_be_switched_off(authority, manager):
    channel = a_channel(authority)
    client = signed_in(manager)
    with frozen(MONDAY.replace(hour=6)):
        tasks.write_monthly_letters.call()
    with frozen(MONDAY):
        tasks.write_monthly_letters.call()
        tasks.write_monthly_letters.call()
    told = letters_to(manager, "channels.monthly")
    client.post("/kanaler/mina/brev/", filled(client.get("/kanaler/mina/"), "press_form", brev="nej"))
    with frozen(MONDAY + timedelta(days=28)):
        tasks.write_monthly_letters.call()

    assert len(told) == 1
    assert f"- {channel.name}: ansvarig {channel.responsible.name}, ersättare saknas" in told[0].body
    assert "saker till återstår." in told[0].body
    assert "Senast" not in told[0].body
    assert "/kanaler/mina/" in told[0].body
    assert len(letters_to(manager, "channels.monthly")) == 1

    client.post("/kanaler/mina/brev/", filled(client.get("/kanaler/mina/"), "press_form", brev="ja"))
    assert reads.receivers_of_monthly_letter(manager) == [person_of(manager)]
    with frozen(MONDAY + timedelta(days=119)):
        tasks.write_monthly_letters.call()
    late = letters_to(manager, "channels.monthly")[-1].body
    assert late.count("  Senast ") == 5


def test_the_letter_of_the_year_comes_in_january(authority, manager):
    channel = a_channel(authority)
    for day in (14, 15, 18):
        with frozen(datetime(2027, 1, day, 8, tzinfo=STOCKHOLM)):
            tasks.write_yearly_letters.call()

    (told,) = letters_to(manager, "channels.yearly")
    assert f"- {channel.name}: ingen skulle svara, ingen når lösenordet enligt listan" in told.body


def test_everybody_reads_the_page_for_all_whatever_the_role(authority):
    page = signed_in(an_actor(authority, role=Role.EMPLOYEE)).get("/for-alla/").content.decode()

    for said in ("Det som flest frågar om", "bilder", "Jag vill starta", "Det du skriver privat är ditt"):
        assert said in page
    assert Actor.visitor(authority).person_id is None
    assert a_person(authority).name not in page
