"""Rows by many keys, told the database as one value."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from narvaro.core.among import Among
from narvaro.core.models import Unit
from narvaro.core.testing import a_unit, an_actor, an_authority
from narvaro.core.types import Role

pytestmark = pytest.mark.django_db


def test_rows_are_found_by_their_keys_however_many_and_no_key_finds_none():
    authority = an_authority()
    actor = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    wanted = {a_unit(authority, name=f"Enhet {number}").pk for number in range(3)}
    a_unit(authority, name="En annan")
    rows = Unit.objects.of(actor)

    with CaptureQueriesContext(connection) as asked:
        found = set(rows.filter(Among("pk", [*wanted, *range(10**6, 10**6 + 70_000)])).values_list("pk", flat=True))

    assert found == wanted
    assert len(asked) == 1
    assert set(rows.filter(Among("authority_id", [authority.pk]))) == set(rows)
    assert list(rows.filter(Among("pk", []))) == []
