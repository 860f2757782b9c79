"""What would become of each row of somebody's register: judged against ours, with nothing written."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _

from narvaro.channels import rules
from narvaro.channels.models import Channel, ChannelCard, RegisterFile
from narvaro.channels.rules.bringing import FIELDS, PASSED_OVER, Fate, Wanted
from narvaro.channels.types import ChannelState
from narvaro.core import queries as core
from narvaro.core.types import Actor, Invalid, NotFound, Role
from narvaro.formats import tables

if TYPE_CHECKING:
    from narvaro.core.models import Person, Unit


@dataclass(frozen=True, slots=True)
class Understanding:
    """
    How a person wants a file to be understood.

    `unit`, or one called `new_unit`, and `responsible` are for rows that say none. `changes` lets what is in the
    register already be changed by what a row says otherwise; what a row does not say is never taken away.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    unit: Unit | None = None
    new_unit: str = ""
    responsible: Person | None = None
    makes_units: bool = True
    changes: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """
    What becomes of one row: `why` tells it to a person, `values` and `card` are what is written.

    `unit` is None where one called `new_unit` is to be made.
    """

    number: int
    fate: Fate
    name: str
    why: str = ""
    wanted: Wanted | None = None
    channel: Channel | None = None
    unit: Unit | None = None
    new_unit: str = ""
    responsible: Person | None = None
    deputy: Person | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)


def judged_rows(
    actor: Actor, table: tables.Table, understanding: Understanding, *, units: Iterable[Unit] | None = None,
    people: Iterable[Person] | None = None,
) -> list[Judged]:  # fmt: skip
    """
    Return what would become of each row, in the file's order. A few queries however many rows.

    Args:
        units, people: Those of the authority, where they are read already.
    """
    return _Judge(
        actor, table, understanding, core.units(actor) if units is None else units,
        core.people(actor) if people is None else people,
    ).rows()  # fmt: skip


def register_file(actor: Actor, uid: UUID | str) -> RegisterFile:
    """Return a register on its way in, or that was brought in. Raises NotFound."""
    rows = RegisterFile.objects.of(actor).select_related("unit", "responsible", "by")
    found: RegisterFile | None = rows.filter(uid=uid).first()
    if found is None:
        raise NotFound
    return found


def register_files(actor: Actor) -> list[RegisterFile]:
    """Return the latest registers that were brought in or are on their way, newest first, without what they hold."""
    rows = RegisterFile.objects.of(actor).select_related("by").defer("content", "fates")
    return list(rows.order_by("-at", "-pk")[:20])


def table_in(file: RegisterFile) -> tables.Table:
    """Return the table that a file holds. Raises `formats.tables.Unreadable`."""
    return tables.read(gzip.decompress(bytes(file.content)))


def understanding_of(file: RegisterFile) -> Understanding:
    """Return how a file is to be understood."""
    return Understanding(
        columns=file.columns, unit=file.unit, responsible=file.responsible, makes_units=file.makes_units,
        changes=file.changes,
    )  # fmt: skip


