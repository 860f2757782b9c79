"""What a row of somebody's register means: its columns by the names people give them, and what each cell can be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from narvaro.base import platforms
from narvaro.base.clock import today
from narvaro.channels.rules.places import handle_key, place_of, platform_of
from narvaro.channels.rules.platforms import is_by_hand
from narvaro.channels.types import AccountKind, Comments, Platform
from narvaro.core.types import Invalid, Role
from narvaro.formats import tables

PASSED_OVER: Final = "-"
"""What a column is for that is known and not brought in."""


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a column may tell: its name here, what others call it, and how long it may be."""

    key: str
    label: Any
    names: tuple[str, ...]
    most: int = 300
    is_on_card: bool = False


FIELDS: Final[Mapping[str, Field]] = {
    each.key: each
    for each in (
        Field("platform", gettext_lazy("Plattform"),
              ("plattform", "platform", "service", "service_key", "tjänst", "nätverk", "network", "social network",
               "socialt medium", "sociala medier", "medium"), 60),
        Field("handle", gettext_lazy("Konto"),
              ("konto", "kontonamn", "account", "account name", "handle", "användarnamn", "username", "user name",
               "profil", "screen name"), 200),
        Field("url", gettext_lazy("Kontots adress"),
              ("adress", "url", "länk", "link", "webbadress", "service_url", "profile url", "webbplats",
               "address"), 500),
        Field("name", gettext_lazy("Vad kanalen kallas här"),
              ("namn", "name", "kanal", "kanalnamn", "channel", "channel name", "benämning", "titel", "title"), 120),
        Field("unit", gettext_lazy("Enhet"),
              ("enhet", "unit", "förvaltning", "avdelning", "nämnd", "verksamhet", "department", "organisation",
               "organization", "agency", "agencies", "kontor"), 200),
        Field("responsible", gettext_lazy("Ansvarig"),
              ("ansvarig", "responsible", "kontoansvarig", "ansvarig person", "owner", "ägare", "redaktör", "editor",
               "ansvarig e-post", "responsible email"), 254),
        Field("deputy", gettext_lazy("Ersättare"),
              ("ersättare", "deputy", "substitute", "backup", "ställföreträdare", "reserv"), 254),
        Field("purpose", gettext_lazy("Syfte"),
              ("syfte", "purpose", "ändamål", "beskrivning", "description", "short_description"), 300),
        Field("kind", gettext_lazy("Vem kontot talar för"), ("kind", "kontotyp", "account type", "talar för"), 60,
              True),
        Field("audience", gettext_lazy("Vilka kanalen är till för"), ("målgrupp", "audience", "målgrupper"), 300, True),
        Field("languages", gettext_lazy("Språk"), ("språk", "language", "languages"), 100, True),
        Field("staffed_hours", gettext_lazy("När någon är där"),
              ("staffed_hours", "bemanning", "bemannad", "öppettider", "opening hours", "hours"), 200, True),
        Field("comments", gettext_lazy("Vem som kan skriva där"), ("kommentarer", "comments"), 60, True),
        Field("elsewhere", gettext_lazy("Vart man annars kan vända sig"), ("elsewhere", "annan kontakt", "kontakt"),
              500, True),
        Field("function_mailbox", gettext_lazy("Funktionsbrevlåda"),
              ("function_mailbox", "funktionsbrevlåda", "e-post", "epost", "email", "mailbox", "brevlåda"), 254, True),
        Field("privacy_url", gettext_lazy("Sida om personuppgifter"),
              ("privacy_url", "privacy", "personuppgifter", "dataskydd"), 500, True),
        Field("opened_on", gettext_lazy("Kontot öppnades"),
              ("opened_on", "öppnat", "öppnades", "startdatum", "start", "opened", "skapat", "created"), 40, True),
        Field("closed_on", gettext_lazy("Kontot avslutades"),
              ("closed_on", "avslutat", "avslutades", "slutdatum", "slut", "closed", "end"), 40),
        Field("decision_ref", gettext_lazy("Beslut om kanalen"),
              ("decision_ref", "beslut", "diarienummer", "dnr", "decision"), 120, True),
        Field("legal_basis", gettext_lazy("Rättslig grund för personuppgifter"),
              ("legal_basis", "rättslig grund", "legal basis"), 300, True),
        Field("tags", gettext_lazy("Etiketter"), ("etiketter", "taggar", "tags", "nyckelord", "keywords"), 300, True),
        Field(PASSED_OVER, gettext_lazy("Läs inte in"),
              ("authority", "organisation_number", "house_rules", "uid", "id", "myndighet", "organisationsnummer",
               "nr", "nummer", "number", "long_description", "created_at", "updated_at", "info_url", "mobile_apps")),
    )
}  # fmt: skip
"""Every field that a register's column may tell, by key; `PASSED_OVER` last."""

