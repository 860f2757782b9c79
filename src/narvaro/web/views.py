"""Pages that span capabilities."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from narvaro.core.access import access


@access("public")
def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form whose protection has run out: nothing was done, and the text is still in the browser."""
    return render(request, "core/errors/403.html", status=403)
