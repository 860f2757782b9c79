"""
A case on a screen, and the vote from the phones in the room.

The page that is voted on asks for no name and no account. Its one cookie holds a chance number, works on that page
only, and is what keeps a browser from voting twice; it also tells that the form was sent from the page.
"""

from __future__ import annotations

import secrets
from base64 import b64encode
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from allauth.mfa.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.core import openly, wall
from narvaro.core.access import MemberRequest, access
from narvaro.core.types import Actor, Invalid, NotFound
from narvaro.training import actions, queries, rules
from narvaro.training.forms import CodeForm, VoteForm
from narvaro.training.models import Meeting, Poll
from narvaro.training.types import PollClosed, VotedAlready
from narvaro.training.views.pressing import button, once

if TYPE_CHECKING:
    from narvaro.core.models import Authority

COOKIE = "narvaro_rost"
_COOKIE_SECONDS = 12 * 3600


@access("member")
@require_GET
def screen(request: MemberRequest, uid: UUID, number: int) -> HttpResponse:
    """One case for all to see, with the vote about it."""
    actor = request.actor
    meeting, case = _case_at(actor, uid, number)
    page = {
        "meeting": meeting, "number": number, "case": queries.case_for(actor, case), "button": button(),
        "may_lead": rules.may_lead(actor), **_poll(actor, meeting, case),
        "next": number + 1 if number < len(meeting.cases) else 0,
    }  # fmt: skip
    return render(request, "training/screen.html", page)


@access("member")
@require_GET
def live(request: MemberRequest, uid: UUID, number: int) -> HttpResponse:
    """The bars, or 204 while nothing has changed."""
    meeting, case = _case_at(request.actor, uid, number)
    page = _poll(request.actor, meeting, case)
    if request.GET.get("token") == page["token"]:
        return HttpResponse(status=204)
    page |= {"meeting": meeting, "number": number}
    return render(request, "training/votes.html", page)


@access("member", *rules.LEADS)
@require_POST
def open_poll(request: MemberRequest, uid: UUID, number: int) -> HttpResponse:
    """Open the vote."""
    actor = request.actor
    meeting, case = _case_at(actor, uid, number)
    once(request, partial(actions.open_poll, actor=actor, meeting=meeting, case=case))
    return redirect("training:screen", uid, number)


@access("member", *rules.LEADS)
@require_POST
def close_poll(request: MemberRequest, uid: UUID, number: int) -> HttpResponse:
    """Close the vote."""
    actor = request.actor
    meeting, case = _case_at(actor, uid, number)
    poll = queries.poll_about(actor, meeting, case)
    if poll is None:
        raise NotFound
    once(request, partial(actions.close_poll, actor=actor, poll=poll))
    return redirect("training:screen", uid, number)


# --- In the room ------------------------------------------------------------------------------------------------------


@csrf_exempt
@access("public")
@never_cache
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Where the code on the screen is typed. Nothing is changed by it, so anybody's page may send it."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return redirect("training:vote", form.cleaned_data["code"])
    page = {"form": form, "language_links": openly.other_languages(reverse("training:enter"))}
    with translation.override(openly.language(request)):
        return render(request, "training/enter.html", page, status=422 if form.is_bound else 200)


@csrf_exempt
@access("link")
@never_cache
@require_http_methods(["GET", "POST"])
def vote(request: HttpRequest, poll: str) -> HttpResponse:
    """Where somebody in the room votes, once a browser. Who it is plays no part, signed in or not."""
    found, authority = queries.open_poll_by_code(poll)
    with wall.narrowed(authority.pk), translation.override(openly.language(request)):
        return _vote(request, found, authority)


def _vote(request: HttpRequest, poll: Poll, authority: Authority) -> HttpResponse:
    visitor = Actor.visitor(authority)
    own_path = reverse("training:vote", args=[poll.code])
    secret = request.COOKIES.get(COOKIE, "")
    page: dict[str, Any] = {
        "poll": poll, "authority": authority, "language_links": openly.other_languages(own_path),
        "shell": {"authority_name": authority.name}, "is_closed": poll.closed_at is not None,
    }  # fmt: skip
    form = VoteForm(request.POST if request.method == "POST" else None, answers=poll.answers)
    status = 200
    if request.method == "POST":
        if not secret or not constant_time_compare(secret, request.POST.get("secret", "")):
            page["problem"] = _("Rösten kom inte fram. Tillåt kakan på den här sidan, ladda om och rösta igen.")
            status = 403
        elif form.is_valid():
            try:
                actions.vote(actor=visitor, poll=poll, answer=form.cleaned_data["answer"], secret=secret)
            except (VotedAlready, PollClosed) as refused:
                page |= {"is_closed": isinstance(refused, PollClosed) or page["is_closed"]}
                status = refused.status
            except Invalid as refused:
                form.add_error("answer", str(refused))
                status = 422
            else:
                spoken = request.GET.get("sprak", "")
                asked = urlencode({"sprak": spoken}) if spoken in openly.LANGUAGES else ""
                return redirect(f"{own_path}?{asked}" if asked else own_path)
        else:
            status = 422
    fresh = secret or secrets.token_urlsafe(24)
    page |= {
        "form": form, "secret": fresh, "has_voted": not page["is_closed"] and queries.has_voted(visitor, poll, secret)
    }  # fmt: skip
    response = render(request, "training/vote.html", page, status=status)
    if not secret and not page["is_closed"]:
        response.set_cookie(
            COOKIE, fresh, max_age=_COOKIE_SECONDS, path=own_path, httponly=True, samesite="Strict",
            secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip
    return response


def _case_at(actor: Actor, uid: UUID, number: int) -> tuple[Meeting, str]:
    """Return a meeting and the code of its case with this number, from one. Raises NotFound."""
    meeting = queries.meeting_for(actor, uid)
    if not 1 <= number <= len(meeting.cases):
        raise NotFound
    return meeting, meeting.cases[number - 1]


def _poll(actor: Actor, meeting: Meeting, case: str) -> dict[str, Any]:
    poll = queries.poll_about(actor, meeting, case)
    if poll is None:
        return {"poll": None, "token": ""}
    votes = queries.votes_in(actor, poll)
    address = settings.OPTIONS.base_url + reverse("training:vote", args=[poll.code])
    most = max((count for _answer, count in votes.rows), default=0) or 1
    return {
        "poll": poll, "votes": votes, "most": most, "token": f"{votes.total}-{poll.closed_at is not None}",
        "address": address, "enter_address": settings.OPTIONS.base_url + reverse("training:enter"),
        "qr": "" if poll.closed_at else _qr(address), "fewest": rules.FEWEST_SHOWN,
    }  # fmt: skip


def _qr(address: str) -> str:
    """Return a picture that a phone reads as the address, as a data address; made here, nobody else is asked."""
    drawn = get_adapter().build_totp_svg(address)
    return f"data:image/svg+xml;base64,{b64encode(drawn.encode()).decode()}"
