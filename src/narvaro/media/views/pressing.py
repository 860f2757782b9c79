"""Buttons without fields: pressed once, whatever the browser sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from narvaro.core.access import MemberRequest
from narvaro.core.forms import done
from narvaro.core.types import Invalid
from narvaro.media.forms import ButtonForm


def once(request: MemberRequest, action: Callable[[], Any]) -> None:
    """Run `action` once. Raises Replayed, and Invalid when the form is not ours or the action refuses."""
    form = ButtonForm(request.POST)
    if not done(request, form, action):
        said = [str(sentence) for of_field in form.errors.values() for sentence in of_field]
        is_ours = "intent" not in form.errors
        raise Invalid(
            " ".join(said) if is_ours else _("Formuläret kom inte fram helt. Ladda om sidan och försök igen.")
        )


def button() -> ButtonForm:
    """Return the hidden fields of a button without fields."""
    return ButtonForm(auto_id=False)
