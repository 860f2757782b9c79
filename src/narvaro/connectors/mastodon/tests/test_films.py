"""A film goes out with its description, once: on a real server, and on one that works on it for a while."""

from __future__ import annotations

import io
import itertools

import pytest

from narvaro.connectors.mastodon import Mastodon, publishing
from narvaro.connectors.mastodon.connector import USUAL_FILM_BYTES, limits_of
from narvaro.connectors.mastodon.tests import dialects
from narvaro.connectors.mastodon.tests.conftest import an_account
from narvaro.connectors.mastodon.tests.dialects import US, a_status
from narvaro.connectors.port import Film, MediaKind, Outgoing, Published, Refused, Transient
from narvaro.testing.films import a_film_file
from narvaro.testing.servers.scripted import Call, Said, Scripted
from narvaro.testing.servers.snac import Snac

ALT = "En hand lägger matavfall i en grön påse"


def a_film() -> Film:
    content = a_film_file()
    return Film(lambda: io.BytesIO(content), len(content), "video/mp4", 2.0, 64, 48, ALT)


@pytest.mark.server
def test_dos_2_a_film_arrives_once_with_its_description(snac: Snac):
    authority = snac.person("filmkommunen")
    account = an_account(authority)

    outcome = Mastodon().publish(account, Outgoing("film-1", "Så sorterar du matavfall.", film=a_film()))

    assert isinstance(outcome, Published)
    assert len(authority.statuses()) == 1
    (stored,) = authority.status(outcome.item.remote_id)["media_attachments"]
    assert (stored["type"], stored["description"]) == ("video", ALT)
    assert [(each.kind, each.alt) for each in outcome.item.media] == [(MediaKind.VIDEO, ALT)]
    content, _media_type = Mastodon().fetch_media(account, outcome.item.media[0].url, 1_000_000)
    assert content == a_film_file()


def test_a_film_the_server_works_on_is_waited_for_and_published_in_one_call(monkeypatch):
    monkeypatch.setattr(publishing, "FILM_WAIT_SECONDS", 0.0)
    polls = itertools.count()

    def answers(call: Call) -> Said:
        if call.path == "/api/v2/media":
            return Said(202, {"id": "5", "description": ALT, "url": None})
        if call.path == "/api/v1/media/5":
            return Said(206 if next(polls) < 3 else 200, {"id": "5", "description": ALT})
        return Said(body=a_status("9", by=US))

    with Scripted(answers) as server:
        outcome = Mastodon().publish(dialects.an_account(server.base_url), Outgoing("n", "Hej", film=a_film()))

    assert isinstance(outcome, Published)
    assert [call.json()["media_ids"] for call in server.calls if call.path == "/api/v1/statuses"] == [["5"]]
    (upload,) = [call for call in server.calls if call.path == "/api/v2/media"]
    assert a_film_file() in upload.body


def test_p01_a_film_that_is_never_ready_or_not_taken_is_refused_and_nothing_is_published(monkeypatch):
    monkeypatch.setattr(publishing, "FILM_WAIT_SECONDS", 0.0)
    monkeypatch.setattr(publishing, "FILM_TRIES", 4)
    answers = {"/api/v2/media": Said(202, {"id": "5", "description": ALT}), "/api/v1/media/5": Said(206, {"id": "5"})}

    with Scripted(lambda call: answers.get(call.path, Said(404, {"error": "Nej"}))) as server:
        late = Mastodon().publish(dialects.an_account(server.base_url), Outgoing("n", "Hej", film=a_film()))
        answers["/api/v2/media"] = Said(413, {"error": "För stor"})
        large = Mastodon().publish(dialects.an_account(server.base_url), Outgoing("n", "Hej", film=a_film()))

    assert isinstance(late, Refused)
    assert isinstance(late.error, Transient)
    assert isinstance(large, Refused)
    assert "godtog inte filmen" in large.reason
    assert not [call for call in server.calls if call.path == "/api/v1/statuses"]


def test_how_large_a_film_may_be_is_as_the_server_says():
    told = limits_of({"configuration": {"media_attachments": {"video_size_limit": 103_809_024}}})

    assert (told.max_film_bytes, told.takes_captions) == (103_809_024, False)
    assert limits_of({}).max_film_bytes == USUAL_FILM_BYTES
