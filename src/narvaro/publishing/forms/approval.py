"""Forms about approving: who may, where answers are read first, letting out at once, looking afterwards."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.core import queries as core
from narvaro.core.forms import ActingForm
from narvaro.core.forms.acting import offer
from narvaro.core.types import ANSWERS, Actor
from narvaro.publishing import queries
from narvaro.publishing.queries import approval


class DelegationForm(ActingForm):
    """Let somebody approve what others write."""

    person = forms.ChoiceField(label=_("Vem?"))
    unit = forms.ChoiceField(label=_("Vilken enhets inlägg?"), required=False)
    reference = forms.CharField(
        label=_("Var står det?"), max_length=120,
        help_text=_("Punkten i delegationsordningen, eller beslutets nummer och datum."),
    )  # fmt: skip
    from_on = forms.DateField(
        label=_("Från och med"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until_on = forms.DateField(
        label=_("Till och med"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("För en ersättare. Lämna tomt om det gäller tills vidare."),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "person", [(str(each.uid), each.name) for each in core.people_with(actor, *ANSWERS)])
        units = [(str(each.uid), each.name) for each in core.units(actor)]
        offer(self, "unit", [("", _("Alla enheters")), *units])


class EndForm(ActingForm):
    """Take a delegation back."""


class AnswersForm(ActingForm):
    """Where somebody else reads answers before they go out."""

    everywhere = forms.BooleanField(label=_("I alla kanaler"), required=False)
    channels = forms.MultipleChoiceField(
        label=_("Eller bara i dessa"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        everywhere, some = approval.answers_read_first(actor)
        self.theirs = {str(each.uid): each for each in queries.channels_to_post_in(actor)}
        begun = {"everywhere": everywhere, "channels": [uid for uid, each in self.theirs.items() if each.pk in some]}
        super().__init__(*args, initial=begun, **kwargs)
        offer(self, "channels", [(uid, each.name) for uid, each in self.theirs.items()])


class AtOnceForm(ActingForm):
    """Let something out at once."""

    why = forms.CharField(
        label=_("Varför kan det inte vänta?"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Skriv varför det inte kan vänta på att någon annan läser.")},
    )  # fmt: skip


class ReviewForm(ActingForm):
    """What somebody else thinks afterwards."""

    verdict = forms.CharField(
        label=_("Vad kom du fram till?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Skriv vad du kom fram till.")},
    )  # fmt: skip


class BackForm(ActingForm):
    """Send an answer back."""

    why = forms.CharField(
        label=_("Vad behöver ändras?"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Skriv skälen, så att de andra förstår och kan gå vidare.")},
    )  # fmt: skip
