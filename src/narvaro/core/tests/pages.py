"""What tests of pages share: a signed-in browser without scripts."""

from __future__ import annotations

from html import unescape
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from narvaro.base.ids import uuid7
from narvaro.core.testing import person_of
from narvaro.core.types import Actor


def a_signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(person_of(actor))
    return client


def send(client: Client, page: str, /, *args: Any, intent: Any = None, **values: Any) -> HttpResponse:
    """Send a form of the house with a fresh intent and follow where it leads."""
    data = {"intent": str(intent or uuid7()), **values}
    return client.post(reverse(f"core:{page}", args=args), data, follow=True)


def words(answer: HttpResponse) -> str:
    """Return the page as text with its marks resolved."""
    return unescape(answer.content.decode())
