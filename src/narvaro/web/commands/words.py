"""argparse in plain Swedish: its own sentences are English, and terse."""

from __future__ import annotations

import argparse
import re
from typing import NoReturn

from narvaro.web.commands.console import Code, Stop
from narvaro.web.commands.language import _


class PlainHelp(argparse.HelpFormatter):
    """Help with Swedish headings, wide enough to read."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=34, width=100)

    def add_usage(self, usage: str | None, actions: object, groups: object, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, prefix or _("Så här: "))  # type: ignore[arg-type]


class PlainParser(argparse.ArgumentParser):
    """A parser whose help and errors are sentences; an error ends with `Code.WRONG_USE`."""

    def __init__(self, prog: str, description: str = "", epilog: str = "") -> None:
        super().__init__(
            prog=prog, description=description, epilog=epilog or None, formatter_class=PlainHelp, add_help=False,
            allow_abbrev=False,
        )  # fmt: skip
        self._positionals.title = _("Anges")
        self._optionals.title = _("Val")
        self.add_argument("-h", "--help", action="help", help=_("visa den här hjälpen"))

    def error(self, message: str) -> NoReturn:
        hint = _("Kör %(command)s --help för hjälp.") % {"command": self.prog}
        raise Stop(f"{_plain(message)} {hint}", Code.WRONG_USE)


def _plain(message: str) -> str:
    for pattern, sentence in _sentences():
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            return sentence % found.groupdict()
    return message


def _sentences() -> tuple[tuple[str, str], ...]:
    return (
        (r"the following arguments are required: (?P<what>.*)", _("Det här saknas: %(what)s.")),
        (r"unrecognized arguments: (?P<what>.*)", _("Det här känns inte igen: %(what)s.")),
        (r"argument (?P<name>.*): expected (?:one argument|at least one argument)", _("%(name)s behöver ett värde.")),
        (
            r"argument (?P<name>.*): invalid choice: (?P<value>.*) \(choose from (?P<what>.*)\)",
            _("%(name)s kan inte vara %(value)s. Välj bland %(what)s."),
        ),
        (r"argument (?P<name>.*): invalid \w+ value: (?P<value>.*)", _("%(name)s kan inte vara %(value)s.")),
        (r"one of the arguments (?P<what>.*) is required", _("Ange något av %(what)s.")),
        (
            r"argument (?P<name>.*): not allowed with argument (?P<what>.*)",
            _("%(name)s och %(what)s går inte att ange samtidigt."),
        ),
    )
