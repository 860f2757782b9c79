"""What is unlawful must go in time: the clock runs from when a person of ours opened it, or it was reported."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from narvaro.base import clock
from narvaro.channels.testing import a_channel
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Actor, Role
from narvaro.inbox import actions, queries
from narvaro.inbox.models import Incoming
from narvaro.inbox.testing import a_comment
from narvaro.inbox.types import List
from narvaro.moderation import actions as moderation
from narvaro.moderation import oversight
from narvaro.policy.types import Measure as Kind

pytestmark = pytest.mark.django_db
THREAT = "Jag ska slå dig på käften i morgon"
DAY = timedelta(hours=24)


def opened(actor: Actor, incoming: Incoming) -> None:
    actions.note_opened(actor=actor, page=queries.thread_page(actor, incoming.uid))


def decided(actor: Actor, incoming: Incoming):
    return actions.moderate(
        actor=actor, uid=incoming.uid, kind=Kind.REMOVE, ground="BBS-5a", reasons="Hotar en namngiven person."
    ).measure


def known(actor: Actor) -> list[tuple]:
    return [(one.what, one.uid, one.knowledge_at, one.due_at) for one in oversight.clocks(actor)]


def test_bbs_4_opening_a_threat_starts_the_clock_before_anybody_has_decided(authority, lead):
    at = clock.now()
    with clock.frozen(at):
        incoming = a_comment(authority, THREAT)
        before = known(lead)
        opened(lead, incoming)
        running, late = known(lead), oversight.overdue(lead)
    with clock.frozen(at + DAY + timedelta(minutes=1)):
        afterwards = oversight.overdue(lead)

    assert before == []
    assert running == [("finding", incoming.uid, at, at + DAY)]
    assert late == []
    assert [(one.what, one.uid, one.gone_at) for one in afterwards] == [("finding", incoming.uid, None)]


def test_bbs_4_a_decision_counts_from_when_its_comment_was_opened_not_from_when_it_was_kept(authority, lead):
    at = clock.now()
    with clock.frozen(at):
        incoming = a_comment(authority, THREAT)
    with clock.frozen(at + timedelta(hours=2)):
        opened(lead, incoming)
    with clock.frozen(at + timedelta(hours=5)):
        measure = decided(lead, incoming)
        clocks = known(lead)

    assert measure.knowledge_at == at + timedelta(hours=2)
    assert clocks == [("measure", measure.uid, at + timedelta(hours=2), at + timedelta(hours=2) + DAY)]


@pytest.mark.parametrize("is_kept_first", [True, False])
def test_bbs_4_a_report_before_anybody_opened_it_is_when_we_knew(authority, lead, is_kept_first):
    channel = a_channel(authority)
    link, at = "https://social.example/@x/110000000000000077", clock.now()
    visitor = Actor.visitor(authority)
    with clock.frozen(at):
        if not is_kept_first:
            moderation.keep_report(actor=visitor, kind="threat", text="Ett hot.", url=link)
        incoming = a_comment(authority, THREAT, channel=channel, remote_id="110000000000000077")
        if is_kept_first:
            moderation.keep_report(actor=visitor, kind="threat", text="Ett hot.", url=link)
    with clock.frozen(at + timedelta(hours=3)):
        opened(lead, incoming)
        measure = decided(lead, incoming)

    assert measure.knowledge_at == at


def test_a_decision_made_without_opening_anything_is_when_we_knew(authority, lead):
    at = clock.now()
    with clock.frozen(at):
        incoming = a_comment(authority, THREAT)
    with clock.frozen(at + timedelta(hours=4)):
        measure = decided(lead, incoming)

    assert measure.knowledge_at == at + timedelta(hours=4)


def test_what_is_done_with_taken_away_or_lawful_has_no_clock(authority, lead):
    question, threat = a_comment(authority, "När öppnar simhallen?"), a_comment(authority, THREAT)
    for each in (question, threat):
        opened(lead, each)

    actions.mark_no_answer_needed(actor=lead, uid=threat.uid)

    assert known(lead) == []


def test_another_authoritys_clocks_are_not_ours(authority, lead):
    elsewhere = an_authority("Lillköping")
    stranger = an_actor(elsewhere, role=Role.COMMUNICATIONS_LEAD)
    opened(stranger, a_comment(elsewhere, THREAT))

    assert known(lead) == []
    assert len(known(stranger)) == 1


def test_the_lists_show_until_when_it_must_be_gone_and_no_longer_when_it_is_decided(authority, lead, client):
    at = clock.now()
    with clock.frozen(at):
        channel = a_channel(authority)
        incoming = a_comment(authority, THREAT, channel=channel)
        a_comment(authority, "När öppnar simhallen?", channel=channel)
        opened(lead, incoming)
        shown = {c.incoming.uid: c.removal_due for c in queries.list_page(lead, List.ALL).cards}
        client.force_login(person_of(lead))
        page = client.get(reverse("inbox:inbox") + "?lista=alla").content.decode()
        board = client.get(reverse("moderation:oversight")).content.decode()
        decided(lead, incoming)
        afterwards = [c.removal_due for c in queries.list_page(lead, List.ALL).cards]

    assert {uid: due for uid, due in shown.items() if due} == {incoming.uid: at + DAY}
    assert page.count("Kan vara olagligt:") == 1
    assert reverse("inbox:thread", args=[incoming.uid]) in board
    assert "Ska bort i tid" in board
    assert afterwards == [None, None]
