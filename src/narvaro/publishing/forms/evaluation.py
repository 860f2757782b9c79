"""The form that says how a message went."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.core.forms import ActingForm
from narvaro.core.forms.acting import offer
from narvaro.publishing.queries.evaluation import Evaluated
from narvaro.publishing.types import Went


class EvaluationForm(ActingForm):
    """What we wanted, how it went, what we learned."""

    goal = forms.ChoiceField(label=_("Mål ur planen"), required=False)
    wanted = forms.CharField(
        label=_("Vad ville ni?"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Till exempel: Fler ska veta att sagostunden är gratis."),
    )  # fmt: skip
    went = forms.ChoiceField(
        label=_("Hur gick det?"), choices=Went.choices, widget=forms.RadioSelect,
        error_messages={"required": _("Välj hur det gick.")},
    )  # fmt: skip
    learned = forms.CharField(
        label=_("Vad lärde ni er?"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Skriv om inlägget, inte om dem som svarade."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, known: Evaluated, **kwargs: Any) -> None:
        said = known.evaluation
        begun = {name: getattr(said, name) for name in ("goal", "wanted", "went", "learned")} if said else {}
        super().__init__(data, version=said.version if said else 0, initial=begun, auto_id="how-%s", **kwargs)
        offered = dict.fromkeys([*known.goals, *([said.goal] if said and said.goal else [])])
        if offered:
            offer(self, "goal", [("", _("Inget av dem")), *((each, each) for each in offered)])
        else:
            del self.fields["goal"]
