"""
The language of the command line. Texts are Swedish in the code; English comes from the same catalogue as the pages'.

Django's own gettext needs settings; help and refusals must be readable before there are any.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

_LOCALE = Path(__file__).resolve().parent.parent / "locale"


def language(environ: Mapping[str, str] | None = None) -> str:
    """Return "sv" or "en": NARVARO_LANGUAGE decides, else the terminal's language, else Swedish."""
    environ = os.environ if environ is None else environ
    chosen = environ.get("NARVARO_LANGUAGE", "").strip().lower()
    if chosen:
        return "en" if chosen == "en" else "sv"
    terminal = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return "en" if terminal.lower().startswith("en") else "sv"


def _(text: str) -> str:
    """Return a Swedish text in the language of the command line."""
    return _catalogue(language()).gettext(text)


@lru_cache(maxsize=2)
def _catalogue(chosen: str) -> gettext.NullTranslations:
    if chosen == "sv":
        return gettext.NullTranslations()
    return gettext.translation("django", _LOCALE, [chosen], fallback=True)
