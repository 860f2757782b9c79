"""Who may enter a page. Every view declares it; a view that does not is refused by a test and by the middleware."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.utils.http import url_has_allowed_host_and_scheme

from narvaro.core import queries, wall
from narvaro.core.types import Actor, NotPermitted, Role

if TYPE_CHECKING:
    from narvaro.core.models import Authority

Entrance = Literal["public", "open", "person", "member", "setup", "link", "fault"]
View = Callable[..., HttpResponseBase]


class MemberRequest(HttpRequest):
    """A request from somebody who is signed in and acts in an authority."""

    actor: Actor


class OpenRequest(HttpRequest):
    """
    A request from anybody for a page of one authority, `authority`.

    `visitor` acts there without a name and without roles.
    """

    authority: Authority
    visitor: Actor


def access(entrance: Entrance, *roles: Role) -> Callable[[View], View]:
    """
    Declare who may enter a view.

    Args:
        entrance: `public` anybody; `open` anybody, for a page of the authority that the address names
            (`slug`), as `request.visitor`; `person` anybody signed in; `member` signed in with a role in the
            authority (one of `roles` when given); `setup` anybody, but only while nothing is set up;
            `link` whoever holds a one-time link, which the view itself checks; `fault` anybody, for the page of
            our own fault, which may not ask a database that perhaps is what is broken.

    The entrance also decides which authority's rows the database lets the view see (`wall`).
    """

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if entrance in ("person", "member") and not request.user.is_authenticated:
                return redirect_to_login(_page_of(request))
            if entrance == "member":
                if request.actor is None:
                    raise NotPermitted
                if roles and not request.actor.has_anywhere(*roles):
                    raise NotPermitted
            if entrance == "open":
                request.authority = queries.authority_open_at(str(kwargs.pop("slug")))
                request.visitor = Actor.visitor(request.authority)
            with _seen_from(entrance, request):
                return view(request, *args, **kwargs)

        guarded.access = entrance  # type: ignore[attr-defined]
        guarded.roles = roles  # type: ignore[attr-defined]
        return guarded

    return declare


def may_enter(actor: Actor | None, address: str) -> bool:
    """
    Whether somebody who is signed in gets past the door of the page at an address.

    What the page itself asks of one's unit or of a single thing is not judged. Raises Resolver404.
    """
    view = resolve(address).func
    entrance, roles = getattr(view, "access", ""), getattr(view, "roles", ())
    if entrance != "member":
        return True
    return actor is not None and (not roles or actor.has_anywhere(*roles))


def _page_of(request: HttpRequest) -> str:
    """Return where somebody goes on after signing in: a form cannot be sent again, so to the page it stood on."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    came_from = request.META.get("HTTP_REFERER", "")
    is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    page = urlsplit(came_from)
    return f"{page.path}?{page.query}" if is_ours and page.query else page.path if is_ours else "/"


def _seen_from(entrance: Entrance, request: Any) -> AbstractContextManager[None]:
    if entrance == "fault":
        return nullcontext()
    if entrance in ("setup", "link"):
        return wall.widened(entrance)
    if entrance == "open":
        return wall.narrowed(request.visitor.authority_id)
    actor: Actor | None = getattr(request, "actor", None)
    return wall.narrowed(actor.authority_id if actor and entrance != "public" else None)
