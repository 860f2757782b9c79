"""`narvaro doctor`: look at everything that should hold, and say what to do."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from narvaro.web.commands.console import Code, Console
from narvaro.web.commands.language import _

if TYPE_CHECKING:
    from narvaro.web.diagnosis import Finding


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--repair", action="store_true", help=_("rätta det som kan rättas utan risk"))
    parser.add_argument("--thorough", action="store_true", help=_("läs igenom hela databasen; tar tid"))
    parser.epilog = _("Slutar med 0 när inget är fel (varningar får finnas) och 1 annars.")


def run(given: argparse.Namespace, console: Console) -> Code:
    from narvaro.web.diagnosis import State, examine  # noqa: PLC0415 - settings are read only when they are needed

    found = list(examine(thorough=given.thorough))
    repaired: set[str] = set()
    if given.repair:
        for finding in found:
            if finding.state is not State.FINE and finding.repair is not None:
                finding.repair()
                repaired.add(finding.what)
                console.say(_("Rättat: %(what)s") % {"what": finding.sentence})
    if repaired:
        found = list(examine(thorough=given.thorough))
    for finding in found:
        console.say(f"{_mark(finding)}  {finding.sentence}")
    console.note(
        repaired=sorted(repaired),
        findings=[{"what": f.what, "state": f.state.value, "sentence": f.sentence} for f in found],
    )
    faults = sum(f.state is State.FAULT for f in found)
    if faults:
        console.say(_("%(count)s fel.") % {"count": faults})
    elif any(f.state is State.WARNING for f in found):
        console.say(_("Inga fel, men något att se över."))
    else:
        console.say(_("Allt är i ordning."))
    return Code.FAULT if faults else Code.DONE


def _mark(finding: Finding) -> str:
    return {"ok": _("bra"), "warning": _("varning"), "fault": _("FEL")}[finding.state.value].ljust(8)
