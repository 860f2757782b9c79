"""The second lock, on a real PostgreSQL, tried as a role that is neither superuser nor owner."""

from __future__ import annotations

import contextlib

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from narvaro.core import wall
from narvaro.core.models import Unit
from narvaro.core.postgresql import SETTING
from narvaro.core.testing import a_unit, an_authority

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        "not __import__('django.db').db.connection.vendor == 'postgresql'", reason="PostgreSQL's own lock"
    ),
]


@pytest.fixture
def as_application():
    """Act as a role without any privilege of its own, as a careful installation does."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE narvaro_app NOLOGIN NOSUPERUSER NOBYPASSRLS")
        cursor.execute("GRANT USAGE ON SCHEMA public TO narvaro_app")
        cursor.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO narvaro_app")
        cursor.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO narvaro_app")
        cursor.execute("SET ROLE narvaro_app")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def names_seen() -> set[str]:
    return set(Unit.objects.everywhere("a query that forgot its authority").values_list("name", flat=True))


def test_tf_7_a_query_that_forgets_its_authority_still_sees_only_its_own(as_application):
    ours, theirs = an_authority("Storköping"), an_authority("Lillköping")
    a_unit(ours, "Vårt bibliotek")
    a_unit(theirs, "Deras bibliotek")

    with wall.narrowed(ours.pk):
        seen = names_seen()

    assert seen == {"Vårt bibliotek"}


def test_an_anonymous_request_sees_nothing(as_application):
    a_unit(an_authority(), "Biblioteket")

    with wall.narrowed(None):
        assert names_seen() == set()


def test_a_row_cannot_be_written_into_another_authority(as_application):
    ours, theirs = an_authority("Storköping"), an_authority("Lillköping")

    with wall.narrowed(ours.pk), pytest.raises(ProgrammingError), transaction.atomic():
        Unit.objects.create(authority=theirs, name="Smugen in")

    assert names_seen() == set()


def test_after_the_block_the_duty_sees_all_again(as_application):
    a_unit(an_authority(), "Biblioteket")

    with wall.narrowed(None):
        pass

    assert names_seen() == {"Biblioteket"}


def test_every_owned_table_stands_behind_the_wall():
    assert wall.missing() == []
    assert "records_version" in wall.owned_tables()


def test_a_wall_in_a_former_shape_is_found_and_built_anew(as_application):
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(f"DROP POLICY {wall._POLICY} ON core_unit")
        cursor.execute("CREATE POLICY narvaro_own_rows ON core_unit USING (true)")

    found = wall.missing()
    wall.build()

    assert found == ["core_unit"]
    assert wall.missing() == []
    ours, theirs = an_authority("Storköping"), an_authority("Lillköping")
    a_unit(ours, "Vårt bibliotek")
    a_unit(theirs, "Deras bibliotek")
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE narvaro_app")
    with wall.narrowed(ours.pk):
        assert names_seen() == {"Vårt bibliotek"}


@pytest.mark.parametrize("opening", ["DISABLE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY"])
def test_a_table_that_does_not_obey_its_policy_is_found_and_made_to(opening):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE core_unit {opening}")

    found = wall.missing()
    wall.build()

    assert found == ["core_unit"]
    assert wall.missing() == []


def test_the_application_cannot_empty_a_table(as_application):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE records_version CASCADE")

    assert wall.owned_tables()


def test_what_is_undone_with_a_transaction_is_not_believed_to_be_said(as_application):
    ours, theirs = an_authority("Storköping"), an_authority("Lillköping")
    a_unit(ours, "Vårt bibliotek")
    a_unit(theirs, "Deras bibliotek")

    with wall.narrowed(ours.pk):
        with contextlib.suppress(KeyError), transaction.atomic(), wall.narrowed(theirs.pk):
            assert names_seen() == {"Deras bibliotek"}
            raise KeyError

        assert names_seen() == {"Vårt bibliotek"}


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_is_undone_does_not_open_the_wall_for_what_comes_after():
    ours, theirs = an_authority("Storköping"), an_authority("Lillköping")
    a_unit(ours, "Vårt bibliotek")
    a_unit(theirs, "Deras bibliotek")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # a session that sees all, as a worker's does

    with wall.narrowed(ours.pk):
        with contextlib.suppress(KeyError), transaction.atomic():
            assert told() == str(ours.pk)
            raise KeyError
        assert told() == str(ours.pk)
        connection.close()  # the database was restarted
        assert told() == str(ours.pk)
    assert told() in (None, "", "*")


@pytest.mark.django_db(transaction=True)
def test_a_session_is_told_whose_rows_it_sees_only_when_that_is_something_else():
    ours = an_authority("Storköping")
    with wall.narrowed(ours.pk):
        told()

    with CaptureQueriesContext(connection) as asked:
        for _turn in range(3):
            with wall.narrowed(None), wall.narrowed(ours.pk):
                told()

    assert len(asked) == 3, asked.captured_queries


def told() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT current_setting('{SETTING}', true)")
        return cursor.fetchone()[0]
