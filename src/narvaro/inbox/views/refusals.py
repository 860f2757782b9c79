"""What a refused step shows: what happened, what to do, and the way back to where the person was."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from narvaro.core.access import MemberRequest
from narvaro.core.types import Invalid, NotFound, NotPermitted, Replayed, Stale
from narvaro.inbox import queries
from narvaro.inbox.types import NotNow
from narvaro.inbox.views.lists import to_the_inbox, where_of
from narvaro.publishing import queries as publishing

if TYPE_CHECKING:
    from narvaro.inbox.models import Incoming

View = Callable[..., HttpResponse]
Found = Callable[..., "Incoming | None"]


def of_item(request: MemberRequest, **named: Any) -> Incoming | None:
    """Return the item that an address names."""
    return queries.incoming_for(request.actor, named["uid"])


def of_note(request: MemberRequest, **named: Any) -> Incoming | None:
    """Return the item of the note that an address names."""
    return queries.note_for(request.actor, named["uid"]).incoming


def of_answer(request: MemberRequest, **named: Any) -> Incoming | None:
    """Return the item that the publication which an address names answers; None when it answers none."""
    answered = publishing.publication_for(request.actor, named["uid"]).answers
    return queries.incoming_of(request.actor, answered) if answered is not None else None


def leads_back(thread: Found) -> Callable[[View], View]:
    """
    Let a view's refusals lead back to the thread they are about, in the list the person came from.

    What is missing leads to the inbox. Whoever may not read the inbox at all gets the house's own page: their way does
    not lead here.
    """

    def leading(view: View) -> View:
        @wraps(view)
        def led(request: MemberRequest, **named: Any) -> HttpResponse:
            try:
                return view(request, **named)
            except NotFound as error:
                return to_the_inbox(request, error)
            except (NotPermitted, Stale, Replayed, Invalid) as error:
                try:
                    incoming, query = thread(request, **named), where_of(request).query
                except (NotFound, NotPermitted, Invalid):  # the list that the address names is none
                    return to_the_inbox(request, error)
                if incoming is None:
                    raise
                page = "inbox/not_now.html" if isinstance(error, NotNow) else f"core/errors/{error.status}.html"
                back = reverse("inbox:thread", args=[incoming.uid]) + query
                return render(request, page, {"sentence": str(error), "back_url": back}, status=error.status)

        return led

    return leading
