"""Sources: what may show, what becomes a draft, once each, what goes out by itself, and what holds it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from narvaro.base import clock
from narvaro.base.clock import now
from narvaro.channels.testing import a_channel
from narvaro.core import keys, waiting
from narvaro.core.models import Assignment
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.moderation import actions as moderation
from narvaro.publishing import actions as publishing
from narvaro.publishing import queries as published
from narvaro.publishing.models import Publication
from narvaro.publishing.types import MessageState
from narvaro.sources import actions, queries, reading, rules, tasks
from narvaro.sources.models import Entry, Source, SourceVersion
from narvaro.sources.testing import a_source, a_wish, texts_of, told, worked
from narvaro.sources.types import EntryState, Found, Kind, Readout, Shape, SourceState, Way
from narvaro.testing.servers.scripted import Said, Scripted

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 2, 7, 30, tzinfo=UTC)  # a Monday, half past eight
LEAK = {"id": "va-7", "rubrik": "Vattenläcka på Storgatan", "niva": "hög", "plats": "Centrum", "lage": "pågår"}


@pytest.fixture
def unit(authority):
    return a_unit(authority)


@pytest.fixture
def channel(authority, unit):
    return a_channel(authority, unit=unit, deputy=person_of(an_actor(authority, role=Role.DEPUTY, unit=unit)))


def listed(*reports: dict[str, str]) -> bytes:
    return json.dumps(list(reports)).encode()


def put(lead, source: Source, content: bytes) -> None:
    actions.put_file(actor=lead, uid=source.uid, name="ny", content=content)


def messages_of(lead, source):
    found = [each for row in queries.entries_of(lead, source) for each in (row.message, row.over_message)]
    return [published.message_for(lead, each.uid) for each in found if each is not None]


# --- A calendar becomes a day ---------------------------------------------------------------------------------------

CALENDAR = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1
SUMMARY:Möte med näringslivet
DTSTART;TZID=Europe/Stockholm:20261019T090000
DTEND;TZID=Europe/Stockholm:20261019T100000
RRULE:FREQ=WEEKLY
LOCATION:Rådhuset
DESCRIPTION:Hemlig bakgrund
ATTENDEE;CN=Kim Exempelsson:mailto:kim.exempelsson@storkoping.example
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:Öppet hus
CATEGORIES:Får visas
DTSTART;VALUE=DATE:20261102
END:VEVENT
BEGIN:VEVENT
UID:3
SUMMARY:Möte hos läkaren
CLASS:PRIVATE
DTSTART:20261102T120000Z
END:VEVENT
BEGIN:VEVENT
UID:4
SUMMARY:Tandläkaren
DTSTART:20261102T130000Z
END:VEVENT
BEGIN:VEVENT
UID:5
SUMMARY:Möte med Kim Exempelsson
DTSTART:20261102T140000Z
ATTENDEE;CN=Kim Exempelsson:mailto:kim.exempelsson@storkoping.example
END:VEVENT
BEGIN:VEVENT
UID:6
SUMMARY:Möte som ställdes in
STATUS:CANCELLED
DTSTART:20261102T150000Z
END:VEVENT
END:VCALENDAR
""".encode()


