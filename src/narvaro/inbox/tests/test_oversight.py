"""What the inbox tells oversight: a thread that was opened is looked at, and a crisis keeps in what nobody sends."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from narvaro.base import clock
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import signed_in
from narvaro.core.testing import an_actor
from narvaro.core.types import Role
from narvaro.inbox import actions
from narvaro.inbox.models import Notice
from narvaro.inbox.testing import a_comment, take_in
from narvaro.moderation import actions as moderation
from narvaro.moderation.models import Look
from narvaro.records.testing import a_kept

pytestmark = pytest.mark.django_db


@pytest.fixture
def comment(authority):
    """A comment that came after oversight of its channel had begun."""
    with clock.frozen(clock.now() - timedelta(minutes=5)):
        channel = a_channel(authority)
        moderation.oversee(authority=authority)
    found = a_comment(authority, channel=channel)
    moderation.oversee(authority=authority)
    return found


def seen() -> list[tuple[int | None, datetime | None]]:
    return list(Look.objects.everywhere("test").order_by("pk").values_list("seen_by_id", "seen_at"))


def test_bbs_3_opening_a_thread_is_looking_at_what_it_shows(lead, comment):
    office = signed_in(lead)

    office.get("/inkorg/")
    listed = seen()
    office.get(f"/inkorg/{comment.uid}/")

    assert listed == [(None, None)]
    assert [who for who, _at in seen()] == [lead.person_id]


def test_bbs_3_what_came_while_the_thread_was_open_is_looked_at_when_it_shows(authority, lead, comment):
    office = signed_in(lead)
    office.get(f"/inkorg/{comment.uid}/")
    a_kept(
        authority, "Svarar ingen?", channel=comment.channel, parent_remote_id=comment.item.remote_id,
        root_remote_id=comment.item.remote_id,
    )  # fmt: skip
    take_in(authority)
    moderation.oversee(authority=authority)
    before = seen()

    office.get(f"/inkorg/{comment.uid}/nu/")

    assert [who for who, _at in before] == [lead.person_id, None]
    assert [who for who, _at in seen()] == [lead.person_id, lead.person_id]


def test_bbs_3_whoever_only_reads_has_not_looked_for_the_authority(authority, comment):
    reader = signed_in(an_actor(authority, role=Role.AUDITOR))

    assert reader.get(f"/inkorg/{comment.uid}/").status_code == 200

    assert seen() == [(None, None)]


def test_bbs_3_a_step_from_the_list_is_a_look_too(lead, comment):
    actions.mark_no_answer_needed(actor=lead, uid=comment.uid)

    assert [who for who, _at in seen()] == [lead.person_id]


def test_a_crisis_keeps_in_the_notice_that_nobody_sends(authority, lead):
    calendar_night = datetime(2026, 11, 24, 22, tzinfo=clock.STOCKHOLM)
    authority.unstaffed_notice = True
    authority.unstaffed_notice_text = "Vi svarar vardagar."
    authority.save()
    with clock.frozen(calendar_night - timedelta(days=1)):
        frozen, other = a_channel(authority), a_channel(authority)
        moderation.start_crisis(actor=lead, why="Översvämning.", channel_uid=frozen.uid)
    with clock.frozen(calendar_night):
        for channel in (frozen, other):
            a_comment(authority, "När öppnar simhallen?", channel=channel)
        sent = actions.send_notices(authority=authority)

    assert sent == 1
    assert list(Notice.objects.everywhere("test").values_list("channel_id", flat=True)) == [other.pk]
