"""What is said of the authority's matters: the searches, one with its days and hits, how long hits are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.channels import rules as accounts
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.types import NotPermitted
from narvaro.watch import actions, forms, queries, rules

if TYPE_CHECKING:
    from narvaro.watch.models import Hit, Search, Source


@access("member", *rules.READERS)
@require_GET
def searches(request: MemberRequest) -> HttpResponse:
    """What is listened for, and how much was heard in the latest week."""
    lately = queries.lately(request.actor)
    page = {
        "rows": [(search, lately.get(search.pk, 0)) for search in queries.searches(request.actor)],
        "may_decide": rules.may_decide(request.actor),
        "keeping": queries.keeping_of(request.actor),
    }
    return render(request, "watch/searches.html", page)


@access("member", *rules.DECIDERS)
@require_http_methods(["GET", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """A new matter to listen for; what looks like a person's name is asked about."""
    form = forms.SearchForm(*posted(request))
    made: list[Search] = []
    if done(request, form, lambda: made.append(actions.add_search(actor=request.actor, **form.values))):
        messages.success(request, _("Bevakningen är sparad. De första träffarna kommer inom några minuter."))
        return redirect("watch:search", made[0].uid)
    return render(request, "watch/add_search.html", {"form": form}, status=422 if form.is_bound else 200)


@access("member", *rules.DECIDERS)
@require_http_methods(["GET", "POST"])
def keeping(request: MemberRequest) -> HttpResponse:
    """How long hits are kept."""
    if not rules.may_decide(request.actor):
        raise NotPermitted
    now = queries.keeping_of(request.actor)
    form = forms.KeepingForm(*posted(request), version=now.version if now.pk else None, initial={"days": now.days})
    if done(request, form, lambda: actions.change_keeping(
        actor=request.actor, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Sparat."))
        return redirect("watch:searches")
    return render(request, "watch/keeping.html", {"form": form}, status=422 if form.is_bound else 200)


@access("member", *rules.READERS)
@require_GET
def search(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One matter: how much was said each day, and what; read here, so that nobody needs to visit the sites."""
    actor = request.actor
    found = queries.search_for(actor, uid)
    before = request.GET.get("fore", "")
    hits = queries.hits_of(actor, found, before=int(before) if before.isdecimal() and len(before) < 19 else None)
    days = queries.days_of(actor, found)
    total = sum(count for _day, count in days)
    shown, older = hits[: queries.MOST_HITS], len(hits) > queries.MOST_HITS
    page = {
        "search": found,
        "days": [(date_format(day, "j F"), count, str(count)) for day, count in reversed(days)],
        "sentence": ngettext(
            "En träff de senaste %(days)s dagarna.", "%(n)s träffar de senaste %(days)s dagarna.", total
        )
        % {"n": total, "days": len(days)},
        "heads": [_("Dag"), _("Träffar")],
        "hits": [_hit(each) for each in shown],
        "older_url": f"{reverse('watch:search', args=[uid])}?fore={shown[-1].pk}" if older else "",
        "sources": [_source(each) for each in queries.sources_of(actor, found)],
        "may_decide": rules.may_decide(actor) and found.ended_at is None,
        "keeping": queries.keeping_of(actor),
        "button": forms.ButtonForm(version=found.version),
    }
    return render(request, "watch/search.html", page)


@access("member", *rules.DECIDERS)
@require_http_methods(["GET", "POST"])
def feeds(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Where a search listens."""
    found = queries.search_for(request.actor, uid)
    there = [each.feed for each in queries.sources_of(request.actor, found) if each.feed]
    form = forms.FeedsForm(*posted(request), version=found.version, initial={"feeds": "\n".join(there)})
    if done(request, form, lambda: actions.change_search(
        actor=request.actor, uid=uid, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Sparat. Plattformar som ni har anslutit sedan sist söks nu också."))
        return redirect("watch:search", uid)
    page = {"form": form, "search": found}
    return render(request, "watch/feeds.html", page, status=422 if form.is_bound else 200)


@access("member", *rules.DECIDERS)
@require_POST
def end(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Listen no more."""
    found = queries.search_for(request.actor, uid)
    form = forms.ButtonForm(request.POST, version=found.version)
    if done(request, form, lambda: actions.end_search(
        actor=request.actor, uid=uid, seen_version=form.cleaned_data["seen_version"]
    )):  # fmt: skip
        messages.success(request, _("Bevakningen är avslutad och träffarna är raderade."))
        return redirect("watch:searches")
    return redirect("watch:search", uid)


def _hit(hit: Hit) -> dict[str, Any]:
    """Return a hit as a page shows it: its words, and where its link really leads."""
    return {
        "hit": hit, "host": rules.host_of(hit.link), "is_doubtful": bool(hit.link) and rules.doubt_about(hit.link),
        "place": _place(hit.place),
    }  # fmt: skip


def _place(place: str) -> str:
    return place if "." in place else accounts.platform_name(place)


def _source(source: Source) -> dict[str, Any]:
    name = accounts.platform_name(source.channel.platform) if source.channel else source.feed
    return {"name": name, "read_at": source.read_at, "error": source.last_error}