def test_gdpr_1_a_day_shows_what_is_on_the_list_and_nothing_private_cancelled_or_of_participants(
    lead, authority, channel
):
    with clock.frozen(datetime(2026, 11, 2, 5, 30, tzinfo=UTC)):  # half past six: it writes at seven
        source = a_source(authority, Kind.DAY, CALENDAR, channel=channel, setup={"words": ("möte", "får visas")})
        worked()
        assert texts_of(lead, source) == []
        assert Source.objects.of(lead).get().next_at == datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
    with clock.frozen(MORNING):
        worked()
        worked()

    text = "Min dag måndag 2 november:\nHela dagen: Öppet hus\n09.00–10.00 Möte med näringslivet, Rådhuset"
    assert texts_of(lead, source) == [text]
    (draft,) = messages_of(lead, source)
    assert (draft.state, draft.written_by_id) == (MessageState.DRAFT, source.responsible_id)
    (row,) = waiting.today(an_actor(authority, person=source.responsible, role=Role.EMPLOYEE))
    assert row.link == f"/publicerat/utkast/{draft.uid}/"
    said = told(lead, source)
    for why in ("Privata eller konfidentiella händelser: 1", "står på listan över vad som får visas: 1",
                "nämner en deltagare: 1", "Inställda händelser: 1"):  # fmt: skip
        assert why in said
    assert not any(word in said + text for word in ("Kim", "läkaren", "Tand", "Hemlig"))


def test_a_changed_day_is_followed_until_somebody_has_taken_the_draft_over(lead, authority, channel):
    with clock.frozen(MORNING):
        source = a_source(authority, Kind.DAY, CALENDAR, channel=channel)
        worked()
        put(lead, source, CALENDAR.replace(b"T090000", b"T093000"))
        worked()
        assert "09.30–10.00" in texts_of(lead, source)[0]
        (draft,) = messages_of(lead, source)
        publishing.save_message(actor=lead, uid=draft.uid, text="Mina egna ord", channels={channel: ""})
        put(lead, source, CALENDAR)
        worked()

        assert texts_of(lead, source) == ["Mina egna ord"]
        assert "någon har ändrat utkastet" in told(lead, source)
        assert waiting.today(an_actor(authority, person=source.responsible, role=Role.EMPLOYEE)) == []


# --- Feeds ----------------------------------------------------------------------------------------------------------


def an_item(number: int, *, guid: str = "", title: str = "") -> str:
    return (
        f"<item><title>{title or f'Nyhet {number}'}</title><guid>{guid or number}</guid><link>https://x.example/{number}"
        f"</link><description>Ring @kim på https://bluff.example nu</description></item>"
    )


def test_each_piece_of_news_becomes_one_draft_and_what_was_there_before_none(lead, authority, channel, settings):
    items = [an_item(1)]
    with Scripted(lambda call: Said(body=f"<rss><channel>{''.join(items)}</channel></rss>".encode())) as server:
        source = a_source(
            authority, Kind.NEWS, channel=channel, way="address", address=f"{server.base_url}/rss?nyckel=hemlig",
            template="{rubrik}\n{text}\n{lank}",
        )  # fmt: skip
        worked()
        assert texts_of(lead, source) == []
        items += [an_item(2), an_item(1, guid="nytt-nummer"), an_item(3, guid="2", title="Nyhet 2, ändrad")]
        Source.objects.of(lead).update(next_at=now())
        worked()
        Source.objects.of(lead).update(next_at=now())
        worked()

    assert texts_of(lead, source) == ["Nyhet 2\nRing kim på nu\nhttps://x.example/2"]
    assert "Det fanns redan när källan lades upp." in told(lead, source)
    row = Source.objects.of(lead).get()
    assert b"hemlig" not in bytes(row.sealed)
    assert row.host == "127.0.0.1"
    assert "hemlig" not in json.dumps([each.content for each in SourceVersion.objects.of(lead)])


def test_p04_a_source_that_cannot_be_read_rests_longer_each_time_and_a_person_is_told(lead, authority, channel):
    answers = [
        Said(302, headers={"location": "http://169.254.169.254/latest"}), Said(body=b"x" * 10_000_000),
        Said(body=b'<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss>&b;</rss>'),
    ]  # fmt: skip
    with Scripted(lambda call: answers[len(server.calls) - 1]) as server:
        source = a_source(authority, Kind.NEWS, channel=channel, way=Way.ADDRESS.value, address=server.base_url)
        waits = []
        for _time in answers:
            Source.objects.of(lead).update(next_at=now() - timedelta(seconds=1))
            worked()
            waits.append(round((Source.objects.of(lead).get().next_at - now()).total_seconds() / 60))

    said = told(lead, source)
    assert all(why in said for why in ("får inte anropa", "mer än Närvaro tar emot", "egna definitioner"))
    assert waits == [15, 30, 60]
    (wait,) = waiting.today(an_actor(authority, person=source.responsible, role=Role.EMPLOYEE))
    assert wait.link == f"/publicerat/kallor/{source.uid}/"


