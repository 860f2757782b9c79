"""Who may see an item sees it in the inbox from the moment they may, and nobody else does."""

from __future__ import annotations

import pytest

from narvaro.connectors.port import Visibility
from narvaro.core.testing import an_actor
from narvaro.core.types import NotFound, Role, Stale
from narvaro.inbox import actions, queries
from narvaro.inbox.testing import a_comment, reread, take_in, uids
from narvaro.inbox.types import List
from narvaro.records import actions as records
from narvaro.records.testing import a_page, an_item

pytestmark = pytest.mark.django_db

PRIVATE, PUBLIC = Visibility.PRIVATE, Visibility.PUBLIC


def shown_to_more_since(authority, **values):
    """Return what came in as a private message and stands open to anybody on the platform now."""
    incoming = a_comment(authority, "Får jag fråga en sak?", remote_id="1", visibility=PRIVATE, **values)
    records.capture(
        channel=incoming.channel, page=a_page(an_item("Får jag fråga en sak?", remote_id="1", visibility=PUBLIC))
    )
    take_in(authority)
    return reread(incoming)


def test_tf_4_what_a_person_lets_more_see_stands_in_their_lists_at_once(authority):
    incoming = shown_to_more_since(authority)
    registrar, colleague = an_actor(authority, role=Role.REGISTRAR), an_actor(authority, role=Role.DPO)
    with pytest.raises(NotFound):
        queries.incoming_for(colleague, incoming.uid)

    records.widen_item(actor=registrar, item=incoming.item, why="Hon har själv gjort det öppet.")

    assert queries.incoming_for(colleague, incoming.uid).is_private is False
    assert uids(colleague, List.ALL) == [str(incoming.uid)]


def test_whoever_writes_a_private_answer_meanwhile_is_told_that_it_has_changed(authority):
    incoming = shown_to_more_since(authority)
    registrar = an_actor(authority, role=Role.REGISTRAR)
    answering = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)

    records.widen_item(actor=registrar, item=incoming.item, why="Öppet på plattformen.")

    with pytest.raises(Stale):
        actions.answer(actor=answering, uid=incoming.uid, text="Ja.", seen_version=incoming.version)


def test_tf_4_what_its_author_makes_private_leaves_others_lists_with_the_page_that_tells_of_it(authority):
    incoming = a_comment(authority, "Får jag fråga en sak?", remote_id="1")
    colleague = an_actor(authority, role=Role.DPO)
    before = uids(colleague, List.ALL)

    records.capture(channel=incoming.channel, page=a_page(an_item("Får jag?", remote_id="1", visibility=PRIVATE)))

    assert before == [str(incoming.uid)]
    assert uids(colleague, List.ALL) == []
    with pytest.raises(NotFound):
        queries.incoming_for(colleague, incoming.uid)


def test_whoever_writes_an_open_answer_meanwhile_is_told_that_it_has_changed(authority):
    incoming = a_comment(authority, "Får jag fråga en sak?", remote_id="1")
    answering = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)

    records.capture(channel=incoming.channel, page=a_page(an_item("Får jag?", remote_id="1", visibility=PRIVATE)))

    with pytest.raises(Stale):
        actions.answer(actor=answering, uid=incoming.uid, text="Ja.", seen_version=incoming.version)


def test_tf_4_what_its_author_closes_again_is_private_in_the_inbox_again(authority):
    incoming = shown_to_more_since(authority)
    registrar = an_actor(authority, role=Role.REGISTRAR)
    records.widen_item(actor=registrar, item=incoming.item, why="Öppet på plattformen.")

    records.capture(channel=incoming.channel, page=a_page(an_item("Nej.", remote_id="1", visibility=PRIVATE)))
    take_in(authority)

    assert reread(incoming).is_private is True
