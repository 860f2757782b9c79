"""The page of our own fault is shown whatever was broken, also before anybody was known."""

from __future__ import annotations

from django.test import RequestFactory

from narvaro.web import views


def test_the_page_of_a_fault_needs_neither_a_person_nor_a_database():
    request = RequestFactory().get("/")  # no middleware has been: nobody, no session, no authority

    answer = views.broken(request)

    assert answer.status_code == 500
    assert "<h1" in answer.content.decode()