# --- Operational reports --------------------------------------------------------------------------------------------


def test_an_incident_is_said_once_follows_its_source_and_is_said_to_be_over(lead, authority, channel):
    source = a_source(
        authority, content=listed(LEAK, {**LEAK, "id": "2", "niva": "låg"}, {**LEAK, "id": "3", "plats": "Skogen"}),
        channel=channel, is_automatic=True, over_template="Över nu: {rubrik}",
        setup={"severities": ("Hög",), "areas": ("centrum",), "over_words": ("åtgärdad",)},
    )  # fmt: skip
    worked()
    put(lead, source, listed({**LEAK, "rubrik": "Vattenläckan är stor"}))
    worked()
    put(lead, source, listed({**LEAK, "lage": "Åtgärdad"}))
    worked()
    worked()

    assert texts_of(lead, source) == ["Vattenläcka på Storgatan\nOmråde: Centrum", "Över nu: Vattenläcka på Storgatan"]
    sent = Publication.objects.of(lead).order_by("id")
    assert [each.text for each in sent] == texts_of(lead, source)
    assert {each.written_by_id for each in sent} == {source.responsible_id}
    said = told(lead, source)
    assert "Allvaret är ”låg”" in said
    assert "Området är ”Skogen”" in said
    assert "redan skickat eller planerat" in said


def test_what_was_over_before_its_draft_went_out_never_does(lead, authority, channel):
    source = a_source(authority, content=listed(LEAK), channel=channel, over_template="Över nu: {rubrik}",
                      setup={"gone_is_over": True})  # fmt: skip
    worked()
    put(lead, source, b"[]")
    worked()
    assert messages_of(lead, source)[0].state == MessageState.DRAFT  # one empty list may be a fault
    put(lead, source, b"[]")
    worked()

    assert [each.state for each in messages_of(lead, source)] == [MessageState.THROWN]


def test_no_more_than_was_said_is_written_in_an_hour_and_the_rest_comes_later(lead, authority, channel):
    reports = [{**LEAK, "id": str(n), "rubrik": f"Läcka {n}"} for n in range(5)]
    with clock.frozen(MORNING):
        source = a_source(authority, content=listed(*reports), channel=channel, most_an_hour=2)
        worked()
        worked()
        assert len(texts_of(lead, source)) == 2
        assert "limited: Högst 2 i timmen." in told(lead, source)
    with clock.frozen(MORNING + timedelta(minutes=61)):
        worked()
        assert len(texts_of(lead, source)) == 4


def _with_four_eyes(lead, channel):
    publishing.change_four_eyes(actor=lead, everywhere=True)


def _in_a_crisis(lead, channel):
    moderation.start_crisis(actor=lead, why="Översvämning.")


def _left(lead, channel):
    Assignment.objects.filter(person=channel.responsible).update(ended_at=now())


def _at_rest(lead, channel):
    type(channel).objects.of(lead).update(papers_by=now().date() - timedelta(days=9))


