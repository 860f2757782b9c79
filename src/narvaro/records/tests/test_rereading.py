"""What reading again promises: edits, deletions and pictures are found, within what the platform lets us ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from narvaro.base.clock import frozen, now
from narvaro.channels import actions as channel_actions
from narvaro.channels import queries as channel_queries
from narvaro.channels.models import Channel, ChannelReading
from narvaro.channels.testing import a_channel
from narvaro.channels.types import Connection
from narvaro.connectors.mastodon.tests.dialects import TOKEN, US, Dialect, a_mention, a_status
from narvaro.connectors.port import MediaKind, Medium
from narvaro.core.models import Authority
from narvaro.core.testing import an_actor
from narvaro.core.types import Actor, Role
from narvaro.records import actions, queries, tasks
from narvaro.records.models import File, Item, WatchedThread
from narvaro.records.testing import a_page, an_item
from narvaro.records.types import FileState, Origin
from narvaro.testing.servers.scripted import Call, Said, Scripted

pytestmark = pytest.mark.django_db


@contextmanager
def reached(authority: Authority, answers: Any) -> Iterator[tuple[Channel, Scripted]]:
    """Give a channel that is connected to a server which answers as told."""
    with Scripted(answers) as server:
        channel = a_channel(authority)
        Channel.objects.everywhere("test").filter(pk=channel.pk).update(base_url=server.base_url, remote_id=US["id"])
        channel.refresh_from_db(from_queryset=Channel.objects.everywhere("test"))
        system = Actor.system(authority, "test")
        channel_actions.store_secrets(actor=system, channel=channel, secrets={"access_token": TOKEN})
        yield channel, server


def kept(channel: Channel, *remote_ids: str, **values: Any) -> None:
    actions.capture(channel=channel, page=a_page(*(an_item("Hej", remote_id=each, **values) for each in remote_ids)))


def later(minutes: int = 3) -> Any:
    return frozen(now() + timedelta(minutes=minutes))


def asked(server: Scripted) -> list[str]:
    return [call.path.split("/")[4] for call in server.calls if call.path.endswith("/context")]


class Threads(Dialect):
    """A server on which every status is there, alone in its thread."""

    def __call__(self, call: Call) -> Said:
        if call.method == "GET" and call.path.startswith("/api/v1/statuses/") and not call.path.endswith("/context"):
            return Said(body=a_status(call.path.rpartition("/")[2]))
        return super().__call__(call)


def test_threads_are_read_again_a_few_at_a_time_whoever_waited_longest_first(authority):
    with reached(authority, Threads()) as (channel, server):
        kept(channel, *(f"{n}" for n in range(10)))
        with later():
            tasks.read_due_threads.call()
            first = asked(server)
            for _ in range(3):
                tasks.read_due_threads.call()

    assert len(first) == tasks.THREADS_A_TURN
    assert sorted(asked(server)) == sorted(f"{n}" for n in range(10))


def test_a_platform_that_asks_us_to_wait_is_left_alone_until_then_and_others_are_not(authority):
    with (
        reached(authority, lambda _call: Said(429, {"error": "Throttled"}, headers={"retry-after": "600"})) as busy,
        reached(authority, Threads()) as other,
    ):
        kept(busy[0], *(f"{n}" for n in range(5)))
        kept(other[0], "1")
        with later(3):
            for _ in range(3):
                tasks.read_due_threads.call()
        with later(9):
            tasks.read_due_threads.call()
        calls = len(busy[1].calls)
        with later(15):
            tasks.read_due_threads.call()

    assert calls == 1
    assert len(busy[1].calls) == 2
    assert asked(other[1])[0] == "1"


def test_a_thread_that_cannot_be_read_does_not_keep_its_neighbours_waiting(authority):
    threads = Threads()

    def answers(call: Call) -> Said:
        return Said(404) if call.path == "/api/v1/statuses/2/context" else threads(call)

    with reached(authority, answers) as (channel, server):
        kept(channel, "1", "2", "3")
        with later():
            tasks.read_due_threads.call()

    assert sorted(asked(server)) == ["1", "2", "3"]
    again = WatchedThread.objects.everywhere("test").filter(channel=channel)
    assert {row.root_remote_id for row in again.filter(failures=1)} == {"2"}


def test_an_edit_and_a_deletion_are_found_by_reading_the_thread_again(authority):
    archivist = an_actor(authority, role=Role.ARCHIVIST)
    edited = a_status("1", "Så menade jag")
    there = {"1": edited}

    def answers(call: Call) -> Said:
        remote_id = call.path.rpartition("/")[2]
        if call.path == f"/api/v1/statuses/{remote_id}" and remote_id in there:
            return Said(body=there[remote_id])
        return dialect(call)

    dialect = Dialect()
    with reached(authority, answers) as (channel, _server):
        kept(channel, "1")
        kept(channel, "2", parent_remote_id="1", root_remote_id="1")
        with later():
            tasks.read_due_threads.call()

    first, second = (queries.item_by_remote_id(archivist, channel.pk, each) for each in "12")
    assert [version.text for version in queries.versions_of(archivist, first)] == ["Hej", "Så menade jag"]
    assert [version.kind for version in queries.versions_of(archivist, second)] == ["content", "tombstone"]


def test_what_others_think_of_a_post_is_counted_again_and_makes_no_version(authority):
    archivist = an_actor(authority, role=Role.ARCHIVIST)
    liked = a_status("1", "Hej", favourites_count=12, reblogs_count=3)
    context = {"ancestors": [], "descendants": [a_status("2", "Hej", in_reply_to_id="1")]}
    dialect = Dialect(contexts={"1": context})

    with reached(authority, lambda call: Said(body=liked) if call.path == "/api/v1/statuses/1" else dialect(call)) as (
        channel,
        _server,
    ):
        kept(channel, "1", counts={"likes": 0})
        with later():
            tasks.read_due_threads.call()

    item = queries.item_by_remote_id(archivist, channel.pk, "1")
    assert item.counts == {"likes": 12, "reposts": 3, "replies": 0}
    assert item.versions == 1


def test_what_the_account_says_of_itself_is_kept_and_a_change_is_a_new_version(authority):
    archivist = an_actor(authority, role=Role.ARCHIVIST)
    us = {**US, "display_name": "Storköping", "note": "<p>Vi svarar vardagar.</p>", "followers_count": 1}
    dialect = Dialect()

    def answers(call: Call) -> Said:
        return Said(body=us) if call.path == "/api/v1/accounts/verify_credentials" else dialect(call)

    with reached(authority, answers) as (channel, _server):
        tasks.probe_channels.call()
        us["followers_count"] = 2
        tasks.probe_channels.call()
        us["note"] = "<p>Vi svarar alla dagar.</p>"
        tasks.probe_channels.call()

    (item,) = Item.objects.of(archivist).filter(channel=channel)
    texts = [version.text for version in queries.versions_of(archivist, item)]
    assert texts == [
        "Storköping\nkommunen@social.example\n\nVi svarar vardagar.",
        "Storköping\nkommunen@social.example\n\nVi svarar alla dagar.",
    ]
    assert item.origin == Origin.DRAWN_UP
    assert not WatchedThread.objects.everywhere("test").filter(channel=channel).exists()


def test_p06_a_server_that_answered_wrongly_for_a_while_is_read_again_by_itself(authority):
    dialect = Dialect(mentions=[a_mention("n1", a_status("1", "Under tiden"))])
    is_mended = False

    def answers(call: Call) -> Said:
        return dialect(call) if is_mended else Said(404, b"<html>Sidan finns inte</html>")

    with reached(authority, answers) as (channel, server):
        tasks.read_due_channels.call()
        shown = channel_queries.unhealthy(an_actor(authority, role=Role.ADMINISTRATOR))
        asked_once = len(server.calls)
        with later(30):
            tasks.read_due_channels.call()
        asked_in_vain = len(server.calls)
        is_mended = True
        with later(61):
            tasks.read_due_channels.call()

    reading = ChannelReading.objects.everywhere("test").get(channel=channel)
    assert [each.channel_id for each in shown] == [channel.pk]
    assert asked_in_vain == asked_once
    assert (reading.connection, reading.last_error) == (Connection.CONNECTED, "")
    assert queries.item_by_remote_id(an_actor(authority, role=Role.ARCHIVIST), channel.pk, "1") is not None


def test_a_picture_that_the_server_keeps_elsewhere_is_fetched_where_it_leads(authority):
    """Mastodon answers for others' pictures with an address on its own that leads on to where they lie."""
    with Scripted(lambda _call: Said(body=b"bilden", headers={"content-type": "image/png"})) as store:
        moved = Said(302, headers={"location": f"{store.base_url}/fil.png"})
        with reached(authority, lambda _call: moved) as (channel, server):
            medium = Medium(f"{server.base_url}/media_proxy/1/original", MediaKind.IMAGE, "", "En grop", "1")
            kept(channel, "1", media=(medium,))
            tasks.fetch_due_files.call()

    file = File.objects.everywhere("test").get()
    assert (file.state, file.size_bytes, file.media_type) == (FileState.KEPT, 6, "image/png")
    assert all("authorization" not in call.headers for call in [*server.calls, *store.calls])


