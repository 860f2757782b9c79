"""Django, set up for the tests that look at the loaded application."""

from __future__ import annotations

import os
from types import ModuleType


def loaded() -> ModuleType:
    """Return Django with all capabilities loaded."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "narvaro.web.settings")
    import django

    django.setup()
    return django
