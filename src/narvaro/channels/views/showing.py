"""How a channel stands, in words."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from narvaro.base.clock import now, today
from narvaro.base.platforms import Transfer
from narvaro.channels import queries, rules
from narvaro.channels.forms import CardForm
from narvaro.channels.types import DECIDABLE, IN_USE, NOT_BEGUN, ChannelState, Connection
from narvaro.connectors.port import Capability
from narvaro.core.moments import near_time
from narvaro.core.types import Actor, Role

if TYPE_CHECKING:
    from narvaro.channels.models import Channel, ChannelCard, ChannelReading

_ABLE = {
    Capability.READ: gettext_lazy("Läsa kommentarer och omnämnanden"),
    Capability.READ_PRIVATE: gettext_lazy("Läsa direktmeddelanden"),
    Capability.PUBLISH: gettext_lazy("Publicera svar"),
    Capability.PUBLISH_IMAGE: gettext_lazy("Publicera bilder"),
    Capability.HIDE: gettext_lazy("Dölja andras kommentarer"),
    Capability.REMOVE_OWN: gettext_lazy("Ta bort egna inlägg"),
    Capability.BLOCK: gettext_lazy("Blockera konton"),
}


TRANSFERS = {
    Transfer.WITHIN_EU: gettext_lazy("Uppgifterna stannar inom EU och EES."),
    Transfer.UNITED_STATES: gettext_lazy(
        "Uppgifter om dem som skriver kan föras till USA. Det får ske när mottagaren är ansluten till EU:s och USA:s "
        "ramverk för dataskydd; kontrollera att den är det, och undvik känsliga uppgifter och bilder på barn."
    ),
    Transfer.OTHER_COUNTRY: gettext_lazy(
        "Uppgifter om dem som skriver kan föras till länder utanför EU och EES, eller läsas därifrån. Bedöm saken "
        "med dataskyddsombudet."
    ),
    Transfer.BY_SERVER: gettext_lazy("Beror på var servern står och vem som driver den. Fråga den som driver den."),
}
"""What is told of where personal data go. Law: GDPR-10"""


_LIFE: dict[str, tuple[Any, Any]] = {
    ChannelState.PROPOSED: (
        gettext_lazy("Kanalen är föreslagen."), gettext_lazy("Den som leder enheten beslutar om den."),
    ),
    ChannelState.DECIDED: (
        gettext_lazy("Kanalen är beslutad men inte i drift."),
        gettext_lazy("Skapa kontot på plattformen, och ta sedan kanalen i drift."),
    ),
    ChannelState.DORMANT: (
        gettext_lazy("Kanalen vilar: inget nytt går ut."),
        gettext_lazy("Det som kommer in läses, bevakas och besvaras som vanligt."),
    ),
    ChannelState.CLOSING: (
        gettext_lazy("Kanalen håller på att avslutas."),
        gettext_lazy("Tala om det för dem som följer den, och gör klart det som återstår."),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """How a channel stands: the state in a word and as a sentence, what is next, and who can do it."""

    kind: str
    word: str
    sentence: str
    next: str = ""
    complete: str = ""
    is_behind: bool = False


def standing(found: Channel, reading: ChannelReading) -> Standing:
    """Return how a channel stands in words (P5, P6): never only that it is broken, always what to do."""
    names = _(" eller ").join(person.name for person in (found.responsible, found.deputy) if person is not None)
    complete = _complete(reading.complete_to)
    if found.state == ChannelState.CLOSED:
        return Standing("neutral", _("Avslutad"), _("Kanalen är avslutad. Allt som är bevarat finns kvar."))
    if found.state in NOT_BEGUN:
        return _in_life(found, "info")
    if reading.connection == Connection.MANUAL and found.state in _LIFE:
        return _in_life(found, "neutral")
    if reading.connection == Connection.MANUAL:
        return Standing(
            "info", _("Sköts för hand"), _("Kanalen sköts för hand."),
            _("Den som ser något på kanalen lägger in det här, så att det bevaras och besvaras."),
        )  # fmt: skip
    if reading.connection == Connection.NOT_CONNECTED:
        return Standing(
            "warning", _("Inte ansluten"), _("Kanalen är inte ansluten, så inget läses in."),
            _("%(names)s kan ansluta den.") % {"names": names}, complete,
        )  # fmt: skip
    if reading.connection == Connection.RECONNECT:
        return Standing(
            "error", _("Behöver anslutas på nytt"), reading.last_error or _("Plattformen godtar inte längre nyckeln."),
            _("Inget läses in förrän %(names)s har anslutit kanalen på nytt. Allt som är bevarat finns kvar.")
            % {"names": names}, complete, is_behind=True,
        )  # fmt: skip
    if reading.connection == Connection.MISCONFIGURED:
        return Standing(
            "error", _("Fel i inställningarna"), reading.last_error or _("Kanalen kan inte läsas som den är inställd."),
            _("Kontrollera kontot och anslut kanalen på nytt. %(names)s kan göra det.") % {"names": names}, complete,
            is_behind=True,
        )  # fmt: skip
    is_behind = rules.is_behind(reading.connection, reading.complete_to, now())
    if reading.connection == Connection.TRANSIENT:
        return Standing(
            "warning", _("Tillfälligt fel"), reading.last_error or _("Plattformen svarar inte just nu."),
            _("Närvaro försöker igen av sig självt %(when)s. Inget behöver göras.")
            % {"when": near_time(reading.next_at)}, complete, is_behind=is_behind,
        )  # fmt: skip
    if is_behind:
        sentence = _("Kanalen är ansluten men ännu inte läst till slut.")
        later = _("Läsningen pågår. Dröjer det länge, se till att arbetet i bakgrunden är igång.")
        kind = "warning" if reading.complete_to else "info"  # the first reading is no trouble, it only takes time
        return Standing(kind, _("Ansluten"), sentence, later, complete, is_behind=True)
    if found.state in _LIFE:
        return _in_life(found, "neutral", complete)
    return Standing("success", _("Ansluten"), _("Kanalen är ansluten."), _("Inget behöver göras."), complete)


def _in_life(found: Channel, kind: str, complete: str = "") -> Standing:
    sentence, then = _LIFE[found.state]
    return Standing(kind, str(found.get_state_display()), str(sentence), str(then), complete)


def _complete(at: datetime | None) -> str:
    return _("komplett till %(when)s") % {"when": near_time(at)} if at else ""


def able(reading: ChannelReading) -> list[dict[str, Any]]:
    return [
        {"label": _ABLE.get(row["capability"], row["capability"]), "works": row["works"], "note": row["note"]}
        for row in reading.capabilities
    ]


def holder(found: Channel, overview: queries.Overview) -> str:
    """Who has what comes in now, as a sentence."""
    if overview.holder_id is None:
        return _("Alla som svarar för kanalen är borta. Det som kommer in går till kommunikationsavdelningen.")
    name = {"name": overview.holder_name}
    if overview.holder_id == found.responsible_id:
        return _("Det som kommer in nu går till %(name)s.") % name
    if overview.holder_id == found.deputy_id:
        return _("Den ansvariga är borta, så det som kommer in nu går till %(name)s.") % name
    return _("%(name)s har bevakningen just nu.") % name


def card_facts(card: ChannelCard | None) -> list[tuple[str, str]]:
    """Return what a channel's card says, as labels and words; nothing of what is not filled in."""
    if card is None:
        return []
    told = [
        (str(field.label), getattr(card, name))
        for name, field in CardForm.base_fields.items()
        if hasattr(card, name) and name not in ("kind", "comments", "bbs_applies", "tags")
    ]
    return [
        (str(CardForm.base_fields["kind"].label), card.get_kind_display()),
        (str(CardForm.base_fields["comments"].label), card.get_comments_display()),
        *(
            (label, date_format(value, "j F Y") if isinstance(value, date) else str(value))
            for label, value in told
            if value not in ("", None)
        ),
        *([(str(CardForm.base_fields["tags"].label), ", ".join(card.tags))] if card.tags else []),
    ]


