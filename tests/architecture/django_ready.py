"""Django, set up for the tests that look at the loaded application; None while there is none to load."""

from __future__ import annotations

import importlib.util
import os
from types import ModuleType


def loaded() -> ModuleType | None:
    """Return Django with all capabilities loaded, or None before the settings module is written."""
    if importlib.util.find_spec("narvaro.web.settings") is None:
        return None
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "narvaro.web.settings")
    import django

    django.setup()
    return django
