"""Pages of sources: which there are, what each did and why, and how they are set up."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.base.clock import now
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.types import Actor, NotFound, NotPermitted
from narvaro.sources import actions, fetching, forms, queries, reading, rules
from narvaro.sources.types import Kind, Setup, SourceState, Way

if TYPE_CHECKING:
    from narvaro.sources.models import Source

ABOUT = {
    Kind.DAY: gettext_lazy("Chefens kalender blir ett inlägg om dagen. Bara det ni har sagt får visas är med."),
    Kind.AGENDA: gettext_lazy("Nämndens eller fullmäktiges möten, ur en kalender eller ett flöde."),
    Kind.NEWS: gettext_lazy("Varje nyhet i ett flöde blir ett utkast."),
    Kind.INCIDENT: gettext_lazy("Ett driftsystem säger till. Det blir ett inlägg, och ett till när det är över."),
    Kind.VACANCY: gettext_lazy("Varje annons blir ett utkast, tills sista dagen har passerat."),
}
MOST_TRIED = 20


@access("member", *rules.READERS)
@require_GET
def sources(request: MemberRequest) -> HttpResponse:
    """Which sources there are, and how they stand."""
    page = {
        "rows": queries.sources(request.actor), "ended": queries.sources(request.actor, ended=True),
        "may_add": request.actor.has_anywhere(*rules.SETS_UP),
    }  # fmt: skip
    return render(request, "sources/sources.html", page)


@access("member", *rules.SETS_UP)
@require_GET
def choose(request: MemberRequest) -> HttpResponse:
    """What a new source is to be about."""
    kinds = [{"kind": kind.value, "label": kind.label, "about": ABOUT[kind]} for kind in Kind]
    return render(request, "sources/choose.html", {"kinds": kinds})


@access("member", *rules.SETS_UP)
@require_http_methods(["GET", "POST"])
def add(request: MemberRequest, kind: str) -> HttpResponse:
    """A new source."""
    if kind not in Kind.values:
        raise NotFound
    form = forms.SourceForm(*posted(request), actor=request.actor, kind=kind)
    cancel = reverse("sources:choose")
    if "show" in request.POST and form.may_show_first:
        return _shown_first(request, form, {"label": Kind(kind).label, "about": ABOUT[Kind(kind)], "cancel": cancel})
    made: list[Source] = []
    if done(request, form, lambda: made.append(
        actions.add_source(actor=request.actor, kind=kind, wish=form.wish, file=form.put)
    )):  # fmt: skip
        messages.success(request, _("Källan är sparad. Prova den innan den skriver något, om du vill."))
        return redirect("sources:source", made[0].uid)
    page = {"form": form, "label": Kind(kind).label, "about": ABOUT[Kind(kind)], "cancel": cancel}
    return render(request, "sources/form.html", page, status=422 if form.is_bound else 200)


@access("member", *rules.SETS_UP)
@require_http_methods(["GET", "POST"])
def change(request: MemberRequest, uid: UUID) -> HttpResponse:
    """How a source works, to be changed."""
    found = _theirs(request.actor, uid)
    form = forms.SourceForm(*posted(request), actor=request.actor, kind=found.kind, source=found)
    cancel = reverse("sources:source", args=[uid])
    if "show" in request.POST and form.may_show_first:
        return _shown_first(request, form, {"label": found.name, "about": "", "cancel": cancel})
    if done(request, form, lambda: actions.change_source(
        actor=request.actor, uid=uid, wish=form.wish, file=form.put, seen_version=form.cleaned_data["seen_version"]
    )):  # fmt: skip
        messages.success(request, _("Ändringen är sparad. Utkast som redan finns är som de var."))
        return redirect("sources:source", uid)
    page = {"form": form, "label": found.name, "about": "", "cancel": cancel}
    return render(request, "sources/form.html", page, status=422 if form.is_bound else 200)


@access("member", *rules.READERS)
@require_GET
def source(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One source: how it stands, what it did and why."""
    before = request.GET.get("fore", "")
    return _shown(request, uid, before=int(before) if before.isdecimal() and len(before) < 19 else None)


@access("member", *rules.SETS_UP)
@require_POST
def try_out(request: MemberRequest, uid: UUID) -> HttpResponse:
    """What a source would write now. It is read, and nothing is saved."""
    found = _theirs(request.actor, uid)
    page = _tried(
        lambda: fetching.body_of(request.actor, found), found.kind, found.shape, queries.setup_of(found), found.template
    )
    return render(request, "sources/tried.html", {"source": found, **page})


@access("member", *rules.SETS_UP)
@require_http_methods(["GET", "POST"])
def put_file(request: MemberRequest, uid: UUID) -> HttpResponse:
    """A newer file."""
    found = _theirs(request.actor, uid)
    form = forms.FileForm(*posted(request), version=found.version)

    def put() -> None:
        file = form.cleaned_data["file"]
        actions.put_file(
            actor=request.actor, uid=uid, name=file.name, content=file.read(rules.MOST_FILE_BYTES + 1),
            seen_version=form.cleaned_data["seen_version"],
        )  # fmt: skip

    if done(request, form, put):
        messages.success(request, _("Filen är sparad, och läses inom en minut."))
        return redirect("sources:source", uid)
    return render(request, "sources/file.html", {"form": form, "source": found}, status=422 if form.is_bound else 200)


