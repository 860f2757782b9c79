"""Pages that span capabilities: set-up, what waits for me, the shell's own small answers."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.i18n import set_language as django_set_language

from narvaro import __version__
from narvaro.channels import queries as channels
from narvaro.core import actions, jobs, queries, theme, waiting
from narvaro.core.access import MemberRequest, access
from narvaro.core.accounts import CHOSEN_ON_THE_WAY_IN
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role
from narvaro.inbox import rules as inbox
from narvaro.policy import actions as policy
from narvaro.web import options
from narvaro.web.demo import load_demo
from narvaro.web.forms import SetUpForm
from narvaro.web.shell import COLOUR_COOKIE, WORKER_SILENT, chosen_colours, counts_token, places

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_YEAR = 365 * 24 * 3600

PLACE_WORDS = {
    "inbox": gettext_lazy("Inkorg"),
    "escalation": gettext_lazy("Lyft till närmaste chef"),
    "moderation": gettext_lazy("Moderering"),
    "publications": gettext_lazy("Publicerat"),
    "registry": gettext_lazy("Ska diarieföras"),
    "training": gettext_lazy("Utbildning"),
    "plans": gettext_lazy("Planer"),
    "advice": gettext_lazy("Någon ber om råd"),
    "policy": gettext_lazy("Riktlinjen"),
    "security": gettext_lazy("Incident"),
    "continuity": gettext_lazy("Kanal utan någon"),
    "quiet": gettext_lazy("Tyst kanal"),
    "snapshot": gettext_lazy("Ut till arkivet"),
    "watch": gettext_lazy("Omvärlden"),
    "sources": gettext_lazy("Källor"),
    "media": gettext_lazy("Bildbanken"),
}
"""Where something waits, said under its title on the start page."""


@access("public")
@require_GET
def front(request: HttpRequest) -> HttpResponse:
    """Lead to set-up, to sign-in, or to what waits for the person."""
    if not queries.is_set_up():
        return redirect("set_up")
    return redirect("start")


@access("setup")
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """The first page of a new installation: create the organisation, or load the demo with one click."""
    if queries.is_set_up():
        raise NotFound
    form = SetUpForm(request.POST or None, wanted_code=options.setup_code(settings.OPTIONS))
    if form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "code"}
        try:
            with transaction.atomic():
                _authority, actor = actions.set_up(**values)
                policy.take_starting_rules(actor=actor)
        except Invalid as error:
            field = next((name for name in (error.field, f"admin_{error.field}") if name in form.fields), None)
            form.add_error(field, str(error))
        else:
            options.setup_code_file(settings.OPTIONS).unlink(missing_ok=True)
            return _signed_in(request, actor.person_id)
    page = {"form": form, "may_try": settings.OPTIONS.is_local}
    return render(request, "web/set_up.html", page, status=422 if form.is_bound else 200)


@access("setup")
@require_POST
def start_demo(request: HttpRequest) -> HttpResponse:
    """Load the plainly fictional municipality and sign in to it."""
    if queries.is_set_up():
        raise NotFound
    if not settings.OPTIONS.is_local:
        raise NotPermitted
    return _signed_in(request, load_demo().person_id)


@access("member")
@require_GET
def start(request: MemberRequest) -> HttpResponse:
    """What the person must do today, soonest first."""
    waits = waiting.today(request.actor)
    page = {
        "waits": [(wait, PLACE_WORDS.get(wait.place, "")) for wait in waits],
        "steps": [] if waits else _first_steps(request.actor),
        "leads_unit": request.actor.has_anywhere(Role.UNIT_MANAGER),
        "may_only_bring_in": inbox.may_bring_in(request.actor) and not inbox.may_read(request.actor),
    }
    return render(request, "web/start.html", page)


def _first_steps(actor: Actor) -> list[tuple[str, str, bool]]:
    """Return what brings an authority to its first channel, each with address and whether it is done; else []."""
    if not actor.has_anywhere(Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD) or channels.channels(actor):
        return []
    return [
        (_("Lägg till en enhet"), reverse("core:units"), bool(queries.units(actor))),
        (
            _("Lägg till den som ska vara ansvarig och den som är ersättare"), reverse("core:people"),
            len(queries.people(actor)) > 1,
        ),
        (_("Lägg till en kanal och anslut den"), reverse("channels:add"), False),
    ]  # fmt: skip


@access("member")
@require_GET
def counts(request: MemberRequest) -> HttpResponse:
    """The places with their counts, or 204 while nothing has changed."""
    request.path = request.headers.get("X-Current-Path", "") or request.GET.get("path", "")
    found = places(request, request.actor)
    token = counts_token(found)
    if request.GET.get("token") == token:
        return HttpResponse(status=204)
    shell = {"places": found, "poll_url": "/antal/", "poll_token": token}
    return render(request, "core/places.html", {"places": found, "shell": shell})


@access("public")
@require_POST
def colours(request: HttpRequest) -> HttpResponse:
    """Choose light, dark or as the computer has it."""
    response = redirect(_next(request))
    chosen = request.POST.get("colour_mode", "")
    if chosen in ("light", "dark"):
        response.set_cookie(
            COLOUR_COOKIE, chosen, max_age=_YEAR, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
        )
    else:
        response.delete_cookie(COLOUR_COOKIE)
    return response


@access("public")
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose Swedish or English; kept on the account, for one who is about to sign in too."""
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated:
        actions.choose_language(person=request.user, language=chosen)
    elif chosen in dict(settings.LANGUAGES):
        request.session[CHOSEN_ON_THE_WAY_IN] = chosen
    return django_set_language(request)


