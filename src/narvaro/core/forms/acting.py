"""Forms that act: each carries a one-time intent and the row version it saw; a doubled click does nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from django import forms
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from narvaro.base.ids import uuid7
from narvaro.core.models import Intent
from narvaro.core.types import Actor, Invalid, Replayed

if TYPE_CHECKING:
    from narvaro.core.access import MemberRequest, OpenRequest

Outcome = TypeVar("Outcome")


class ActingForm(forms.Form):
    """
    A form whose sending has effect. Render `{{ form.hidden }}` inside it.

    `seen_version` is the row version the person looked at, when there is one.
    """

    template_name = "core/form_fields.html"

    intent = forms.UUIDField(widget=forms.HiddenInput)
    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Any = None, files: Any = None, *, version: int | None = None, initial: Any = None, **kwargs: Any
    ) -> None:
        begun = {"intent": uuid7(), "seen_version": version, **(initial or {})}
        super().__init__(data, files, initial=begun, **kwargs)

    @property
    def hidden(self) -> SafeString:
        """The hidden fields, for the template."""
        return mark_safe("".join(str(field) for field in self.hidden_fields()))  # noqa: S308 - widgets escape

    @property
    def values(self) -> dict[str, Any]:
        """The cleaned values for the action, without the form's own machinery."""
        return {k: v for k, v in self.cleaned_data.items() if k not in ("intent", "seen_version")}

    def refuse(self, error: Invalid) -> None:
        """Show an action's refusal at the field it concerns."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


def perform(actor: Actor, intent: UUID, action: Callable[[], Outcome]) -> Outcome:
    """
    Run `action` once for this intent: the intent and the effect are one transaction.

    Raises:
        Replayed: The form was sent before.
    """
    with transaction.atomic():
        try:
            with transaction.atomic():
                Intent.objects.create(authority_id=actor.authority_id, uid=intent, person_id=actor.person_id)
        except IntegrityError:
            raise Replayed from None
        return action()


def done(
    request: MemberRequest | OpenRequest, form: ActingForm, action: Callable[[], Any], *,
    within: AbstractContextManager[Any] | None = None,
) -> bool:  # fmt: skip
    """
    Run `action` once if the form is right; a refusal stands at its field afterwards.

    On a page that is open to anybody its visitor acts, whoever may be signed in.

    Args:
        within: Entered around the transaction and only when the form is right: what is counted there is not undone
            with a refusal, which it sees.

    Raises:
        Replayed: The form was sent before.
    """
    if not form.is_valid():
        return False
    actor: Actor = getattr(request, "visitor", None) or request.actor  # type: ignore[union-attr]
    try:
        with within or nullcontext():
            perform(actor, form.cleaned_data["intent"], action)
    except Invalid as error:
        form.refuse(error)
        return False
    return True


def offer(form: forms.Form, name: str, choices: Iterable[tuple[str, Any]]) -> None:
    """Let the field `name` be answered with `choices`."""
    cast("forms.ChoiceField", form.fields[name]).choices = list(choices)


def posted(request: HttpRequest) -> tuple[Any, Any]:
    """Return (data, files) for a form: None on anything but POST."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)
