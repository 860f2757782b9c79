"""`narvaro web`: the pages only; the work in the background runs elsewhere."""

from __future__ import annotations

import argparse

from narvaro.web.commands.console import Code, Console
from narvaro.web.commands.language import _
from narvaro.web.commands.run import serve


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _("Starta även narvaro worker, annars läses inga kanaler och skickas inga svar.")


def run(given: argparse.Namespace, console: Console) -> Code:
    return serve(console, with_worker=False)
