"""`narvaro unit add | list`."""

from __future__ import annotations

import argparse

from narvaro.web.commands.console import Code, Console
from narvaro.web.commands.language import _
from narvaro.web.commands.who import add_who


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["add", "list"], metavar="add|list", help=_("lägg till eller visa"))
    parser.add_argument("--name", metavar=_("NAMN"), default="", help=_("enhetens namn"))
    parser.add_argument("--under", metavar=_("NAMN"), default="", help=_("enheten ovanför"))
    parser.add_argument("--email", metavar=_("E-POST"), default="", help=_("enhetens brevlåda"))
    add_who(parser)


def run(given: argparse.Namespace, console: Console) -> Code:
    from narvaro.core import actions, queries  # noqa: PLC0415 - settings are read only when they are needed
    from narvaro.web.commands import acting  # noqa: PLC0415

    actor = acting.actor_in(given)
    if given.what == "add":
        above = acting.unit_named(actor, given.under).uid if given.under else None
        unit = actions.add_unit(actor=actor, name=given.name, parent_uid=above, email=given.email)
        console.note(unit=unit.uid, name=unit.name)
        console.say(_("Enheten %(name)s finns nu.") % {"name": unit.name})
        return Code.DONE
    units = queries.units(actor)
    console.note(units=[{"uid": u.uid, "name": u.name, "email": u.email} for u in units])
    for unit in units:
        console.say(unit.name)
    return Code.DONE
