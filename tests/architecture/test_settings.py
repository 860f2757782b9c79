"""Every setting can be looked up, and nothing is described that does not exist."""

from __future__ import annotations

import re

from narvaro.web.options import Options
from tests.architecture.source import ROOT, listed

PAGE = ROOT / "docs" / "settings.md"
NAME = re.compile(r"\bNARVARO_[A-Z0-9_]*[A-Z0-9]\b")


def differences(page: str, settings: set[str]) -> list[str]:
    """Return the settings that the page leaves out, and those it makes up. `X_FILE` reads X from a file."""
    named = {name for name in NAME.findall(page) if not name.startswith("NARVARO_TEST_") or name in settings}
    made_up = {name for name in named - settings if name.removesuffix("_FILE") not in settings | {"NARVARO"}}
    return [f"{name} is not described in docs/settings.md" for name in sorted(settings - named)] + [
        f"{name} is described in docs/settings.md and does not exist" for name in sorted(made_up)
    ]


def test_every_setting_is_documented():
    settings = {f"NARVARO_{name.upper()}" for name in Options.model_fields}
    problems = differences(PAGE.read_text(encoding="utf-8"), settings)

    assert settings
    assert not problems, listed(problems)


def test_every_setting_says_what_it_is_for():
    assert not [name for name, field in Options.model_fields.items() if not field.description]


def test_a_difference_is_seen():
    settings = {"NARVARO_PORT", "NARVARO_DATA"}

    assert differences("`NARVARO_PORT`", settings) == ["NARVARO_DATA is not described in docs/settings.md"]
    assert differences("NARVARO_PORT NARVARO_DATA NARVARO_OLD", settings)
    assert not differences("NARVARO_PORT, NARVARO_DATA, NARVARO_PORT_FILE, NARVARO_<NAME>", settings)
