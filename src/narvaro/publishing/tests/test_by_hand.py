"""What people publish themselves: put before one of them, registered as a record, or said not to have been done."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from narvaro.base import clock
from narvaro.base.clock import STOCKHOLM, now
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.channels.types import Platform
from narvaro.core import waiting
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import NotFound, Role, Stale
from narvaro.media import actions as media
from narvaro.media.tests.test_pictures import a_photo
from narvaro.publishing import actions, queries
from narvaro.publishing.models import Publication
from narvaro.publishing.types import MessageState, State
from narvaro.records import queries as kept
from narvaro.records.models import Item

pytestmark = pytest.mark.django_db
TEXT = "Biblioteket är öppet på lördag."
LINK = "https://plats.example/inlagg/7"


@pytest.fixture
def writer(authority):
    return an_actor(authority, role=Role.REPRESENTATIVE, unit=a_unit(authority))


@pytest.fixture
def board(authority, writer):
    """A channel that no machine reaches."""
    return a_channel(authority, platform=Platform.MANUAL, responsible=person_of(writer))


def sent(actor, channel, **values):
    values = {"text": TEXT, "channels": {channel: ""}, **values}
    message = actions.send_message(actor=actor, uid=actions.save_message(actor=actor, **values).uid)
    return message, Publication.objects.of(actor).get()


def test_tf_5_what_is_published_by_hand_is_never_sent_and_is_kept_with_its_link_and_pictures(writer, board):
    picture = media.add_picture(actor=writer, content=a_photo(), alt="Bibliotekets port", basis="nobody")
    message, row = sent(writer, board, pictures=[picture])
    with clock.frozen(now() + timedelta(hours=1)):
        assert (row.state, actions.claim_attempt()) == (State.BY_HAND, None)
    assert waiting.counts(writer) == {"publications": 1}
    desk, page = signed_in(writer), f"/publicerat/{row.uid}/"
    shown = desk.get(page)
    steps = {field.html_name: "on" for field in shown.context["by_hand"].steps}
    file = desk.get(f"/publicerat/bild/{picture.uid}/?hamta")
    assert f"/publicerat/bild/{picture.uid}/" in desk.get(f"/publicerat/utkast/{message.uid}/").content.decode()

    unticked = desk.post(f"{page}gjort/", filled(shown, "by_hand", link=LINK))
    done = desk.post(f"{page}gjort/", filled(shown, "by_hand", link=LINK, **steps))
    again = desk.post(f"{page}gjort/", filled(shown, "by_hand", link=LINK, **steps))

    assert TEXT in shown.content.decode()
    assert (len(steps), file["Content-Disposition"].startswith("attachment")) == (3, True)
    assert (unticked.status_code, done.status_code, again.status_code) == (422, 302, 409)
    row.refresh_from_db(from_queryset=Publication.objects.of(writer))
    assert (row.state, row.remote_url, waiting.counts(writer)) == (State.DELIVERED, LINK, {})
    record = kept.kept(writer, row.kept_item)
    assert (record.text, row.kept_item.origin, len(kept.files_of(writer, record))) == (TEXT, "drawn_up", 1)
    with pytest.raises(Stale):
        actions.save_message(actor=writer, uid=message.uid, text="Ändrat.", channels={board: ""})


def test_whoever_publishes_by_hand_is_not_told_that_it_goes_out_by_itself(authority, writer, board):
    reached = a_channel(authority, platform=Platform.BLUESKY, responsible=person_of(writer))
    desk, said = signed_in(writer), []
    for channels in ([board], [board, reached], [reached]):
        shown = desk.get("/publicerat/nytt/")
        answer = desk.post(
            "/publicerat/nytt/",
            filled(shown, text=TEXT, channels=[str(each.uid) for each in channels], do="send"),
            follow=True,
        )
        said.append([str(each) for each in answer.context["messages"]])

    by_hand, both, by_itself = (each[0] for each in said)
    assert "för hand" in by_hand
    assert "gå ut" not in by_hand
    assert "går ut" not in by_hand
    assert "för hand" in both
    assert "där Närvaro når fram" in both
    assert "för hand" not in by_itself
    assert "går ut om en liten stund" in by_itself


@pytest.mark.parametrize(
    ("more", "asks"),
    [
        ({}, False), ({"warning": "Brand"}, True), ({"poll": {"options": ["Ja", "Nej"], "hours": 24}}, True),
        ({"language": "en"}, True), ({"visibility": "followers"}, True),
    ],
)  # fmt: skip
def test_the_check_list_asks_only_for_what_there_is_to_do(more, asks):
    assert queries.has_more_by_hand(Publication(text=TEXT, **more)) == asks


def test_a_thread_by_hand_is_one_task_and_becomes_a_thread_of_records(writer, board):
    _message, row = sent(writer, board, text="Först.\n---\nSedan.")

    actions.register_by_hand(actor=writer, publication=row, link=LINK)

    first, second = Item.objects.of(writer).order_by("id")
    assert [queries.parts_by_hand(row), second.thread_key] == [["Först.", "Sedan."], first.remote_id]


def test_at_a_time_whoever_is_in_charge_then_is_asked_and_it_can_be_taken_back_until_done(authority, writer, board):
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    with clock.frozen(datetime(2026, 10, 1, 8, tzinfo=STOCKHOLM)):
        message, row = sent(lead, board, day=date(2026, 10, 5), clock=time(9, 0))
        (task,) = waiting.of_person(writer, writer.person_id)
        changed = actions.save_message(actor=lead, uid=message.uid, text="Ändrat.", channels={board: ""})

    assert task.due_at.astimezone(STOCKHOLM) == datetime(2026, 10, 5, 9, tzinfo=STOCKHOLM)
    assert (changed.state, waiting.counts(writer)) == (MessageState.DRAFT, {})
    with pytest.raises(Stale):
        actions.register_by_hand(actor=writer, publication=row, link=LINK)


def test_what_was_not_published_is_said_so_with_the_reason_and_can_be_planned_anew(writer, board):
    message, row = sent(writer, board)
    desk, page = signed_in(writer), f"/publicerat/{row.uid}/"

    said = desk.post(f"{page}inte-gjort/", filled(desk.get(page), "not_done", why="Kontot är låst."), follow=True)

    assert "Kontot är låst." in said.content.decode()
    assert waiting.counts(writer) == {}
    assert Item.objects.of(writer).count() == 0
    again = actions.save_message(actor=writer, uid=message.uid, text=TEXT, channels={board: ""})
    assert again.state == MessageState.DRAFT


def test_a_picture_is_seen_by_those_who_may_read_where_it_goes_out_and_by_no_other_authority(authority, writer, board):
    picture = media.add_picture(actor=writer, content=a_photo(), alt="Bibliotekets port", basis="nobody")
    stranger = an_actor(an_authority(), role=Role.COMMUNICATIONS_LEAD)
    with pytest.raises(NotFound):
        queries.picture_going_out(writer, picture.uid)

    sent(writer, board, pictures=[picture])

    assert queries.picture_going_out(writer, picture.uid) == picture
    with pytest.raises(NotFound):
        queries.picture_going_out(stranger, picture.uid)
