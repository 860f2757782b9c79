"""What pages with effect share: doing something once, and offering to take it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from narvaro.base.ids import uuid7
from narvaro.core.access import MemberRequest
from narvaro.core.forms.acting import perform
from narvaro.core.forms.people import ConfirmForm
from narvaro.core.types import Invalid

_UNDO_KEY = "undo"


def once(request: MemberRequest, action: Callable[[], Any]) -> None:
    """Run `action` once for a button without fields. Raises Replayed, and Invalid when the form is not ours."""
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Formuläret kom inte fram helt. Gå tillbaka, ladda om sidan och försök igen."))
    perform(request.actor, form.cleaned_data["intent"], action)


def button() -> ConfirmForm:
    """Return the hidden fields of a button without fields."""
    return ConfirmForm(auto_id=False)


def offer_undo(request: HttpRequest, text: str, url: str, **fields: Any) -> None:
    """Let the next page say `text` with a button that posts `fields` to `url`."""
    named = [(name, str(value)) for name, value in fields.items() if value is not None]
    request.session[_UNDO_KEY] = {"text": text, "url": url, "fields": named}


def take_undo(request: HttpRequest) -> dict[str, Any] | None:
    """Return what the page before offered to take back, once."""
    offered: dict[str, Any] | None = request.session.pop(_UNDO_KEY, None)
    if offered is not None:
        offered["fields"] = [*offered["fields"], ("intent", str(uuid7()))]
    return offered
