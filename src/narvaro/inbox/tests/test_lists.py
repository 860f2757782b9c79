"""What lists promise: every item reachable, the same cost whatever they show, nothing of others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from narvaro.base.clock import now
from narvaro.channels.testing import a_channel
from narvaro.connectors.port import Kind, Visibility
from narvaro.core.testing import a_unit, an_actor, an_authority
from narvaro.core.types import Invalid, NotPermitted, Role
from narvaro.inbox import actions, queries
from narvaro.inbox.testing import a_comment, take_in, uids
from narvaro.inbox.types import List, Only
from narvaro.records import actions as records
from narvaro.records.testing import a_page, an_item

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
MOST_QUERIES = 7  # of twelve: the rest is the page's, for session, person, roles and counts


@pytest.fixture
def full():
    """An authority with two units, sixty items of every kind, several with the same moment."""
    authority = an_authority()
    units = [a_unit(authority, "Biblioteket"), a_unit(authority, "Gatukontoret")]
    manager = an_actor(authority, role=Role.UNIT_MANAGER)
    moment = now() - timedelta(days=3)
    for unit in units:
        channel = a_channel(authority, unit=unit, in_operation_from=LONG_AGO)
        found = [
            an_item(
                ("När öppnar ni?", "Tack för i dag", "Jag ska slå ihjäl handläggaren")[n % 3],
                at=moment + timedelta(seconds=n // 7),
                visibility=Visibility.PRIVATE if n % 10 == 0 else Visibility.PUBLIC,
            )
            for n in range(30)
        ]
        records.capture(channel=channel, page=a_page(*found))
    take_in(authority)
    rows = queries.incomings_for(manager, uids(manager, List.ALL))
    actions.close_many(actor=manager, uids=[r.uid for r in rows[:9]], outcome="no_answer_needed")
    actions.snooze_many(actor=manager, uids=[r.uid for r in rows[9:14]], until=now() + timedelta(days=1))
    return authority, manager, {str(r.uid) for r in rows}


def test_every_item_is_reached_once_by_paging(full, monkeypatch):
    _authority, manager, everything = full
    monkeypatch.setattr(queries.list_page, "__kwdefaults__", {"after": "", "limit": 4, "only": Only()})

    for which in List.values:
        found = uids(manager, which)
        assert len(found) == len(set(found)), which
    assert set(uids(manager, List.ALL)) == everything
    assert len(everything) == 60
    active = set(uids(manager, List.UNIT))
    assert active | set(uids(manager, List.SNOOZED)) | set(uids(manager, List.DONE)) == everything


def test_working_lists_come_soonest_due_first(full):
    _authority, manager, _everything = full

    cards = queries.list_page(manager, List.UNIT, limit=100).cards

    assert [c.incoming.queue_at for c in cards] == sorted(c.incoming.queue_at for c in cards)


@pytest.mark.parametrize("which", List.values)
def test_a_page_costs_the_same_whatever_it_shows(full, which):
    _authority, manager, _everything = full

    with CaptureQueriesContext(connection) as few:
        queries.list_page(manager, which, limit=3)
    with CaptureQueriesContext(connection) as many:
        queries.list_page(manager, which, limit=50)

    assert len(many) <= MOST_QUERIES
    assert abs(len(many) - len(few)) <= 1  # words behind tombstones are read only where there are any


def test_a_thread_costs_the_same_however_long_it_is():
    authority = an_authority()
    channel = a_channel(authority, in_operation_from=LONG_AGO)
    worker = an_actor(authority, person=channel.responsible)

    def cost(replies):
        root = an_item("Nyhet", kind=Kind.POST, is_own=True)
        found = [an_item("När öppnar ni?", parent_remote_id=root.remote_id) for _ in range(replies)]
        records.capture(channel=channel, page=a_page(root, *found))
        take_in(authority)
        uid = queries.list_page(worker, List.ALL).cards[0].incoming.uid
        with CaptureQueriesContext(connection) as spent:
            queries.thread_page(worker, uid)
        return len(spent)

    assert cost(1) == cost(40) <= 26


def test_the_thread_stands_as_people_see_it():
    authority = an_authority()
    channel = a_channel(authority, in_operation_from=LONG_AGO)
    worker = an_actor(authority, person=channel.responsible)
    start = now() - timedelta(hours=1)
    written = [
        an_item("Nyhet", remote_id="p", kind=Kind.POST, is_own=True, at=start),
        an_item("När?", remote_id="a", parent_remote_id="p", at=start + timedelta(minutes=1)),
        an_item("Var?", remote_id="b", parent_remote_id="p", at=start + timedelta(minutes=2)),
        an_item("Klockan sju.", remote_id="c", parent_remote_id="a", is_own=True, at=start + timedelta(minutes=3)),
    ]
    for item in reversed(written):
        records.capture(channel=channel, page=a_page(item))
    take_in(authority)
    cards = queries.list_page(worker, List.ALL).cards
    (question,) = [c.incoming for c in cards if c.shown.text == "Var?"]

    page = queries.thread_page(worker, question.uid)

    assert [(p.shown.text, p.depth) for p in page.posts] == [
        ("Nyhet", 0), ("När?", 1), ("Klockan sju.", 2), ("Var?", 1),
    ]  # fmt: skip
    assert page.focus.shown.text == "Var?"
    assert page.version == question.version


def test_a_circle_of_parents_hides_nothing():
    authority = an_authority()
    channel = a_channel(authority, in_operation_from=LONG_AGO)
    worker = an_actor(authority, person=channel.responsible)
    circle = [
        an_item("Ett?", remote_id="1", parent_remote_id="2", root_remote_id="r"),
        an_item("Två?", remote_id="2", parent_remote_id="1", root_remote_id="r"),
    ]
    records.capture(channel=channel, page=a_page(*circle))
    take_in(authority)

    page = queries.thread_page(worker, queries.list_page(worker, List.ALL).cards[0].incoming.uid)

    assert {p.shown.text for p in page.posts} == {"Ett?", "Två?"}


def test_an_item_far_down_in_a_long_thread_is_shown_all_the_same():
    authority = an_authority()
    channel = a_channel(authority, in_operation_from=LONG_AGO)
    worker = an_actor(authority, person=channel.responsible)
    start = now() - timedelta(hours=1)
    found = [
        an_item(f"Fråga {n}?", root_remote_id="r", parent_remote_id="r", at=start + timedelta(seconds=n))
        for n in range(12)
    ]
    records.capture(channel=channel, page=a_page(*found))
    take_in(authority)
    last = next(c.incoming for c in queries.list_page(worker, List.ALL).cards if c.shown.text == "Fråga 11?")

    page = queries.thread_page(worker, last.uid, limit=5)

    assert page.has_more
    assert page.focus.shown.text == "Fråga 11?"


def test_the_change_token_moves_when_something_happens_and_only_then():
    authority = an_authority()
    channel = a_channel(authority, in_operation_from=LONG_AGO)
    worker = an_actor(authority, person=channel.responsible)
    empty = queries.board(worker).token
    incoming = a_comment(authority, channel=channel)

    full, thread = queries.board(worker).token, queries.thread_page(worker, incoming.uid).token
    a_comment(an_authority("Lillköping"))
    same = queries.board(worker).token
    actions.add_note(actor=worker, uid=incoming.uid, text="Internt.")
    noted = queries.thread_page(worker, incoming.uid).token
    actions.mark_no_answer_needed(actor=worker, uid=incoming.uid)

    assert empty != full == same
    assert noted != thread
    assert queries.board(worker).token != full


def test_a_broken_page_key_is_refused_in_words():
    authority = an_authority()
    worker = an_actor(authority)

    for key in ("x", "1.x", "9" * 400 + ".1.1", "1.1.x", "\x00"):
        with pytest.raises(Invalid):
            queries.list_page(worker, List.ALL, after=key)
    with pytest.raises(Invalid):
        queries.list_page(worker, "annat")


def test_who_does_not_read_records_reads_no_list():
    with pytest.raises(NotPermitted):
        queries.list_page(an_actor(an_authority(), role=Role.ADMINISTRATOR), List.ALL)


def test_counts_by_list_say_what_waits():
    authority = an_authority()
    channel = a_channel(authority, in_operation_from=LONG_AGO)
    worker = an_actor(authority, person=channel.responsible)
    a_comment(authority, channel=channel, at=now() - timedelta(days=9))
    a_comment(authority, channel=channel)
    a_comment(authority, "Tack", channel=channel)

    counts = queries.board(worker).counts

    assert (counts["mine"], counts["late"], counts["unassigned"]) == (2, 1, 0)
