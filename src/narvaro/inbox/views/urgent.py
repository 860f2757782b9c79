"""The card about what cannot wait: whom to call, what to answer, who has taken it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from narvaro.inbox import rules
from narvaro.inbox.types import Urgency

if TYPE_CHECKING:
    from narvaro.inbox.models import Alarm, Incoming


@dataclass(frozen=True, slots=True)
class Number:
    """A number to call, and for what."""

    number: str
    what: Any

    @property
    def dialled(self) -> str:
        """The number as a telephone takes it, without what makes it readable."""
        return "".join(sign for sign in self.number if sign.isdigit() or sign == "+")


@dataclass(frozen=True, slots=True)
class UrgentCard:
    """What a person needs before them when something is urgent."""

    title: Any
    advice: Any
    numbers: tuple[Number, ...]
    reply: str
    told: str
    accepted: str


_EMERGENCY = Number("112", gettext_lazy("vid fara för liv, och socialjouren utanför kontorstid"))
_DANGER = gettext_lazy("vid fara för liv")
_SOCIAL = gettext_lazy("vår socialjour, utanför kontorstid")
_CARE = Number("1177", gettext_lazy("sjukvårdsrådgivning dygnet runt"))
_SUICIDE = Number("90101", gettext_lazy("Självmordslinjen, dygnet runt"))
_CHILDREN = Number("116 111", gettext_lazy("Bris, för barn och unga"))
_POLICE = Number("114 14", gettext_lazy("polisen, när det inte är bråttom"))

_NUMBERS = {
    Urgency.SUICIDE_RISK: (_EMERGENCY, _CARE, _SUICIDE),
    Urgency.CONCERN_FOR_CHILD: (_EMERGENCY, _CHILDREN, _CARE),
    Urgency.EMERGENCY: (_EMERGENCY, _CARE),
    Urgency.THREAT_TO_STAFF: (_EMERGENCY, _POLICE),
    Urgency.THREAT: (_EMERGENCY, _POLICE),
    Urgency.ABUSE_MATERIAL: (_POLICE, _EMERGENCY),
}
_IN_NEED = (Urgency.SUICIDE_RISK, Urgency.CONCERN_FOR_CHILD, Urgency.EMERGENCY)
_TITLES = {
    Urgency.SUICIDE_RISK: gettext_lazy("Någon kan vara i fara för sitt eget liv"),
    Urgency.CONCERN_FOR_CHILD: gettext_lazy("Ett barn kan fara illa"),
    Urgency.EMERGENCY: gettext_lazy("Något akut kan hända just nu"),
    Urgency.THREAT_TO_STAFF: gettext_lazy("Någon som arbetar hos er kan vara hotad"),
    Urgency.THREAT: gettext_lazy("Någon kan vara hotad"),
    Urgency.ABUSE_MATERIAL: gettext_lazy("Det kan gälla övergreppsmaterial med barn"),
}
_ADVICE = {
    Urgency.SUICIDE_RISK: gettext_lazy(
        "Är det fara för livet nu: ring 112 och berätta vad du vet. Svara kort, vänligt och personligt."
    ),
    Urgency.CONCERN_FOR_CHILD: gettext_lazy(
        "Alla som arbetar med barn är skyldiga att anmäla oro till socialtjänsten. Svara utan att fråga efter detaljer."
    ),
    Urgency.EMERGENCY: gettext_lazy("Ring 112 om du inte vet att någon redan har gjort det. Svara att 112 gäller."),
    Urgency.THREAT_TO_STAFF: gettext_lazy(
        "Berätta för den som kan vara hotad och för närmaste chef. Polisanmäl. Svara inte med namn, eller inte alls."
    ),
    Urgency.THREAT: gettext_lazy("Bedöm om någon är i fara nu. Polisanmäl. Texten är bevarad."),
    Urgency.ABUSE_MATERIAL: gettext_lazy(
        "Öppna inga länkar, kopiera och skicka ingenting. Handlingen är förseglad. Anmäl till polisen."
    ),
}


@rules.in_swedish
def reply(urgency: str) -> str:
    """Return a ready answer to somebody in need; "" where none should be given without thought."""
    replies = {
        Urgency.SUICIDE_RISK: _(
            "Tack för att du berättar. Du är inte ensam. Är det akut, ring 112. På 90101 svarar Självmordslinjen "
            "dygnet runt, och på 1177 får du råd om vård."
        ),
        Urgency.CONCERN_FOR_CHILD: _(
            "Tack för att du berättar. Ring socialtjänsten så snart du kan, eller 112 om det är akut eller kväll och "
            "helg. Skriv inget mer om barnet här, där alla kan läsa."
        ),
        Urgency.EMERGENCY: _("Ring 112 nu om någon är i fara. Här läser vi inte dygnet runt."),
    }
    return str(replies.get(urgency, ""))  # type: ignore[call-overload]


def numbers(urgency: str, *, social_emergency_phone: str = "") -> tuple[Number, ...]:
    """
    Return whom to call, first things first.

    Where the authority has a number to its social emergency service it stands right after 112; elsewhere 112 puts
    people through, and says so.
    """
    usual = _NUMBERS[Urgency(urgency)]
    if not social_emergency_phone or urgency not in _IN_NEED:
        return usual
    return Number(_EMERGENCY.number, _DANGER), Number(social_emergency_phone, _SOCIAL), *usual[1:]


def card(incoming: Incoming, alarm: Alarm | None, *, social_emergency_phone: str = "") -> UrgentCard:
    """Return the card of an urgent item."""
    kind = Urgency(incoming.urgency)
    told = accepted = ""
    if alarm is not None and alarm.accepted_by is not None:
        accepted = _("%(who)s har tagit den.") % {"who": alarm.accepted_by.name}
    elif alarm is not None and alarm.told is not None:
        told = _("%(who)s har fått larmet. Ingen har tagit den än.") % {"who": alarm.told.name}
    called = numbers(kind, social_emergency_phone=social_emergency_phone)
    return UrgentCard(_TITLES[kind], _ADVICE[kind], called, reply(kind), told, accepted)