@pytest.mark.parametrize(
    ("what", "text", "state", "said"),
    [
        (_with_four_eyes, "Läcka", MessageState.AWAITING, "Någon annan läser det först."),
        (_in_a_crisis, "Läcka", MessageState.DRAFT, "I ett krisläge går inget ut av sig självt."),
        (_left, "Läcka", MessageState.DRAFT, "Utse en ny ansvarig."),
        (_at_rest, "Läcka", MessageState.DRAFT, "saknas"),
        (None, "Läcka hos 811218-9876", MessageState.DRAFT, "personnummer"),
        (None, "Läcka " * 200, MessageState.DRAFT, "tecken för lång"),
    ],
    ids=["four eyes", "crisis", "the responsible has left", "the gate", "screening", "the platform's room"],
)
def test_p19_what_a_machine_sends_is_held_by_all_that_holds_a_person(lead, authority, channel, what, text, state, said):
    source = a_source(authority, content=listed({**LEAK, "rubrik": text}), channel=channel, is_automatic=True,
                      template="{rubrik} {rubrik} {rubrik} {rubrik}")  # fmt: skip
    if what is not None:
        what(lead, channel)

    worked()

    assert [each.state for each in messages_of(lead, source)] == [state]
    assert Publication.objects.of(lead).count() == 0
    assert said in told(lead, source)


# --- Once, whoever dies ---------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process is gone: nothing after this line ran, and the database forgets what was not committed."""


