"""Forms of sources: what each kind needs to know, and nothing of what it does not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from narvaro.core import queries as core
from narvaro.core.forms import ActingForm
from narvaro.core.forms.acting import offer
from narvaro.core.types import Actor
from narvaro.publishing import queries as publishing
from narvaro.sources import queries, rules
from narvaro.sources.actions.setting_up import Wish
from narvaro.sources.models import Source
from narvaro.sources.types import Kind, Setup, Shape

_COMMON_FIRST = ("name", "unit", "shape", "way", "address", "file")
_COMMON_LAST = ("template", "over_template", "channels", "responsible", "mode", "most_an_hour")
_OWN: dict[str, tuple[str, ...]] = {
    Kind.DAY: ("words", "clock", "days_before"),
    Kind.AGENDA: ("holds", "heading", "words", "days_before", "take_existing"),
    Kind.NEWS: ("holds", "heading", "words", "take_existing"),
    Kind.INCIDENT: (
        "path", *(f"name_{name}" for name in rules.NAMES), "severities", "areas", "over_words", "gone_is_over",
    ),
    Kind.VACANCY: ("holds", "heading", "words", "take_existing"),
}  # fmt: skip
# Posts are written in Swedish, whatever language whoever sets up a source reads.
_TEMPLATES: dict[str, str] = {
    Kind.DAY: "Min dag {dag}:\n\n{lista}",
    Kind.AGENDA: "{dag} kl. {tid}: {rubrik}\nPlats: {plats}\n{lank}",
    Kind.NEWS: "{rubrik}\n\n{text}\n\nLäs mer: {lank}",
    Kind.INCIDENT: "{rubrik}\n\n{text}\nOmråde: {omrade}\n{lank}",
    Kind.VACANCY: "Vi söker: {rubrik}, {arbetsgivare}\nOrt: {plats}\nSök senast {sista_dag}.\n{lank}",
}
_OVER: dict[str, str] = {Kind.INCIDENT: "Över nu: {rubrik}", Kind.AGENDA: "Inställt: {rubrik}, {dag}"}
_WORDS_HELP: dict[str, Any] = {
    Kind.DAY: _("En kategori, eller ord ur rubriken, på varje rad. Bara det som står här visas."),
    Kind.AGENDA: _("En kategori, eller ord ur rubriken, på varje rad. Tomt visar alla möten som inte är privata."),
}
_MODES = (
    ("draft", _("Skriv ett utkast som den ansvariga läser")),
    ("automatic", _("Låt det gå ut av sig självt, i den ansvarigas namn")),
)


def _line(label: Any, help_text: Any = "", *, required: bool = False, most: int = 200) -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=most)


def _lines(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, required=False, max_length=8_000, widget=forms.Textarea(attrs={"rows": 4})
    )


class SourceForm(ActingForm):
    """How a source of one kind works."""

    name = _line(_("Namn"), _("Det ni kallar källan, till exempel Kommunchefens kalender."), required=True, most=120)
    unit = forms.ChoiceField(label=_("Enhet som har hand om källan"))
    shape = forms.ChoiceField(label=_("Hur är den skriven?"), widget=forms.RadioSelect)
    way = forms.ChoiceField(label=_("Hur kommer uppgifterna hit?"), widget=forms.RadioSelect)
    address = forms.CharField(
        label=_("Adress"), required=False, max_length=1000,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Börjar med https://. Den sparas krypterad och visas inte igen."),
    )  # fmt: skip
    file = forms.FileField(label=_("Fil"), required=False, help_text=_("Högst 3 MB. Den sparas krypterad."))
    holds = _lines(
        _("Vad ska länkarna innehålla?"),
        _("Gäller en webbsida. En del av adressen eller av länkens ord, till exempel /jobb/ eller kallelse, på varsin "
          "rad. Tomt tar alla länkar i sidans innehåll."),
    )  # fmt: skip
    heading = _line(
        _("Under vilken rubrik står listan?"),
        _("Gäller en webbsida. Skriv rubriken som den står där. Tomt söker i hela sidan."),
    )
    words = _lines(_("Vad får visas?"))
    clock = forms.TimeField(
        label=_("När ska utkastet skrivas?"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        initial="07:00",
    )  # fmt: skip
    days_before = forms.IntegerField(label=_("Hur många dagar i förväg?"), min_value=0, max_value=60, initial=0)
    path = _line(_("Var i filen står listan?"), _("Till exempel data.handelser. Tomt letar själv. Gäller JSON."))
    name_id = _line(_("Händelsens nummer heter"), _("Vad fältet heter i det andra systemet, till exempel arendeId."))
    name_title = _line(_("Rubriken heter"))
    name_text = _line(_("Texten heter"))
    name_severity = _line(_("Allvaret heter"))
    name_area = _line(_("Området heter"))
    name_state = _line(_("Läget heter"))
    name_link = _line(_("Länken heter"))
    severities = _lines(_("Vilka allvarsgrader?"), _("En på varje rad. Tomt tar alla."))
    areas = _lines(_("Vilka områden?"), _("Ett på varje rad. Tomt tar alla."))
    over_words = _lines(_("Vad säger läget när det är över?"), _("Till exempel åtgärdad, på varsin rad."))
    gone_is_over = forms.BooleanField(
        label=_("Det som försvinner ur listan är över"), required=False,
        help_text=_("Det ska ha saknats två gånger i rad."),
    )  # fmt: skip
    take_existing = forms.BooleanField(
        label=_("Skriv utkast också om det som redan finns där"), required=False,
    )  # fmt: skip
    template = forms.CharField(
        label=_("Mall"), max_length=rules.MOST_TEMPLATE, strip=False, widget=forms.Textarea(attrs={"rows": 6})
    )  # fmt: skip
    over_template = forms.CharField(
        label=_("Mall när det är över eller inställt"), max_length=rules.MOST_TEMPLATE, strip=False, required=False,
        widget=forms.Textarea(attrs={"rows": 3}), help_text=_("Tomt: inget skrivs då."),
    )  # fmt: skip
    channels = forms.MultipleChoiceField(
        label=_("Var ska det ut?"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Välj minst en kanal."), "invalid_choice": _("Välj bland kanalerna.")},
    )  # fmt: skip
    responsible = forms.ChoiceField(
        label=_("Ansvarig"), help_text=_("Läser utkasten, och står som den som har skrivit dem.")
    )
    mode = forms.ChoiceField(label=_("Vad händer sedan?"), choices=_MODES, widget=forms.RadioSelect, initial="draft")
    most_an_hour = forms.IntegerField(
        label=_("Högst så många i timmen"), min_value=1, max_value=rules.MOST_AN_HOUR, initial=5
    )

    def __init__(self, *args: Any, actor: Actor, kind: str, source: Source | None = None, **kwargs: Any) -> None:
        begun = _begun(actor, source) if source else {
            "template": _TEMPLATES[kind], "over_template": _OVER.get(kind, ""), "shape": rules.SHAPES[kind][0],
            "way": rules.WAYS[kind][0], "responsible": "",
        }  # fmt: skip
        super().__init__(*args, initial=begun, version=source.version if source else None, **kwargs)
        self.kind, self.source = kind, source
        for name in set(self.fields) - {"intent", "seen_version", *_COMMON_FIRST, *_OWN[kind], *_COMMON_LAST}:
            del self.fields[name]
        self._offer(actor, kind)
        places = ", ".join(f"{{{name}}}" for name in rules.PLACEHOLDERS[kind])
        self.fields["template"].help_text = f"{gettext('Det här fylls i')}: {places}"
        if "words" in self.fields:
            self.fields["words"].required = kind == Kind.DAY
            self.fields["words"].help_text = _WORDS_HELP.get(
                kind, _("Ord som minst ett ska finnas med, på varsin rad. Tomt tar allt.")
            )
        if source is not None:
            self.fields["address"].help_text = _("Lämna tomt för att behålla den som finns.")
            self.fields["file"].help_text = _("Lämna tomt för att behålla den som finns.")
        if self.may_show_first:
            self.fields["shape"].help_text = _(
                "Ett flöde eller en fil är säkrast. Finns bara en webbsida läses det som sidan själv märker upp för "
                "sökmotorer, annars dess länkar. Ritas sidan av skript hittas inget: be då om ett flöde."
            )
        if kind not in _OVER:
            del self.fields["over_template"]

    def _offer(self, actor: Actor, kind: str) -> None:
        units = [unit for unit in core.units(actor) if rules.may_set_up(actor, unit.pk)]
        offer(self, "unit", [(str(unit.uid), unit.name) for unit in units])
        self.initial.setdefault("unit", str(units[0].uid) if units else "")
        offer(self, "shape", [(each.value, each.label) for each in rules.SHAPES[kind]])
        offer(self, "way", [(each.value, each.label) for each in rules.WAYS[kind]])
        offer(self, "channels", [(str(each.uid), each.name) for each in publishing.channels_to_post_in(actor)])
        people = [(str(each.uid), each.name) for each in queries.people_to_name(actor)]
        offer(self, "responsible", [("", gettext("Välj en person")), *people])
        for name, choices in (("shape", rules.SHAPES[kind]), ("way", rules.WAYS[kind])):
            if len(choices) == 1:
                self.fields[name].widget = forms.HiddenInput()

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields in the order that a person fills them in."""
        order = [*_COMMON_FIRST, *_OWN[self.kind], *_COMMON_LAST]
        return [self[name] for name in order if name in self.fields and not self[name].is_hidden]

    @property
    def wish(self) -> Wish:
        """What the action is asked for."""
        values = self.cleaned_data
        return Wish(
            name=values["name"], shape=values["shape"], way=values["way"], unit_uid=values["unit"],
            channel_uids=values["channels"], responsible_uid=values["responsible"], template=values["template"],
            over_template=values.get("over_template", ""), is_automatic=values["mode"] == "automatic",
            most_an_hour=values["most_an_hour"], address=values["address"], setup=self._setup(),
        )  # fmt: skip

    @property
    def may_show_first(self) -> bool:
        """Whether what is on the page can be shown before anything is saved."""
        return Shape.PAGE in rules.SHAPES[self.kind]

    @property
    def shown_first(self) -> tuple[str, str, Setup] | None:
        """
        The address, the shape and the set-up to show, when they are right; whatever else is missing waits.

        None with the refusals at their fields.
        """
        needed = {"address", "shape", "way", *_OWN[self.kind], "template"}
        self.full_clean()
        for name in set(self.errors) - needed:
            del self.errors[name]
        address = self.cleaned_data.get("address", "").strip()
        if not address and self.source is not None:
            address = queries.secrets_of(self.source).get("address", "")
        if not address:
            self.add_error("address", gettext("Skriv adressen som ska läsas."))
        return None if self.errors else (address, self.cleaned_data["shape"], self._setup())

    @property
    def put(self) -> tuple[str, bytes] | None:
        """The file that was chosen: its name and no more than is read of it, and a byte."""
        file = self.cleaned_data.get("file")
        return (file.name, file.read(rules.MOST_FILE_BYTES + 1)) if file else None

    def _setup(self) -> Setup:
        values = self.cleaned_data
        clock = values.get("clock")
        return Setup(
            words=_split(values.get("words", "")), days_before=values.get("days_before") or 0,
            clock=clock.strftime("%H:%M") if clock else "07:00", path=values.get("path", "").strip(),
            names={name: said for name in rules.NAMES if (said := values.get(f"name_{name}", "").strip())},
            severities=_split(values.get("severities", "")), areas=_split(values.get("areas", "")),
            over_words=_split(values.get("over_words", "")), gone_is_over=values.get("gone_is_over", False),
            take_existing=values.get("take_existing", False), holds=_split(values.get("holds", "")),
            heading=" ".join(values.get("heading", "").split()),
        )  # fmt: skip


