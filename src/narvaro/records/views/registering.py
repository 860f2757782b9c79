"""The registrar's work, and the registry as it is read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done
from narvaro.core.types import READS_ALL, NotPermitted
from narvaro.records import actions, queries, rules
from narvaro.records.forms import EntryForm, NotNeededForm, QueueForm, ReasonForm
from narvaro.records.models import RegistryEntry
from narvaro.records.views.places import places

PAGE = 50


@access("member", *READS_ALL)
@require_safe
def registry_queue(request: MemberRequest) -> HttpResponse:
    """What waits for the registrar, soonest first."""
    entries = queries.registry_queue(request.actor)
    page = {
        "rows": _rows(request, entries),
        "form": NotNeededForm(None, entries),
        "may_register": rules.may_register(request.actor),
        "places": places(request.actor, "registry_queue"),
        "tabs": _tabs("queue", len(entries)),
    }
    return render(request, "records/registry_queue.html", page)


@access("member")
@require_POST
def refuse_several(request: MemberRequest) -> HttpResponse:
    """Decide for several entries at once that they need not be registered."""
    entries = queries.registry_queue(request.actor)
    form = NotNeededForm(request.POST, entries)

    def refuse() -> None:
        for entry in entries:
            if str(entry.uid) in form.cleaned_data["entries"]:
                actions.refuse_registration(actor=request.actor, entry=entry, why=form.cleaned_data["why"])

    if done(request, form, refuse):
        n = len(form.cleaned_data["entries"])
        said = ngettext("%(n)d post behöver inte diarieföras.", "%(n)d poster behöver inte diarieföras.", n)
        messages.success(request, said % {"n": n})
        return redirect("records:registry_queue")
    page = {
        "rows": _rows(request, entries), "form": form, "may_register": rules.may_register(request.actor),
        "places": places(request.actor, "registry_queue"),
        "tabs": _tabs("queue", len(entries)),
    }  # fmt: skip
    return render(request, "records/registry_queue.html", page, status=422)


@access("member", *READS_ALL)
@require_safe
def registry_list(request: MemberRequest) -> HttpResponse:
    """What has been entered, as staff see it or as it is shown to the public."""
    asked = request.GET.get("fore", "")
    entries = queries.registry(request.actor, before=int(asked) if asked.isdecimal() else None, limit=PAGE + 1)
    more, entries = len(entries) > PAGE, entries[:PAGE]
    is_public = "allmanhet" in request.GET
    older = f"?{'allmanhet=1&' if is_public else ''}fore={entries[-1].pk}" if more else ""
    page = {
        "rows": [_public(entry) for entry in entries] if is_public else _rows(request, entries),
        "is_public": is_public,
        "older_url": older,
        "places": places(request.actor, "registry_queue"),
        "tabs": _tabs("public" if is_public else "list", 0),
    }
    return render(request, "records/registry_list.html", page)


@access("member")
@require_http_methods(["GET", "POST"])
def registry_entry(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One entry: what it is about, and for the registrar the fields to fill in."""
    entry = queries.registry_entry_for(request.actor, uid)
    form = EntryForm(request.POST or None, entry)
    if done(request, form, lambda: actions.enter_in_registry(
        actor=request.actor, entry=entry, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Diarienumret är infört. Handlingen är diarieförd."))
        return redirect("records:registry_queue")
    (row,) = _rows(request, [entry])
    page = {
        "entry": entry, "row": row, "form": form, "may_register": rules.may_register(request.actor),
        "is_queued": entry.state == RegistryEntry.State.QUEUED,
        "is_entered": entry.state == RegistryEntry.State.ENTERED, "public": _public(entry),
    }  # fmt: skip
    return render(request, "records/registry_entry.html", page, status=422 if form.is_bound else 200)


@access("member")
@require_http_methods(["GET", "POST"])
def refuse_registration(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Decide that one entry need not be registered."""
    if not rules.may_register(request.actor):
        raise NotPermitted
    entry = queries.registry_entry_for(request.actor, uid)
    form = ReasonForm(request.POST or None)
    if done(request, form, lambda: actions.refuse_registration(actor=request.actor, entry=entry, **form.values)):
        messages.success(request, _("Handlingen behöver inte diarieföras. Den hålls ordnad här."))
        return redirect("records:registry_queue")
    page = {
        "form": form,
        "title": _("Behöver inte diarieföras"),
        "text": _("En handling som inte omfattas av sekretess behöver inte diarieföras när den hålls ordnad."),
        "kept": _("Handlingen bevaras som förut. Beslutet och ditt skäl skrivs i händelseloggen."),
        "button": _("Behövs inte"),
        "back_url": reverse("records:registry_entry", args=[entry.uid]),
    }
    return render(request, "records/decide.html", page, status=422 if form.is_bound else 200)


@access("member")
@require_http_methods(["GET", "POST"])
def queue(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Put a record before the registrar."""
    item = queries.item_for(request.actor, uid)
    (shown,) = queries.shown(request.actor, [item])
    form = QueueForm(request.POST or None)
    if done(request, form, lambda: actions.queue_for_registrar(
        actor=request.actor, item=item, counterparty=shown.author, **form.values
    )):  # fmt: skip
        messages.success(request, _("Handlingen ligger hos registratorn."))
        return redirect("records:record", item.uid)
    page = {
        "form": form,
        "title": _("Lämna till registratorn"),
        "text": _("Registratorn diarieför handlingen, eller beslutar att det inte behövs."),
        "kept": _("Handlingen är redan bevarad."),
        "button": _("Lämna till registratorn"),
        "back_url": reverse("records:record", args=[item.uid]),
    }
    return render(request, "records/decide.html", page, status=422 if form.is_bound else 200)


def _rows(request: MemberRequest, entries: list[RegistryEntry]) -> list[dict[str, Any]]:
    """Return entries with the words they are about, for those who may read them."""
    items = queries.items_by_id(request.actor, [entry.item_id for entry in entries])
    shown = {each.item.pk: each for each in queries.shown(request.actor, list(items.values()))}
    return [{"entry": entry, "shown": shown.get(entry.item_id)} for entry in entries]


def _public(entry: RegistryEntry) -> dict[str, Any]:
    """Return an entry as the public registry shows it. Law: OSL-6"""
    secret = entry.item.secrecy_suspected
    return {
        "entry": entry,
        "counterparty": rules.public_counterparty(
            counterparty=entry.counterparty, is_public=entry.counterparty_is_public, secrecy_suspected=secret
        ),
        "summary": rules.public_summary(
            summary=entry.summary, summary_public=entry.summary_public, secrecy_suspected=secret
        ),
    }


def _tabs(current: str, waiting: int) -> list[dict[str, Any]]:
    listed = reverse("records:registry_list")
    found = (
        ("queue", _("Att diarieföra"), reverse("records:registry_queue"), waiting),
        ("list", _("Diarieförda"), listed, 0),
        ("public", _("Som det visas för allmänheten"), f"{listed}?allmanhet=1", 0),
    )
    return [{"label": label, "url": url, "current": key == current, "count": n} for key, label, url, n in found]
