"""A record that is held stays whole until somebody says, with a reason, that it need not be."""

from __future__ import annotations

import pytest
from django.urls import reverse

from narvaro.core import audit
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Invalid, NotFound, NotPermitted, Role
from narvaro.records import actions, queries
from narvaro.records.testing import a_kept
from narvaro.records.tests.test_pages import signed_in

pytestmark = pytest.mark.django_db


def test_tf_12_a_record_under_two_holds_is_held_until_both_have_ended(authority, archivist):
    item = a_kept(authority)
    holds = [actions.hold_items(actor=archivist, items=[item], why=f"Ärende {n}") for n in (1, 2)]

    actions.end_hold(actor=archivist, uid=holds[0].uid, why="Avslutat.")
    still = queries.held_ids(archivist, [item.pk])
    actions.end_hold(actor=archivist, uid=holds[1].uid, why="Avslutat.")

    assert still == {item.pk}
    assert queries.held_ids(archivist, [item.pk]) == set()
    assert audit.history(archivist, holds[0])[0].why == "Avslutat."


def test_a_hold_has_a_reason_and_records(authority, archivist):
    for items, why in (([], "Skäl"), ([a_kept(authority)], "  ")):
        with pytest.raises(Invalid):
            actions.hold_items(actor=archivist, items=items, why=why)


def test_who_only_audits_places_no_hold_and_who_answers_ends_none(authority, archivist):
    item = a_kept(authority)
    hold = actions.hold_items(actor=archivist, items=[item], why="Polisanmälan")

    with pytest.raises(NotPermitted):
        actions.hold_items(actor=an_actor(authority, role=Role.AUDITOR), items=[item], why="Polisanmälan")
    with pytest.raises(NotPermitted):
        actions.end_hold(actor=an_actor(authority, role=Role.REPRESENTATIVE), uid=hold.uid, why="Klart.")
    with pytest.raises(NotFound):
        actions.end_hold(actor=an_actor(an_authority(), role=Role.ARCHIVIST), uid=hold.uid, why="Klart.")


def test_the_records_page_says_that_it_is_held(authority, archivist):
    item = a_kept(authority)
    actions.hold_items(actor=archivist, items=[item], why="Polisanmälan")

    page = signed_in(archivist).get(reverse("records:record", args=[item.uid])).content.decode()

    assert "Hålls kvar" in page
    assert "varken gallras eller utplånas" in page
