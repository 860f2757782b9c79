"""Forms of moderation: why something is taken back, and what is said about it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms import ActingForm


class WhyForm(ActingForm):
    """A reason, which becomes part of the decision."""

    why = forms.CharField(
        label=_("Varför"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Blir en del av beslutet, som är en allmän handling."),
    )  # fmt: skip


class ByHandForm(ActingForm):
    """A person says that a measure was made in the platform's own app."""

    is_done = forms.BooleanField(
        label=_("Jag har gjort det i plattformens app och sett att det inte längre syns."),
        error_messages={"required": _("Gör det i plattformens app först, och se efter att det inte längre syns.")},
    )
