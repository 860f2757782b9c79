"""Who may see what changed its audience on the platform: fewer at once, more when a person said so (TF-4, BBS-1)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.urls import reverse

from narvaro.channels.models import Channel
from narvaro.connectors.port import Visibility
from narvaro.core import audit, ledger, waiting
from narvaro.core.testing import an_actor, person_of
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role
from narvaro.records import actions, guards, index, queries
from narvaro.records.models import Item
from narvaro.records.search import Question, search
from narvaro.records.testing import a_page, an_item
from narvaro.records.verify import verify

pytestmark = pytest.mark.django_db

PUBLIC, UNLISTED, PRIVATE = Visibility.PUBLIC, Visibility.UNLISTED, Visibility.PRIVATE


@pytest.fixture
def employee(authority) -> Actor:
    """Return somebody who reads records, and no private messages."""
    return an_actor(authority, role=Role.DPO)


def said(channel: Channel, *audiences: Visibility) -> Item:
    """Return what was written once and seen by each audience in turn."""
    for number, visibility in enumerate(audiences):
        text = f"Barnvagnen får inte plats, rad {number}"
        actions.capture(channel=channel, page=a_page(an_item(text, remote_id="1", visibility=visibility)))
        ledger.sequence(channel.authority)
    return Item.objects.everywhere("test").select_related("channel").get(channel=channel, remote_id="1")


def test_tf_4_what_its_author_made_private_is_private_here_at_once_with_all_its_versions(channel, employee):
    item = said(channel, PUBLIC)
    index.follow(channel.authority_id)
    found_before = search(employee, Question(text="barnvagnen")).hits

    item = said(channel, PRIVATE)
    index.follow(channel.authority_id)

    assert item.visibility == PRIVATE
    assert len(found_before) == 1
    assert search(employee, Question(text="barnvagnen")).hits == ()
    with pytest.raises(NotFound):
        queries.item_for(employee, item.uid)
    assert [entry.verb for entry in audit.history(employee, item)] == ["records.narrow_item"]


def test_tf_4_what_was_private_is_not_shown_to_more_before_a_person_has_said_so(channel, registrar, employee):
    item = said(channel, PRIVATE, PUBLIC)

    asked = waiting.for_actor(registrar)

    assert item.visibility == PRIVATE
    assert [wait.link for wait in asked] == [f"/handlingar/{item.uid}/"]
    with pytest.raises(NotFound):
        queries.item_for(employee, item.uid)

    actions.widen_item(actor=registrar, item=item, why="Hon har själv gjort det öppet.")

    assert queries.item_for(employee, item.uid).visibility == PUBLIC
    assert not waiting.for_actor(registrar).exists()


def test_tf_4_what_a_person_opened_is_closed_again_when_its_author_closes_it(channel, registrar):
    item = said(channel, PRIVATE, PUBLIC)
    actions.widen_item(actor=registrar, item=item, why="Öppet på plattformen.")

    for visibility, expected in ((PRIVATE, PRIVATE), (PUBLIC, PRIVATE)):
        actions.capture(channel=channel, page=a_page(an_item(f"{visibility}", remote_id="1", visibility=visibility)))
        ledger.sequence(channel.authority)
        item.refresh_from_db(from_queryset=Item.objects.everywhere("test"))
        assert item.visibility == expected

    assert verify(registrar).fault == ""


def test_among_what_is_not_private_nobody_is_asked_and_nothing_gets_wider(channel, registrar):
    item = said(channel, UNLISTED, PUBLIC)

    assert item.visibility == UNLISTED
    assert not waiting.for_actor(registrar).exists()


def test_only_who_keeps_records_lets_more_see_and_only_what_the_platform_shows_to_more(channel, registrar, employee):
    item = said(channel, PRIVATE, PUBLIC)

    with pytest.raises(NotPermitted):
        actions.widen_item(actor=employee, item=item, why="För att.")
    with pytest.raises(Invalid):
        actions.widen_item(actor=registrar, item=item, why=" ")
    actions.widen_item(actor=registrar, item=item, why="Öppet på plattformen.")
    with pytest.raises(Invalid):
        actions.widen_item(actor=registrar, item=item, why="En gång till.")


def test_the_page_of_a_record_leads_to_the_decision(channel, registrar, client):
    item = said(channel, PRIVATE, PUBLIC)
    client.force_login(person_of(registrar), backend="allauth.account.auth_backends.AuthenticationBackend")

    shown = client.get(reverse("records:record", args=[item.uid])).content.decode()
    address = reverse("records:widen", args=[item.uid])
    form = client.get(address)

    assert "Fler kan se den där nu" in shown
    assert address in shown
    assert form.status_code == 200


@pytest.mark.parametrize("audiences", [(PUBLIC, PRIVATE), (PRIVATE, PUBLIC)])
def test_an_audience_that_was_changed_in_the_database_is_found(channel, registrar, audiences):
    item = said(channel, *audiences)
    before = verify(registrar).fault

    with connection.cursor() as cursor:
        for removal in guards.removal():
            cursor.execute(removal)
        cursor.execute("UPDATE records_item SET visibility = 'public'")
    guards.install()

    assert before == ""
    assert f"{item.uid} (1): synligheten är en annan" in verify(registrar).fault