class FileForm(ActingForm):
    """A newer file for a source."""

    file = forms.FileField(label=_("Fil"), help_text=_("Högst 3 MB. Den förra raderas."))


class ButtonForm(ActingForm):
    """A press that the page has explained."""


def shapes_shown(kind: str) -> list[str]:
    """Return what a source of a kind may be written as, in words."""
    return [str(Shape(each).label) for each in rules.SHAPES[kind]]


def _split(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(line.split()) for line in text.splitlines() if line.strip()))


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _begun(actor: Actor, source: Source) -> dict[str, Any]:
    setup = queries.setup_of(source)
    return {
        "name": source.name, "unit": str(source.unit.uid), "shape": source.shape, "way": source.way,
        "words": _joined(setup.words), "clock": setup.clock, "days_before": setup.days_before, "path": setup.path,
        **{f"name_{name}": said for name, said in setup.names.items()}, "severities": _joined(setup.severities),
        "areas": _joined(setup.areas), "over_words": _joined(setup.over_words), "gone_is_over": setup.gone_is_over,
        "take_existing": setup.take_existing, "holds": _joined(setup.holds), "heading": setup.heading,
        "template": source.template, "over_template": source.over_template,
        "channels": [str(each.uid) for each in queries.channels_of_source(actor, source)],
        "responsible": str(source.responsible.uid), "mode": "automatic" if source.is_automatic else "draft",
        "most_an_hour": source.most_an_hour,
    }  # fmt: skip
