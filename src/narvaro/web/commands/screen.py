"""`narvaro screen`: read texts as screening does, without a database and without keeping anything."""

from __future__ import annotations

import argparse

from narvaro.web.commands.console import Code, Console
from narvaro.web.commands.language import _


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--direction", choices=("in", "out"), default="in", help=_("in: texter från invånare, out: våra egna texter")
    )
    parser.epilog = _("Läser en text per rad, eller ett JSON-objekt med fältet text. Svarar med en rad JSON per text.")


def run(given: argparse.Namespace, console: Console) -> Code:
    from narvaro.screening.__main__ import DIRECTIONS, screen_lines  # noqa: PLC0415 - compiles every rule

    console.as_json = False  # every line is JSON already; nothing more is said at the end
    if screen_lines(DIRECTIONS[given.direction]):
        raise BrokenPipeError
    return Code.DONE
