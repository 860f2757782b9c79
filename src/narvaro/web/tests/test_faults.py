"""The page of our own fault is shown whatever was broken, also before anybody was known."""

from __future__ import annotations

from django.db import OperationalError
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject

from narvaro.web import views
from narvaro.web.shell import COLOUR_COOKIE


def unreachable():
    raise OperationalError("the database does not answer")


def test_the_page_of_a_fault_needs_neither_a_person_nor_a_database():
    request = RequestFactory().get("/")  # no middleware has been: nobody, no session, no authority

    answer = views.broken(request)

    assert answer.status_code == 500
    assert "<h1" in answer.content.decode()


def test_the_page_of_a_fault_is_shown_to_who_was_signed_in_when_the_database_went_away():
    request = RequestFactory().get("/inkorg/")
    request.user = SimpleLazyObject(unreachable)
    request.session = SimpleLazyObject(unreachable)
    request.COOKIES[COLOUR_COOKIE] = "dark"

    page = views.broken(request).content.decode()

    assert "Något gick fel hos oss" in page
    assert 'data-theme="dark"' in page