@access("member", *rules.SETS_UP)
@require_POST
def change_secret(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Make a new secret, and show it this once."""
    form = forms.ButtonForm(request.POST)
    made: list[str] = []
    if done(request, form, lambda: made.append(
        actions.change_secret(actor=request.actor, uid=uid, seen_version=form.cleaned_data["seen_version"])
    )):  # fmt: skip
        answer = _shown(request, uid, secret=made[0])
        answer["Cache-Control"] = "no-store"
        return answer
    return _shown(request, uid, refused=form)


@access("member", *rules.SETS_UP)
@require_POST
def pause(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let a source rest."""
    return _turned(request, uid, actions.pause_source, _("Källan är pausad. Den läser och skriver inget."))


@access("member", *rules.SETS_UP)
@require_POST
def resume(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Start a source again."""
    return _turned(request, uid, actions.resume_source, _("Källan är i gång igen."))


@access("member", *rules.SETS_UP)
@require_POST
def end(request: MemberRequest, uid: UUID) -> HttpResponse:
    """End a source for good."""
    return _turned(
        request, uid, actions.end_source, _("Källan är avslutad. Utkasten och listan över vad den gjorde finns kvar.")
    )


# --- Steps ------------------------------------------------------------------------------------------------------------


def _tried(
    fetch: Callable[[], tuple[bytes, str]], kind: str, shape: str, setup: Setup, template: str
) -> dict[str, Any]:  # fmt: skip
    """Return what would be written now, for a page; nothing is saved."""
    try:
        body, address = fetch()
        readout = reading.read(kind, shape, setup, body, at=now(), address=address, is_trial=True)
    except (fetching.NothingThere, *reading.Unreadable) as problem:
        return {"tried": [], "trouble": str(problem), "unnamed": (), "more": 0}
    tried = [
        {"title": each.title, "why": each.skip or (_("Det är redan över.") if each.is_over else ""),
         "text": rules.written(template, each.values)}
        for each in readout.found[:MOST_TRIED]
    ]  # fmt: skip
    more = max(len(readout.found) - MOST_TRIED, 0)
    return {"tried": tried, "trouble": "", "unnamed": readout.unnamed, "more": more}


def _shown_first(request: MemberRequest, form: forms.SourceForm, page: dict[str, Any]) -> HttpResponse:
    """Show what would be found with what stands in the form; nothing is saved, and the form can still be sent."""
    wanted = form.shown_first
    if wanted is not None:
        address, shape, setup = wanted
        page |= _tried(lambda: fetching.body_at(address, shape), form.kind, shape, setup, form.cleaned_data["template"])
        page["is_shown"] = True
    return render(request, "sources/form.html", {"form": form, **page}, status=200 if wanted else 422)


def _theirs(actor: Actor, uid: UUID) -> Source:
    found = queries.source_for(actor, uid)
    if not rules.may_set_up(actor, found.unit_id):
        raise NotPermitted
    return found


def _turned(request: MemberRequest, uid: UUID, act: Callable[..., None], said: str) -> HttpResponse:
    form = forms.ButtonForm(request.POST)
    if done(request, form, lambda: act(
        actor=request.actor, uid=uid, seen_version=form.cleaned_data["seen_version"]
    )):  # fmt: skip
        messages.success(request, said)
        return redirect("sources:source", uid)
    return _shown(request, uid, refused=form)


def _shown(
    request: MemberRequest, uid: UUID, *, before: int | None = None, secret: str = "",
    refused: forms.ButtonForm | None = None,
) -> HttpResponse:  # fmt: skip
    actor = request.actor
    found = queries.source_for(actor, uid)
    log = queries.log_of(actor, found, before=before)
    shown, setup = log[: queries.PAGE], queries.setup_of(found)
    page: dict[str, Any] = {
        "source": found, "setup": setup, "channels": queries.channels_of_source(actor, found), "log": shown,
        "older_url": f"{reverse('sources:source', args=[uid])}?fore={shown[-1].pk}" if len(log) > len(shown) else "",
        "waiting": queries.waiting_count(actor, found), "secret": secret, "is_hook": found.way == Way.HOOK,
        "is_file": found.way == Way.FILE, "file": queries.file_of(actor, found) if found.way == Way.FILE else None,
        "hook_url": request.build_absolute_uri(reverse("sources:hook", args=[uid])),
        "may_set_up": rules.may_set_up(actor, found.unit_id) and found.state != SourceState.ENDED,
        "is_paused": found.state == SourceState.PAUSED, "is_ended": found.state == SourceState.ENDED,
        "button": forms.ButtonForm(version=found.version), "form": refused,
        "versions": queries.versions_of(actor, found),
    }  # fmt: skip
    return render(request, "sources/source.html", page, status=422 if refused is not None else 200)
