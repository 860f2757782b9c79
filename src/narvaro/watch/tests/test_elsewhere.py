"""Found elsewhere: brought in by link and text, decided by the nearest manager, our reply kept as a record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.base.clock import now
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.core import waiting
from narvaro.core.testing import a_unit, an_actor
from narvaro.core.types import Invalid, NotPermitted, Role, Stale
from narvaro.records.models import Item
from narvaro.records.types import Origin
from narvaro.watch import actions, queries
from narvaro.watch.models import Elsewhere
from narvaro.watch.testing import an_elsewhere
from narvaro.watch.types import ElsewhereState

pytestmark = pytest.mark.django_db


def test_fl_3_something_elsewhere_goes_to_the_nearest_manager_and_our_reply_is_kept(authority):
    unit = a_unit(authority)
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=unit)
    finder = an_actor(authority, role=Role.REPRESENTATIVE, unit=unit)
    channel = a_channel(authority, unit=unit)
    theirs, ours = "Badet är stängt för alltid, säger @anna@social.example", "Badet öppnar igen på måndag."

    client = signed_in(finder)
    page = client.get("/bevakning/annanstans/nytt/")
    values = {"sort": "error", "link": "https://bladet.example/1", "text": theirs, "unit": str(unit.uid)}
    private = client.post("/bevakning/annanstans/nytt/", filled(page, **values, is_public=""))
    sent = client.post("/bevakning/annanstans/nytt/", filled(page, **values, is_public="on"))
    asked = [wait.link for wait in waiting.today(manager)]
    (row,) = Elsewhere.objects.of(manager)
    place = f"/bevakning/annanstans/{row.uid}/"
    boss = signed_in(manager)
    decided = boss.post(f"{place}avgor/", filled(boss.get(place), "decide_form", is_answered="yes"))
    handed = [wait.link for wait in waiting.today(finder)]
    data = filled(client.get(place), "reply_form", channel=str(channel.uid), text=ours)
    kept = client.post(f"{place}svaret/", data)

    assert "privat" in private.content.decode()
    assert (private.status_code, sent.status_code, decided.status_code, kept.status_code) == (422, 302, 302, 302)
    assert asked == handed == [place]
    assert waiting.today(finder) == []
    done = queries.elsewhere_for(manager, row.uid)
    assert done.state == ElsewhereState.ANSWERED
    assert done.text == "Badet är stängt för alltid, säger @…"
    assert (done.item.origin, done.item.channel_id) == (Origin.DRAWN_UP, channel.pk)
    assert Item.objects.of(manager).filter(thread_key=done.item.thread_key).count() == 2
    assert ours in client.get(f"/handlingar/{done.item.uid}/").content.decode()


def test_what_is_left_needs_a_reason_and_its_words_are_thrown_away_in_time(authority, lead):
    row = an_elsewhere(authority)
    with pytest.raises(Invalid, match="varför"):
        actions.decide_elsewhere(actor=lead, uid=row.uid, is_answered=False)

    actions.decide_elsewhere(actor=lead, uid=row.uid, is_answered=False, why="Det är en åsikt.")
    with clock.frozen(now() + timedelta(days=31)):
        actions.dispose_hits()

    left = queries.elsewhere_for(lead, row.uid)
    assert (left.state, left.text, left.why) == (ElsewhereState.LEFT, "", "Det är en åsikt.")
    assert left.link
    assert waiting.today(lead) == []


def test_only_who_leads_the_unit_decides_once_and_nothing_is_answered_before(authority, lead):
    row = an_elsewhere(authority)
    channel = a_channel(authority)
    other = an_actor(authority, role=Role.UNIT_MANAGER, unit=a_unit(authority, "Gatan"))

    with pytest.raises(NotPermitted):
        actions.decide_elsewhere(actor=other, uid=row.uid, is_answered=True)
    with pytest.raises(Stale):
        actions.keep_reply(actor=lead, uid=row.uid, channel_uid=channel.uid, text="Svar")
    actions.decide_elsewhere(actor=lead, uid=row.uid, is_answered=True, seen_version=row.version)
    with pytest.raises(Stale):
        actions.decide_elsewhere(actor=lead, uid=row.uid, is_answered=False, why="x", seen_version=row.version)
    with pytest.raises(Invalid):
        actions.keep_reply(actor=lead, uid=row.uid, channel_uid=channel.uid, text="Svar", link="javascript:alert(1)")


@pytest.mark.parametrize("values", [{"link": "x"}, {"text": " "}, {"sort": "colleague"}])
def test_what_cannot_be_used_is_refused(authority, lead, values):
    given = {"sort": "error", "text": "Fel", "link": "https://bladet.example/1", **values}

    with pytest.raises(Invalid):
        actions.bring_elsewhere(actor=lead, unit_uid=a_unit(authority).uid, **given)
