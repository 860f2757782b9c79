"""`narvaro backup FILE.tar`: database, files and keys in one file, also while everything runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from narvaro.web.commands.console import Code, Console, Stop
from narvaro.web.commands.language import _


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar=_("FIL.tar"), help=_("filen som ska skrivas; den får inte finnas"))
    parser.epilog = _(
        "Filen innehåller nycklar och alla handlingar. Förvara den lika säkert som installationen, på annan plats."
    )


def _code(target: Path) -> Code:
    """Return what a failed backup means: a name that cannot be used, or something that may go better later."""
    return Code.WRONG_USE if target.exists() or not target.parent.is_dir() else Code.TEMPORARY


def run(given: argparse.Namespace, console: Console) -> Code:
    from django.conf import settings  # noqa: PLC0415 - settings are read only when they are needed

    import narvaro  # noqa: PLC0415
    from narvaro.web import backup  # noqa: PLC0415

    options, target = settings.OPTIONS, Path(given.file).expanduser().absolute()
    source = backup.Source(data=options.data, version=narvaro.__version__, url=options.database_url)
    try:
        with console.progress(_("Säkerhetskopierar")) as done:
            made = backup.make(source, target, progress=done)
    except backup.BackupError as problem:
        raise Stop(str(problem), _code(target)) from None
    size = target.stat().st_size
    console.note(
        file=str(target), bytes=size, members=made.members, blobs=made.blobs, missing=made.missing,
        damaged=made.damaged,
        ledgers=[{"authority": each.authority, "size": each.size, "root": each.root} for each in made.ledgers],
    )  # fmt: skip
    console.say(
        _("Säkerhetskopian är klar: %(file)s, %(size).1f MB, %(blobs)s filer utöver databasen.")
        % {"file": target, "size": size / 1e6, "blobs": made.blobs}
    )
    faults = len(made.missing) + len(made.damaged)
    if faults:
        console.say(
            _("Men %(count)s filer saknades eller var skadade i lagret. Kör narvaro doctor.") % {"count": faults}
        )
        return Code.FAULT
    return Code.DONE
