"""What a session of PostgreSQL is told when it begins, on a real one."""

from __future__ import annotations

import pytest
from django.db import connection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("not __import__('django.db').db.connection.vendor == 'postgresql'", reason="PostgreSQL's own"),
]


def test_a_question_is_not_compiled_before_it_is_answered():
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        said = cursor.fetchone()
        cursor.execute("SELECT boot_val FROM pg_settings WHERE name = 'jit'")
        otherwise = cursor.fetchone()

    assert otherwise == ("on",)  # else nothing is shown here
    assert said == ("off",)
