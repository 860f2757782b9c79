"""Arguments that several commands share."""

from __future__ import annotations

import argparse

from narvaro.web.commands.language import _


def add_who(parser: argparse.ArgumentParser) -> None:
    """Add --authority and --as."""
    parser.add_argument(
        "--authority", metavar=_("KORTNAMN"), default="", help=_("myndighet, när installationen har flera")
    )
    parser.add_argument(
        "--as",
        dest="acting_as",
        metavar=_("E-POST"),
        default="",
        help=_("handla som en person med hennes behörighet; annars som installationen själv"),
    )
