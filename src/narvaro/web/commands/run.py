"""`narvaro run`: everything in one process."""

from __future__ import annotations

import argparse

from narvaro.web.commands.console import Code, Console
from narvaro.web.commands.language import _


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _("PORT och NARVARO_DATA väljer port och mapp. Ctrl+C avslutar; inget går förlorat.")


def run(given: argparse.Namespace, console: Console) -> Code:
    return serve(console, with_worker=True)


def serve(console: Console, *, with_worker: bool) -> Code:
    """Serve until told to stop."""
    from django.conf import settings  # noqa: PLC0415 - settings are read only when they are needed

    from narvaro.core import queries  # noqa: PLC0415
    from narvaro.web import serving  # noqa: PLC0415
    from narvaro.web.options import setup_code  # noqa: PLC0415

    def said() -> None:
        console.note(address=settings.OPTIONS.base_url)
        console.say(settings.OPTIONS.base_url)
        console.say(_("Närvaro är igång. Öppna adressen i webbläsaren. Avsluta med Ctrl+C."))
        code = "" if queries.is_set_up() else setup_code(settings.OPTIONS)
        if code:
            console.note(setup_code=code)
            sentence = _(
                "Startkoden för första sidan är %(code)s. Den behövs en gång, eller aldrig om du kör narvaro setup."
            )
            console.say(sentence % {"code": code})
        if console.as_json:
            console.close(Code.DONE)  # a script waits for the address, not for the end

    serving.run_web(settings.OPTIONS, said, with_worker=with_worker)
    return Code.DONE