def test_a_long_backlog_of_pictures_is_fetched_a_part_at_a_time_and_by_one_thread(authority, monkeypatch):
    """The same threads read what is new."""
    with reached(authority, lambda _call: Said(body=b"bilden", headers={"content-type": "image/png"})) as (
        channel,
        server,
    ):
        media = tuple(Medium(f"{server.base_url}/{n}.png", MediaKind.IMAGE, "", "", f"{n}") for n in range(5))
        kept(channel, "1", media=media)
        monkeypatch.setattr(tasks, "A_WHILE_SECONDS", 0.0)
        tasks.fetch_due_files.call()
        out_of_time = len(server.calls)
        monkeypatch.setattr(tasks, "A_WHILE_SECONDS", 10.0)
        with tasks._fetching:
            tasks.fetch_due_files.call()
        while_another_is_at_it = len(server.calls)
        tasks.fetch_due_files.call()

    assert (out_of_time, while_another_is_at_it, len(server.calls)) == (0, 0, 5)


def test_bbs_10_words_that_describe_a_picture_are_read_before_it_is_fetched(authority):
    with reached(authority, lambda _call: Said(body=b"bilden")) as (channel, server):
        medium = Medium(f"{server.base_url}/1.png", MediaKind.IMAGE, "", "Säljer barnporr, skriv till mig", "1")
        kept(channel, "1", media=(medium,))
        tasks.fetch_due_files.call()

    assert server.calls == []
    assert File.objects.everywhere("test").get().state == FileState.WITHHELD