@access("member")
@require_GET
def theme_css(request: MemberRequest) -> HttpResponse:
    """The authority's own colours as a style sheet."""
    authority = queries.authority_of(request.actor)
    response = HttpResponse(
        theme.theme_css(authority.primary_colour, authority.accent_colour) if authority.is_coloured else "",
        content_type="text/css",
    )
    patch_cache_control(response, private=True, max_age=_YEAR)
    return response


@access("member")
@require_GET
def logo(request: MemberRequest) -> HttpResponse:
    """The authority's logo."""
    authority = queries.authority_of(request.actor)
    if not authority.logo:
        raise Http404
    response = HttpResponse(bytes(authority.logo), content_type=authority.logo_type)
    response["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, private=True, max_age=_YEAR)
    return response


@access("public")
@require_GET
def healthy(request: HttpRequest) -> HttpResponse:
    """Whether the process answers; for a supervisor."""
    return JsonResponse({"ok": True})


@access("public")
@require_GET
def ready(request: HttpRequest) -> HttpResponse:
    """Whether database and worker are there; 503 when not (P5)."""
    connection.ensure_connection()
    heartbeat = jobs.last_heartbeat()
    worker = heartbeat is not None and jobs.real_now() - heartbeat < WORKER_SILENT
    return JsonResponse({"ok": worker, "worker": worker}, status=200 if worker else 503)


@access("public")
def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form whose protection has run out: nothing was done, and the text is still in the browser."""
    return render(request, "core/errors/403.html", status=403)


@access("public")
def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for an address that leads nowhere."""
    return render(request, "core/errors/404.html", status=404)


@access("fault")
def broken(request: HttpRequest) -> HttpResponse:
    """The page for our own fault. It is drawn without the request: what knows the person asks the database."""
    page = render_to_string(
        "core/errors/500.html", {"shell": {"version": __version__, "colour_mode": chosen_colours(request)}}
    )
    return HttpResponse(page, status=500)


def _signed_in(request: HttpRequest, person_id: int | None) -> HttpResponse:
    login(request, queries.person_by_id(person_id), backend=_BACKEND)
    return redirect("start")


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else "/"
