"""Forms of training."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from narvaro.base import law
from narvaro.base.clock import STOCKHOLM
from narvaro.core.forms import ActingForm
from narvaro.core.forms.acting import offer
from narvaro.core.types import Invalid, Role
from narvaro.training import rules
from narvaro.training.actions.courses import MONTHS
from narvaro.training.types import Case, Course, NotPassed

if TYPE_CHECKING:
    from narvaro.core.models import Person


def _provisions() -> list[tuple[str, str]]:
    english = (get_language() or "sv").startswith("en")
    return [
        (each.id, f"{each.title_en if english else each.title_sv} ({each.citation})")
        for each in law.provisions().values()
    ]


class CaseForm(ActingForm):
    """A case of the authority's own."""

    title = forms.CharField(label=_("Rubrik"), max_length=120, help_text=_("Några ord, till exempel Den arga tråden."))
    text = forms.CharField(
        label=_("Vad som hände"), max_length=3000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Berätta så att ingen känns igen: en förälder, en handläggare, en enhet. Byt gärna plats och tid."),
    )  # fmt: skip
    ask = forms.CharField(
        label=_("Frågor att tala om, en på varje rad"), required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    answers = forms.CharField(
        label=_("Svar att rösta mellan, ett på varje rad"), required=False, max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}), help_text=_("Två till sex svar. Lämna tomt om ni inte ska rösta."),
    )  # fmt: skip
    advice = forms.CharField(
        label=_("Till den som leder samtalet"), required=False, max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    law = forms.ChoiceField(label=_("Regel som fallet handlar om"))
    law_2 = forms.ChoiceField(label=_("En regel till"), required=False)
    law_3 = forms.ChoiceField(label=_("Och en till"), required=False)
    no_names = forms.BooleanField(
        label=_("Jag har läst igenom, och det som ser ut som namn är inte personer"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "law", [("", _("Välj")), *_provisions()])
        for name in ("law_2", "law_3"):
            offer(self, name, [("", _("Ingen")), *_provisions()])

    @property
    def values(self) -> dict[str, Any]:
        """The cleaned values, with the provisions as one list."""
        found = super().values
        chosen = [found.pop(name) for name in ("law", "law_2", "law_3")]
        return {**found, "law": [each for each in chosen if each]}


class MeetingForm(ActingForm):
    """When and where a working group meets."""

    title = forms.CharField(label=_("Vad mötet heter"), max_length=120)
    on = forms.DateField(label=_("Dag"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    at = forms.TimeField(
        label=_("Tid"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}), initial="09:00"
    )
    where = forms.CharField(label=_("Plats"), max_length=120, required=False)
    agenda = forms.CharField(
        label=_("Dagordning"), required=False, max_length=3000, widget=forms.Textarea(attrs={"rows": 5})
    )

    @property
    def values(self) -> dict[str, Any]:
        """The cleaned values, with day and time as one moment."""
        found = super().values
        starts_at = datetime.combine(found.pop("on"), found.pop("at"), STOCKHOLM)
        return {**found, "starts_at": starts_at}


class DayForm(MeetingForm):
    """A manager's day, and what is talked about there."""

    cases = forms.MultipleChoiceField(
        label=_("Fall att tala om"), widget=forms.CheckboxSelectMultiple,
        help_text=_("Fyra brukar räcka för en förmiddag. De står i den ordning de har här."),
        error_messages={"required": _("Välj minst ett fall att tala om.")},
    )  # fmt: skip

    def __init__(self, *args: Any, cases: Iterable[Case], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "cases", [(each.code, each.title) for each in cases])


class MinutesForm(ActingForm):
    """What is to be talked about, and what was said."""

    agenda = forms.CharField(
        label=_("Dagordning"), required=False, max_length=3000, widget=forms.Textarea(attrs={"rows": 4})
    )
    minutes = forms.CharField(
        label=_("Anteckningar"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("Skriv vad ni kom fram till, inte vem som tyckte vad."),
    )  # fmt: skip


class AgreeForm(ActingForm):
    """Who does what by when."""

    what = forms.CharField(label=_("Vad som ska göras"), max_length=200)
    person_uid = forms.ChoiceField(label=_("Vem gör det"))
    due_on = forms.DateField(
        label=_("Senast"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )  # fmt: skip

    def __init__(self, *args: Any, people: Iterable[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "person_uid", [("", _("Välj")), *((str(each.uid), each.name) for each in people)])


class GroupForm(ActingForm):
    """A working group."""

    name = forms.CharField(
        label=_("Vad gruppen heter"), max_length=120, help_text=_("Till exempel Riktlinje för sociala medier.")
    )
    purpose = forms.CharField(
        label=_("Vad gruppen ska göra"), required=False, max_length=600, widget=forms.Textarea(attrs={"rows": 3})
    )


class MemberForm(ActingForm):
    """Somebody who joins a working group."""

    person_uid = forms.ChoiceField(label=_("Vem"))
    part = forms.CharField(
        label=_("Uppgift i gruppen"), required=False, max_length=80, help_text=_("Till exempel Sekreterare.")
    )

    def __init__(self, *args: Any, people: Iterable[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "person_uid", [("", _("Välj")), *((str(each.uid), each.name) for each in people)])


class CourseForm(ActingForm):
    """The questions of a course, each with its answers."""

    def __init__(self, *args: Any, course: Course, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.course = course
        for number, question in enumerate(course.questions):
            self.fields[f"q{number}"] = forms.ChoiceField(
                label=question.ask, choices=[(str(n), answer) for n, answer in enumerate(question.answers)],
                widget=forms.RadioSelect, error_messages={"required": _("Välj ett svar.")},
            )  # fmt: skip

    @property
    def answers(self) -> list[int]:
        """The number of the chosen answer for each question."""
        return [int(self.cleaned_data[f"q{number}"]) for number in range(len(self.course.questions))]

    def refuse(self, error: Invalid) -> None:
        """Say at each question that was answered wrongly what is right, and why."""
        super().refuse(error)
        if isinstance(error, NotPassed):
            for number in error.wrong:
                self.add_error(f"q{number}", self.course.questions[number].why)


class DemandForm(ActingForm):
    """Who shall have taken a course."""

    is_asked = forms.BooleanField(label=_("Vi vill att den här kursen är gjord"), required=False)
    roles = forms.MultipleChoiceField(
        label=_("Av vilka"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Medarbetare betyder alla som har ett konto här."),
    )  # fmt: skip
    valid_months = forms.TypedChoiceField(label=_("Så länge gäller intyget"), coerce=int, initial=rules.VALID_MONTHS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "roles", Role.choices)
        offer(self, "valid_months", [(str(each), _("%(months)s månader") % {"months": each}) for each in MONTHS])


class ButtonForm(ActingForm):
    """A button without fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": False, **kwargs})


class VoteForm(forms.Form):
    """What the room votes between. It carries no name and nothing that leads to one."""

    answer = forms.TypedChoiceField(
        label=_("Vad gör ni?"), coerce=int, widget=forms.RadioSelect,
        error_messages={"required": _("Välj ett svar.")},
    )  # fmt: skip

    def __init__(self, *args: Any, answers: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "answer", [(str(n), answer) for n, answer in enumerate(answers)])


class CodeForm(forms.Form):
    """The short code that stands on the screen."""

    code = forms.CharField(
        label=_("Koden på skärmen"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def clean_code(self) -> str:
        """Take it as it was typed, with blanks and small letters."""
        found = rules.as_code(self.cleaned_data["code"])
        if not found:
            raise forms.ValidationError(_("Koden har sex tecken. Skriv den som den står på skärmen."))
        return found
