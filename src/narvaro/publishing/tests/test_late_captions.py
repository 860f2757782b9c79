"""Captions that a platform never took: seen when the film is read back, and put before whoever wrote."""

from __future__ import annotations

from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.channels.types import Platform
from narvaro.connectors import films as sending
from narvaro.core import waiting
from narvaro.media.queries import films
from narvaro.media.testing import a_film
from narvaro.publishing import actions, queries, tasks
from narvaro.publishing.models import Publication
from narvaro.publishing.queries import afterwards
from narvaro.publishing.tests.test_on_meta import a_connected
from narvaro.publishing.types import Extras, State
from narvaro.testing.servers.graph import GraphServer

pytestmark = [pytest.mark.django_db, pytest.mark.server]


def a_film_out(lead, authority, server):
    """Return a film that has gone out on a Facebook page, and has been looked at once since."""
    server.film_piece_bytes = 1_000_000
    channel = a_connected(lead, authority, server, Platform.FACEBOOK, server.page("Storköpings kommun", "storkoping"))
    film = films.film_of(lead, a_film(lead))
    message = actions.save_message(actor=lead, text="Så sorterar du.", channels={channel: ""}, extras=Extras(film=film))
    actions.send_message(actor=lead, uid=message.uid)
    later(1, tasks.publish_due_films)
    later(2, tasks.look_back)
    found = Publication.objects.of(lead).get()
    assert found.state == State.DELIVERED, (found.state, found.reason, [c.path for c in server.calls])
    return found


def later(minutes, *done):
    with clock.frozen(clock.now() + timedelta(minutes=minutes)):
        for each in done:
            each.call()


def test_dos_2_captions_that_facebook_never_took_wait_for_whoever_wrote_until_they_are_added(
    lead, authority, monkeypatch
):
    monkeypatch.setattr(sending, "WAIT_SECONDS", 0)
    with GraphServer() as server:
        server.early_captions = server.late_captions = False
        publication = a_film_out(lead, authority, server)
        early = waiting.counts(lead)
        for minutes in (10, 60):
            later(minutes, tasks.look_back)

        desk = signed_in(lead)
        page = desk.get(f"/publicerat/{publication.uid}/")
        (wait,) = waiting.for_actor(lead)
        seen = desk.post(f"/publicerat/{publication.uid}/sedd/", filled(page, "press"))

    assert queries.publication_for(lead, publication.uid).state == State.DELIVERED
    assert early == {}
    assert "saknar undertexter" in wait.title
    (found,) = afterwards.read_backs(lead, publication)
    assert found.differences == [{"what": "captions", "approved": "sv", "shown": ""}]
    assert "Meta Business Suite" in page.content.decode()
    assert "?hamta&amp;form=srt" in page.content.decode()
    assert seen.status_code == 302
    assert waiting.counts(lead) == {}


def test_captions_that_facebook_took_trouble_nobody(lead, authority, monkeypatch):
    monkeypatch.setattr(sending, "WAIT_SECONDS", 0)
    with GraphServer() as server:
        publication = a_film_out(lead, authority, server)
        (film,) = (each for each in server.objects.values() if each["kind"] == "video")

    (found,) = afterwards.read_backs(lead, publication)
    assert list(film["texts"]) == ["sv_SE"]
    assert (found.was_read, found.differences) == (True, [])
    assert waiting.counts(lead) == {}