_PAGES = {
    "card": "channels:card", "custody": "channels:custody", "people": "channels:change", "decision": "channels:decide",
}  # fmt: skip
_ELSEWHERE = {
    "plan": "plans:of_channel", "about_text": "channels:presentation", "policy": "policy:guideline",
    "retention": "policy:guideline", "acknowledgement": "policy:reading", "training": "training:start",
}  # fmt: skip
"""Where what is missing is mended when nobody has written a nearer address; a page that is not there leads nowhere."""


def lacks_shown(lacks: Iterable[rules.Lack], uid: UUID, *, may_change: bool) -> list[dict[str, Any]]:
    """
    Return what is lacking as a page tells it: what, where it is mended, by whom, until when, and the provision.

    Args:
        may_change: The reader may enter the register's own pages for mending.
    """
    return [
        {
            "text": lack.text,
            "link": lack.link or _mended_at(lack, uid, may_change=may_change),
            "mender": Role(lack.mender).label if lack.mender else "",
            "due": lack.due,
            "is_late": lack.due <= today(),
            "stops": lack.stops,
            "law": _law_page(lack.law),
        }
        for lack in lacks
    ]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a channel's life that the reader may take: the address, what the button says, whether it is next."""

    url: str
    label: str
    is_next: bool = False


def steps(actor: Actor, found: Channel, lacks: Iterable[rules.Lack]) -> list[Step]:
    """Return the steps of a channel's life that the actor may take now, the nearest first."""
    may_decide = rules.may_decide(actor, found.unit_id)
    may_open = rules.may_open(actor, found.responsible_id, found.deputy_id, found.unit_id)
    wants = {lack.key for lack in lacks}
    offered = [
        ("approve", _("Godkänn"), "approval" in wants and actor.has(Role.COMMUNICATIONS_LEAD)),
        ("decide", _("Besluta"), may_decide and "decision" in wants and found.state in DECIDABLE),
        ("open", _("Ta i drift"), may_open and found.state == ChannelState.DECIDED),
        ("keep", _("Prövad, behålls"), may_open and rules.QUIET in wants),
        ("wake", _("Väck kanalen"), may_open and found.state == ChannelState.DORMANT),
        ("rest", _("Låt kanalen vila"), may_open and found.state == ChannelState.ACTIVE),
        ("begin_closing", _("Börja avsluta"), may_decide and found.state in IN_USE),
        ("go_on_closing", _("Gå igenom avslutet"), may_decide and found.state == ChannelState.CLOSING),
    ]
    begins = found.state in (*NOT_BEGUN, ChannelState.DORMANT)
    taken = [(name, label) for name, label, is_offered in offered if is_offered]
    return [
        Step(_step_address(name, found.uid), label, is_next=name == "keep" or (begins and place == 0))
        for place, (name, label) in enumerate(taken)
    ]


