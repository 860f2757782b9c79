"""The calendar in one's own calendar program, and the days of voting that the authority has said."""

from __future__ import annotations

from functools import partial
from hashlib import sha256

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from narvaro.base.clock import today
from narvaro.core import wall
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.types import NotFound, Role
from narvaro.publishing import actions, queries
from narvaro.publishing.forms.calendar import ElectionForm, KeyForm

MOST_SECRET = 64
FRESH_SECONDS = 300


@access("link")
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Answer a calendar program: what the person that the secret belongs to may read. 304 when nothing is new."""
    if len(secret) > MOST_SECRET:
        raise NotFound
    who = queries.follower(secret)
    with wall.narrowed(who.actor.authority_id):
        content = queries.feed(who)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["ETag"] = quote_etag(sha256(content).hexdigest()[:32])
    response["Content-Disposition"] = 'inline; filename="narvaro.ics"'
    patch_cache_control(response, private=True, max_age=FRESH_SECONDS)
    found = get_conditional_response(request, etag=response["ETag"], response=response)
    return found if found is not None else response


@access("member", *queries.READERS)
@require_http_methods(["GET", "POST"])
def follow(request: MemberRequest) -> HttpResponse:
    """Make an address for one's own calendar program, make it anew, or take it away. It is shown once."""
    form = KeyForm(request.POST or None)
    made: list[str] = []
    if request.POST.get("do") == "end":
        if done(request, form, partial(actions.unfollow_calendar, actor=request.actor)):
            messages.success(request, _("Adressen är borttagen. Den visar inget mer."))
            return redirect("publishing:follow_calendar")
    elif request.method == "POST":
        done(request, form, lambda: made.append(actions.follow_calendar(actor=request.actor)))
    address = ""
    if made:
        address = f"{settings.OPTIONS.base_url}{reverse('publishing:calendar_feed', args=[made[0]])}"
    page = {"fresh": KeyForm(), "feed": queries.feed_of(request.actor), "address": address}
    response = render(request, "publishing/follow.html", page)
    response["Cache-Control"] = "no-store"
    return response


@access("member", Role.COMMUNICATIONS_LEAD)
@require_http_methods(["GET", "POST"])
def election_days(request: MemberRequest) -> HttpResponse:
    """Days of voting: the ordinary ones are reckoned, and others are said here."""
    if request.POST.get("do") == "remove":
        gone = KeyForm(request.POST)
        if done(
            request, gone,
            lambda: actions.remove_election_day(actor=request.actor, key=gone.cleaned_data["key"] or 0),
        ):  # fmt: skip
            messages.success(request, _("Dagen är borttagen."))
        return redirect("publishing:election_days")
    form = ElectionForm(*posted(request))
    if done(request, form, lambda: actions.add_election_day(actor=request.actor, **form.values)):
        messages.success(request, _("Dagen är inskriven."))
        return redirect("publishing:election_days")
    what = queries.known(request.actor)
    page = {
        "form": form, "own": queries.election_days(request.actor), "remove_form": KeyForm(auto_id=False),
        "coming": queries.elections_in(what, today(), today().replace(year=today().year + 4, day=1)),
    }  # fmt: skip
    return render(request, "publishing/election_days.html", page, status=422 if form.is_bound else 200)
