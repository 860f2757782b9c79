"""Who may enter: a page that is open to anybody is still a page of one authority."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory

from narvaro.core.access import MemberRequest, OpenRequest, access
from narvaro.core.testing import an_authority
from narvaro.core.types import ANSWERS, NotFound, Role

pytestmark = pytest.mark.django_db


@access("open")
def page(request: OpenRequest) -> HttpResponse:
    actor = request.visitor
    is_anybody = not actor.is_system and actor.person_id is None and not actor.has_anywhere(*ANSWERS, *Role)
    return HttpResponse(f"{actor.authority_id} {is_anybody}")


def test_an_open_page_is_of_the_authority_in_its_address_and_its_visitor_has_no_role():
    authority = an_authority("Storköping")

    answer = page(RequestFactory().get("/"), slug=authority.slug)

    assert answer.content.decode() == f"{authority.pk} True"


def test_an_open_page_of_an_unknown_authority_is_missing():
    with pytest.raises(NotFound):
        page(RequestFactory().get("/"), slug="finns-inte")


@access("member")
def step(request: MemberRequest) -> HttpResponse:
    raise AssertionError("Nobody was let in.")


@pytest.mark.parametrize(
    ("came_from", "leads_to"),
    [
        ("http://testserver/inkorg/?lista=mina", "/inkorg/?lista=mina"),
        ("http://testserver/kanaler/", "/kanaler/"),
        ("http://annan.example/inkorg/", "/"),
        ("", "/"),
    ],
)
def test_who_must_sign_in_before_sending_a_form_comes_back_to_the_page_it_stood_on(came_from, leads_to):
    request = RequestFactory().post("/kanaler/steg/", HTTP_REFERER=came_from)
    request.user = AnonymousUser()

    answer = step(request)

    assert answer.url == f"/accounts/login/?next={leads_to.replace('?', '%3F').replace('=', '%3D')}"
