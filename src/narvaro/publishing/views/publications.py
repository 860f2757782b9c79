"""Pages of publications: what went out, and what a person must decide about."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from narvaro.core import audit
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import perform
from narvaro.core.types import ANSWERS, Invalid, NotPermitted, Replayed, Stale
from narvaro.publishing import actions, queries
from narvaro.publishing.forms.publications import ByHandForm, LetBeForm, NotDoneForm, TryAgainForm, UndoForm
from narvaro.publishing.queries.films import tracks_of
from narvaro.publishing.queries.held import is_held_by_rules
from narvaro.publishing.types import NEEDS_PERSON, NOT_BEGUN, State
from narvaro.publishing.views import afterwards
from narvaro.publishing.views.letting_out import shown_held

if TYPE_CHECKING:
    from narvaro.publishing.models import Publication


def about_a_publication(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a step lead back to its publication: when it is refused, and when its address is opened like a page."""

    @wraps(view)
    def stepping(request: MemberRequest, uid: UUID) -> HttpResponse:
        if request.method != "POST":  # after a sign-in that came in between
            return redirect("publishing:publication", uid)
        try:
            return view(request, uid)
        except (NotPermitted, Stale, Replayed, Invalid) as error:
            page = {"sentence": str(error), "back_url": reverse("publishing:publication", args=[uid])}
            return render(request, f"core/errors/{error.status}.html", page, status=error.status)

    return stepping


@access("member", *queries.READERS)
@require_GET
def unclear(request: MemberRequest) -> HttpResponse:
    """What has an unclear outcome, and what went out lately."""
    before = _key(request.GET.get("fore"))
    latest = queries.latest(request.actor, before=before, limit=queries.PAGE)
    page = {
        "unclear": queries.for_a_person(request.actor),
        "latest": latest,
        "may_post": request.actor.has_anywhere(*ANSWERS),
        "newest_url": reverse("publishing:unclear") if before else "",
        "older_url": f"?fore={latest[-1].pk}" if len(latest) == queries.PAGE else "",
    }
    return render(request, "publishing/unclear.html", page)


@access("member", *queries.READERS)
@require_GET
def publication(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One publication: what it says, what became of it, and what a person can do about it."""
    return shown(request, uid)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
@about_a_publication
def try_again(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Send anew what a person has seen is not there (P2)."""
    found = queries.publication_for(request.actor, uid)
    form = TryAgainForm(request.POST)
    if not form.is_valid():
        return shown(request, uid, again=form)
    again = perform(
        request.actor, form.cleaned_data["intent"], partial(actions.try_again, actor=request.actor, publication=found)
    )
    messages.success(request, _("Det skickas igen."))
    return redirect("publishing:publication", again.uid)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
@about_a_publication
def let_be(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Leave it as it is."""
    found = queries.publication_for(request.actor, uid)
    form = LetBeForm(request.POST)
    if form.is_valid():
        decide = partial(actions.let_be, actor=request.actor, publication=found)
        perform(request.actor, form.cleaned_data["intent"], decide)
        messages.success(request, _("Det får vara som det är. Beslutet är antecknat."))
    return redirect("publishing:publication", uid)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
@about_a_publication
def undo(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take back an answer that has not begun to be sent."""
    found = queries.publication_for(request.actor, uid)
    form = UndoForm(request.POST)
    if form.is_valid():
        perform(
            request.actor, form.cleaned_data["intent"], partial(actions.undo, actor=request.actor, publication=found)
        )
        messages.success(request, _("Ångrat. Texten finns kvar på sidan om du vill skriva om den."))
    return redirect("publishing:publication", uid)


def shown(
    request: MemberRequest, uid: UUID, *, again: TryAgainForm | None = None, by_hand: ByHandForm | None = None,
    not_done: NotDoneForm | None = None,
) -> HttpResponse:  # fmt: skip
    """Answer with the page of a publication, and what came back of its forms."""
    found = queries.publication_for(request.actor, uid)
    may_decide = request.actor.has_anywhere(*ANSWERS)
    pictures = queries.pictures_shown(found)
    form = again or by_hand or not_done or TryAgainForm()
    page = {
        "publication": found,
        "form": form,
        "told": _told(found),
        "let_be": LetBeForm(),
        "undo": UndoForm(),
        "may_undo": may_decide and found.state in NOT_BEGUN,
        "needs_person": found.state in NEEDS_PERSON and found.settled_at is None,
        "may_decide": may_decide,
        "history": audit.timeline(request.actor, found),
        "pictures": pictures,
        **afterwards.around(request, found),
        **shown_held(request.actor, found),
        "again": again or TryAgainForm(),
        "parts_by_hand": queries.parts_by_hand(found) if found.state == State.BY_HAND else [],
        "by_hand": by_hand
        or ByHandForm(
            has_pictures=bool(pictures), has_more=queries.has_more_by_hand(found), has_film=found.film_id is not None
        ),
        "tracks": tracks_of(found.film),
        "not_done": not_done or NotDoneForm(auto_id="not-done-%s"),
        "thread": queries.thread_of(found) if found.parts > 1 else [],
    }
    return render(request, "publishing/publication.html", page, status=422 if form.is_bound else 200)


def _told(found: Publication) -> tuple[str, str, str]:
    """Return how a publication stands: the kind of state, what is so now, and what is next."""
    if found.state in NEEDS_PERSON and found.settled_at is not None:
        return "neutral", _("Det är avgjort: det får vara som det är."), _("Närvaro skickar det inte igen.")
    if is_held_by_rules(found):
        return "warning", _("Nya regler håller det inne."), _("Läs varför, och låt det gå ut eller ändra det.")
    told = {
        State.DELIVERED: ("success", _("Publicerat."), _("Inget mer behövs.")),
        State.UNKNOWN: (
            "warning", _("Oklart utfall: det kan ha gått ut."),
            _("Närvaro letar efter det på plattformen och skickar aldrig om av sig självt."),
        ),
        State.ABSENT: (
            "warning", _("Det finns inte på plattformen."), _("Se efter själv, och skicka det igen om det behövs."),
        ),
        State.REFUSED: ("error", _("Plattformen tog inte emot det."), found.reason),
        State.AWAITING: (
            "warning", _("Det väntar på godkännande."),
            _("Krisläge gäller, och någon annan läser det innan det går ut."),
        ),
        State.TURN: (
            "info", _("Det väntar på delen före i tråden."), _("Det går ut när den är publicerad."),
        ),
        State.BY_HAND: (
            "warning", _("Det ska publiceras för hand."),
            _("Närvaro når inte kontot. Publicera det själv, och registrera sedan länken här."),
        ),
        State.NOT_DONE: ("neutral", _("Det publicerades inte."), found.reason),
        State.CANCELLED: (
            ("neutral", _("Det skickades tillbaka och gick aldrig ut."), found.release_why)
            if found.released_by_id
            else ("neutral", _("Det är ångrat och gick aldrig ut."), "")
        ),
    }  # fmt: skip
    usual = ("info", _("Det skickas."), _("Det syns på plattformen om en liten stund."))
    if found.state == State.QUEUED and found.reason:  # put off, with the time
        return "info", _("Det väntar på plattformen."), found.reason
    return told.get(State(found.state), usual)


def _key(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() and len(text) < 19 else None
