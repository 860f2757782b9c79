"""The audit log stands in the same proof as the records: what was done to it afterwards is refused, and found."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from narvaro.core import actions, ledger
from narvaro.core.models import AuditEntry
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Actor, Role
from narvaro.records import guards
from narvaro.records.verify import verify

pytestmark = pytest.mark.django_db


def a_log() -> tuple[Actor, AuditEntry]:
    authority = an_authority()
    administrator = an_actor(authority, role=Role.ADMINISTRATOR)
    for name in ("Biblioteket", "Badhuset", "Skolan"):
        actions.add_unit(actor=administrator, name=name)
    ledger.sequence(authority)
    return administrator, AuditEntry.objects.of(administrator).order_by("pk")[1]


@pytest.mark.parametrize(
    "line", ["UPDATE core_auditentry SET why = 'annat' WHERE id = %s", "DELETE FROM core_auditentry WHERE id = %s"]
)
def test_the_database_refuses_to_change_the_log(line):
    _actor, entry = a_log()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(line, [entry.pk])

    assert AuditEntry.objects.everywhere("test").filter(pk=entry.pk, why="").exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("UPDATE core_auditentry SET actor_name = 'Någon annan' WHERE id = %s", "har ändrats"),
        ("UPDATE core_auditentry SET why = 'för att' WHERE id = %s", "har ändrats"),
        ("UPDATE core_auditentry SET verb = 'core.end_role' WHERE id = %s", "har ändrats"),
        ("DELETE FROM core_auditentry WHERE id = %s", "finns inte längre"),
    ],
)
def test_what_somebody_with_the_database_in_hand_did_is_found(line, words):
    actor, entry = a_log()
    assert verify(actor).holds

    with connection.cursor() as cursor:
        for removal in guards.removal():
            cursor.execute(removal)
        cursor.execute(line, [entry.pk])
    guards.install()

    assert words in verify(actor).fault
