"""Promises of gathering: many tables in one statement, read back as they stand."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from narvaro.core import audit, waiting
from narvaro.core.gathering import Part, gathered
from narvaro.core.models import Absence, AuditEntry, Unit, Waiting
from narvaro.core.testing import a_unit, an_actor, an_authority
from narvaro.core.types import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return an_actor(an_authority(), role=Role.COMMUNICATIONS_LEAD)


def an_entry(lead, **facts):
    return audit.note(lead, "core.add_unit", None, why='Därför att "så" är det: \\ \u202e 🙂', **facts)


def test_rows_of_several_tables_come_back_as_they_stand_in_one_statement(lead):
    entry = an_entry(lead, number=3, words="åäö")
    waiting.put(lead, [waiting.Wait("inbox", "x", 1, "Titel", "/x/", due_at=entry.at, person_id=lead.person_id)])
    wait = Waiting.objects.of(lead).get()

    with CaptureQueriesContext(connection) as captured:
        found = gathered({
            "audit": Part(AuditEntry.objects.of(lead)),
            "waits": Part(Waiting.objects.of(lead), names=("person__name", "person__organisation__name")),
            "nothing": Part(Absence.objects.of(lead).none()),
        })  # fmt: skip
        names = (found["waits"][0].person.name, found["waits"][0].person.organisation.name)

    assert len(captured) == 1
    (read,), (waits,) = found["audit"], found["waits"]
    assert (read.at, read.uid, read.facts, read.why) == (entry.at, entry.uid, entry.facts, entry.why)
    assert (waits.due_at, waits.title, waits.pk) == (wait.due_at, "Titel", wait.pk)
    assert names == (lead.name, wait.person.organisation.name)
    assert found["nothing"] == []


def test_what_was_left_out_is_asked_for_and_never_guessed(lead):
    entry = an_entry(lead)

    (read,) = gathered({"audit": Part(AuditEntry.objects.of(lead), without=("why",))})["audit"]

    assert read.why == entry.why
    assert bytes(read.salt) == bytes(entry.salt)


def test_a_relation_without_a_row_is_none_and_rows_stand_in_order(lead):
    authority = an_authority("Lillköping")
    above = a_unit(authority, "Kultur")
    a_unit(authority, "Biblioteket", parent=above)
    actor = an_actor(authority, role=Role.ADMINISTRATOR)

    first, second = gathered({"units": Part(Unit.objects.of(actor).order_by("-pk"), names=("parent__name",))})["units"]

    assert (first.pk, first.parent) == (above.pk, None)
    assert second.parent.name == "Kultur"


def test_nothing_asked_is_nothing_and_costs_nothing(lead):
    with CaptureQueriesContext(connection) as captured:
        assert gathered({}) == {}
        assert gathered({"a": Part(AuditEntry.objects.of(lead).none())}) == {"a": []}

    assert len(captured) == 0
