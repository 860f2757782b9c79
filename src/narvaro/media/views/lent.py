"""A picture for a platform that fetches it itself, at an address nobody can guess and that soon ends."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from narvaro.core.access import access
from narvaro.media import queries


@access("link")
@require_safe
def lent(request: HttpRequest, token: str) -> HttpResponse:
    """The bytes of a picture that is on its way out; the address itself is the key."""
    content, media_type = queries.lent(token)
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = "inline"
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
