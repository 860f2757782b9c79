"""Forms about what is out: changed, removed, corrected; and acts in the authority's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from narvaro.connectors.afterwards import Target
from narvaro.core.forms import ActingForm
from narvaro.core.forms.acting import offer
from narvaro.publishing import neutrality
from narvaro.publishing.rules import MOST_TEXT
from narvaro.publishing.types.afterwards import ACTS, Ground, Harm, Means

if TYPE_CHECKING:
    from collections.abc import Sequence

    from narvaro.channels.models import Channel
    from narvaro.publishing.queries.afterwards import Told
    from narvaro.records.queries import Shown

SALT = "narvaro.publishing.target"
TARGET_SECONDS = 3600
MOST_ADDRESS = 1000


class ChangeForm(ActingForm):
    """New words for what is out."""

    text = forms.CharField(
        label=_("Den nya texten"), max_length=MOST_TEXT, strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "true"}),
        error_messages={"required": _("Skriv den nya texten, eller ta bort inlägget.")},
    )  # fmt: skip
    why = forms.CharField(label=_("Varför ändras det?"), max_length=500, required=False)


class RemoveForm(ActingForm):
    """Why what is out is removed."""

    ground = forms.ChoiceField(
        label=_("Varför tas det bort?"), choices=Ground.choices, widget=forms.RadioSelect,
        error_messages={"required": _("Välj varför det tas bort.")},
    )  # fmt: skip
    why = forms.CharField(label=_("Skälen i korthet"), max_length=500, required=False)

    def __init__(self, *args: Any, must_stay: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].required = must_stay


class ReleaseForm(ActingForm):
    """Approve exactly the change that was read."""

    seen_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)


class PressForm(ActingForm):
    """One press."""


class CorrectForm(ActingForm):
    """Everything about a mistake on one page."""

    text = forms.CharField(
        label=_("Vad var fel, och vad är rätt?"), max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "true"}),
        help_text=_("Det här läser alla, och de som redan har fått svar."),
        error_messages={"required": _("Skriv vad som var fel och vad som är rätt.")},
    )  # fmt: skip
    means = forms.ChoiceField(
        label=_("Hur ska rättelsen synas?"), widget=forms.RadioSelect,
        error_messages={"required": _("Välj hur rättelsen ska synas.")},
    )  # fmt: skip
    new_text = forms.CharField(
        label=_("Den rätta texten"), max_length=MOST_TEXT, required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "true"}),
        help_text=_("Behövs när texten ändras eller skrivs om."),
    )  # fmt: skip
    tell = forms.MultipleChoiceField(
        label=_("De här har redan fått svar. Vilka ska få veta?"), required=False, widget=forms.CheckboxSelectMultiple
    )  # fmt: skip
    harm = forms.MultipleChoiceField(
        label=_("Gjorde felet någon skada?"), choices=Harm.choices, required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Vid personuppgifter eller sekretess börjar en incident, med de tider som lagen sätter."),
    )  # fmt: skip
    violated_item = forms.ChoiceField(label=_("Vem blev kränkt?"), required=False)
    violated_text = forms.CharField(
        label=_("Svar till den som blev kränkt"), max_length=MOST_TEXT, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    violated_note = forms.CharField(
        label=_("Eller: hur får den som blev kränkt ett svar?"), max_length=1000, required=False,
        help_text=_("Till exempel att ni ringer. Det blir en tjänsteanteckning."),
    )  # fmt: skip
    gone_through = forms.BooleanField(
        label=_("Jag har tänkt igenom om felet gjorde någon skada."),
        error_messages={"required": _("Tänk igenom frågorna om skada, och kryssa i att det är gjort.")},
    )

    def __init__(
        self, *args: Any, means: Sequence[Means], told: Sequence[Told], people: Sequence[Shown], **kwargs: Any
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        offer(self, "means", [(each.value, str(each.label)) for each in means])
        listed = [(str(each.item.uid), f"{each.author}: {each.text[:120]}") for each in told]
        offer(self, "tell", listed)
        self.initial.setdefault("tell", [uid for uid, _name in listed])
        there = [(str(each.item.uid), f"{each.author}: {each.text[:80]}") for each in people]
        offer(self, "violated_item", [("", _("Ingen i tråden")), *there])

    @property
    def told(self) -> list[UUID]:
        """The items of those to tell."""
        return [UUID(each) for each in self.cleaned_data["tell"]]


class FindTargetForm(forms.Form):
    """Where to act, and on what."""

    kanal = forms.ChoiceField(label=_("Med vilket konto?"))
    lank = forms.CharField(
        label=_("Länk till inlägget eller kontot"), max_length=MOST_ADDRESS,
        help_text=_("Kopiera länken från plattformen. Ett kontonamn går också bra."),
        error_messages={"required": _("Klistra in en länk eller ett kontonamn.")},
    )  # fmt: skip

    def __init__(self, *args: Any, channels: Sequence[Channel], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kanal", [(str(each.uid), each.name) for each in channels])


class ActForm(ActingForm):
    """Like, repost or follow what was found, after a short check that it is objective."""

    kind = forms.ChoiceField(
        label=_("Vad vill ni göra?"), widget=forms.RadioSelect,
        error_messages={"required": _("Välj vad ni vill göra.")},
    )  # fmt: skip
    agreed = forms.MultipleChoiceField(
        label=_("Är det här sakligt och opartiskt?"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(each.key, each.text) for each in neutrality.QUESTIONS],
        help_text=_("Kan ni inte kryssa i alla behövs skäl."),
    )  # fmt: skip
    why = forms.CharField(label=_("Varför är det rätt att göra det?"), max_length=500, required=False)
    target = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, target: Target | None = None, is_account: bool | None = None, **kwargs: Any) -> None:
        initial = {"target": signed(target)} if target is not None else {}
        super().__init__(*args, initial=initial, **kwargs)
        account = target.is_account if target is not None else bool(is_account)
        fitting = [each for each in ACTS if (each == "follow") == account]
        words = {"like": _("Gilla"), "repost": _("Dela vidare"), "follow": _("Följa")}
        offer(self, "kind", [(each.value, words[each.value]) for each in fitting])


def signed(target: Target) -> str:
    """Return what was found, so that nothing else is acted on."""
    values = [getattr(target, name) for name in Target.__slots__]
    return signing.dumps([each[:3000] if isinstance(each, str) else each for each in values], salt=SALT)


def found_in(text: str) -> Target | None:
    """Return what was found, as it was shown; None when it is changed or old."""
    try:
        return Target(*signing.loads(text, salt=SALT, max_age=TARGET_SECONDS))
    except (signing.BadSignature, TypeError, ValueError):
        return None
