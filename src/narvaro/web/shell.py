"""What the shell around every page needs: the authority, the places with their counts, and warnings."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the template context `shell`."""
    return {"shell": {}}
