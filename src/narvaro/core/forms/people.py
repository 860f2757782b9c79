"""Forms about people, their roles and the units."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.core import rules
from narvaro.core.forms.acting import ActingForm, offer
from narvaro.core.models import Person, Unit
from narvaro.core.types import Role

_WHOLE = _("Hela myndigheten")


class RoleForm(ActingForm):
    """A role, in the whole authority or in one unit."""

    role = forms.ChoiceField(label=_("Roll"), choices=Role.choices, initial=Role.REPRESENTATIVE)
    unit_uid = forms.TypedChoiceField(
        label=_("Gäller"), required=False, empty_value=None,
        help_text=_("Enhetschefer hör till en enhet. Företrädare och ersättare kan höra till en."),
    )  # fmt: skip

    def __init__(self, *args: Any, units: Iterable[Unit], may_make_administrators: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "unit_uid", [("", _WHOLE), *((str(u.uid), u.name) for u in units)])
        if not may_make_administrators:
            offer(self, "role", [c for c in Role.choices if c[0] != Role.ADMINISTRATOR])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "role" in cleaned:
            problem = rules.role_place_problem(Role(cleaned["role"]), in_unit=bool(cleaned.get("unit_uid")))
            if problem:
                self.add_error("unit_uid", problem)
        return cleaned


class AddPersonForm(RoleForm):
    """Somebody new, with their first role."""

    name = forms.CharField(
        label=_("Namn"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )  # fmt: skip
    email = forms.EmailField(
        label=_("E-postadress"), help_text=_("Hit skickas en länk där personen väljer sitt lösenord.")
    )
    signature = forms.CharField(
        label=_("Signatur"), max_length=60, required=False,
        help_text=_("Det invånarna ser under svaren, till exempel Anna, Biblioteket. Tom ger förnamnet."),
    )  # fmt: skip
    phone = forms.CharField(label=_("Telefon"), max_length=40, required=False)
    field_order = ["name", "email", "role", "unit_uid", "signature", "phone"]


class ChangePersonForm(ActingForm):
    """What the administrator may put right about somebody."""

    name = forms.CharField(label=_("Namn"), max_length=120)
    email = forms.EmailField(label=_("E-postadress"), help_text=_("Personen loggar in med den här adressen."))
    phone = forms.CharField(label=_("Telefon"), max_length=40, required=False)
    withhold_name = forms.BooleanField(
        label=_("Utelämna namnet i svar till invånare"), required=False,
        help_text=_("Används vid hot eller risk för hot. Svaren undertecknas då av myndigheten."),
    )  # fmt: skip


class ConfirmForm(ActingForm):
    """A yes to something that the page has explained."""


class UnitForm(ActingForm):
    """A unit and where it stands."""

    name = forms.CharField(label=_("Namn"), max_length=200)
    parent_uid = forms.TypedChoiceField(
        label=_("Ligger under"), required=False, empty_value=None,
        help_text=_("Kritik som enhetschefen inte hinner med går vidare till chefen för enheten ovanför."),
    )  # fmt: skip
    email = forms.EmailField(label=_("Funktionsbrevlåda"), required=False)

    def __init__(self, *args: Any, units: Iterable[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        top = ("", _("Direkt under myndigheten"))
        offer(self, "parent_uid", [top, *((str(u.uid), u.name) for u in units)])


class ManagerForm(ActingForm):
    """Who leads a unit."""

    person_uid = forms.ChoiceField(label=_("Person"))

    def __init__(self, *args: Any, people: Iterable[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "person_uid", [("", _("Välj en person")), *((str(p.uid), p.name) for p in people)])


class PeopleFilterForm(forms.Form):
    """Which people to show; kept in the address."""

    q = forms.CharField(label=_("Namn eller e-postadress"), required=False, max_length=100)
    roll = forms.ChoiceField(label=_("Roll"), required=False)
    enhet = forms.ChoiceField(label=_("Enhet"), required=False)
    visa = forms.ChoiceField(
        label=_("Visa"), required=False,
        choices=[("", _("Som har en roll nu")), ("alla", _("Också dem som har slutat"))],
    )  # fmt: skip

    def __init__(self, *args: Any, units: Iterable[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "roll", [("", _("Alla roller")), *Role.choices])
        offer(self, "enhet", [("", _("Alla enheter")), *((str(u.uid), u.name) for u in units)])
