"""The calendar: what is planned and has gone out, in every channel or one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote, urlsplit

import pytest
from django.test import Client

from narvaro.base import clock
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.core import audit
from narvaro.core import queries as core
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Actor, Invalid, NotFound, Role, Stale
from narvaro.decisions.rules import content_hash
from narvaro.policy.testing import a_draft
from narvaro.publishing import actions, queries
from narvaro.publishing.models import CalendarFeed, Message
from narvaro.publishing.planning import Standing
from narvaro.publishing.tests.test_planning import read, text_of
from narvaro.publishing.types import MessageState, State

pytestmark = pytest.mark.django_db

TEXT = "Biblioteket är öppet på lördag."


@pytest.fixture
def unit(authority):
    return a_unit(authority)


@pytest.fixture
def writer(authority, unit):
    return an_actor(authority, role=Role.REPRESENTATIVE, unit=unit)


@pytest.fixture
def both(authority, unit, writer):
    """Two channels of one unit, live since before there was a gate."""
    deputy = person_of(an_actor(authority, role=Role.DEPUTY, unit=unit))
    values = {"unit": unit, "responsible": person_of(writer), "deputy": deputy}
    made = [a_channel(authority, **values) for _ in range(2)]
    for channel, name in zip(made, ("Anslagstavlan", "Berättaren"), strict=True):
        channel.name = name
        channel.save(update_fields=["name"])
    return made


def saved(actor: Actor, where, **values) -> Message:
    values = {"text": TEXT, "channels": dict.fromkeys(where, ""), **values}
    return actions.save_message(actor=actor, **values)


def test_the_calendar_shows_what_is_planned_in_local_time_and_each_day_leads_to_a_new_post(writer, both):
    desk = signed_in(writer)
    day = clock.today() + timedelta(days=40)
    saved(writer, both, day=day, clock=time(7, 30))

    page = desk.get(f"/publicerat/kalender/?manad={day:%Y-%m}").content.decode()
    new = desk.get(f"/publicerat/nytt/?dag={day}").content.decode()

    assert "07.30</time> Biblioteket är öppet" in page
    assert f'href="/publicerat/nytt/?dag={day}"' in page
    assert f'value="{day}"' in new


def test_a_day_that_holds_much_shows_the_first_says_how_many_more_and_leads_to_all(writer, both):
    desk = signed_in(writer)
    on = clock.today() + timedelta(days=40)
    for number in range(10):
        saved(writer, both[:1], text=f"Nummer {number}.", day=on, clock=time(8, number))
    saved(writer, both[1:], text="I den andra.", day=on, clock=time(7, 0))
    month = f"/publicerat/kalender/?manad={on:%Y-%m}"

    everything = desk.get(month).content.decode()
    alone = desk.get(f"{month}&kanal={both[1].uid}").content.decode()
    whole = desk.get(f"/publicerat/kalender/{on}/").content.decode()

    assert "Nummer 3." in everything
    assert "Nummer 4." not in everything
    assert "6 till" in everything
    assert ("I den andra." in alone, "Nummer" in alone) == (True, False)
    assert "Filtrera (1)" in alone
    assert f'class="chip" href="{month}"' in alone
    assert all(f"Nummer {number}." in whole for number in range(10))
    assert desk.get("/publicerat/kalender/0001-01-01/").status_code == 200


def test_what_the_calendar_can_show_alone_is_fetched_when_somebody_asks_and_stands_on_a_page_of_its_own(writer, both):
    desk = signed_in(writer)
    first, second = both
    where = f"manad=2026-12&kanal={second.uid}"

    page = desk.get(f"/publicerat/kalender/?{where}").content.decode()
    part = desk.get(f"/publicerat/kalender/filter/?{where}", headers={"HX-Request": "true"}).content.decode()
    whole = desk.get(f"/publicerat/kalender/filter/?{where}").content.decode()

    assert (str(first.uid) in page, "Alla kanaler" in page) == (False, False)
    assert f'hx-get="/publicerat/kalender/filter/?{where.replace("&", "&amp;")}"' in page
    assert f'<option value="{second.uid}" selected>{second.name}</option>' in part
    assert f'<option value="{first.uid}">{first.name}</option>' in part
    assert ("<html" in part, "Alla enheter" in part) == (False, False)  # both are of one unit
    assert part.strip() in whole
    assert '<input type="hidden" name="manad" value="2026-12">' in whole


@pytest.mark.one_database
def test_where_there_is_nothing_to_choose_among_it_is_said_and_what_is_not_there_filters_nothing(lead, authority):
    only, desk = a_channel(authority), signed_in(lead)
    elsewhere = a_channel(an_authority())

    said = desk.get("/publicerat/kalender/filter/").content.decode()
    alone = desk.get(f"/publicerat/kalender/?kanal={only.uid}&enhet={only.unit.uid}").content.decode()
    nothing = desk.get(f"/publicerat/kalender/?kanal={elsewhere.uid}&enhet=nonsens&etikett={only.uid}").content.decode()

    assert ("det finns inget att välja bland" in said, "<select" in said) == (True, False)
    assert "Filtrera (2)" in alone
    assert ("Filtrera (" in nothing, elsewhere.name in nothing) == (False, False)


@pytest.mark.parametrize("month", ["0001-01", "9999-12", "2026-13", "nonsens", ""])
@pytest.mark.one_database
def test_a_month_that_nobody_plans_for_shows_this_one(writer, month):
    page = signed_in(writer).get(f"/publicerat/kalender/?manad={month}")

    assert (page.status_code, page.context["is_this_month"]) == (200, True)


def test_a_week_a_list_and_one_unit_show_what_is_theirs_and_ask_little(
    authority, writer, both, django_assert_max_num_queries
):
    desk = signed_in(writer)
    elsewhere = a_channel(authority, unit=a_unit(authority, name="Badet"), responsible=person_of(writer))
    on = clock.today() + timedelta(days=40)
    saved(writer, both[:1], text="Ett i biblioteket.", day=on, clock=time(9, 15))
    saved(writer, [elsewhere], text="Ett i badet.", day=on, clock=time(22, 30))
    start = f"/publicerat/kalender/?dag={on}"

    for view in ("manad", "vecka", "lista"):
        with django_assert_max_num_queries(12):
            everything = desk.get(f"{start}&vy={view}").content.decode()
        alone = desk.get(f"{start}&vy={view}&enhet={elsewhere.unit.uid}").content.decode()
        assert ("Ett i biblioteket." in everything, "Ett i badet." in everything) == (True, True), view
        assert ("Ett i biblioteket." in alone, "Ett i badet." in alone) == (False, True), view
    week = desk.get(f"{start}&vy=vecka").context
    assert [row["clock"] for row in week["rows"]][-1] == "22:00"
    assert desk.get(f"{start}&vy=lista&efter=1e999_9&kanal=../&enhet=%00").status_code == 200


def test_a_list_goes_on_where_it_ended(writer, both, monkeypatch):
    monkeypatch.setattr("narvaro.publishing.views.calendar.LIST_PAGE", 2)
    desk = signed_in(writer)
    on = clock.today() + timedelta(days=40)
    for number in range(5):
        saved(writer, both[:1], text=f"Nummer {number}.", day=on, clock=time(8, 0))
    address, seen = f"/publicerat/kalender/?vy=lista&dag={on}", ""

    for _turn in range(3):
        page = desk.get(address)
        seen += page.content.decode()
        address = page.context["later"]

    assert [seen.count(f"</time> Nummer {number}.") for number in range(5)] == [1] * 5
    assert address == ""


# --- Moving ---------------------------------------------------------------------------------------------------------


MORNING = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)


def planned(writer: Actor, where, **values) -> Message:
    return actions.send_message(actor=writer, uid=saved(writer, where, **values).uid)


def due_at(actor: Actor, message: Message) -> list[datetime]:
    parts = queries.channels_of(actor, queries.message_for(actor, message.uid))
    return [each.not_before for each in queries.sent_of(parts) if each.state == State.QUEUED]


@pytest.mark.parametrize(
    ("day", "wall", "moment"),
    [
        (date(2026, 10, 26), time(8, 0), datetime(2026, 10, 26, 7, 0, tzinfo=UTC)),
        (date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # the first of two
        (date(2027, 3, 28), time(8, 0), datetime(2027, 3, 28, 6, 0, tzinfo=UTC)),
    ],
)
def test_what_is_moved_across_the_change_of_the_clocks_goes_out_when_the_wall_says(writer, both, day, wall, moment):
    with clock.frozen(MORNING):
        message = planned(writer, both, day=date(2026, 10, 24), clock=time(8, 0))
        before = due_at(writer, message)
        after = actions.reschedule_message(actor=writer, uid=message.uid, day=day, clock=wall)

    assert before == [datetime(2026, 10, 24, 6, 0, tzinfo=UTC)] * 2
    assert (after.state, due_at(writer, message)) == (MessageState.PLANNED, [moment] * 2)
    assert after.shows_on == day


def test_a_time_that_never_comes_or_has_passed_moves_nothing(writer, both):
    with clock.frozen(MORNING):
        message = planned(writer, both, day=date(2026, 10, 24), clock=time(8, 0))
        before = due_at(writer, message)

        for day, wall, says in (
            (date(2027, 3, 28), time(2, 30), "finns inte"), (date(2026, 10, 1), time(9, 59), "passerat"),
        ):  # fmt: skip
            with pytest.raises(Invalid, match=says):
                actions.reschedule_message(actor=writer, uid=message.uid, day=day, clock=wall)

        assert due_at(writer, message) == before


def test_p18_kl_4_the_time_is_part_of_the_approval_and_whoever_moves_is_told_before(writer, both, lead):
    actions.change_four_eyes(actor=lead, everywhere=True)
    with clock.frozen(MORNING):
        message = planned(writer, both, day=date(2026, 10, 20), clock=time(8, 0))
        seen = content_hash(queries.content_of(lead, queries.message_for(lead, message.uid)))
        actions.approve_message(actor=lead, uid=message.uid, seen_hash=seen)
        where = {"uid": message.uid, "day": date(2026, 10, 21), "clock": time(8, 0)}
        with pytest.raises(Invalid, match="godkännas på nytt"):
            actions.reschedule_message(actor=writer, **where)
        assert len(due_at(lead, message)) == 2

        moved = actions.reschedule_message(actor=writer, agreed=True, **where)

        assert (moved.state, due_at(lead, message)) == (MessageState.AWAITING, [])
        with pytest.raises(Stale):
            actions.approve_message(actor=lead, uid=message.uid, seen_hash=seen)
        with pytest.raises(NotFound):
            actions.reschedule_message(actor=an_actor(core.authority_of(lead), role=Role.EMPLOYEE), **where)
    verbs = [entry.verb for entry in audit.history(lead, message)]
    assert {"publishing.void_approval", "publishing.reschedule_message"} <= set(verbs)


def test_what_has_begun_to_go_out_is_not_moved_and_of_two_who_move_one_is_told(writer, both):
    with clock.frozen(MORNING):
        message = planned(writer, both, day=date(2026, 10, 20), clock=time(8, 0))
        seen = message.version
        actions.reschedule_message(
            actor=writer, uid=message.uid, day=date(2026, 10, 21), clock=time(8, 0), seen_version=seen
        )
        with pytest.raises(Stale):
            actions.reschedule_message(
                actor=writer, uid=message.uid, day=date(2026, 10, 22), clock=time(8, 0), seen_version=seen
            )
    with clock.frozen(datetime(2026, 10, 21, 6, 1, tzinfo=UTC)):
        assert actions.claim_attempt() is not None
        with pytest.raises(Stale, match="börjat gå ut"):
            actions.reschedule_message(actor=writer, uid=message.uid, day=date(2026, 10, 30), clock=time(8, 0))


def test_a_message_is_moved_and_moved_back_on_the_pages_and_an_auditor_only_reads(authority, writer, both):
    desk = signed_in(writer)
    on = clock.today() + timedelta(days=40)
    message = planned(writer, both, day=on, clock=time(9, 0))
    page = f"/publicerat/utkast/{message.uid}/flytta/?sedan={quote(f'vy=vecka&dag={on}')}"

    form = filled(desk.get(page), day=f"{on + timedelta(days=1)}", clock="10:30")
    moved = desk.post(page, form)
    again = desk.post(page, form)
    week = desk.get(moved["Location"])
    undo = {each.html_name: each.value() or "" for each in week.context["undo"]["form"]}
    back = desk.post(f"/publicerat/utkast/{message.uid}/flytta/", undo)

    assert (moved.status_code, again.status_code, back.status_code) == (302, 409, 302)
    assert "10.30</time> Biblioteket" in week.content.decode()
    assert "vy=vecka" in moved["Location"]
    found = queries.message_for(writer, message.uid)
    assert (found.planned_day, found.planned_clock) == (on, time(9, 0))
    refused = desk.post(page, filled(desk.get(page), day="2020-01-01", clock="10:30"))
    assert (refused.status_code, "Tiden har passerat" in refused.content.decode()) == (422, True)
    auditor = signed_in(an_actor(authority, role=Role.AUDITOR))
    assert auditor.get(page).status_code == 403
    shown = auditor.get(f"/publicerat/kalender/?dag={on}").content.decode()
    assert ("Biblioteket" in shown, "data-entry" in shown, "data-spot" in shown) == (True, False, False)


# --- Hints, crises and elections --------------------------------------------------------------------------------------


def test_hints_are_quiet_about_what_lies_close_what_is_missing_and_when_nobody_can_answer(writer, both, lead):
    with clock.frozen(MORNING):
        saved(writer, both[:1], text="Ett.", day=date(2026, 12, 24), clock=time(10, 0))
        saved(writer, both[:1], text="Två.", day=date(2026, 12, 24), clock=time(10, 20))
        what = replace(queries.known(lead), decided={"min_activity": 2})

        found = queries.hints(lead, what, date(2026, 12, 21), date(2026, 12, 27), queries.Only())
        page = signed_in(lead).get("/publicerat/kalender/tank-pa/?vy=vecka&dag=2026-12-24").content.decode()

    assert [(each.channel, each.at.minute) for each in found.near] == [("Anslagstavlan", 20)]
    assert [(each.week, each.names) for each in found.silent] == [(52, ("Berättaren",))]
    assert (found.closed_count, dict(found.free_days)[date(2026, 12, 24)]) == (2, "Julafton")
    assert "Inget av det här hindrar något." in page


def test_sm_22_a_crisis_says_what_it_holds_and_why(writer, both, monkeypatch):
    what = queries.known(writer)
    crisis = queries.Held(both[0].pk, both[0].name, "Översvämning i centrum.", MORNING)
    monkeypatch.setattr("narvaro.publishing.views.calendar.queries.known", lambda *_given, **_more: held)
    held = replace(what, held=(crisis,))
    on = clock.today() + timedelta(days=40)
    first, second = (planned(writer, [each], day=on, clock=time(9, 0)) for each in both)
    page = signed_in(writer).get(f"/publicerat/kalender/?dag={on}").content.decode()
    found = queries.entries(writer, [first.pk, second.pk], held)
    hints = queries.hints(writer, held, on, on, queries.Only())

    assert "Översvämning i centrum." in page
    assert (found[first.pk].standing, found[second.pk].standing) == (Standing.HELD, Standing.PLANNED)
    assert hints.held_count == 1


def test_sec_3_what_is_planned_before_an_election_is_confirmed_unless_the_guideline_only_tells(writer, both, lead):
    office, desk = signed_in(lead), signed_in(writer)
    voting = clock.today() + timedelta(days=60)
    page = "/publicerat/kalender/valdagar/"
    office.post(page, filled(office.get(page), on=f"{voting}", name="valet till Europaparlamentet"))
    new, on = "/publicerat/nytt/", clock.today() + timedelta(days=40)
    told = {"text": TEXT, "channels": [str(both[0].uid)], "day": f"{on}", "clock": "09:00"}

    asked = desk.post(new, filled(desk.get(new), **told))
    correction = desk.post(new, filled(desk.get(new), **told, purpose="correction"))
    agreed = desk.post(new, filled(desk.get(new), **told, agreed="on"))

    assert [each.status_code for each in (asked, correction, agreed)] == [422, 302, 302]
    assert "valet till Europaparlamentet" in asked.content.decode()
    assert "valet till Europaparlamentet" in desk.get(f"/publicerat/kalender/?dag={on}").content.decode()
    message = queries.message_for(writer, agreed["Location"].split("/")[3])
    with pytest.raises(Invalid, match="opartiskhet"):
        actions.reschedule_message(actor=writer, uid=message.uid, day=on + timedelta(1), clock=time(9, 0))
    draft = a_draft(lead)
    draft.values = {**draft.values, "election_posts": "told"}
    draft.state, draft.content_hash, draft.in_force_on = "in_force", "0" * 64, clock.today()
    draft.save()
    actions.reschedule_message(actor=writer, uid=message.uid, day=on + timedelta(1), clock=time(9, 0))
    assert desk.get(page).status_code == 403


# --- In one's own calendar program ------------------------------------------------------------------------------------


def test_the_calendar_is_followed_by_a_secret_that_ends_and_holds_no_words_and_no_names(authority, writer, both, lead):
    desk, anybody = signed_in(writer), Client()
    page = "/publicerat/kalender/folj/"
    on = clock.today() + timedelta(days=40)
    planned(writer, both, day=on, clock=time(9, 0))
    other = an_authority()
    planned(*theirs(other), day=on, clock=time(9, 0))

    def address() -> str:
        shown = desk.post(page, {"intent": str(desk.get(page).context["fresh"]["intent"].value())})
        return urlsplit(shown.context["address"]).path

    first = address()
    feed = anybody.get(first)
    (event,) = read(feed.content)
    fresh = anybody.get(first, headers={"if-none-match": feed["ETag"]})
    second = address()

    assert text_of(event["SUMMARY"]) == "Inlägg i Anslagstavlan och 1 till"
    said = feed.content.decode()
    assert not any(word in said for word in ("Biblioteket", writer.name))
    assert (feed["Content-Type"], "private" in feed["Cache-Control"]) == ("text/calendar; charset=utf-8", True)
    assert (fresh.status_code, fresh.content) == (304, b"")
    assert [anybody.get(each).status_code for each in (first, second)] == [404, 200]
    secret = second.removeprefix("/kalender/").removesuffix(".ics")
    assert secret not in str(list(CalendarFeed.objects.of(writer).values()))
    person_of(writer).__class__.objects.filter(pk=writer.person_id).update(is_active=False)
    assert anybody.get(second).status_code == 404
    person_of(writer).__class__.objects.filter(pk=writer.person_id).update(is_active=True)
    desk.force_login(person_of(writer), backend="allauth.account.auth_backends.AuthenticationBackend")
    desk.post(page, {"intent": str(desk.get(page).context["fresh"]["intent"].value()), "do": "end"})
    assert anybody.get(second).status_code == 404


def theirs(authority):
    """Return somebody of another authority, and a channel of theirs."""
    unit = a_unit(authority)
    someone = an_actor(authority, role=Role.REPRESENTATIVE, unit=unit)
    return someone, [a_channel(authority, unit=unit, responsible=person_of(someone))]
