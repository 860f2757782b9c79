"""What a person publishes by hand: the text and pictures to take along, where it was published, or that it was not."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done
from narvaro.core.types import ANSWERS
from narvaro.media import queries as media
from narvaro.publishing import actions, queries
from narvaro.publishing.forms.publications import ByHandForm, NotDoneForm
from narvaro.publishing.views.publications import about_a_publication, shown

ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
@about_a_publication
def register(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Register the link to what somebody has published by hand."""
    found = queries.publication_for(request.actor, uid)
    form = ByHandForm(
        request.POST,
        has_pictures=bool(queries.pictures_shown(found)),
        has_more=queries.has_more_by_hand(found),
        has_film=found.film_id is not None,
    )
    act = partial(actions.register_by_hand, actor=request.actor, publication=found)
    if done(request, form, lambda: act(link=form.cleaned_data["link"], published_at=form.cleaned_data["published_at"])):
        messages.success(request, _("Inlägget är bevarat som allmän handling, med länken."))
        return redirect("publishing:publication", uid)
    return shown(request, uid, by_hand=form)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
@about_a_publication
def not_done(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say that it was not published, and why."""
    found = queries.publication_for(request.actor, uid)
    form = NotDoneForm(request.POST)
    act = partial(actions.say_not_done, actor=request.actor, publication=found)
    if done(request, form, lambda: act(why=form.cleaned_data["why"])):
        messages.success(request, _("Antecknat. Inlägget publicerades inte."))
        return redirect("publishing:publication", uid)
    return shown(request, uid, not_done=form)


@access("member", *queries.READERS)
@require_safe
def picture(request: MemberRequest, uid: UUID) -> HttpResponse:
    """A picture of something of our own that is to go out, from our own store; with ?hamta as a file to keep."""
    found = queries.picture_going_out(request.actor, uid)
    response = HttpResponse(media.bytes_of(found), content_type=found.media_type)
    name = f"bild-{found.pk}.{ENDINGS.get(found.media_type, 'bin')}"
    response["Content-Disposition"] = f'attachment; filename="{name}"' if "hamta" in request.GET else "inline"
    response["Cache-Control"] = "private, max-age=3600"
    return response
