"""What a person brings in by hand stands once, with its picture, and waits for somebody."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image

from narvaro.base.clock import now
from narvaro.channels.testing import a_channel
from narvaro.channels.types import Connection, Platform
from narvaro.core import waiting
from narvaro.core.testing import an_actor
from narvaro.core.types import Invalid, NotPermitted, Role
from narvaro.inbox import actions
from narvaro.inbox.testing import reread, take_in
from narvaro.inbox.types import Outcome, State
from narvaro.records import queries as kept
from narvaro.records.models import File

pytestmark = pytest.mark.django_db


def test_an_answer_published_by_hand_is_kept_and_closes_the_item(authority):
    manual = a_channel(authority, platform=Platform.MANUAL, connection=Connection.MANUAL)
    anna = an_actor(authority, person=manual.responsible)
    incoming = actions.bring_in(actor=anna, channel_uid=manual.uid, text="När öppnar ni?", author="En granne")

    actions.register_own_link(actor=anna, uid=incoming.uid, url="https://social.example/9", text="Klockan sju.")
    take_in(authority)

    done = reread(incoming)
    assert (done.state, done.outcome) == (State.DONE, Outcome.ANSWERED_IN_APP)
    texts = [s.text for s in kept.shown(anna, kept.thread_of(anna, incoming.item))]
    assert texts == ["När öppnar ni?", "Klockan sju."]
    with pytest.raises(NotPermitted):
        actions.register_own_link(actor=anna, uid=incoming.uid, url="", text="Klockan sju.")


def test_p11_what_is_brought_in_twice_stands_once_and_has_a_deadline_from_now(authority):
    manual = a_channel(authority, platform=Platform.MANUAL, connection=Connection.MANUAL)
    employee = an_actor(authority, role=Role.EMPLOYEE)
    found = {"channel_uid": manual.uid, "text": "Hål i vägen, när lagas det?", "author": "En granne"}
    last_year = now() - timedelta(days=300)

    first = actions.bring_in(actor=employee, **found, published_at=last_year)
    again = actions.bring_in(actor=employee, **found, published_at=last_year)

    assert first.pk == again.pk
    assert first.received_at == last_year
    assert first.due_at > now()


def a_picture():
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(out, "PNG")
    return out.getvalue()


def test_a_picture_of_what_was_found_is_kept_byte_for_byte(authority):
    manual = a_channel(authority, platform=Platform.MANUAL, connection=Connection.MANUAL)
    anna = an_actor(authority, person=manual.responsible)

    incoming = actions.bring_in(
        actor=anna, channel_uid=manual.uid, text="Hål i vägen?", pictures=[(a_picture(), "Ett hål i vägen")]
    )

    (file,) = kept.shown(anna, [incoming.item])[0].files
    assert kept.file_content(anna, file.uid)[1] == a_picture()
    assert (file.alt, file.media_type) == ("Ett hål i vägen", "image/png")
    with pytest.raises(Invalid):
        actions.bring_in(actor=anna, channel_uid=manual.uid, text="Hål?", pictures=[(b"<html>", "")])


def test_a_picture_or_a_link_alone_can_be_brought_in_and_waits_for_somebody_to_look(authority):
    manual = a_channel(authority, platform=Platform.MANUAL, connection=Connection.MANUAL)
    anna, employee = an_actor(authority, person=manual.responsible), an_actor(authority, role=Role.EMPLOYEE)

    picture = actions.bring_in(actor=employee, channel_uid=manual.uid, text="", pictures=[(a_picture(), "")])
    link = actions.bring_in(actor=employee, channel_uid=manual.uid, text=" ", url="https://forum.example/1")

    for incoming in (reread(picture), reread(link)):
        assert incoming.needs_answer
        assert incoming.due_at is not None
        assert (incoming.person_id, incoming.taken_at) == (anna.person_id, None)
    assert waiting.counts(anna) == {"inbox": 2}
    with pytest.raises(Invalid):
        actions.bring_in(actor=employee, channel_uid=manual.uid, text=" ")


def test_bbs_10_no_picture_is_kept_where_the_text_speaks_of_abuse_material(authority):
    manual = a_channel(authority, platform=Platform.MANUAL, connection=Connection.MANUAL)
    anna = an_actor(authority, person=manual.responsible)

    incoming = actions.bring_in(
        actor=anna, channel_uid=manual.uid, text="Säljer barnporr, skriv till mig", pictures=[(a_picture(), "")]
    )

    assert not File.objects.everywhere("test").filter(version__item=incoming.item).exists()
    assert reread(incoming).item.sealed_at is not None
