"""`narvaro people add | list`."""

from __future__ import annotations

import argparse

from narvaro.web.commands.console import Code, Console
from narvaro.web.commands.language import _
from narvaro.web.commands.who import add_who

_ROLES = (
    "communications_lead", "unit_manager", "representative", "deputy", "registrar", "archivist", "dpo", "auditor",
    "administrator", "employee",
)  # fmt: skip


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["add", "list"], metavar="add|list", help=_("lägg till eller visa"))
    parser.add_argument("--email", metavar=_("E-POST"), default="", help=_("personens e-postadress"))
    parser.add_argument("--name", metavar=_("NAMN"), default="", help=_("personens namn"))
    parser.add_argument("--role", choices=_ROLES, default="representative", help=_("personens roll"))
    parser.add_argument(
        "--unit", metavar=_("NAMN"), default="", help=_("enhet som rollen gäller; annars hela myndigheten")
    )
    parser.add_argument("--signature", metavar="TEXT", default="", help=_("det invånarna ser under svar"))
    parser.add_argument("--phone", metavar=_("NUMMER"), default="", help=_("telefon"))
    parser.add_argument(
        "--password-file", metavar=_("FIL"), default="", help=_("fil med lösenordet; annars skrivs en engångslänk")
    )
    add_who(parser)


def run(given: argparse.Namespace, console: Console) -> Code:
    from narvaro.core import queries  # noqa: PLC0415 - settings are read only when they are needed
    from narvaro.web.commands import acting  # noqa: PLC0415

    actor = acting.actor_in(given)
    if given.what == "add":
        return _add(given, console)
    rows: dict[str, dict[str, object]] = {}
    for held in queries.assignments_of(actor):
        row = rows.setdefault(held.person.email, {"name": held.person.name, "roles": []})
        row["roles"] += [held.get_role_display() + (f" ({held.unit.name})" if held.unit else "")]  # type: ignore[operator]
    console.note(people=[{"email": email, **row} for email, row in rows.items()])
    for email, row in rows.items():
        console.say(f"{email}  {row['name']}  {', '.join(map(str, row['roles']))}")  # type: ignore[call-overload]
    return Code.DONE


def _add(given: argparse.Namespace, console: Console) -> Code:
    from narvaro.core import actions, queries  # noqa: PLC0415
    from narvaro.core.types import Role  # noqa: PLC0415
    from narvaro.web.commands import acting  # noqa: PLC0415

    actor = acting.actor_in(given)
    unit_uid = acting.unit_named(actor, given.unit).uid if given.unit else None
    password = acting.secret_in(given.password_file, _("Lösenordet")) if given.password_file else None
    was_here = given.email.strip().lower() in {person.email for person in queries.people(actor)}
    person = actions.add_person(
        actor=actor, email=given.email, name=given.name, role=given.role, unit_uid=unit_uid, password=password,
        signature=given.signature, phone=given.phone,
    )  # fmt: skip
    console.note(person=person.uid, email=person.email, was_here=was_here)
    if was_here:
        sentence = _("%(name)s fanns redan och har nu rollen %(role)s.")
        console.say(sentence % {"name": person.name, "role": Role(given.role).label})
    else:
        console.say(_("%(name)s finns nu.") % {"name": person.name})
    if not person.has_usable_password():
        acting.tell_link(console, person)
    return Code.DONE
