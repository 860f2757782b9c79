"""
The command line: `narvaro <command>`.

Only the chosen command's module is loaded, so that help is quick and a broken setting hinders no help.
"""

from __future__ import annotations

import difflib
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

import narvaro
from narvaro.web.commands.console import Code, Console, Stop
from narvaro.web.commands.language import _, language
from narvaro.web.commands.words import PlainParser

# For restore nothing may be made in a data folder that shall be empty; screening needs no installation.
_NO_DATABASE = {"restore", "screen"}
_SERVING = {"run", "web", "worker"}
# What an action calls a value, and the option that gave it.
_OPTIONS: dict[str, dict[str, str]] = {
    "setup": {"email": "--admin", "name": "--admin-name", "password": "--password-file", "authority": "--authority",
              "organisation": "--organisation"},
    "people": {"email": "--email", "name": "--name", "phone": "--phone", "password": "--password-file"},
    "unit": {"name": "--name", "parent_uid": "--under", "email": "--email"},
    "channel": {"handle": "--handle", "name": "--name", "deputy": "--deputy", "url": "--url"},
}  # fmt: skip


def commands() -> dict[str, str]:
    """Return each command with what it does, in the order of a first day's use."""
    return {
        "run": _("starta allt: webb och arbete i bakgrunden"),
        "web": _("starta bara webben"),
        "worker": _("starta bara arbetet i bakgrunden"),
        "setup": _("sätt upp organisation, myndighet och första administratören"),
        "demo": _("läs in en påhittad kommun att prova med"),
        "unit": _("lägg till och visa enheter"),
        "people": _("lägg till och visa personer"),
        "channel": _("lägg till, anslut, visa och läs in kanaler"),
        "register": _("läs in register över myndigheter och deras konton"),
        "capture": _("läs kanalerna nu och visa vad som bevarades"),
        "import": _("läs in ett arkiv som laddats ned från en plattform"),
        "search": _("sök i det som bevarats"),
        "screen": _("granska texter från standard in, utan att bevara något"),
        "verify": _("kontrollera att inget bevarat har ändrats"),
        "doctor": _("kontrollera installationen och säg vad som behöver göras"),
        "backup": _("säkerhetskopiera databas, filer och nycklar, även under drift"),
        "restore": _("återställ en säkerhetskopia i en tom mapp"),
        "keys": _("byt nycklar"),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code (`Code`)."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["help"] and len(words) > 1:
        words = [words[1], "--help"]
    if not words or words[0] in ("-h", "--help", "help"):
        _help()
        return Code.DONE
    if words[0] == "--version":
        sys.stdout.write(f"Närvaro {narvaro.__version__}\n")
        return Code.DONE
    console = Console(as_json="--json" in words)
    try:
        code, error = _perform(words[0], words[1:], console), ""
    except SystemExit as end:  # argparse after --help, or a refused setting
        if end.code is None or isinstance(end.code, int):
            return int(end.code or 0)
        code, error = Code.WRONG_USE, str(end.code)
    except KeyboardInterrupt:
        code, error = Code.INTERRUPTED, _("Avbrutet.")
    except BrokenPipeError:  # who read us has gone; nothing more can be said
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Code.DONE
    except Exception as problem:
        code, error = _judged(problem, _OPTIONS.get(words[0], {}))
    console.close(code, error)
    return int(code)


def _perform(name: str, words: list[str], console: Console) -> Code:
    known = commands()
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = _("Menade du %(command)s?") % {"command": near[0]} if near else _("Kör narvaro --help.")
        raise Stop(_("Det finns inget kommando %(command)s.") % {"command": name} + f" {hint}", Code.WRONG_USE)
    module = import_module(f"narvaro.web.commands.{name.replace('import', 'import_archive')}")
    about = known[name]
    parser = PlainParser(f"narvaro {name}", about[:1].upper() + about[1:] + ".")
    module.arguments(parser)
    parser.add_argument("--json", action="store_true", help=_("svara med JSON, för maskiner"))
    given = parser.parse_args(words)
    if name not in _NO_DATABASE:
        ready()
        if name not in _SERVING and "NARVARO_LOG_LEVEL" not in os.environ:
            logging.getLogger().setLevel(logging.WARNING)  # the answer is what a person asked for
    code: Code = module.run(given, console)
    return code


def ready() -> None:
    """Load settings and capabilities. Raises `options.Refused` when a setting is unsafe."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "narvaro.web.settings")
    os.umask(0o077)  # records and keys are nobody else's on this machine
    import django  # noqa: PLC0415 - only when a command needs it
    from django.utils import translation  # noqa: PLC0415

    django.setup()
    translation.activate(language())


def _judged(problem: Exception, options: Mapping[str, str]) -> tuple[Code, str]:
    """Return the exit code and the sentence for an error that reached the top; `options` name what was given."""
    if isinstance(problem, Stop):
        return problem.code, str(problem)
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
    from django.db import OperationalError, ProgrammingError  # noqa: PLC0415

    from narvaro.connectors.port import PlatformError, Transient  # noqa: PLC0415
    from narvaro.core.types import Invalid, NotFound, Problem  # noqa: PLC0415

    if isinstance(problem, Invalid):
        option = options.get(problem.field, "")
        return Code.WRONG_USE, f"{option}: {problem}" if option else str(problem)
    if isinstance(problem, NotFound):
        return Code.WRONG_USE, str(problem)
    if isinstance(problem, Problem):
        return Code.REFUSED, str(problem)
    if isinstance(problem, PlatformError):
        return Code.TEMPORARY if isinstance(problem, Transient) else Code.REFUSED, str(problem)
    if isinstance(problem, OperationalError | ProgrammingError):
        return _database_trouble(problem)
    if isinstance(problem, ImproperlyConfigured):
        return Code.WRONG_USE, str(problem)
    if isinstance(problem, PermissionError):
        return Code.WRONG_USE, _("Närvaro får inte läsa eller skriva %(file)s. Ändra rättigheterna.") % {
            "file": problem.filename
        }
    logging.getLogger("narvaro").error("", exc_info=problem)
    return Code.BROKEN, _("Något gick fel i Närvaro (%(kind)s). Felet står i loggen ovan.") % {
        "kind": type(problem).__name__
    }


def _database_trouble(problem: Exception) -> tuple[Code, str]:
    said = str(problem).strip().splitlines()[0] if str(problem).strip() else type(problem).__name__
    if "no such table" in said or "does not exist" in said:
        from django.conf import settings  # noqa: PLC0415

        sentence = _("Databasen är inte förberedd. Kör narvaro run eller narvaro setup först.")
        folder = _("Datamappen är %(folder)s.") % {"folder": settings.OPTIONS.data}
        return Code.WRONG_USE, f"{sentence} {folder}"
    sentence = _("Databasen svarade inte (%(what)s). Se efter att den är igång och försök igen.")
    return Code.TEMPORARY, sentence % {"what": said}


def _help() -> None:
    rows = "\n".join(f"  {name:<9} {about}" for name, about in commands().items())
    sys.stdout.write(
        _("Närvaro: det invånarna skriver bevaras, når den som ska svara och besvaras en gång.")
        + "\n\n"
        + _("Så här: narvaro KOMMANDO [VAL]")
        + f"\n\n{rows}\n\n"
        + _("narvaro KOMMANDO --help berättar mer. Inställningar görs med NARVARO_..., se docs/settings.md.")
        + "\n"
    )


if __name__ == "__main__":
    sys.exit(main())
