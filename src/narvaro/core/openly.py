"""Pages open to anybody: the same for everybody, so that caches may keep them; in the language that is asked for."""

from __future__ import annotations

from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import quote_etag

KEPT_SECONDS = 300
LANGUAGES: dict[str, str] = dict(settings.LANGUAGES)


def language(request: HttpRequest) -> str:
    """Return the language of the page: as the address says (`sprak`), else as the visitor has chosen."""
    wanted = request.GET.get("sprak", "")
    return wanted if wanted in LANGUAGES else (translation.get_language() or settings.LANGUAGE_CODE)


def other_languages(address: str) -> list[dict[str, str]]:
    """Return the links to the same page in each other language, for `core/page_open.html`."""
    spoken = translation.get_language() or settings.LANGUAGE_CODE
    joint = "&" if "?" in address else "?"
    return [
        {"code": code, "label": label, "url": f"{address}{joint}sprak={code}"}
        for code, label in LANGUAGES.items()
        if code != spoken
    ]


def kept_by_caches(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    """Let caches keep an answer for five minutes; 304 when the one who asks has it already."""
    response["ETag"] = quote_etag(sha256(response.content).hexdigest()[:32])
    response["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
    patch_cache_control(response, public=True, max_age=KEPT_SECONDS)
    patch_vary_headers(response, ["Cookie"])  # the chosen language
    found = get_conditional_response(request, etag=response["ETag"], response=response)
    return found if found is not None else response


def as_data(response: HttpResponse) -> HttpResponse:
    """Let pages anywhere read an answer: it is open to anybody, and no cookie decides what stands in it."""
    response["Access-Control-Allow-Origin"] = "*"
    return response
