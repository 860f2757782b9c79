"""
What is asked of a channel before something of our own goes out there: light by default, and never of legal duties.

A lack reminds until its day; after it, what the authority has chosen to be strict about stops new posts. Answers,
oversight, removals, corrections and crisis posts are never stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

from narvaro.channels.rules.lacks import Lack, Place
from narvaro.channels.types import NOT_BEGUN, ChannelState, Level
from narvaro.core.types import Role

Value = str | int | date | Sequence[str] | Mapping[str, str]
"""What stands in a place of a written sentence: as it is, a day, words of our own, or a text for each language."""


class Written(Protocol):
    """A condition as a higher floor has written it down."""

    key: str
    is_met: bool
    mender: str
    says: str
    values: Mapping[str, Any]
    link: str
    valid_until: date | None
    channel_id: int | None
    person_id: int | None


@dataclass(frozen=True, slots=True)
class Requirement:
    """
    One thing that may be asked of a channel.

    Args:
        title: What it is, for whoever chooses how strict to be.
        text: What to do when it is missing.
        level: How strict, where the authority has not chosen.
        law: The provision it comes from; "" is good practice.
        place: The page where it is mended when nobody has written another address.
    """

    key: str
    title: Any
    text: Any
    level: Level
    law: str = ""
    mender: str = ""
    place: Place = "card"


REQUIREMENTS = {
    each.key: each
    for each in (
        Requirement("decision", _("Chefens beslut"), _("Enhetens chef beslutar att kanalen ska finnas."), Level.STOP,
                    "SM-02", place="decision"),
        Requirement("plan", _("En plan på en sida"), _("Skriv planen: en sida räcker."), Level.STOP, "SM-02",
                    place="elsewhere"),
        Requirement("policy", _("En riktlinje, eller ett protokoll"),
                    _("Anta en riktlinje för sociala medier, eller för in protokollet där saken avgjordes."),
                    Level.STOP, "SM-03", Role.COMMUNICATIONS_LEAD.value, "elsewhere"),
        Requirement("people", _("Ansvarig och ersättare med uppdrag"),
                    _("Utse ansvarig och ersättare, två personer som har uppdraget av sin chef."), Level.STOP, "SEC-2",
                    place="people"),
        Requirement("notified", _("Kommunikationsavdelningen vet"), _("Tala om kanalen för kommunikationsavdelningen."),
                    Level.STOP, place="elsewhere"),
        Requirement("approval", _("Kommunikationsavdelningen godkänner i förväg"),
                    _("Kommunikationsavdelningen ska godkänna att kanalen startas."), Level.OFF, "",
                    Role.COMMUNICATIONS_LEAD.value, place="elsewhere"),
        Requirement("administrators", _("Två kan styra kontot"), _("Se till att minst två kan styra kontot."),
                    Level.REMIND, "SEC-2"),
        Requirement("about_text", _("Om-text med det lagen vill att besökare får veta"),
                    _("Se till att kontots presentation säger det besökare ska få veta."), Level.REMIND, "BBS-2",
                    place="elsewhere"),
        Requirement("two_step", _("Tvåstegsinloggning på kontot"),
                    _("Kontrollera att kontot har tvåstegsinloggning. Gör det varje år."), Level.REMIND, "SEC-2"),
        Requirement("mailbox", _("Kontot är registrerat på en funktionsbrevlåda"),
                    _("Skriv vilken funktionsbrevlåda kontot är registrerat på."), Level.REMIND, "SEC-2"),
        Requirement("access", _("Genomgång varje kvartal av vilka som kan styra kontot"),
                    _("Se över vilka som kan styra kontot. Gör det varje kvartal."), Level.REMIND, "SEC-2"),
        Requirement("retention", _("Gallringsbeslut"), _("Besluta vad som ska bevaras och vad som får gallras."),
                    Level.REMIND, "ARK-4", Role.ARCHIVIST.value, place="elsewhere"),
        Requirement("acknowledgement", _("De som svarar har läst riktlinjen"),
                    _("De som svarar för kanalen läser den gällande riktlinjen och bekräftar det."),
                    Level.REMIND, place="elsewhere"),
        Requirement("training", _("De som svarar har gått utbildningen"),
                    _("De som svarar för kanalen går utbildningen."), Level.OFF, place="elsewhere"),
        Requirement("review", _("Översyn varje år"), _("Se över kanalen och dess plan. Gör det varje år."),
                    Level.REMIND),
    )
}  # fmt: skip
"""All that may be asked of a channel, by key."""

OF_PEOPLE = frozenset({"acknowledgement", "training"})
"""What is asked of each of those who answer for a channel."""

QUIET = "quiet"
"""
The day from which a channel in use is one to try: nothing of our own for as long as the guideline lets pass.

