"""What a page of the house costs: the same few questions however much it shows."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from narvaro.core import actions
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Role

pytestmark = pytest.mark.django_db
MOST = 12


@pytest.mark.parametrize(
    "path",
    ["/att-gora/", "/administration/", "/administration/personer/", "/administration/enheter/",
     "/administration/handelselogg/", "/administration/handelselogg/?vem=system"],
)  # fmt: skip
def test_a_page_of_the_house_asks_at_most_twelve_questions_and_no_more_with_more_to_show(path):
    authority = an_authority()
    actor = an_actor(authority, role=Role.ADMINISTRATOR)
    client = Client()
    client.force_login(person_of(actor), backend="allauth.account.auth_backends.AuthenticationBackend")

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    many(actor, authority, 2)
    few = asked()
    many(actor, authority, 9)

    assert asked() == few <= MOST


def many(actor, authority, count: int) -> None:
    for _each in range(count):
        unit = a_unit(authority)
        colleague = an_actor(authority, role=Role.REPRESENTATIVE, unit=unit)
        actions.give_role(actor=actor, person=person_of(colleague), role="registrar")
        an_actor(authority, role=Role.DEPUTY, unit=unit)
