"""`narvaro register import FILE ...`: registers of authorities and of their accounts, with the fate of each row."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from narvaro.web.commands.console import Code, Console, Stop
from narvaro.web.commands.language import _
from narvaro.web.commands.reasons import reason
from narvaro.web.commands.who import add_who

if TYPE_CHECKING:
    from narvaro.channels.queries import Understanding
    from narvaro.core.types import Actor
    from narvaro.formats.authorities import Authority
    from narvaro.formats.tables import Table, Unreadable

Fate = tuple[int, str, str, str]  # row, fate, name, why


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["import"], metavar="import", help=_("läs in"))
    parser.add_argument("files", nargs="+", metavar=_("FIL"), help=_("register över myndigheter eller konton"))
    add_rows(parser)
    add_who(parser)
    parser.epilog = _(
        "Myndigheter: SCB:s kommuner (CSV) och myndighetsregister (JSON), eller en tabell med namn och "
        "organisationsnummer; var och en blir en egen organisation. Konton hamnar i den valda myndigheten. "
        "Samma fil en gång till läser inte in något två gånger."
    )


def add_rows(parser: argparse.ArgumentParser) -> None:
    """Add what says how the rows of a register are understood, and whether they are only looked at."""
    parser.add_argument("--dry-run", action="store_true", help=_("visa vad som skulle ske med varje rad, skriv inget"))
    parser.add_argument(
        "--map", metavar=_("KOLUMN=FÄLT"), action="append", default=[],
        help=_("vad en kolumn säger, när det inte känns igen"),
    )  # fmt: skip
    parser.add_argument("--no-new-units", action="store_true", help=_("lägg inte till enheter som saknas"))
    parser.add_argument("--no-changes", action="store_true", help=_("ändra inget som redan finns"))
    parser.add_argument("--quiet", action="store_true", help=_("visa bara antalet rader, och de som inte läses in"))
    if not any("--unit" in action.option_strings for action in parser._actions):
        parser.add_argument("--unit", metavar=_("NAMN"), default="", help=_("enhet för rader som inte säger någon"))
        parser.add_argument(
            "--responsible", metavar=_("E-POST"), default="", help=_("ansvarig för rader som inte säger någon")
        )


def run(given: argparse.Namespace, console: Console) -> Code:
    from narvaro.formats import authorities, tables  # noqa: PLC0415 - not needed for help

    read: dict[str, tuple[list[Authority] | None, Accounts | None]] = {}
    for name in given.files:
        content = content_of(name)
        try:
            found = authorities.read(content)
        except tables.Unreadable as problem:
            raise Stop(f"{name}: {_unreadable(problem)}", Code.WRONG_USE) from None
        read[name] = (found, None) if found is not None else (None, Accounts(content, given, name))
    told = {
        name: _authorities(found, given) if found is not None else accounts.fates() if accounts else []
        for name, (found, accounts) in read.items()
    }
    return tell(console, told, given)


class Accounts:
    """The accounts in a file, and how they are to be understood. Raises Stop where something given cannot be."""

    def __init__(self, content: bytes, given: argparse.Namespace, name: str) -> None:
        from narvaro.channels import actions  # noqa: PLC0415 - settings are read only when they are needed
        from narvaro.web.commands import acting  # noqa: PLC0415

        self._actor, self._name, self._is_tried = acting.actor_in(given), Path(name).name, given.dry_run
        self._table = actions.read_register(content)
        self._understanding = _understanding(given, self._actor, self._table)

    def fates(self) -> list[Fate]:
        """Bring in the rows, or only judge them; returns the fate of each."""
        from narvaro.channels import actions, queries  # noqa: PLC0415

        table, understanding = self._table, self._understanding
        if self._is_tried:
            judged = queries.judged_rows(self._actor, table, understanding)
        else:
            judged = actions.bring_in_rows(
                actor=self._actor, table=table, understanding=understanding, name=self._name
            )  # fmt: skip
        return [(each.number, each.fate.value, each.name, each.why) for each in judged]


def content_of(name: str) -> bytes:
    """Return what a file holds; one that is too large is not read. Raises Stop."""
    from narvaro.formats import tables  # noqa: PLC0415

    path = Path(name).expanduser()
    try:
        if path.stat().st_size > tables.MOST_BYTES:
            raise Stop(f"{name}: {_unreadable(tables.Unreadable(tables.Fault.TOO_LARGE))}", Code.WRONG_USE)
        return path.read_bytes()
    except OSError as error:
        raise Stop(
            _("Filen %(file)s kan inte läsas: %(why)s.") % {"file": name, "why": reason(error)}, Code.WRONG_USE
        ) from None


def tell(console: Console, told: dict[str, list[Fate]], given: argparse.Namespace) -> Code:
    """Tell the fate of each row of each file, and how many there were of each."""
    words = {"new": _("ny"), "same": _("fanns redan"), "changed": _("ändrad"), "refused": _("läses inte in")}
    for name, rows in told.items():
        for number, fate, what, why in rows:
            if not given.quiet or fate == "refused":
                console.say(
                    _("rad %(number)s: %(fate)s: %(what)s") % {"number": number, "fate": words[fate], "what": what}
                    + (f" ({why})" if why else "")
                )
        counts = Counter(fate for _number, fate, _what, _why in rows)
        console.say(f"{name}: " + ", ".join(f"{words[fate]} {counts[fate]}" for fate in words))
    if given.dry_run:
        console.say(_("Inget är skrivet. Kör utan --dry-run för att läsa in."))
    console.note(
        written=not given.dry_run,
        files={
            name: {
                **{fate: sum(1 for row in rows if row[1] == fate) for fate in words},
                "rows": [dict(zip(("row", "fate", "name", "why"), row, strict=True)) for row in rows],
            }
            for name, rows in told.items()
        },
    )
    is_refused = any(row[1] == "refused" for rows in told.values() for row in rows)
    return Code.FAULT if is_refused else Code.DONE


def _authorities(found: Iterable[Authority], given: argparse.Namespace) -> list[Fate]:
    """Take in authorities, or try and undo it; those that were wound up are told and left out."""
    from django.db import transaction  # noqa: PLC0415

    with transaction.atomic():
        rows = [_authority(each) for each in found]
        transaction.set_rollback(given.dry_run)
    return rows


def _authority(each: Authority) -> Fate:
    from narvaro.core import actions  # noqa: PLC0415
    from narvaro.core.types import Invalid  # noqa: PLC0415

    if each.is_elsewhere:
        return each.number, "refused", each.name, _("står inte i registret, bara i andras")
    if each.ended:
        return each.number, "refused", each.name, _("upphörde %(year)s") % {"year": each.ended}
    about = {
        "organisation_number": each.organisation_number, "website": each.website, "registrar_email": each.email,
        "phone": each.phone,
    }  # fmt: skip
    left_out = ""
    while True:
        try:
            _found, is_new, filled = actions.take_in_authority(name=each.name, kind=each.kind, **about)
            break
        except Invalid as problem:
            if not about.pop(problem.field, ""):
                return each.number, "refused", each.name, str(problem)
            left_out = f"{problem.field}: {problem}"  # the authority is there, whatever is wrong with its address
    fate = "new" if is_new else "changed" if filled else "same"
    return each.number, fate, each.name, left_out or ("" if is_new else ", ".join(filled))


def _understanding(given: argparse.Namespace, actor: Actor, table: Table) -> Understanding:
    from narvaro.channels.queries import Understanding  # noqa: PLC0415
    from narvaro.channels.rules.bringing import FIELDS  # noqa: PLC0415
    from narvaro.core import queries  # noqa: PLC0415
    from narvaro.web.commands import acting  # noqa: PLC0415

    columns = {}
    for pair in given.map:
        column, mark, field = pair.rpartition("=")
        if not mark or column not in table.columns or field not in FIELDS:
            sentence = _("%(pair)s går inte. Kolumner: %(columns)s. Fält: %(fields)s.")
            names = {"pair": pair, "columns": ", ".join(table.columns), "fields": ", ".join(FIELDS)}
            raise Stop(sentence % names, Code.WRONG_USE)
        columns[column] = field
    wanted = given.responsible or given.acting_as
    person = next((p for p in queries.people(actor) if p.email == wanted.strip().lower()), None)
    if wanted and person is None:
        raise Stop(_("Ingen här har adressen %(email)s.") % {"email": wanted}, Code.WRONG_USE)
    unit = next((u for u in queries.units(actor) if u.name.casefold() == given.unit.strip().casefold()), None)
    if given.unit and unit is None and given.no_new_units:
        unit = acting.unit_named(actor, given.unit)  # says which there are
    return Understanding(
        columns=columns, unit=unit, new_unit="" if unit else given.unit.strip(), responsible=person,
        makes_units=not given.no_new_units, changes=not given.no_changes,
    )  # fmt: skip


def _unreadable(problem: Unreadable) -> str:
    from narvaro.channels import rules  # noqa: PLC0415

    return rules.unreadable(problem)