class _Judge:
    def __init__(
        self, actor: Actor, table: tables.Table, understanding: Understanding, units: Iterable[Unit],
        people: Iterable[Person],
    ) -> None:  # fmt: skip
        self._actor, self._table, self._how = actor, table, understanding
        self._fields = rules.columns_of(table, understanding.columns)
        channels = list(Channel.objects.of(actor).select_related("unit", "responsible", "deputy"))
        self._channels = {
            (each.platform, each.handle_key, each.state == ChannelState.CLOSED): each
            for each in channels if each.handle
        }  # fmt: skip
        self._cards = {card.channel_id: card for card in ChannelCard.objects.of(actor)}
        self._units = {_same(unit.name): unit for unit in units}
        people = list(people)
        self._by_email = {person.email.casefold(): person for person in people}
        self._by_name = _grouped((_same(person.name), person) for person in people)
        self._holders: dict[tuple[Role, int | None], list[Person]] = {}
        self._seen: dict[tuple[str, str, bool], int] = {}
        self._may_add_units = actor.is_system or actor.has(Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD)

    def rows(self) -> list[Judged]:
        found = []
        for row in self._table.rows:
            cells = self._cells(row)
            name = cells.get("name") or cells.get("handle") or cells.get("url") or ""
            try:
                found.append(self._judged(row, cells, name))
            except Invalid as refusal:
                found.append(Judged(row.number, Fate.REFUSED, name, str(refusal)))
        return found

    def _cells(self, row: tables.Row) -> dict[str, str]:
        cells: dict[str, str] = {}
        for key, cell in zip(self._fields, row.cells, strict=True):
            if key and key != PASSED_OVER and cell and key not in cells:
                cells[key] = cell
        return cells

    def _judged(self, row: tables.Row, cells: Mapping[str, str], name: str) -> Judged:
        for at in row.formulas:
            if self._fields[at] not in ("", PASSED_OVER):
                raise Invalid(
                    _("I kolumnen %(column)s står en formel. Skriv värdet i stället.")
                    % {"column": self._table.columns[at]}
                )
        wanted = rules.wanted_of(cells)
        first = self._seen.setdefault(wanted.key, row.number)
        if first != row.number:
            raise Invalid(_("Samma konto står på rad %(number)s.") % {"number": first})
        there = self._channels.get(wanted.key)
        return self._of_new(row, wanted) if there is None else self._of_known(row, wanted, there, name)

    def _of_new(self, row: tables.Row, wanted: Wanted) -> Judged:
        unit, new_unit = self._unit(wanted.unit)
        if unit is None and not new_unit:
            raise Invalid(_("Raden säger inte vilken enhet kanalen hör till. Välj en för rader utan."))
        self._refuse_strange(unit)
        responsible = self._person(wanted.responsible, unit) or self._how.responsible
        if responsible is None:
            raise Invalid(_("Raden säger inte vem som är ansvarig. Välj en för rader utan."))
        deputy = self._person(wanted.deputy, unit)
        _refuse_the_same(responsible, deputy)
        name = wanted.name or wanted.handle[:120]
        return Judged(
            row.number, Fate.NEW, name, wanted=wanted, unit=unit, new_unit=new_unit, responsible=responsible,
            deputy=deputy, card=wanted.card,
        )  # fmt: skip

    def _of_known(self, row: tables.Row, wanted: Wanted, there: Channel, name: str) -> Judged:
        unit, new_unit = self._unit(wanted.unit) if wanted.unit else (there.unit, "")
        values: dict[str, Any] = {
            key: said
            for key, said in (("name", wanted.name), ("url", wanted.url), ("purpose", wanted.purpose))
            if said and said != getattr(there, key)
        }
        responsible, deputy = self._person(wanted.responsible, unit), self._person(wanted.deputy, unit)
        for key, person in (("responsible", responsible), ("deputy", deputy)):
            if person is not None and person.pk != getattr(there, f"{key}_id"):
                values[key] = person
        if new_unit or (unit is not None and unit.pk != there.unit_id):
            values["unit"] = unit
        card = self._cards.get(there.pk) or ChannelCard()
        on_card = {key: said for key, said in wanted.card.items() if said != getattr(card, key)}
        if not values and not on_card:
            return Judged(row.number, Fate.SAME, there.name, channel=there)
        told = _told(there, card, {**values, **({"unit": new_unit} if new_unit else {})}, on_card)
        if not self._how.changes or there.state == ChannelState.CLOSED:
            why = _("Ändras inte, men filen säger annat: %(what)s") % {"what": told}
            return Judged(row.number, Fate.SAME, there.name, why, channel=there)
        self._refuse_strange(there.unit)
        self._refuse_strange(unit)
        _refuse_the_same(values.get("responsible", there.responsible), values.get("deputy", there.deputy))
        return Judged(
            row.number, Fate.CHANGED, there.name, told, wanted=wanted, channel=there, unit=unit, new_unit=new_unit,
            values=values, card=on_card,
        )  # fmt: skip

    def _unit(self, named: str) -> tuple[Unit | None, str]:
        """Return the unit of that name, or the name that one is to be made with; else the one for rows without."""
        if not named and (self._how.unit is not None or not self._how.new_unit):
            return self._how.unit, ""
        named = named or self._how.new_unit
        known = self._units.get(_same(named))
        if known is not None:
            return known, ""
        if not self._how.makes_units:
            raise Invalid(_("Enheten %(name)s finns inte här.") % {"name": named})
        if not self._may_add_units:
            raise Invalid(_("Enheten %(name)s finns inte här, och du får inte lägga till enheter.") % {"name": named})
        return None, named

    def _person(self, named: str, unit: Unit | None) -> Person | None:
        """Return who is meant by an address, a name or a function; None when nobody is named."""
        if not named:
            return None
        if "@" in named:
            person = self._by_email.get(named.casefold().removeprefix("mailto:"))
            if person is None:
                raise Invalid(_("Ingen här har adressen %(email)s. Lägg till personen först.") % {"email": named})
            return person
        found = self._by_name.get(_same(named), [])
        role = rules.role_meant(named)
        if not found and role is not None:
            found = self._holding(role, unit)
        if len(found) == 1:
            return found[0]
        if not found:
            raise Invalid(_("Ingen här heter %(name)s eller har den rollen. Skriv en e-postadress.") % {"name": named})
        raise Invalid(_("Flera kan menas med %(name)s. Skriv en e-postadress.") % {"name": named})

    def _holding(self, role: Role, unit: Unit | None) -> list[Person]:
        key = (role, unit.pk if unit else None)
        if key not in self._holders:
            if role == Role.UNIT_MANAGER:
                manager = core.nearest_manager(self._actor, key[1])
                self._holders[key] = [manager] if manager else []
            else:
                self._holders[key] = core.people_with(self._actor, role, unit_id=key[1])
        return self._holders[key]

    def _refuse_strange(self, unit: Unit | None) -> None:
        if unit is not None and not rules.may_register(self._actor, unit.pk):
            raise Invalid(_("Du får inte föra in kanaler för %(unit)s.") % {"unit": unit.name})


def _refuse_the_same(responsible: Person | None, deputy: Person | None) -> None:
    if deputy is not None and responsible is not None and deputy.pk == responsible.pk:
        raise Invalid(_("Ansvarig och ersättare ska vara två olika personer."))


def _told(channel: Channel, card: ChannelCard, values: Mapping[str, Any], on_card: Mapping[str, Any]) -> str:
    """Return the changes in words: what, from what, to what."""
    rows = [(key, getattr(channel, key), value) for key, value in values.items()]
    rows += [(key, getattr(card, key), value) for key, value in on_card.items()]
    return "; ".join(f"{FIELDS[key].label}: {_shown(before)} → {_shown(after)}" for key, before, after in rows)


def _shown(value: Any) -> str:
    text = ", ".join(value) if isinstance(value, list) else str(value or "")
    return f"{text[:80]}…" if len(text) > 80 else text or "–"


def _same(name: str) -> str:
    return " ".join(name.casefold().split())


def _grouped(pairs: Iterable[tuple[str, Person]]) -> dict[str, list[Person]]:
    found: dict[str, list[Person]] = {}
    for name, person in pairs:
        found.setdefault(name, []).append(person)
    return found
