"""A picture or a film for a platform that fetches it itself, at an address nobody can guess and that soon ends."""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from narvaro.core.access import access
from narvaro.media import queries
from narvaro.media.queries import films
from narvaro.media.views.playing import played

Answer = TypeVar("Answer", bound=HttpResponseBase)


@access("link")
@require_safe
def lent(request: HttpRequest, token: str) -> HttpResponse:
    """The bytes of a picture that is on its way out; the address itself is the key."""
    content, media_type = queries.lent(token)
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = "inline"
    return _unstored(response)


@access("link")
@require_safe
def lent_film(request: HttpRequest, token: str) -> HttpResponseBase:
    """A film that is on its way out, whole or the stretch that is asked for; the address itself is the key."""
    return _unstored(played(request, *films.lent(token)))


def _unstored(response: Answer) -> Answer:
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
