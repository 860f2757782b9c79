"""The notice outside staffed hours: once a thread and closed period, and never instead of an answer (FL-3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from narvaro.base.clock import frozen
from narvaro.channels.testing import a_channel
from narvaro.core.testing import an_authority
from narvaro.inbox import actions
from narvaro.inbox.models import Notice, Reply
from narvaro.inbox.testing import a_comment, reread, take_in
from narvaro.inbox.tests.test_answers import delivered, send
from narvaro.inbox.types import Purpose, State
from narvaro.publishing.models import Publication

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
SATURDAY = datetime(2026, 10, 17, 9, 0, tzinfo=UTC)


def a_closed_authority():
    authority = an_authority()
    authority.unstaffed_notice = True
    authority.unstaffed_notice_text = "Vi svarar vardagar."
    authority.save()
    return authority


def test_fl_3_the_notice_outside_staffed_hours_comes_once_a_thread_and_closed_period():
    authority = a_closed_authority()
    channel = a_channel(authority, in_operation_from=LONG_AGO)
    with frozen(SATURDAY):
        first = a_comment(authority, channel=channel, root_remote_id="root", parent_remote_id="root")
        a_comment(authority, "Och på söndag?", channel=channel, root_remote_id="root", parent_remote_id="root")

        assert actions.send_notices(authority=authority) == 1
        assert actions.send_notices(authority=authority) == 0
    with frozen(SATURDAY + timedelta(days=7)):
        a_comment(authority, "Och nu?", channel=channel, root_remote_id="root", parent_remote_id="root")
        assert actions.send_notices(authority=authority) == 1

    texts = set(Publication.objects.everywhere("test").filter(channel=channel).values_list("text", flat=True))
    assert texts == {"Vi svarar vardagar."}
    assert reread(first).state == State.OPEN


def test_fl_3_a_delivered_notice_leaves_the_question_open():
    authority = a_closed_authority()
    channel = a_channel(authority, in_operation_from=LONG_AGO)
    with frozen(SATURDAY):
        incoming = a_comment(authority, channel=channel)
        actions.send_notices(authority=authority)
        send(delivered)
        take_in(authority)
        actions.settle_answers()

    assert reread(incoming).state == State.OPEN
    assert Reply.objects.everywhere("test").get(incoming=incoming).purpose == Purpose.NOTICE


def test_fl_3_no_notice_while_open_or_unwanted_or_under_a_call_for_help():
    wanted, unwanted = a_closed_authority(), an_authority()
    with frozen(SATURDAY):
        a_comment(wanted, "Jag vill dö, jag ska ta livet av mig. Vad ska jag göra?",
                  channel=a_channel(wanted, in_operation_from=LONG_AGO))  # fmt: skip
        a_comment(unwanted, channel=a_channel(unwanted, in_operation_from=LONG_AGO))
        assert actions.send_notices(authority=wanted) == 0
        assert actions.send_notices(authority=unwanted) == 0
    with frozen(SATURDAY - timedelta(days=2)):
        a_comment(wanted, channel=a_channel(wanted, in_operation_from=LONG_AGO))
        assert actions.send_notices(authority=wanted) == 0

    assert not Notice.objects.everywhere("test").exists()
