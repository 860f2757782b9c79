"""Forms of plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from narvaro.base import platforms
from narvaro.channels import rules as register
from narvaro.core import queries as core
from narvaro.core.forms import ActingForm
from narvaro.core.forms.acting import offer
from narvaro.core.types import Actor, Invalid
from narvaro.decisions.rules import content_hash
from narvaro.decisions.types import Outcome
from narvaro.plans import actions, queries, rules
from narvaro.plans.types import Part, PlanState, Routine, Section

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.plans.models import Plan

DRAFT, SEND, DECIDE = "draft", "send", "decide"
"""What the button that is pressed asks for: kept as a draft, put before whoever decides, or decided at once."""


def _field(part: Part) -> forms.Field:
    words: dict[str, Any] = {"label": part.label, "help_text": part.help, "required": part in rules.QUESTIONS.parts}
    if part.kind == "choices":
        return forms.MultipleChoiceField(choices=part.options, widget=forms.CheckboxSelectMultiple, initial=[], **words)
    if part.kind == "choice":
        return forms.ChoiceField(choices=part.options, **words)
    return forms.CharField(max_length=rules.MOST_LETTERS, widget=forms.Textarea(attrs={"rows": 2}), **words)


class PlanForm(ActingForm):
    """What a plan says: seven questions, and more that unfolds. A draft may lack anything."""

    step = forms.ChoiceField(choices=[(each, each) for each in (SEND, DRAFT, DECIDE)], required=False)  # the button
    reference = forms.CharField(label=_("Diarienummer"), max_length=120, required=False)

    def __init__(self, *args: Any, actor: Actor, answers: Any = None, **kwargs: Any) -> None:
        begun = {key: "\n".join(value) if rules.PARTS[key].kind == "lines" else value
                 for key, value in (answers or {}).items()}  # fmt: skip
        super().__init__(*args, initial={**begun, **kwargs.pop("initial", {})}, **kwargs)
        self.actor = actor
        for part in rules.PARTS.values():
            self.fields[part.key] = _field(part)
        if self.data.get("step") == DRAFT:
            for part in rules.QUESTIONS.parts:
                self.fields[part.key].required = False

    @property
    def page(self) -> list[Any]:
        """The seven questions."""
        return [self[part.key] for part in rules.QUESTIONS.parts]

    @property
    def more(self) -> list[tuple[Section, list[Any], bool]]:
        """What unfolds: each section with its fields, and whether it is open since something stands there."""
        return [
            (section, fields := [self[part.key] for part in section.parts],
             any(field.errors or field.value() for field in fields))
            for section in rules.MORE
        ]  # fmt: skip

    @property
    def answers(self) -> dict[str, Any]:
        """What the plan says, as an action takes it."""
        return {key: self.cleaned_data.get(key) for key in rules.PARTS}

    @property
    def wanted(self) -> str:
        """What the pressed button asks for; the first one when none is named."""
        return str(self.cleaned_data.get("step") or SEND)

    def decided(self, plan: Plan, *, may: bool) -> Plan:
        """Return the plan, decided at once when the button asks for it. Raises as `actions.decide_plan`."""
        if self.wanted != DECIDE or not may:
            return plan
        content = queries.version_of(self.actor, plan, plan.latest).content
        return actions.decide_plan(
            actor=self.actor, uid=plan.uid, outcome=Outcome.APPROVED, seen_hash=content_hash(content),
            reference=self.cleaned_data["reference"],
        )  # fmt: skip


class ChangeForm(PlanForm):
    """A new version of a plan, or the first one of a channel that is in the register already."""

    def __init__(self, *args: Any, channel: Channel, plan: Plan | None = None, **kwargs: Any) -> None:
        super().__init__(*args, version=plan.version if plan else None, **kwargs)
        self.channel, self.plan = channel, plan
        left = queries.recused(self.actor, plan) if plan else frozenset()
        self.may_decide = rules.may_decide(self.actor, channel, left)

    def act(self) -> Plan:
        """Write the plan, and decide about it where that is asked for. Raises what the actions raise."""
        is_sent = self.wanted == SEND or (self.wanted == DECIDE and not self.may_decide)
        if self.plan is None:
            self.made = actions.write_plan(actor=self.actor, channel=self.channel, answers=self.answers, send=is_sent)
        else:
            self.made = actions.change_plan(
                actor=self.actor, uid=self.plan.uid, answers=self.answers, send=is_sent,
                seen_version=self.cleaned_data["seen_version"],
            )  # fmt: skip
        waits = self.made.state in (PlanState.DRAFT, PlanState.PROPOSED)
        return self.decided(self.made, may=self.may_decide and waits)


class StartForm(PlanForm):
    """A channel and its plan, proposed at once by anybody who works here."""

    platform = forms.ChoiceField(label=_("Plattform"))
    name = forms.CharField(
        label=_("Vad kanalen ska heta"), max_length=120, help_text=_("Till exempel Storköpings bibliotek på Instagram.")
    )
    account = forms.CharField(
        label=_("Konto, om det finns redan"), max_length=300, required=False,
        help_text=_("Kontots namn eller adress. Vänta gärna med att skaffa det till dess att kanalen är beslutad."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )  # fmt: skip
    unit = forms.ChoiceField(label=_("Enhet"))
    responsible = forms.ChoiceField(
        label=_("Ansvarig"), help_text=_("Får det som kommer in och ser till att ni svarar.")
    )
    deputy = forms.ChoiceField(
        label=_("Ersättare"), required=False, help_text=_("Tar över när den ansvariga är borta.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        actor: Actor = kwargs["actor"]
        units = {str(unit.uid): unit for unit in core.units(actor)}
        people = {str(person.uid): person for person in core.people(actor)}
        own = {held.unit_id for held in actor.roles if held.unit_id is not None}
        mine = next(
            (uid for uid, unit in units.items() if unit.pk in own), "" if len(units) != 1 else next(iter(units))
        )
        me = next((uid for uid, person in people.items() if actor.is_person(person)), "")
        initial = {"unit": mine, "responsible": me, **kwargs.pop("initial", {})}
        super().__init__(*args, initial=initial, **kwargs)
        self._units, self._people = units, people
        named = [(uid, person.name) for uid, person in people.items()]
        offer(self, "platform", [(key, facts.name or _("Annan plats")) for key, facts in platforms.catalogue().items()])
        offer(self, "unit", [("", _("Välj enhet")), *((uid, unit.name) for uid, unit in units.items())])
        offer(self, "responsible", [("", _("Välj person")), *named])
        offer(self, "deputy", [("", _("Ingen ännu")), *named])
        self.may_decide = any(register.may_decide(actor, unit.pk) for unit in units.values())

    @property
    def channel_fields(self) -> list[Any]:
        """What is asked about the channel itself."""
        return [self[name] for name in ("platform", "name", "account", "unit", "responsible", "deputy")]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        self.place: Any = None
        if found.get("platform") and found.get("account"):
            found["platform"] = register.platform_of(found["platform"], found["account"].strip())
            try:
                self.place = register.place_of(
                    found["platform"], found["account"], may_be_open=settings.OPTIONS.allow_private_hosts
                )
            except Invalid as error:
                self.refuse(error)
        return found

    def act(self) -> Plan:
        """Propose channel and plan, and decide about both where that is asked for. Raises what the actions raise."""
        wanted = self.cleaned_data
        unit = self._units[wanted["unit"]]
        may = register.may_decide(self.actor, unit.pk)
        account = {
            "handle": self.place.handle[:200], "base_url": self.place.base_url, "url": self.place.url
        } if self.place else {}  # fmt: skip
        self.made = actions.propose(
            actor=self.actor, platform=wanted["platform"], name=wanted["name"], unit=unit,
            responsible=self._people[wanted["responsible"]], deputy=self._people.get(wanted["deputy"]),
            answers=self.answers, send=self.wanted == SEND or (self.wanted == DECIDE and not may), **account,
        )  # fmt: skip
        return self.decided(self.made, may=may)

    def refuse(self, error: Invalid) -> None:
        """Show an action's refusal at the field it concerns; what it calls handle stands in another field."""
        if error.field == "handle":
            self.add_error("account", str(error))
        else:
            super().refuse(error)


