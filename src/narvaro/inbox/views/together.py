"""One text that answers many at once: written, sent, and followed until every answer is out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done
from narvaro.core.types import NotPermitted, Replayed
from narvaro.inbox import rules
from narvaro.inbox.actions.together import answer_together
from narvaro.inbox.forms import TogetherForm
from narvaro.inbox.views.lists import READERS, chosen, to_the_inbox, where_of
from narvaro.publishing import queries as publishing
from narvaro.publishing.queries import checks_of
from narvaro.publishing.types import State as Sending
from narvaro.records import queries as records

if TYPE_CHECKING:
    from narvaro.publishing.models import Together


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
def answer(request: MemberRequest) -> HttpResponse:
    """Write one answer to what was chosen in the list, and send it to each."""
    actor, where, uids = request.actor, where_of(request), chosen(request.POST)
    if not rules.may_work(actor):
        return to_the_inbox(request, NotPermitted())
    if request.method != "POST" or not uids:
        return redirect(reverse("inbox:inbox") + where.query)
    is_asked = "klar" in request.POST
    form = TogetherForm(request.POST if is_asked else None)
    checks = checks_of(actor, str(form["text"].value() or ""))
    if is_asked and form.is_valid():
        for sentence in checks.stops:
            form.add_error("text", sentence)
        if checks.asks and not form.cleaned_data.get("agreed"):
            form.add_error("agreed", _("Läs igenom en gång till, och kryssa i rutan om det ska ut ändå."))
    made: list[Together] = []
    text = form.cleaned_data.get("text", "") if is_asked and form.is_valid() else ""
    try:
        if text and done(request, form, lambda: made.append(answer_together(actor=actor, uids=uids, text=text))):
            return redirect("inbox:together", made[0].uid)
    except Replayed as error:
        return to_the_inbox(request, error)
    page = {"form": form, "uids": uids, "where": where, "count": len(uids), "checks": checks}
    return render(request, "inbox/answer_together.html", page, status=422 if is_asked else 200)


@access("member", *READERS)
@require_GET
def together(request: MemberRequest, uid: UUID) -> HttpResponse:
    """How it goes with one text that answers many; 204 while a poll would show the same."""
    actor = request.actor
    found = publishing.together_for(actor, uid)
    # A new try stands for the one before it.
    parts = list({part.answers_id: part for part in publishing.parts_of(actor, found)}.values())
    counts = Counter(part.state for part in parts)
    token = "-".join(f"{state}{count}" for state, count in sorted(counts.items()))
    if request.GET.get("token") == token:
        return HttpResponse(status=204)
    readable = {item.uid for item in records.items_by_uid(actor, [left for left, _why in found.left])}
    page: dict[str, Any] = {
        "together": found, "parts": parts, "token": token, "total": len(parts),
        "out": counts[Sending.DELIVERED],
        "trouble": [part for part in parts if part.state in (Sending.REFUSED, Sending.UNKNOWN, Sending.ABSENT)],
        "awaiting": counts[Sending.AWAITING],
        "left": [(left, why) for left, why in found.left if UUID(left) in readable],
    }  # fmt: skip
    return render(request, "inbox/together.html", page)
