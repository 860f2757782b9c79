"""Pages of films: putting one in the library, one film and each step of it, and what is said in it."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from narvaro.base import captions as written
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, perform, posted
from narvaro.core.types import ANSWERS, Invalid
from narvaro.media import actions, forms, queries, rules, showing
from narvaro.media.models import Asset
from narvaro.media.queries import films
from narvaro.media.types import Speech
from narvaro.media.views.playing import played
from narvaro.media.views.pressing import button, once

ENDINGS = {"video/mp4": "mp4", "video/webm": "webm"}
LANGUAGES = dict(rules.LANGUAGE_NAMES)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """Put a film in the library; with the page's script with progress."""
    form = forms.UploadFilmForm(*posted(request), most_megabytes=settings.OPTIONS.film_megabytes)
    made: list[Asset] = []
    if form.is_valid():
        file = form.cleaned_data["film"]
        try:  # scanned, taken apart and stored before the transaction begins, which nobody else should wait for
            with actions.cleaned_film(file) as clean:
                stored = actions.store_film(actor=request.actor, clean=clean)
                act = partial(actions.add_film, actor=request.actor, clean=stored, name=file.name or "")
                made.append(perform(request.actor, form.cleaned_data["intent"], act))
        except Invalid as error:
            form.refuse(error)
    to = reverse("media:asset", args=[made[0].uid]) if made else ""
    if request.headers.get("Accept") == "application/json":
        told = " ".join(str(each) for each in form.errors.get("film", ()))
        return JsonResponse({"text": told, "to": to}, status=200 if made else 422)
    if not made:
        return render(request, "media/add_film.html", {"form": form}, status=422 if form.is_bound else 200)
    messages.success(request, _("Filmen ligger i bildbanken. Beskriv den och skriv undertexter, så kan den användas."))
    return redirect(to)


def shown(request: MemberRequest, asset: Asset, **said: Any) -> HttpResponse:
    """Return the page of one film, with forms that came back."""
    page = showing.film_page(request.actor, asset)
    may_change, is_used = rules.may_change(request.actor), asset.retired_at is None
    asks = may_change and page.film.speech in ("", Speech.NOBODY, Speech.BURNED)
    begun = {"speech": page.film.speech} if page.film.speech else None
    context = {
        "page": page, "asset": asset, "film": page.film, "may_change": may_change, "button": button(), "form": None,
        "tracks": [(row, LANGUAGES.get(row.language, row.language)) for row in page.tracks],
        "retire_form": forms.RetireForm(version=asset.version) if may_change and is_used else None,
        "speech_form": forms.SpeechForm(version=asset.version, initial=begun, auto_id="speech-%s") if asks else None,
        "may_read_consents": rules.may_read_consents(request.actor), **said,
    }  # fmt: skip
    return render(request, "media/film.html", context, status=422 if said.get("form") else 200)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def captions(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Write what is said in a film: from a file, or by hand; or mend what was written."""
    asset = queries.asset_for(request.actor, uid)
    film = films.film_of(request.actor, asset)
    language = request.GET.get("sprak", "sv")
    known = next((row for row in films.captions_of(film) if row.language == language), None)
    begun = {"language": language, "captions": films.vtt_of(known).decode() if known else ""}
    form = forms.CaptionsForm(*posted(request), initial=begun, version=asset.version)
    if done(request, form, lambda: actions.put_captions(
        actor=request.actor, uid=uid, language=form.cleaned_data["language"], content=form.cleaned_data["content"],
        seen_version=form.cleaned_data["seen_version"],
    )):  # fmt: skip
        messages.success(request, _("Undertexterna är sparade."))
        return redirect("media:asset", uid)
    page = {"form": form, "asset": asset, "film": film, "name": queries.called(asset, film.alt)}
    return render(request, "media/captions.html", page, status=422 if form.is_bound else 200)


@access("member", *ANSWERS)
@require_POST
def remove_captions(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take captions in one language away from a film."""
    language = request.POST.get("sprak", "")
    once(request, lambda: actions.remove_captions(actor=request.actor, uid=uid, language=language))
    messages.success(request, _("Undertexterna är borttagna."))
    return redirect("media:asset", uid)


@access("member", *ANSWERS)
@require_POST
def speech(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say why a film needs no captions."""
    form = forms.SpeechForm(request.POST, auto_id="speech-%s")
    if done(request, form, lambda: actions.say_speech(
        actor=request.actor, uid=uid, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Det är antecknat."))
        return redirect("media:asset", uid)
    return shown(request, queries.asset_for(request.actor, uid), form=form, speech_form=form)


@access("member", *rules.READERS)
@require_safe
def file(request: MemberRequest, uid: UUID) -> HttpResponseBase:
    """A film of the library, from our own store, as players ask for it; with ?hamta as a file to keep."""
    found = films.film_for(request.actor, uid)
    response = played(request, films.opened(found), found.media_type)
    return _kept(request, response, f"film-{found.pk}.{ENDINGS.get(found.media_type, 'bin')}")


@access("member", *rules.READERS)
@require_safe
def cover(request: MemberRequest, uid: UUID) -> HttpResponseBase:
    """A picture of a film, shown before it is played."""
    found = films.film_for(request.actor, uid)
    return _kept(request, HttpResponse(films.cover_of(found), content_type="image/jpeg"), f"film-{found.pk}.jpg")


@access("member", *rules.READERS)
@require_safe
def track(request: MemberRequest, uid: UUID) -> HttpResponseBase:
    """Captions of a film as players take them; with ?hamta as a file to keep, ?form=srt for where that is asked."""
    found = films.captions_for(request.actor, uid)
    content, ending, media_type = films.vtt_of(found), "vtt", "text/vtt; charset=utf-8"
    if request.GET.get("form") == "srt":
        content, ending = written.as_srt(written.parsed(content)).encode(), "srt"
        media_type = "application/x-subrip; charset=utf-8"
    return _kept(
        request, HttpResponse(content, content_type=media_type), f"film-{found.film_id}-{found.language}.{ending}"
    )


def _kept(request: HttpRequest, response: HttpResponseBase, name: str) -> HttpResponseBase:
    if "hamta" in request.GET:
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    elif not response.has_header("Content-Disposition"):
        response["Content-Disposition"] = "inline"
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response
