"""What is kept ready of open pages: made once an edition, packed, bounded, and never what was undone."""

from __future__ import annotations

import gzip
import itertools

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import RequestFactory

from narvaro.core import openly

pytestmark = pytest.mark.one_database


@pytest.fixture
def shelf(monkeypatch):
    made = openly.Shelf(10_000)
    monkeypatch.setattr(openly, "_SHELF", made)
    return made


def asked(**headers):
    return RequestFactory().get("/", headers=headers)


def answered(name, edition, *, numbers=itertools.count(1), **headers):  # noqa: B008 - one count for all
    return openly.kept_ready(asked(**headers), name, edition, lambda: HttpResponse(f"svar {next(numbers)}"))


@pytest.mark.django_db(transaction=True)
def test_an_answer_is_made_once_an_edition(shelf):
    first, again = answered("a", 1), answered("a", 1)

    assert first.content == again.content
    assert answered("a", 2).content != first.content
    assert answered("b", 2).content != answered("a", 2).content


@pytest.mark.django_db
def test_what_is_read_inside_a_transaction_is_not_kept(shelf):
    with transaction.atomic():
        first = answered("a", 1)

    assert answered("a", 1).content != first.content


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("header", "is_packed"),
    [
        ("gzip, br", True),
        ("br", False),
        ("", False),
        ("gzip;q=0", False),
        ("gzip;q=0.5", True),
        ("br, gzip;q=0, x", False),
    ],
)
def test_the_packed_answer_is_for_those_who_take_it(shelf, header, is_packed):
    answer = answered("a", 1, **{"Accept-Encoding": header})

    assert answer.get("Content-Encoding", "") == ("gzip" if is_packed else "")
    assert (gzip.decompress(answer.content) if is_packed else answer.content).startswith(b"svar ")
    assert {"Accept-Encoding", "Cookie"} <= set(answer["Vary"].split(", "))


@pytest.mark.django_db(transaction=True)
def test_whoever_has_it_packed_or_not_is_told_that_it_is_the_same(shelf):
    packed, plain = answered("a", 1, **{"Accept-Encoding": "gzip"}), answered("a", 1)

    for tag in (packed["ETag"], plain["ETag"]):
        assert answered("a", 1, **{"Accept-Encoding": "gzip", "If-None-Match": tag}).status_code == 304
    assert answered("a", 2, **{"If-None-Match": plain["ETag"]}).status_code == 200


def test_the_shelf_never_holds_more_than_it_may_and_lets_go_of_the_oldest():
    shelf = openly.Shelf(250)
    held = {name: openly._Ready(bytes(100), (), name) for name in "abc"}

    shelf.put("a", 1, held["a"])
    shelf.put("b", 1, held["b"])
    shelf.take("a", 1)
    shelf.put("c", 1, held["c"])
    shelf.put("c", 2, held["c"])

    assert [name for name in "abc" if shelf.take(name, 1)] == ["a"]
    assert shelf.take("c", 2) is held["c"]
    shelf.put("d", 1, openly._Ready(bytes(300), (), "d"))
    assert not any(shelf.take(name, edition) for name in "abcd" for edition in (1, 2))
