"""The search page."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from narvaro.core.access import MemberRequest, access
from narvaro.core.types import READS_ALL
from narvaro.records import queries
from narvaro.records.forms import SearchForm
from narvaro.records.search import Found, search
from narvaro.records.views.places import places


@access("member", *READS_ALL)
@require_safe
def search_page(request: MemberRequest) -> HttpResponse:
    """Search in everything kept; filters and place stand in the address."""
    known = queries.channels_for_reading(request.actor)
    form = SearchForm(request.GET, [channel for channel, _ in known.values()])
    found, chosen, is_asked = Found(), [], False
    if form.is_valid():
        values = form.cleaned_data
        chosen = [{"label": label, "remove_url": _url(request.GET, without=name)} for name, label in form.chosen]
        is_asked = bool(values["q"].strip() or chosen)
        found = search(request.actor, form.question, before=values["before"], after=values["after"], known=known)
    page = {
        "places": places(request.actor, "search"),
        "form": form,
        "found": found,
        "chosen": chosen,
        "is_asked": is_asked,
        "newer_url": _url(request.GET, after=found.newer) if found.newer is not None else "",
        "older_url": _url(request.GET, before=found.older) if found.older is not None else "",
        "clear_url": _url(request.GET, only="q"),
    }
    return render(request, "records/search.html", page, status=200 if form.is_valid() else 422)


def _url(
    sent: QueryDict, *, without: str = "", only: str = "", before: int | None = None, after: int | None = None
) -> str:
    """Return the address of the same search with one thing changed; its place is kept only when it is given."""
    kept = QueryDict(mutable=True)
    for name in sent:
        value = str(sent.get(name, ""))
        if value and name not in ("before", "after", without) and (not only or name == only):
            kept[name] = value
    if before is not None:
        kept["before"] = str(before)
    if after is not None:
        kept["after"] = str(after)
    return f"?{kept.urlencode()}"
