"""Browsers and forms for tests of pages."""

from __future__ import annotations

from typing import Any

from django.test import Client

from narvaro.core.models import Authority
from narvaro.core.testing import an_actor, person_of
from narvaro.core.types import Actor, Role


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