It is no requirement: it only reminds, and stops nothing, or a quiet channel could never be used again. It is also the
place where such a channel waits for whoever leads its unit.
"""
QUIET_KIND = "channels.quiet"
"""What waits there: a channel."""

_COMPUTED = {"left": "people", "deputy": "people", "unassigned": "people"}  # lacks that are one requirement together


def level_of(key: str, chosen: Mapping[str, str]) -> Level:
    """Return how strict an authority is about a requirement; what is no requirement only reminds."""
    if key in chosen:
        return Level(chosen[key])
    return REQUIREMENTS[key].level if key in REQUIREMENTS else Level.REMIND


def written_lacks(
    conditions: Iterable[Written], *, people: Iterable[int], known: frozenset[str], chosen: Mapping[str, str],
    due: date, on: date,
) -> list[Lack]:  # fmt: skip
    """
    Return what is missing of what higher floors write down about one channel.

    Args:
        conditions: Those of the channel, of its people and of the whole authority.
        people: Who answers for the channel.
        known: Requirements that the register itself knows to be met or missing; nothing is read of them.
        due: By when what was never there is wanted.
    """
    by_key: dict[str, list[Written]] = {}
    for condition in conditions:
        by_key.setdefault(condition.key, []).append(condition)
    found = []
    for key, requirement in REQUIREMENTS.items():
        if key in known or level_of(key, chosen) == Level.OFF:
            continue
        told = _unmet(key, by_key.get(key, []), people, on)
        if told is not None:
            grown_old = told.valid_until if isinstance(told, _Told) else None
            found.append(Lack(
                key, told.says or str(requirement.text), requirement.place, grown_old or due, requirement.law,
                mender=told.mender or requirement.mender, link=told.link,
            ))  # fmt: skip
    return found


def quiet_lacks(conditions: Iterable[Written], *, state: str, on: date) -> list[Lack]:
    """Return that a channel in use is to be tried, from the day that is written down; a resting one is quiet."""
    days = [(each, each.valid_until) for each in conditions if each.key == QUIET and each.channel_id is not None]
    return [
        Lack(QUIET, sentence(each), "elsewhere", day)
        for each, day in days
        if state == ChannelState.ACTIVE and day is not None and day <= on
    ]


def kept_values(values: Mapping[str, Value]) -> dict[str, Any]:
    """Return values as a row keeps them: words of our own in Swedish, a day as {"day": "2026-11-21"}."""
    with translation.override(settings.LANGUAGE_CODE):
        return {name: _kept(value) for name, value in values.items()}


def sentence(written: Written) -> str:
    """Return what a condition says, in the language of whoever reads it."""
    if not written.says:
        return ""
    said = translated(written.says)
    return said % {name: _spoken(value) for name, value in written.values.items()} if written.values else said


def _kept(value: Value) -> Any:
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, (str, int)):
        return value
    return {"by_language": dict(value)} if isinstance(value, Mapping) else [str(each) for each in value]


def _spoken(value: Any) -> Any:
    if isinstance(value, dict) and "day" in value:
        day = date.fromisoformat(value["day"])
        return date_format(day, "j F Y")
    if isinstance(value, dict):
        texts = value["by_language"]
        return texts.get(translation.get_language()) or texts[settings.LANGUAGE_CODE]
    return "; ".join(translated(each) for each in value) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class _Told:
    says: str = ""
    mender: str = ""
    link: str = ""
    valid_until: date | None = None


def _unmet(key: str, written: list[Written], people: Iterable[int], on: date) -> _Told | None:
    """Return how a requirement is not met; None when it is."""
    if key in OF_PEOPLE:
        by_person = {each.person_id: each for each in written if each.person_id is not None}
        judged = [_judged(by_person.get(person), on) for person in people]
    else:
        of_channel = next((each for each in written if each.channel_id is not None), None)
        of_all = next((each for each in written if each.channel_id is None and each.person_id is None), None)
        judged = [_judged(of_channel or of_all, on)]
    return next((each for each in judged if each is not None), None)


def _judged(written: Written | None, on: date) -> _Told | None:
    if written is None:
        return _Told()
    if not written.is_met:
        return _Told(sentence(written), written.mender, written.link)
    if written.valid_until is not None and written.valid_until <= on:
        return _Told(sentence(written), written.mender, written.link, written.valid_until)
    return None


def judged(lacks: Iterable[Lack], *, state: str, chosen: Mapping[str, str], on: date) -> list[Lack]:
    """
    Return the lacks that an authority asks about, each with whether it stops new posts now, most urgent first.

    Of a channel that has not begun everything is due at once: it begins when nothing stops it.
    """
    found = []
    for lack in lacks:
        level = level_of(_COMPUTED.get(lack.key, lack.key), chosen)
        if level == Level.OFF:
            continue
        due = min(lack.due, on) if state in NOT_BEGUN else lack.due
        found.append(replace(lack, due=due, stops=level == Level.STOP and due <= on))
    return sorted(found, key=lambda lack: (not lack.stops, lack.due))


def may_post_in(state: str) -> bool:
    """Whether a channel in this state takes new posts of ours at all."""
    return state in (ChannelState.ACTIVE, ChannelState.CLOSING)
