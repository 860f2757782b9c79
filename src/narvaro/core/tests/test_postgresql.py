"""What a session of PostgreSQL is told when it begins, on a real one."""

from __future__ import annotations

import pytest
from django.db import connection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("not __import__('django.db').db.connection.vendor == 'postgresql'", reason="PostgreSQL's own"),
]


@pytest.mark.parametrize(
    ("setting", "otherwise", "told"), [("jit", "on", "off"), ("random_page_cost", "4", "1.1")]
)  # fmt: skip
def test_a_session_is_told_what_answers_short_questions_quickly(setting, otherwise, told):
    """No question is compiled before it is answered, and an index is used though a table would fit in the memory."""
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {setting}")
        said = cursor.fetchone()
        cursor.execute("SELECT boot_val FROM pg_settings WHERE name = %s", [setting])
        assert cursor.fetchone() == (otherwise,)  # else nothing is shown here

    assert said == (told,)
