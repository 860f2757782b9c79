"""`narvaro worker`: the work in the background only."""

from __future__ import annotations

import argparse

from narvaro.web.commands.console import Code, Console
from narvaro.web.commands.language import _


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _("Flera får köras samtidigt. Dödas en av dem tar en annan över efter en halv minut.")


def run(given: argparse.Namespace, console: Console) -> Code:
    from django.conf import settings  # noqa: PLC0415 - settings are read only when they are needed

    from narvaro.web import serving  # noqa: PLC0415

    def said() -> None:
        console.say(_("Närvaro arbetar i bakgrunden. Avsluta med Ctrl+C."))
        if console.as_json:
            console.close(Code.DONE)

    serving.run_worker(settings.OPTIONS, said)
    return Code.DONE