def _step_address(name: str, uid: UUID) -> str:
    # A channel with a plan is closed by the plan's list; where there are no plans here, at once.
    here = {"go_on_closing": "channels:close"}.get(name, f"channels:{name}")
    guided = "plans:closing_of_channel" if name in ("begin_closing", "go_on_closing") else ""
    for address in filter(None, (guided, here)):
        with suppress(NoReverseMatch):
            return reverse(address, args=[uid])
    raise NoReverseMatch(name)


def _mended_at(lack: rules.Lack, uid: UUID, *, may_change: bool) -> str:
    if lack.place in _PAGES:
        return reverse(_PAGES[lack.place], args=[uid]) if may_change else ""
    name = _ELSEWHERE.get(lack.key, "")
    for args in ([uid], []):
        with suppress(NoReverseMatch):
            return reverse(name, args=args)
    return ""


def _law_page(law_id: str) -> str:
    try:
        return reverse("handbook_law", args=[law_id]) if law_id else ""
    except NoReverseMatch:
        return ""  # the handbook is not part of this installation


def may_connect(actor: Actor, found: Channel) -> bool:
    """Whether the actor may connect the channel to its platform."""
    return rules.may_connect(actor, found.responsible_id, found.deputy_id, found.unit_id)


def formed(request: HttpRequest, template: str, form: Any, **page: Any) -> HttpResponse:
    """Show a page with its form; refused forms are told so by their status."""
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"form": form, **page}, status=status)
