"""Forms of the channel register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from narvaro.base.clock import STOCKHOLM
from narvaro.channels import actions, queries, rules
from narvaro.channels.types import AccountKind, Comments, Platform
from narvaro.core import actions as house
from narvaro.core import queries as core
from narvaro.core.forms import ActingForm
from narvaro.core.types import Actor, Invalid, Role

if TYPE_CHECKING:
    from narvaro.channels.models import Channel, PlatformAssessment
    from narvaro.core.models import Person, Unit

_NEW_UNIT = "ny"
_MINUTES = "%Y-%m-%dT%H:%M"


def _moment(label: Any, **options: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MINUTES)
    return forms.DateTimeField(label=label, widget=widget, input_formats=[_MINUTES, f"{_MINUTES}:%S"], **options)


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, required=False)


class _PeopleForm(ActingForm):
    """A form that names a unit and who answers; it offers only those of the actor's authority."""

    unit = forms.ChoiceField(label=_("Enhet"))
    responsible = forms.ChoiceField(
        label=_("Ansvarig"), help_text=_("Får det som kommer in och ser till att ni svarar.")
    )
    deputy = forms.ChoiceField(
        label=_("Ersättare"), required=False, help_text=_("Tar över när den ansvariga är borta.")
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self._units = {str(u.uid): u for u in core.units(actor) if rules.may_register(actor, u.pk)}
        self._people = {str(p.uid): p for p in core.people(actor)}
        units = [(uid, unit.name) for uid, unit in self._units.items()]
        people = [(uid, person.name) for uid, person in self._people.items()]
        self._choices("unit", [("", _("Välj enhet")), *units])
        self._choices("responsible", [("", _("Välj person")), *people])
        self._choices("deputy", [("", _("Ingen ännu")), *people])

    def _choices(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @property
    def people(self) -> dict[str, Person | None]:
        return {key: self._people.get(self.cleaned_data[key]) for key in ("responsible", "deputy")}


class AddForm(_PeopleForm):
    """A new channel in as few words as can be; the rest can be filled in later."""

    platform = forms.ChoiceField(
        label=_("Plattform"), choices=Platform.choices, widget=forms.RadioSelect, initial=Platform.MASTODON
    )
    account = forms.CharField(
        label=_("Konto"),
        max_length=300,
        help_text=_(
            "Kontots namn eller adress, till exempel kommunen@social.exempel.se, kommunen.bsky.social eller "
            "adressen till er sida på Facebook."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(
        label=_("Vad kanalen kallas här"),
        max_length=120,
        required=False,
        help_text=_("Lämna tomt, så används det namn som kontot har på plattformen."),
    )
    new_unit = forms.CharField(
        label=_("Namn på den nya enheten"), max_length=200, required=False, help_text=_("Bara om du valde en ny enhet.")
    )

    field_order = ("platform", "account", "name", "unit", "new_unit", "responsible", "deputy")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.may_add_unit = self.actor.has(Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD)
        if self.may_add_unit:
            field = self.fields["unit"]
            assert isinstance(field, forms.ChoiceField)
            self._choices("unit", [*field.choices, (_NEW_UNIT, _("En ny enhet"))])  # type: ignore[misc]
            if not self._units:
                field.initial = _NEW_UNIT
        else:
            del self.fields["new_unit"]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("unit") == _NEW_UNIT and not found.get("new_unit", "").strip():
            self.add_error("new_unit", _("Skriv vad den nya enheten heter."))
        if found.get("platform") and found.get("account"):
            found["platform"] = rules.platform_of(found["platform"], found["account"].strip())
            try:
                self.place = rules.place_of(
                    found["platform"], found["account"], may_be_open=settings.OPTIONS.allow_private_hosts
                )
            except Invalid as error:
                self.refuse(error)
        return found

    def act(self) -> Channel:
        """Add the unit if it is new, and the channel. Raises what the actions raise."""
        wanted = self.cleaned_data
        unit: Unit = (
            house.add_unit(actor=self.actor, name=wanted["new_unit"])
            if wanted["unit"] == _NEW_UNIT
            else self._units[wanted["unit"]]
        )
        return actions.add_channel(
            actor=self.actor,
            platform=wanted["platform"],
            name=wanted["name"] or self.place.handle[:120],
            handle=self.place.handle[:200],
            base_url=self.place.base_url,
            url=self.place.url,
            unit=unit,
            **self.people,  # type: ignore[arg-type]
        )

    def refuse(self, error: Invalid) -> None:
        """Show an action's refusal at the field it concerns; what it calls handle and name stand in other fields."""
        if error.field == "handle":
            self.add_error("account", str(error))
        elif error.field == "name" and self.cleaned_data.get("unit") == _NEW_UNIT:
            self.add_error("new_unit", str(error))
        else:
            super().refuse(error)


class ChangeForm(_PeopleForm):
    """All that can be changed of a channel; its account cannot, that would be another channel."""

    name = forms.CharField(label=_("Vad kanalen kallas här"), max_length=120)
    purpose = forms.CharField(
        label=_("Syfte"), max_length=300, required=False, help_text=_("Vad kanalen är till för, i en mening.")
    )
    watch_group = forms.CharField(
        label=_("Bevakningsgrupp"),
        max_length=60,
        required=False,
        help_text=_("Kanaler med samma grupp bevakas av den som har passet. Exempel: Kvällar och helger."),
    )
    answer_hours = forms.IntegerField(
        label=_("Svar inom antal timmar"),
        min_value=1,
        max_value=720,
        required=False,
        help_text=_("Lämna tomt för myndighetens vanliga mål."),
    )
    in_operation_from = _moment(
        _("Frister räknas från"), help_text=_("Äldre kommentarer bevaras men ger inga frister.")
    )

    field_order = (
        "name", "purpose", "unit", "responsible", "deputy", "watch_group", "answer_hours", "in_operation_from"
    )  # fmt: skip

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        begun = {
            "name": channel.name, "purpose": channel.purpose, "unit": str(channel.unit.uid),
            "responsible": str(channel.responsible.uid),
            "deputy": str(channel.deputy.uid) if channel.deputy else "", "watch_group": channel.watch_group,
            "answer_hours": channel.answer_hours,
            "in_operation_from": channel.in_operation_from.astimezone(STOCKHOLM),
        }  # fmt: skip
        super().__init__(*args, initial=begun, version=channel.version, **kwargs)
        self.channel = channel
        for key, person in (("responsible", channel.responsible), ("deputy", channel.deputy)):
            if person is not None and str(person.uid) not in self._people:  # has left: stays until another is chosen
                self._people[str(person.uid)] = person
                field = self.fields[key]
                assert isinstance(field, forms.ChoiceField)
                self._choices(key, [*field.choices, (str(person.uid), person.name)])  # type: ignore[misc]

    def act(self) -> Channel:
        """Change the channel. Raises what the action raises."""
        wanted = self.cleaned_data
        plain = {key: wanted[key] for key in ("name", "purpose", "watch_group", "answer_hours")}
        plain["watch_group"] = plain["watch_group"].strip()
        typed = wanted["in_operation_from"]
        # The page shows minutes; what was not touched must not lose its seconds.
        is_same = typed.replace(second=0) == self.channel.in_operation_from.replace(second=0, microsecond=0)
        return actions.change_channel(
            actor=self.actor,
            channel=self.channel,
            seen_version=wanted["seen_version"],
            unit=self._units[wanted["unit"]],
            in_operation_from=self.channel.in_operation_from if is_same else typed,
            **plain,
            **self.people,
        )


class CardForm(ActingForm):
    """What the register tells of a channel: the upper part to anybody, the lower to those who work here."""

    kind = forms.ChoiceField(label=_("Vem kontot talar för"), choices=AccountKind.choices)
    audience = forms.CharField(label=_("Vilka kanalen är till för"), max_length=300, required=False)
    languages = forms.CharField(
        label=_("Språk"), max_length=100, required=False, help_text=_("Till exempel svenska, engelska och teckenspråk.")
    )
    staffed_hours = forms.CharField(
        label=_("När någon är där"), max_length=200, required=False, help_text=_("Till exempel vardagar 8–16.")
    )
    comments = forms.ChoiceField(label=_("Vem som kan skriva där"), choices=Comments.choices)
    elsewhere = forms.CharField(
        label=_("Vart man annars kan vända sig"), max_length=500, required=False,
        help_text=_("För den som inte vill eller kan använda plattformen. Inte bara en annan plattform."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    function_mailbox = forms.EmailField(
        label=_("Funktionsbrevlåda"),
        required=False,
        help_text=_("Den som kontot är registrerat på, aldrig någons egen."),
    )
    privacy_url = forms.URLField(
        label=_("Sida om personuppgifter"), required=False, assume_scheme="https", max_length=500
    )
    opened_on = _day(_("Kontot öppnades"))
    decision_ref = forms.CharField(
        label=_("Beslut om kanalen"), max_length=120, required=False, help_text=_("Diarienummer eller paragraf.")
    )
    bbs_applies = forms.BooleanField(
        label=_("Vi har uppsikt över kommentarerna"), required=False,
        help_text=_(
            "Kryssa ur bara om ingen kan skriva något som andra ser, eller om ni har bedömt att plattformen har den "
            "skyldigheten. Rundor ordnas då inte, men det ni får veta tar ni bort."
        ),
    )  # fmt: skip
    legal_basis = forms.CharField(label=_("Rättslig grund för personuppgifter"), max_length=300, required=False)
    assessment_ref = forms.CharField(label=_("Konsekvensbedömning"), max_length=120, required=False)
    administrators = forms.IntegerField(
        label=_("Antal som kan styra kontot"), min_value=0, max_value=1000, required=False,
        help_text=_("Minst två, så att ingen låses ute när en är borta."),
    )  # fmt: skip
    administrators_reviewed_on = _day(_("Vilka som kan styra kontot sågs över"))
    two_step_verified_on = _day(_("Tvåstegsinloggning kontrollerades"))
    archive_owner = forms.CharField(label=_("Vem som svarar för arkivet"), max_length=120, required=False)
    next_review_on = _day(_("Nästa översyn av kanalen"))
    tags = forms.CharField(label=_("Etiketter"), max_length=300, required=False, help_text=_("Skilj dem åt med komma."))

    OPEN = (
        "kind", "audience", "languages", "staffed_hours", "comments", "elsewhere", "function_mailbox", "privacy_url",
        "opened_on",
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, channel: Channel, **kwargs: Any) -> None:
        self.actor, self.channel = actor, channel
        card = queries.card_of(actor, channel)
        begun = {name: getattr(card, name) for name in self.base_fields if name != "tags" and hasattr(card, name)}
        begun["tags"] = ", ".join(card.tags)
        super().__init__(*args, initial=begun, version=channel.version, **kwargs)

    @property
    def open_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.OPEN]

    @property
    def own_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.OPEN]

    def clean_tags(self) -> list[str]:
        words = (" ".join(word.split()) for word in str(self.cleaned_data["tags"]).split(","))
        return sorted({word for word in words if word})

    def act(self) -> Any:
        """Fill in the card. Raises what the action raises."""
        return actions.describe_channel(
            actor=self.actor, channel=self.channel, seen_version=self.cleaned_data["seen_version"], **self.values
        )


class AssessmentForm(ActingForm):
    """What the authority says of a platform."""

    transfer = forms.CharField(label=_("Överföring till tredje land"), max_length=300, required=False)
    terms = forms.CharField(
        label=_("Att tänka på i villkoren"), max_length=600, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    joint_controller_url = forms.URLField(
        label=_("Länk till överenskommelsen om delat ansvar"), max_length=500, required=False, assume_scheme="https"
    )
    assessment = forms.CharField(
        label=_("Er bedömning"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Till exempel vad ni låter bli att publicera där, och varför ni ändå är där."),
    )  # fmt: skip
    terms_read_on = _day(_("Dag då ni läste villkoren"))

    def __init__(self, *args: Any, said: PlatformAssessment, **kwargs: Any) -> None:
        begun = {name: getattr(said, name) for name in AssessmentForm.base_fields if hasattr(said, name)}
        super().__init__(*args, version=said.version, initial=begun, **kwargs)


class ReadForm(ActingForm):
    """Read the channel now."""


class BeginForm(ActingForm):
    """Begin to connect in the browser; with `shows_code` the server shows a code instead of leading back here."""

    shows_code = forms.BooleanField(required=False, widget=forms.HiddenInput)


class CodeForm(ActingForm):
    """The code that the server showed, or the whole address that the browser did not get to."""

    code = forms.CharField(
        label=_("Kod eller adress"),
        max_length=4000,
        help_text=_("Koden som servern visar. Kom du till en sida som inte öppnas, klistra in hela dess adress."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        text = str(self.cleaned_data["code"]).strip()
        if "code=" in text:
            text = parse_qs(urlsplit(text).query).get("code", [""])[0]
        if not text or not text.isascii() or not text.isprintable() or " " in text:
            raise forms.ValidationError(_("Det där är ingen kod. Kopiera den en gång till."))
        return text


class TokenForm(ActingForm):
    """An access token that somebody made on the platform."""

    access_token = forms.CharField(
        label=_("Åtkomstnyckel"),
        max_length=4000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Görs på plattformen under Inställningar, Utveckling, Ny applikation."),
    )


class AppPasswordForm(ActingForm):
    """Bluesky's way in: an app password, never the account's own."""

    app_password = forms.CharField(
        label=_("Applösenord"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Görs i Bluesky under Inställningar, Sekretess och säkerhet, Applösenord."),
    )
    service = forms.CharField(
        label=_("Tjänst där kontot finns"),
        max_length=300,
        required=False,
        help_text=_("Lämna tomt, så letar Närvaro upp den."),
    )
    directory = forms.CharField(label=_("Katalog över konton (bara för prov)"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not settings.OPTIONS.allow_private_hosts:
            del self.fields["directory"]

    def clean_service(self) -> str:
        return self._address("service")

    def clean_directory(self) -> str:
        return self._address("directory")

    def _address(self, name: str) -> str:
        text = str(self.cleaned_data[name]).strip().rstrip("/")
        if text and "://" not in text:
            text = f"https://{text}"
        is_open = text.startswith("http://") and settings.OPTIONS.allow_private_hosts
        if text and not (text.startswith("https://") or is_open):
            raise forms.ValidationError(_("Adressen ska börja med https://."))
        return text


class AppForm(ActingForm):
    """The authority's own app with a platform."""

    client_id = forms.CharField(
        label=_("Appens id"), max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    client_secret = forms.CharField(
        label=_("Appens hemlighet"), max_length=400, required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Sparas krypterad och visas aldrig igen. Lämna tomt, så gäller den som redan är sparad."),
    )  # fmt: skip
    service = forms.CharField(label=_("Plattformens server (bara för prov)"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not settings.OPTIONS.allow_private_hosts:
            del self.fields["service"]

    def clean_client_id(self) -> str:
        return self._unbroken("client_id")

    def clean_client_secret(self) -> str:
        return self._unbroken("client_secret")

    def _unbroken(self, name: str) -> str:
        text = str(self.cleaned_data[name]).strip()
        if not text.isascii() or not (text.isprintable() and " " not in text):
            raise forms.ValidationError(_("Kopiera hela raden från plattformen, utan mellanslag."))
        return text


class PickForm(ActingForm):
    """Which of the accounts that were let in the channel is."""

    account = forms.ChoiceField(label=_("Konto på plattformen"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, offered: list[list[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["account"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(place), f"{name} ({handle})") for place, (name, handle) in enumerate(offered)]


class ShiftForm(ActingForm):
    """One watch: who, for which group, from when until when."""

    person = forms.ChoiceField(label=_("Vem"))
    watch_group = forms.ChoiceField(label=_("Bevakningsgrupp"), required=False)
    from_at = _moment(_("Från"))
    until_at = _moment(_("Till"))
    is_duty = forms.BooleanField(
        label=_("Jour för det som inte kan vänta"),
        required=False,
        help_text=_("Den som har jour nås också utanför kontorstid när någon är i fara."),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self._people = {str(p.uid): p for p in core.people(actor)}
        people, groups = self.fields["person"], self.fields["watch_group"]
        assert isinstance(people, forms.ChoiceField)
        assert isinstance(groups, forms.ChoiceField)
        people.choices = [("", _("Välj person")), *((uid, p.name) for uid, p in self._people.items())]
        groups.choices = [("", _("Ingen, bara jour")), *((name, name) for name in queries.watch_groups(actor))]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if not found.get("is_duty") and not found.get("watch_group"):
            self.add_error("watch_group", _("Välj vilken grupp passet gäller, eller kryssa för jour."))
        return found

    def act(self) -> Any:
        """Add the shift. Raises what the action raises."""
        wanted = {**self.values, "person": self._people[self.cleaned_data["person"]]}
        return actions.add_shift(actor=self.actor, **wanted)


class RemoveShiftForm(ActingForm):
    """Take back a watch."""

    shift = forms.IntegerField(widget=forms.HiddenInput)

    def act(self, actor: Actor) -> None:
        """Remove the shift."""
        actions.remove_shift(actor=actor, shift_id=self.cleaned_data["shift"])
