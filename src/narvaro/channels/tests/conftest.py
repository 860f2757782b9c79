"""Pages tried by themselves, and the real platforms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from narvaro.core.models import Authority
from narvaro.core.testing import an_actor, person_of
from narvaro.core.types import Actor, Role
from narvaro.testing.servers.fixtures import bluesky_network
from narvaro.testing.servers.mastodon_mock import MastodonMock
from narvaro.testing.servers.snac import Snac

__all__ = ["bluesky_network"]


@pytest.fixture(autouse=True)
def own_addresses(settings: Any) -> None:
    settings.ROOT_URLCONF = "narvaro.channels.tests.addresses"


@pytest.fixture(scope="session")
def snac() -> Iterator[Snac]:
    with Snac() as server:
        yield server


@pytest.fixture(scope="session")
def mock() -> Iterator[MastodonMock]:
    with MastodonMock() as server:
        yield server


def signed_in(actor: Actor) -> Client:
    """Return a browser in which the actor is signed in."""
    client = Client()
    client.force_login(person_of(actor), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def a_lead(authority: Authority) -> Actor:
    return an_actor(authority, role=Role.COMMUNICATIONS_LEAD)


def filled(page: Any, form: str = "form", **values: Any) -> dict[str, Any]:
    """Return a form as the page showed it (with its intent), with `values` filled in."""
    shown = page.context[form]
    begun = {field.html_name: field.value() for field in shown}
    return {key: "" if value is None else value for key, value in {**begun, **values}.items()}
