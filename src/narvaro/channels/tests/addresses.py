"""The register's own pages, with empty pages where the shell's links lead: its tests need no other capability."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from narvaro.core.access import access


@access("public")
def elsewhere(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse("elsewhere")


def stubs(*names: str) -> list[URLPattern | URLResolver]:
    return [path(f"{name}/", elsewhere, name=name) for name in names]


def others() -> list[URLPattern | URLResolver]:
    """What pages of every capability link to."""
    return [
        *stubs("front", "start", "set_language", "counts", "colours", "theme", "logo", "handbook"),
        path("accounts/", include("allauth.urls")),
        path("core/", include((stubs("profile", "administration", "people", "units"), "core"))),
        path("inbox/", include((stubs("inbox"), "inbox"))),
        path("publishing/", include((stubs("unclear"), "publishing"))),
        path("records/", include((stubs("search", "gaps", "exports"), "records"))),
    ]


urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("narvaro.channels.api_urls")),
    path("", include("narvaro.channels.urls")),
    *others(),
    path("", include("narvaro.channels.open_urls")),
]