@pytest.mark.parametrize("moment", ["save_message", "send_message", "log"])
def test_p01_a_worker_that_dies_anywhere_loses_no_draft_and_doubles_none(lead, authority, channel, monkeypatch, moment):
    source = a_source(authority, content=listed(LEAK), channel=channel, is_automatic=True)
    tasks.read_sources.call()
    where = actions.making if moment == "log" else publishing
    real = getattr(where, moment)

    def dies(*args, **kwargs):
        real(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patch, transaction.atomic():
        patch.setattr(where, moment, dies)
        with pytest.raises(Killed):
            tasks.write_drafts.call()
    assert Entry.objects.of(lead).get().state == EntryState.WAITING
    assert Publication.objects.of(lead).count() == 0
    worked()
    worked()

    assert texts_of(lead, source) == ["Vattenläcka på Storgatan\nOmråde: Centrum"]
    assert Publication.objects.of(lead).count() == 1
    assert len(published.messages(lead, MessageState.DRAFT)) == 0


def test_p11_two_readers_of_the_same_bring_each_thing_once_and_the_slow_one_changes_nothing(lead, authority, channel):
    source = a_source(authority, content=listed(LEAK), channel=channel)
    slow = actions.claim_source()
    Source.objects.of(lead).update(lease_until=now() - timedelta(hours=1))
    quick = actions.claim_source()
    found = Readout((Found("k", "Läcka", {"rubrik": "Läcka"}),))
    actions.absorb(quick, found)
    with pytest.raises(Stale):
        actions.absorb(slow, found)
    pk = queries.next_due()
    actions.do_entry(pk)
    actions.do_entry(pk)

    assert len(texts_of(lead, source)) == 1


def test_one_that_always_fails_holds_up_no_other(lead, authority, channel, monkeypatch):
    source = a_source(authority, content=listed(LEAK, {**LEAK, "id": "2", "rubrik": "Annan"}), channel=channel)
    real = publishing.save_message

    def fails(**values):
        if "Storgatan" in values["text"]:
            raise RuntimeError
        return real(**values)

    monkeypatch.setattr(publishing, "save_message", fails)
    worked()

    assert texts_of(lead, source) == ["Annan\nOmråde: Centrum"]
    assert "Nytt försök görs om en kvart." in told(lead, source)


# --- Sent here, signed ----------------------------------------------------------------------------------------------


@pytest.fixture
def hooked(lead, authority, channel):
    source = a_source(authority, channel=channel, way=Way.HOOK.value)
    return source, actions.change_secret(actor=lead, uid=source.uid)


def sent_here(client, source, secret: str, body: bytes, *, seconds: int = 0, signature: str = "", **more):
    timestamp = str(int(now().timestamp()) + seconds)
    return client.post(
        f"/publicerat/kallor/{source.uid}/in/", body, content_type="application/json",
        headers={"x-narvaro-timestamp": timestamp,
                 "x-narvaro-signature": signature or f"sha256={rules.signature(secret, timestamp, body)}"}, **more,
    )  # fmt: skip


def test_sec_1_a_signed_report_is_taken_in_once_and_nothing_else_is(client, lead, hooked):
    source, secret = hooked
    body = listed(LEAK)
    with clock.frozen(MORNING):
        answers = [
            sent_here(client, source, secret, body).status_code,
            sent_here(client, source, secret, body).status_code,  # the same again
            sent_here(client, source, "fel", body).status_code,
            sent_here(client, source, secret, body, signature="å").status_code,
            sent_here(client, source, secret, body, seconds=301).status_code,
            sent_here(client, source, secret, body, seconds=-301).status_code,
            sent_here(client, source, secret, b"x" * 65_537).status_code,
            sent_here(client, source, secret, b"{").status_code,
            sent_here(client, source, secret, b"[" * 60_000).status_code,
            client.get(f"/publicerat/kallor/{source.uid}/in/").status_code,
        ]  # fmt: skip
        tasks.write_drafts.call()
        actions.change_secret(actor=lead, uid=source.uid)
        answers.append(sent_here(client, source, secret, body, seconds=2).status_code)

    assert answers == [202, 409, 404, 404, 404, 404, 413, 422, 422, 405, 404]
    assert texts_of(lead, source) == ["Vattenläcka på Storgatan\nOmråde: Centrum"]


# --- Who, and what is kept --------------------------------------------------------------------------------------------


def test_only_who_leads_sets_up_and_another_authoritys_source_looks_missing(lead, authority, unit, channel):
    source = a_source(authority, channel=channel)
    answers = an_actor(authority, role=Role.REPRESENTATIVE, unit=unit)
    elsewhere = an_actor(authority, role=Role.UNIT_MANAGER, unit=a_unit(authority, "Badet"))
    wish = a_wish(authority, lead, Kind.INCIDENT, channel)

    for actor in (answers, elsewhere):
        with pytest.raises(NotPermitted):
            actions.add_source(actor=actor, kind=Kind.INCIDENT, wish=wish, file=("fil", b"[]"))
        with pytest.raises(NotPermitted):
            actions.pause_source(actor=actor, uid=source.uid)
    with pytest.raises(NotFound):
        queries.source_for(an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD), source.uid)
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=unit)
    assert actions.add_source(actor=manager, kind=Kind.INCIDENT, wish=wish, file=("fil", b"[]")).made_by_id


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        (Kind.DAY, {"setup": {"words": ()}}, "words"), (Kind.DAY, {"template": "{deltagare}"}, "template"),
        (Kind.DAY, {"setup": {"clock": "25:00"}}, "clock"), (Kind.NEWS, {"way": "hook"}, "way"),
        (Kind.NEWS, {"way": "address", "address": "https://a:b@x.example/"}, "address"),
        (Kind.NEWS, {"way": "address", "address": "file:///etc/passwd"}, "address"),
        (Kind.INCIDENT, {"setup": {"names": {}}}, "name_title"), (Kind.INCIDENT, {"most_an_hour": 0}, "most_an_hour"),
        (Kind.INCIDENT, {"channel_uids": []}, "channels"), (Kind.VACANCY, {"template": " "}, "template"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_where_it_was_written(lead, authority, channel, kind, values, field):
    with pytest.raises(Invalid) as refusal:
        a_source(authority, kind, CALENDAR, channel=channel, lead=lead, **values)

    assert refusal.value.field == field


def test_nobody_is_named_as_responsible_for_what_they_may_not_write_themselves(lead, authority, channel):
    other = person_of(an_actor(authority, role=Role.REPRESENTATIVE))

    with pytest.raises(Invalid) as refusal:
        a_source(authority, channel=channel, lead=lead, responsible_uid=other.uid)

    assert refusal.value.field == "responsible"


def test_a_paused_source_rests_and_an_ended_one_forgets_its_secrets(lead, authority, channel):
    source = a_source(authority, content=listed(LEAK), channel=channel)
    tasks.read_sources.call()
    actions.pause_source(actor=lead, uid=source.uid)
    worked()
    assert texts_of(lead, source) == []
    actions.resume_source(actor=lead, uid=source.uid)
    worked()
    assert len(texts_of(lead, source)) == 1
    keys.add_sealing_key()
    assert actions.seal_again() == 1
    assert queries.content_of_file(queries.file_of(lead, source), source) == listed(LEAK)
    changed = a_wish(authority, lead, Kind.INCIDENT, channel, template="Nu: {rubrik}")
    actions.change_source(actor=lead, uid=source.uid, wish=changed)
    assert [each.content["template"] for each in queries.versions_of(lead, source)] == [
        "Nu: {rubrik}", "{rubrik}\nOmråde: {omrade}"
    ]  # fmt: skip
    actions.end_source(actor=lead, uid=source.uid)

    assert queries.file_of(lead, source) is None
    assert queries.source_for(lead, source.uid).state == SourceState.ENDED
    with clock.frozen(now() + timedelta(days=91)):
        assert actions.dispose_old() > 0
    assert queries.log_of(lead, source) == []
    assert len(texts_of(lead, source)) == 1


# --- Other kinds, read without a database ---------------------------------------------------------------------------


@pytest.mark.one_database
def test_meetings_vacancies_and_alerts_are_read_with_what_may_not_show_left_out():
    setup = queries.Setup(days_before=7)
    agenda = reading.read(Kind.AGENDA, Shape.ICS, setup, CALENDAR, at=MORNING)
    jobs = json.dumps({"hits": [
        {"id": "1", "headline": "Lärare", "application_deadline": "2026-12-01", "webpage_url": "https://x.example/1"},
        {"id": "2", "headline": "Kock", "application_deadline": "2026-10-01"},
    ]}).encode()  # fmt: skip
    vacancies = reading.read(Kind.VACANCY, Shape.JOBS, setup, jobs, at=MORNING)
    cap = """<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>1</identifier><status>Exercise</status>
    <msgType>Alert</msgType><info><headline>Prov</headline><expires>2026-11-02T07:00:00+01:00</expires></info></alert>"""
    alerts = [
        reading.read(Kind.INCIDENT, Shape.CAP, setup, text.encode(), at=MORNING).found[0]
        for text in (cap, cap.replace("Exercise", "Actual"))
    ]

    assert [(each.title, each.is_over) for each in agenda.found] == [
        ("Öppet hus", False), ("Möte med näringslivet", False), ("Tandläkaren", False), ("Möte som ställdes in", True),
        ("Möte med näringslivet", False),
    ]  # fmt: skip
    assert [(each.title, each.skip) for each in vacancies.found] == [
        ("Lärare", ""), ("Kock", "Sista ansökningsdagen har passerat.")
    ]  # fmt: skip
    assert [(each.skip, each.is_over) for each in alerts] == [("Det är ett prov eller en övning.", False), ("", True)]


@pytest.mark.one_database
def test_what_is_filled_in_is_never_read_as_a_template_and_calls_on_nobody():
    assert rules.written("{rubrik}\n\nMer: {lank}", {"rubrik": "{lank} {lista}", "lank": ""}) == "{lank} {lista}"
    assert (
        rules.plain("Hej @kim ＠kim kim@x.example www.bluff.example " + "ord " * 500, most=30)
        == "Hej kim kim ord ord ord ord…"
    )
    assert [rules.safe_link(each) for each in ("javascript:x", "http://x.example", "https://a@x.example/")] == [""] * 3
    assert not rules.is_allowed("Mötesfritt", ["privat"], ["möte", "öppet hus"])
    assert rules.is_allowed("Stort öppet  hus", [], ["Öppet hus"])