_PLATFORMS = {
    "twitter": "x",
    "xtwitter": "x",
    "fb": "facebook",
    "insta": "instagram",
    "yt": "youtube",
    "annan": "manual",
}
_ROLES = {
    Role.UNIT_MANAGER: ("enhetschef", "chef", "förvaltningschef", "avdelningschef", "unit manager", "manager"),
    Role.COMMUNICATIONS_LEAD: (
        "kommunikationsansvarig", "kommunikationschef", "kommunikationsdirektör", "informationschef",
        "communications lead", "head of communications",
    ),
    Role.REPRESENTATIVE: ("företrädare", "kommunikatör", "representative"),
    Role.REGISTRAR: ("registrator", "registrar"),
    Role.ADMINISTRATOR: ("administratör", "administrator"),
}  # fmt: skip


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    A row understood: where the account is, and what is said of it; "" and what is not in `card` is not said at all.

    `unit`, `responsible` and `deputy` are as the file names them.
    """

    platform: str
    handle: str
    base_url: str
    url: str
    name: str
    unit: str
    responsible: str
    deputy: str
    purpose: str
    closed_on: date | None
    card: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, bool]:
        """Return which account it is; a closed one is never one that is in use."""
        return self.platform, handle_key(self.handle), self.closed_on is not None


def columns_of(table: tables.Table, chosen: Mapping[str, str]) -> list[str]:
    """
    Return the field that each column of a register tells, "" where nobody knows.

    A column that mostly holds names of platforms tells the platform, whatever it is called.

    Args:
        chosen: Fields by column, as a person has said; before what a column's name tells.
    """
    taken = {key for key in chosen.values() if key not in ("", PASSED_OVER)}
    found = []
    for at, column in enumerate(table.columns):
        if column in chosen:
            found.append(chosen[column])
            continue
        key = "platform" if _holds_platforms(table, at) else _by_name().get(_plain(column), "")
        if key not in ("", PASSED_OVER):
            key = "" if key in taken else key  # two columns with one meaning: a person has to say which
            taken.add(key)
        found.append(key)
    return found


def _holds_platforms(table: tables.Table, at: int) -> bool:
    cells = [cell for row in table.rows[:200] if (cell := row.cells[at])]
    return bool(cells) and sum(_plain(cell) in _platform_names() for cell in cells) * 2 > len(cells)


def wanted_of(cells: Mapping[str, str]) -> Wanted:
    """
    Return what a row means.

    Args:
        cells: Text by field; "" and missing alike are not said.

    Raises:
        Invalid: Something in it cannot be; `field` says where.
    """
    said = {key: cells.get(key, "").strip() for key in FIELDS}
    for key, text in said.items():
        if len(text) > FIELDS[key].most:
            raise Invalid(
                _("%(what)s är för långt: högst %(most)s tecken.")
                % {"what": FIELDS[key].label, "most": FIELDS[key].most},
                field=key,
            )
    url = _address(said["url"], "url")
    platform = _platform(said["platform"], url, said["handle"])
    place = place_of(platform, said["handle"] or url, may_be_open=is_by_hand(platform))
    if len(place.handle) > 200:
        raise Invalid(_("Kontots namn är för långt: högst 200 tecken."), field="handle")
    return Wanted(
        platform=platform, handle=place.handle, base_url=place.base_url, url=(url or place.url)[:500],
        name=said["name"], unit=said["unit"], responsible=said["responsible"], deputy=said["deputy"],
        purpose=said["purpose"], closed_on=_day(said["closed_on"], "closed_on"), card=_card(said),
    )  # fmt: skip


def role_meant(text: str) -> Role | None:
    """Return the role that a function is, as people call it; None when it is none."""
    wanted = _plain(text)
    for role in Role:
        names = (*_ROLES.get(role, ()), role.value, str(role.label))
        if wanted in {_plain(name) for name in names}:
            return role
    return None


def unreadable(problem: tables.Unreadable) -> str:
    """Return why a file cannot be read, and where, in a sentence."""
    sentence = {
        tables.Fault.EMPTY: _("Filen är tom, eller har ingen rad med rubriker."),
        tables.Fault.TOO_LARGE: _("Filen är större än 20 MB. Dela upp den."),
        tables.Fault.TOO_MANY_ROWS: _("Filen har fler än 100 000 rader. Dela upp den."),
        tables.Fault.TOO_WIDE: _("Filen har fler än 200 kolumner."),
        tables.Fault.CELL_TOO_LONG: _("En cell är längre än 10 000 tecken. Saknas ett citattecken?"),
        tables.Fault.ENCODING: _("Tecknen går inte att läsa. Spara filen som CSV med UTF-8, eller som XLSX."),
        tables.Fault.DAMAGED: _("Filen är skadad eller avklippt."),
        tables.Fault.SWELLS: _("Filen är orimligt stor när den packas upp."),
        tables.Fault.LOCKED: _("Filen är skyddad med lösenord. Spara den utan."),
        tables.Fault.OLD_EXCEL: _("Filen är i ett äldre format, eller skyddad med lösenord. Spara den som XLSX."),
        tables.Fault.NO_SHEET: _("Filen är inget kalkylblad."),
        tables.Fault.SHAPE: _("Filen är JSON, men ingen lista över konton."),
    }[problem.fault]
    where = _("Rad %(number)s:") % {"number": problem.row} if problem.row else ""
    return f"{where} {sentence}".strip()


def _card(said: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {key: said[key] for key, each in FIELDS.items() if each.is_on_card and said[key]}
    for key, kinds in (("kind", AccountKind), ("comments", Comments)):
        if key in found:
            found[key] = _chosen(found[key], kinds, key)
    if "opened_on" in found:
        found["opened_on"] = _day(found["opened_on"], "opened_on")
    if "privacy_url" in found:
        found["privacy_url"] = _address(found["privacy_url"], "privacy_url")
    if "tags" in found:
        words = (" ".join(word.split()) for word in re.split("[,;]", found["tags"]))
        found["tags"] = sorted({word for word in words if word})
    if "function_mailbox" in found:
        try:
            validate_email(found["function_mailbox"])
        except ValidationError:
            raise Invalid(_("Funktionsbrevlådan är ingen e-postadress."), field="function_mailbox") from None
    return found


def _chosen(text: str, kinds: Any, key: str) -> str:
    wanted = _plain(text)
    for kind in kinds:
        if wanted in (_plain(kind.value), _plain(str(kind.label))):
            return str(kind.value)
    labels = ", ".join(str(kind.label) for kind in kinds)
    raise Invalid(
        _("%(what)s kan vara: %(choices)s.") % {"what": FIELDS[key].label, "choices": labels}, field=key
    )  # fmt: skip


def _platform(named: str, url: str, handle: str) -> str:
    """Return the platform that an address leads to, else the one that is named."""
    wanted = _plain(named)
    account = url or handle
    if wanted in _platform_names():
        return platform_of(_platform_names()[wanted], account)
    found = platforms.platform_at(account) if "/" in account else ""
    if found:
        return found
    if not wanted and handle.count("@") == (2 if handle.startswith("@") else 1) and "." in handle.partition("@")[2]:
        return Platform.MASTODON.value
    if url or "://" in handle:
        return Platform.MANUAL.value
    if wanted:
        raise Invalid(
            _("Plattformen %(name)s är inte känd. Skriv kontots hela adress.") % {"name": named}, field="platform"
        )
    raise Invalid(_("Raden säger inte vilken plattform kontot finns på."), field="platform")


def _address(text: str, key: str) -> str:
    """Return a web address, with https:// put before one that lacks it. Raises Invalid for anything else."""
    if not text:
        return ""
    whole = text if "://" in text else f"https://{text}"
    try:
        place_of(Platform.MANUAL.value, whole)
        is_address = "." in whole.partition("://")[2].partition("/")[0] and " " not in whole
    except Invalid:
        is_address = False
    if not is_address or len(whole) > 500:
        raise Invalid(_("%(what)s går inte att använda.") % {"what": FIELDS[key].label}, field=key)
    return whole


def _day(text: str, key: str) -> date | None:
    if not text:
        return None
    found = tables.day(text)
    if found is None:
        raise Invalid(
            _("%(what)s: %(text)s är inget datum. Skriv ÅÅÅÅ-MM-DD.") % {"what": FIELDS[key].label, "text": text},
            field=key,
        )
    if found > today():
        raise Invalid(_("%(what)s: dagen har inte varit än.") % {"what": FIELDS[key].label}, field=key)
    return found


@cache
def _by_name() -> dict[str, str]:
    found: dict[str, str] = {}
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            found |= {_plain(str(each.label)): each.key for each in FIELDS.values()}
    for each in FIELDS.values():
        for name in (each.key, *each.names):
            found.setdefault(_plain(name), each.key)
    found.pop("", None)
    return found


@cache
def _platform_names() -> dict[str, str]:
    found = {_plain(key): key for key in platforms.catalogue()}
    found |= {_plain(each.name): key for key, each in platforms.catalogue().items()}
    return found | _PLATFORMS


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())
