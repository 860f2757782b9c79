"""The day's loop on a real Bluesky network, through actions and sweeps."""

from __future__ import annotations

from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.channels import actions as channels
from narvaro.channels import queries as channel_queries
from narvaro.connectors import bluesky
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.media import actions as media
from narvaro.media.queries import films
from narvaro.media.testing import FILM_ALT, a_film
from narvaro.media.tests.test_pictures import a_photo
from narvaro.publishing import actions as publishing
from narvaro.publishing import queries as published
from narvaro.publishing import tasks as publishing_tasks
from narvaro.publishing.models import Publication, ReadBack
from narvaro.publishing.types import Extras, Purpose, State
from narvaro.records.models import Item
from narvaro.records.verify import verify
from tests.loop.reading import read_until

# The other loop is gone through on both databases.
pytestmark = [pytest.mark.server, pytest.mark.one_database, pytest.mark.django_db(transaction=True)]


LINK = "https://stad.example/bibliotek"


def a_connected_channel(bluesky_network, lead, authority, office):
    unit = a_unit(authority)
    connection = bluesky.connect(
        bluesky_network.pds_url, office.handle, office.app_password(), allow_private_hosts=True
    )
    channel = channels.add_channel(
        actor=lead, platform="bluesky", name="Biblioteket", handle=office.handle, unit=unit,
        responsible=person_of(an_actor(authority, unit=unit)), base_url=connection.base_url,
    )  # fmt: skip
    channels.connect_channel(actor=lead, channel=channel, secrets=connection.secrets)
    return channel_queries.channel_for(lead, channel.uid)


def test_a_reply_is_kept_and_the_answer_goes_out_once(bluesky_network):
    authority = an_authority()
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    office, citizen = bluesky_network.citizen(), bluesky_network.citizen(display_name="En medborgare")
    channel = a_connected_channel(bluesky_network, lead, authority, office)
    post = office.post("Vi har nya öppettider.")
    citizen.post("När öppnar ni på lördag?", reply_to=post)

    read_until(channel, kept=2)

    question = Item.objects.everywhere("test").select_related("channel").get(channel=channel, origin="received")
    publication = publishing.publish_answer(actor=lead, item=question, text="Klockan tio. /Biblioteket")
    with clock.frozen(clock.now() + timedelta(seconds=publishing.UNDO_SECONDS + 1)):
        publishing_tasks.publish_due.call()
    read_until(channel, kept=3)

    publication = published.publication_for(lead, publication.uid)
    assert publication.state == State.DELIVERED
    assert publication.kept_item.thread_key == question.thread_key == post.uri
    assert [p["value"]["text"] for p in office.posts()].count("Klockan tio. /Biblioteket") == 1
    assert Item.objects.everywhere("test").filter(channel=channel).count() == 3
    assert verify(lead).fault == ""


def test_a_long_text_becomes_a_thread_with_a_card_each_part_once_and_on_the_one_before(bluesky_network):
    authority = an_authority()
    lead, office = an_actor(authority, role=Role.COMMUNICATIONS_LEAD), bluesky_network.citizen()
    channel = a_connected_channel(bluesky_network, lead, authority, office)
    picture = media.keep_for_card(actor=lead, content=a_photo(), alt="Biblioteket")
    card = {"url": LINK, "title": "Biblioteket", "description": "Tider.", "picture": str(picture.uid)}
    message = publishing.save_message(
        actor=lead, text="Biblioteket har nya tider. " * 24 + LINK, channels={channel: ""},
        purpose=Purpose.CORRECTION, extras=Extras(may_split=True, is_numbered=True, card=card),
    )  # fmt: skip

    publishing.send_message(actor=lead, uid=message.uid)
    with clock.frozen(clock.now() + timedelta(seconds=publishing.UNDO_SECONDS + 1)):
        publishing_tasks.publish_due.call()

    rows = Publication.objects.of(lead).order_by("id")
    sent = {each["uri"]: each["value"] for each in office.posts()}
    first, second, third = [sent[row.remote_id] for row in rows]
    assert (len(sent), {row.state for row in rows}) == (3, {State.DELIVERED})
    assert [each["text"][-4:] for each in (first, second, third)] == [" 1/3", " 2/3", " 3/3"]
    assert ("reply" in first, second["reply"]["parent"]["uri"], third["reply"]["parent"]["uri"]) == (
        False, rows[0].remote_id, rows[1].remote_id,
    )  # fmt: skip
    assert third["reply"]["root"]["uri"] == rows[0].remote_id
    assert (third["embed"]["external"]["title"], third["embed"]["external"]["uri"]) == ("Biblioteket", LINK)
    assert third["embed"]["external"]["thumb"]["mimeType"] == "image/jpeg"
    assert {row.kept_item.thread_key for row in rows} == {rows[0].remote_id}


def test_dos_2_a_film_goes_out_once_with_its_description_and_captions_and_stands_there_as_approved(bluesky_network):
    authority = an_authority()
    lead, office = an_actor(authority, role=Role.COMMUNICATIONS_LEAD), bluesky_network.citizen()
    channel = a_connected_channel(bluesky_network, lead, authority, office)
    film = films.film_of(lead, a_film(lead))
    message = publishing.save_message(
        actor=lead, text="Så sorterar du matavfall.", channels={channel: ""}, purpose=Purpose.CORRECTION,
        extras=Extras(film=film),
    )  # fmt: skip

    publishing.send_message(actor=lead, uid=message.uid)
    with clock.frozen(clock.now() + timedelta(seconds=publishing.UNDO_SECONDS + 1)):
        publishing_tasks.publish_due_films.call()
    with clock.frozen(clock.now() + timedelta(minutes=3)):
        publishing_tasks.look_back.call()

    (sent,) = office.posts()
    row = Publication.objects.of(lead).get()
    assert (row.state, row.reason) == (State.DELIVERED, "")
    assert (sent["value"]["embed"]["alt"], sent["value"]["embed"]["video"]["size"]) == (FILM_ALT, film.size_bytes)
    assert [each["lang"] for each in sent["value"]["embed"]["captions"]] == ["sv"]
    assert ReadBack.objects.of(lead).get(publication=row).differences == []
