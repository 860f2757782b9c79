"""What is remembered for a short while holds for every web process alike."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from threading import Barrier

import pytest
from django.core.cache import cache, caches
from django.db import connection
from django.test import Client
from django.urls import reverse

from narvaro.base.clock import frozen
from narvaro.core.models import Remembered
from narvaro.core.remembered import TableCache, forget_past
from narvaro.core.testing import PASSWORD, a_person, an_actor, an_authority

NOON = datetime(2026, 11, 24, 11, tzinfo=UTC)


def another_process() -> TableCache:
    found = caches.create_connection("default")
    assert isinstance(found, TableCache)
    return found


@pytest.mark.django_db
def test_what_one_process_counts_another_knows():
    cache.set("försök", [3.5, 2.25], 60)

    assert another_process().get("försök") == [3.5, 2.25]
    assert another_process().delete("försök")
    assert cache.get("försök", []) == []
    assert not another_process().delete("försök")


@pytest.mark.django_db
def test_what_is_past_is_as_if_never_there():
    with frozen(NOON):
        assert cache.add("lås", 1, 10)
        assert not another_process().add("lås", 2, 10)
    with frozen(NOON + timedelta(seconds=10)):
        assert cache.get("lås") is None
        assert not cache.touch("lås", 10)
        assert another_process().add("lås", 2, 10)
        assert cache.get("lås") == 2
        assert cache.touch("lås", 20)
    with frozen(NOON + timedelta(seconds=29)):
        assert cache.get("lås") == 2
        assert forget_past() == 0
    with frozen(NOON + timedelta(seconds=30)):
        assert forget_past() == 1


@pytest.mark.django_db
def test_nothing_is_remembered_for_ever():
    with frozen(NOON):
        cache.set("evig", "x", None)
        cache.set("lång", "x", 10**9)
    with frozen(NOON + timedelta(days=1)):
        assert forget_past() == 2


@pytest.mark.django_db
def test_the_table_names_nobody():
    cache.set("rl:login_failed:ip:203.0.113.7", [1.0], 60)

    (row,) = Remembered.objects.values_list("name", "value")

    assert "203.0.113.7" not in "".join(row)


@pytest.mark.django_db(transaction=True)
def test_one_of_many_at_once_gets_the_lock():
    start = Barrier(4)

    def wants(number: int) -> bool:
        start.wait(10)
        try:
            return another_process().add("lås", number, 10)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        given = list(threads.map(wants, range(4)))

    assert sorted(given) == [False, False, False, True]
    assert cache.get("lås") == given.index(True)


def sign_in(email: str, password: str) -> HTTPStatus:
    answer = Client().post(reverse("account_login"), {"login": email, "password": password})
    return HTTPStatus(answer.status_code)


def _guess(email: str) -> None:
    for number in range(5):
        sign_in(email, f"gissning {number}")


@pytest.mark.django_db(transaction=True)
def test_guesses_in_one_process_are_counted_in_every_other(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    authority = an_authority()
    person = a_person(authority, password=PASSWORD)
    an_actor(authority, person=person)
    email = person.email
    connection.close()  # a connection is never shared between processes
    other = multiprocessing.get_context("fork").Process(target=_guess, args=(email,))

    other.start()
    other.join(60)

    assert other.exitcode == 0
    assert sign_in(email, PASSWORD) != HTTPStatus.FOUND
    cache.clear()
    assert sign_in(email, PASSWORD) == HTTPStatus.FOUND


@pytest.mark.django_db
def test_a_page_that_signs_nobody_in_asks_nothing_of_it(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert Client().get("/accounts/login/").status_code == HTTPStatus.OK
