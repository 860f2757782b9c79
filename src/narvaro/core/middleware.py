"""From a request to an actor, and from a refusal to a page."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from narvaro.core import queries
from narvaro.core.types import Problem

Next = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger("narvaro.web")

AUTHORITY_KEY = "authority_id"


class ClientAddress:
    """
    Sets REMOTE_ADDR to the client's own address behind the stated number of proxies.

    A header that a client can write is never believed: only the last `trusted_proxies` entries count,
    and without proxies the header is dropped.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        forwarded = request.META.pop("HTTP_X_FORWARDED_FOR", "")
        depth = settings.OPTIONS.trusted_proxies
        hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
        if depth and len(hops) >= depth:
            request.META["REMOTE_ADDR"] = hops[-depth]
        if depth and forwarded:
            request.META["HTTP_X_FORWARDED_FOR"] = ", ".join(hops[-depth:])
        return self.get_response(request)


class ChosenLanguage:
    """The language the person chose; before that the installation's. The browser's wish decides nothing."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.OPTIONS.language
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response


class ActingPerson:
    """Puts `request.actor` on the request: the signed-in person in the authority they work in now, or None."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = None  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            wanted = request.session.get(AUTHORITY_KEY)
            request.actor = queries.actor_for(request.user, wanted)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class Refusals:
    """Turns every `Problem` into a page that says what happened, what was kept and what to do."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Problem):
            return render(
                request, f"core/errors/{_page_of(error.status)}.html", {"sentence": str(error)}, status=error.status
            )
        if isinstance(error, OperationalError):
            log.exception("Databasen svarade inte")
            return render(request, "core/errors/503.html", status=503)
        return None


def _page_of(status: int) -> int:
    return status if status in (403, 404, 409, 422, 429) else 422
