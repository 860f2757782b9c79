"""Pages of the library: looking, putting pictures there, one picture and each step of it, choosing from it."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, perform, posted
from narvaro.core.types import ANSWERS, Invalid, NotFound
from narvaro.media import actions, forms, queries, rules, showing
from narvaro.media.cleaning import Clean, cleaned
from narvaro.media.models import Picture
from narvaro.media.picking import LibraryOf
from narvaro.media.queries.films import film_of, picked, thumb_of
from narvaro.media.shapes import label_of
from narvaro.media.views import films
from narvaro.media.views.pressing import button, once

LISTS = {
    "alla": gettext_lazy("Alla"),
    "filmer": gettext_lazy("Filmer"),
    "saknar": gettext_lazy("Uppgifter saknas"),
    "slutar": gettext_lazy("Licensen går ut"),
    "urbruk": gettext_lazy("Ur bruk"),
}


@access("member", *rules.READERS)
@require_GET
def library(request: MemberRequest) -> HttpResponse:
    """The pictures of the authority, newest first; searched and narrowed."""
    words, before = request.GET.get("q", "").strip()[:100], request.GET.get("fore", "")
    listed = request.GET.get("lista", "alla")
    listed = listed if listed in LISTS else "alla"
    found = queries.library(
        request.actor, words=words, listed=listed, before=int(before) if before.isdigit() and len(before) < 19 else None
    )
    page = {
        "rows": found, "q": words, "listed": listed,
        "lists": [{"name": name, "label": label, "current": name == listed} for name, label in LISTS.items()],
        "may_add": rules.may_change(request.actor), "may_read_consents": rules.may_read_consents(request.actor),
        "older": found[-1].asset.pk if len(found) == queries.PAGE else "",
    }  # fmt: skip
    return render(request, "media/library.html", page)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """Put pictures in the library, several at once; with the page's script one after another, with progress."""
    form = forms.UploadForm(*posted(request))
    taken: list[tuple[Clean, str]] = []
    refused: list[str] = []
    if form.is_valid():
        for file in form.cleaned_data["pictures"]:
            try:  # decoded and scanned before the transaction begins, which nobody else should wait for
                taken.append((cleaned(file.read()), file.name or ""))
            except Invalid as error:
                refused.append(f"{file.name}: {error}")
        if taken:
            perform(request.actor, form.cleaned_data["intent"], partial(_add, request, taken))
        else:
            for sentence in refused:
                form.add_error("pictures", sentence)
    if request.headers.get("Accept") == "application/json":
        told = [str(each) for each in form.errors.get("pictures", ())] or refused
        return JsonResponse({"text": " ".join(told)}, status=200 if taken and not told else 422)
    if not taken:
        return render(request, "media/add.html", {"form": form}, status=422 if form.is_bound else 200)
    count = len(taken)
    messages.success(request, ngettext(
        "Bilden ligger i bildbanken. Beskriv den, så kan den användas.",
        "%(count)d bilder ligger i bildbanken. Beskriv dem, så kan de användas.", count,
    ) % {"count": count})  # fmt: skip
    for sentence in refused:
        messages.warning(request, sentence)
    return redirect(f"{reverse('media:library')}?lista=saknar")


def _add(request: MemberRequest, taken: list[tuple[Clean, str]]) -> None:
    for clean, name in taken:
        actions.add_to_library(actor=request.actor, clean=clean, name=name)