class ApproveForm(ActingForm):
    """Approve exactly what was read."""

    seen_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reference = forms.CharField(label=_("Diarienummer"), max_length=120, required=False)


class RefuseForm(ActingForm):
    """Send back or reject exactly what was read, with the reasons."""

    seen_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    outcome = forms.ChoiceField(  # the button
        choices=[(each.value, each.label) for each in (Outcome.SENT_BACK, Outcome.REJECTED)]
    )
    why = forms.CharField(
        label=_("Skäl"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Vad ska ändras, eller varför blir det inget?"),
    )  # fmt: skip


class AdviceForm(ActingForm):
    """Advice on exactly what was read."""

    seen_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    text = forms.CharField(label=_("Rådet"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))


class CommentForm(ActingForm):
    """A remark in the margin of one field."""

    part = forms.CharField(widget=forms.HiddenInput, max_length=30)
    text = forms.CharField(label=_("Kommentar"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class WhyForm(ActingForm):
    """A reason."""

    why = forms.CharField(label=_("Vad saken gäller"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class ReviewForm(ActingForm):
    """One press: what stands in force still holds."""

    seen_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)


class ButtonForm(ActingForm):
    """One press."""


class TickForm(ActingForm):
    """A step that is done, or not done after all."""

    routine = forms.ChoiceField(choices=Routine.choices, widget=forms.HiddenInput)
    step = forms.CharField(widget=forms.HiddenInput, max_length=30)
    done = forms.BooleanField(required=False)  # the button


class CloseForm(ActingForm):
    """Why a channel is closed."""

    why = forms.CharField(
        label=_("Varför kanalen avslutas"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Till exempel: De vi ville nå har lämnat plattformen."),
    )  # fmt: skip
    reference = forms.CharField(label=_("Diarienummer"), max_length=120, required=False)


class LessonsForm(ActingForm):
    """What was learnt."""

    lessons = forms.CharField(
        label=_("Vad har ni lärt er?"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Vad fungerade, vad skulle ni göra annorlunda, nådde ni målen?"),
    )  # fmt: skip
