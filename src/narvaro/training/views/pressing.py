"""Buttons without fields: the hidden part they carry, and doing what they say once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from narvaro.core.access import MemberRequest
from narvaro.core.forms import perform
from narvaro.core.types import Invalid
from narvaro.training.forms import ButtonForm


def once(request: MemberRequest, action: Callable[[], Any]) -> None:
    """Run `action` once for a button without fields. Raises Replayed, and Invalid when the form is not whole."""
    form = ButtonForm(request.POST)
    if not form.is_valid():
        raise Invalid
    perform(request.actor, form.cleaned_data["intent"], action)


def button() -> ButtonForm:
    """Return the hidden fields of a button without fields."""
    return ButtonForm()