@access("member", *rules.READERS)
@require_GET
def asset(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One picture or film: what it shows, what it rests on, where it is used, and what is to be done."""
    return shown(request, uid)


def shown(request: MemberRequest, uid: UUID, **said: Any) -> HttpResponse:
    """Return the page of one picture or film, with forms that came back."""
    asset = queries.asset_for(request.actor, uid)
    if asset.is_film:
        return films.shown(request, asset, **said)
    page = showing.asset_page(request.actor, uid, asset=asset)
    may_change, is_used = rules.may_change(request.actor), page.asset.retired_at is None
    context = {
        "page": page, "asset": page.asset, "may_change": may_change, "button": button(), "form": None,
        "crops": [(row, label_of(row.crop)) for row in page.crops],
        "retire_form": forms.RetireForm(version=page.asset.version) if may_change and is_used else None,
        "may_read_consents": rules.may_read_consents(request.actor), **said,
    }  # fmt: skip
    return render(request, "media/asset.html", context, status=422 if said.get("form") else 200)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def change(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say what a picture or a film shows, whose it is and what it rests on."""
    found = queries.asset_for(request.actor, uid)
    whole = film_of(request.actor, found) if found.is_film else queries.pictures_of(request.actor, found)[0]
    form_of = forms.FilmForm if found.is_film else forms.AssetForm
    form = form_of(*posted(request), asset=found, alt=whole.alt)
    if done(request, form, lambda: actions.change_asset(
        actor=request.actor, uid=uid, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Uppgifterna är sparade."))
        return redirect("media:asset", uid)
    page = {"form": form, "asset": found, "whole": whole, "name": queries.called(found, whole.alt)}
    return render(request, "media/change.html", page, status=422 if form.is_bound else 200)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def crop(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Choose what must be seen, and cut the picture to the shapes of platforms."""
    found = queries.asset_for(request.actor, uid)
    if found.is_film:
        raise NotFound
    whole, *crops = queries.pictures_of(request.actor, found)
    begun = {"focus_x": found.focus_x, "focus_y": found.focus_y, "shapes": [row.crop for row in crops]}
    form = forms.CropForm(*posted(request), initial=begun, version=found.version)
    if done(request, form, lambda: actions.crop_picture(
        actor=request.actor, uid=uid, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Bilden är beskuren. Den hela bilden finns kvar."))
        return redirect("media:asset", uid)
    page = {"form": form, "asset": found, "whole": whole, "name": queries.called(found, whole.alt)}
    return render(request, "media/crop.html", page, status=422 if form.is_bound else 200)


@access("member", *ANSWERS)
@require_POST
def retire(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take a picture out of use."""
    form = forms.RetireForm(request.POST)
    if done(request, form, lambda: actions.retire_asset(
        actor=request.actor, uid=uid, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Den är tagen ur bruk och går inte ut mer. Det som är ute ligger kvar."))
        return redirect("media:asset", uid)
    return shown(request, uid, form=form, retire_form=form)


@access("member", *ANSWERS)
@require_POST
def bring_back(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take a picture into use again."""
    once(request, lambda: actions.bring_back_asset(actor=request.actor, uid=uid))
    messages.success(request, _("Den är i bruk igen."))
    return redirect("media:asset", uid)


@access("member", *ANSWERS)
@require_POST
def taken_down(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Note that a picture is taken away from one place."""
    found = queries.takedown_for(request.actor, uid)
    once(request, lambda: actions.mark_taken_down(actor=request.actor, uid=uid))
    messages.success(request, _("Noterat. Den är borttagen där."))
    return redirect("media:asset", found.asset.uid)


@access("member", *rules.READERS)
@require_safe
def file(request: MemberRequest, uid: UUID) -> HttpResponse:
    """A picture of the library, from our own store."""
    found = _in_library(request, uid)
    return _sent(queries.bytes_of(found), found.media_type)


@access("member", *rules.READERS)
@require_safe
def thumb(request: MemberRequest, uid: UUID) -> HttpResponse:
    """A small copy of a picture of the library, or a small picture of a film."""
    found = picked(request.actor, str(uid))
    content = queries.thumb_of(_in_library(request, uid)) if found is None else thumb_of(found)
    return _sent(content, "image/webp")


@access("member", *ANSWERS)
@require_GET
def pick(request: MemberRequest) -> HttpResponse:
    """What can be chosen from the library, while somebody searches in another form. A part of a page."""
    chosen = request.GET.getlist("library")[:50]
    words = request.GET.get("ord", "").strip()[:100]
    page = {"offered": LibraryOf(request.actor).offered(chosen, words), "is_empty": True}
    return render(request, "core/library_results.html", page)


def _in_library(request: MemberRequest, uid: UUID) -> Picture:
    found = queries.picture_for(request.actor, uid)
    if found.asset_id is None:  # evidence is shown by whoever keeps it
        raise NotFound
    return found


def _sent(content: bytes, media_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = "inline"
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response
