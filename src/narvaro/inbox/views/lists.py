"""The lists of the inbox: what waits, page by page, and one step with several at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from narvaro.base.ids import uuid7
from narvaro.core import queries as core
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import ActingForm, perform
from narvaro.core.types import READS_ALL, Actor, Invalid, NotPermitted, Problem, Replayed
from narvaro.inbox import actions, queries, rules
from narvaro.inbox.forms import FilterForm, PersonForm, SnoozeForm, StepForm, UnitForm
from narvaro.inbox.types import List, Only, Outcome
from narvaro.inbox.views import showing

if TYPE_CHECKING:
    from narvaro.inbox.models import Incoming

READERS = tuple(READS_ALL)
MOST_AT_ONCE = 200
LISTS = {
    "mina": List.MINE, "enhet": List.UNIT, "utan": List.UNASSIGNED, "sena": List.LATE, "akuta": List.URGENT,
    "vilande": List.SNOOZED, "alla": List.ALL, "klara": List.DONE,
}  # fmt: skip
_FIRST_TABS = ("mina", "enhet", "utan", "sena", "alla")
_EMPTY: dict[str, tuple[Any, Any]] = {
    "mina": (gettext_lazy("Inget väntar på dig"), gettext_lazy("Det som kommer in till dig visas här.")),
    "enhet": (gettext_lazy("Inget väntar på din enhet"), gettext_lazy("Bra jobbat. Det som kommer in visas här.")),
    "utan": (gettext_lazy("Allt har någon som tar hand om det"), ""),
    "sena": (gettext_lazy("Inget är försenat"), gettext_lazy("Ni har svarat i tid på allt som behöver svar.")),
    "akuta": (gettext_lazy("Inget akut"), gettext_lazy("Det som kan gälla liv eller säkerhet visas här, dygnet runt.")),
    "vilande": (gettext_lazy("Inget vilar"), gettext_lazy("Det du låter vila kommer tillbaka av sig självt.")),
    "alla": (gettext_lazy("Här är det tomt än"), gettext_lazy("Så snart någon skriver i era kanaler visas det här.")),
    "klara": (gettext_lazy("Inget är klart än"), ""),
}
DONE_WORDS: dict[str, Any] = {
    "inget-svar": ngettext_lazy("Markerad: inget svar behövs.", "%(n)d markerade: inget svar behövs.", "n"),
    "besvarad": ngettext_lazy("Markerad: besvarad av annan.", "%(n)d markerade: besvarade av annan.", "n"),
    "behover-svar": ngettext_lazy("Markerad: behöver svar.", "%(n)d markerade: behöver svar.", "n"),
    "tilldela": ngettext_lazy("Tilldelad.", "%(n)d tilldelade.", "n"),
    "ta": ngettext_lazy("Den är din nu.", "%(n)d är dina nu.", "n"),
    "vidare": ngettext_lazy("Skickad vidare.", "%(n)d skickade vidare.", "n"),
    "vila": ngettext_lazy("Den vilar nu.", "%(n)d vilar nu.", "n"),
    "annan-myndighet": ngettext_lazy(
        "Markerad: hör till en annan myndighet.", "%(n)d markerade: hör till en annan myndighet.", "n"
    ),
}
"""What a step that can be taken back is called when it is done, by its name in addresses."""


@dataclass(frozen=True, slots=True)
class Where:
    """Which list a person stands in, what it is narrowed to, and how far down; kept in every address."""

    name: str
    after: str
    only: Only

    @property
    def query(self) -> str:
        """The part of an address that keeps the list, with its question mark."""
        return self.query_with()

    def query_with(self, **changed: str) -> str:
        """Return `query` with something else in it; what is changed to "" is left out."""
        only = self.only
        kept = {
            "lista": self.name, "kanal": only.channel, "enhet": only.unit, "slag": only.kind, "efter": self.after,
        } | changed  # fmt: skip
        return f"?{urlencode({key: value for key, value in kept.items() if value})}"


def to_the_inbox(request: MemberRequest, error: Problem) -> HttpResponse:
    """Show a refusal that leads to the inbox; whoever may not read it gets the house's own page."""
    if not rules.may_read(request.actor):
        raise error
    page = {"sentence": str(error), "back_url": reverse("inbox:inbox")}
    return render(request, f"core/errors/{error.status}.html", page, status=error.status)


def _leads_to_the_inbox(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the refusals of a list's own views lead to the inbox."""

    @wraps(view)
    def led(request: MemberRequest) -> HttpResponse:
        try:
            return view(request)
        except (NotPermitted, Replayed, Invalid) as error:
            return to_the_inbox(request, error)

    return led


@access("member", *READERS)
@require_GET
@_leads_to_the_inbox
def inbox(request: MemberRequest) -> HttpResponse:
    """One page of one list; beside it nothing is chosen yet."""
    where = where_of(request)
    return render(request, "inbox/inbox.html", list_context(request, where, board_of(request, where)))


@access("member", *READERS)
@require_GET
def live(request: MemberRequest) -> HttpResponse:
    """The list as it is now, for polling; 204 when nothing has changed since the token."""
    where = where_of(request)
    board = board_of(request, where)
    if request.GET.get("token") == board.token:
        return HttpResponse(status=204)
    return render(
        request, "inbox/list_live.html", list_context(request, where, board, current=as_uuid(request.GET.get("vald")))
    )


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
@_leads_to_the_inbox
def bulk(request: MemberRequest) -> HttpResponse:
    """Take one step with the chosen items; what asks for more shows its question first."""
    where, uids, name = where_of(request), chosen(request.POST), request.POST.get("steg", "")
    if request.method != "POST" or not uids:
        return redirect(reverse("inbox:inbox") + where.query)
    if name in ("inget-svar", "besvarad"):
        form: ActingForm = StepForm(request.POST)
        outcome = Outcome.NO_ANSWER_NEEDED if name == "inget-svar" else Outcome.ANSWERED_BY_OTHER
        if form.is_valid():
            return _done(request, where, name, form, partial(actions.close_many, outcome=outcome), uids)
        raise Invalid(_("Formuläret är ofullständigt. Öppna listan på nytt och försök igen."))
    if name not in _QUESTIONS:
        raise Invalid(_("Välj vad som ska göras med det du markerade."))
    title, make, act = _QUESTIONS[name]
    is_asked = "klar" in request.POST
    form = make(request.actor, request.POST if is_asked else None)
    if is_asked and form.is_valid():
        try:
            return _done(request, where, name, form, partial(act, **form.values), uids)
        except Invalid as error:
            form.refuse(error)
    page = {"form": form, "title": title, "name": name, "uids": uids, "where": where, "count": len(uids)}
    return render(request, "inbox/bulk.html", page, status=422 if is_asked else 200)


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
@_leads_to_the_inbox
def undo_bulk(request: MemberRequest) -> HttpResponse:
    """Take back one's own latest step with one or several items."""
    where, uids, form = where_of(request), chosen(request.POST), StepForm(request.POST)
    query = where.query
    if request.method == "POST" and form.is_valid() and uids:
        actor = request.actor
        back = perform(actor, form.cleaned_data["intent"], partial(actions.undo_many, actor=actor, uids=uids))
        query += "&" + urlencode({"angrat": len(back), "av": len(uids)})
        if len(back) == len(uids) == 1:
            return redirect(reverse("inbox:thread", args=[back[0].uid]) + query)
    return redirect(reverse("inbox:inbox") + query)


# --- What a page with the list needs ---------------------------------------------------------------------------------


def where_of(request: HttpRequest) -> Where:
    """Return which list the address names; one's own for those who answer, else all."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    usual = "mina" if rules.may_work(actor) else "alla"
    name = request.GET.get("lista", usual)
    if name not in LISTS:
        raise Invalid(_("Den listan finns inte."))
    only = Only(_narrowed_to(request, "kanal"), _narrowed_to(request, "enhet"), request.GET.get("slag", ""))
    if only.kind and only.kind not in dict(queries.kinds()):
        raise Invalid(_("Det filtret finns inte."))
    return Where(name, request.GET.get("efter", "")[:60], only)


def board_of(request: MemberRequest, where: Where, uid: UUID | None = None) -> queries.Board:
    """Return what the list that the address names shows, and one thread when `uid` is given."""
    person = request.user if uid is not None else None
    return queries.board(request.actor, LISTS[where.name], after=where.after, uid=uid, person=person, only=where.only)  # type: ignore[arg-type]


def list_context(
    request: MemberRequest, where: Where, board: queries.Board, *, current: UUID | None = None
) -> dict[str, Any]:
    """Return what the list pane shows."""
    actor, page = request.actor, board.page
    rows = [showing.row(card, me=actor.person_id, query=where.query, current=current) for card in page.cards]
    address = reverse("inbox:inbox")
    empty_title, empty_text = _EMPTY[where.name]
    if where.only:
        empty_title, empty_text = _("Inget här passar filtret"), _("Filtret döljer allt annat i listan.")
    if page.is_short and not rows:
        empty_title = _("Inget än som passar filtret")
        empty_text = _("Vi har letat i en del av listan. Leta vidare för att se resten.")
    return {
        "where": where,
        "list_label": LISTS[where.name].label,
        "rows": rows,
        "tabs": _tabs(where, board.counts),
        **_filter(where, board),
        "alarms": board.alarms,
        "first_url": address + where.query_with(efter="") if where.after else "",
        "next_url": address + where.query_with(efter=page.next_key) if page.next_key else "",
        "goes_on": page.is_short,
        "empty_title": empty_title,
        "empty_text": empty_text,
        **_elsewhere(where, board.counts),
        "may_work": rules.may_work(actor),
        "may_bring_in": rules.may_bring_in(actor),
        "list_token": board.token,
        "list_poll_url": reverse("inbox:live_list") + where.query_with(vald=str(current or "")),
        "bulk_form": StepForm(),
        "is_crisis": board.is_crisis,
        "undo": _undo(request, where, current),
        "told": _said(request),
    }


def next_after(rows: list[showing.Row], uid: UUID) -> str:
    """Return the item after `uid` in the list that is shown, to go on with; "" when it is the last."""
    uids = [row.uid for row in rows]
    at = uids.index(uid) + 1 if uid in uids else 0
    return str(uids[at]) if at < len(uids) and uids[at] != uid else ""


def chosen(posted: QueryDict) -> list[UUID]:
    """Return the items that were chosen; what is no item is left out."""
    return [uid for uid in map(as_uuid, posted.getlist("item")[:MOST_AT_ONCE]) if uid is not None]


def done_query(name: str, uids: list[UUID]) -> str:
    """Return what an address says after a step, so that the next page can offer to take it back."""
    return "&" + urlencode({"gjort": name, "pa": [str(uid) for uid in uids]}, doseq=True)


def _filter(where: Where, board: queries.Board) -> dict[str, Any]:
    """Return what the row of filters shows: where to choose, what is chosen, and how to let go of it."""
    form = FilterForm(
        initial={"lista": where.name, "kanal": where.only.channel, "enhet": where.only.unit, "slag": where.only.kind},
        channels=board.channels, units=board.units, kinds=queries.kinds(),
    )  # fmt: skip
    address = reverse("inbox:inbox")
    chosen = [
        {"label": form.label_of(name, str(value)), "remove_url": address + where.query_with(efter="", **{name: ""})}
        for name, value in (("kanal", where.only.channel), ("enhet", where.only.unit), ("slag", where.only.kind))
        if value
    ]
    clear = where.query_with(efter="", kanal="", enhet="", slag="")
    return {"filter": form, "chosen": chosen, "clear_url": address + clear if chosen else ""}


def _narrowed_to(request: HttpRequest, name: str) -> UUID | None:
    text = request.GET.get(name, "")
    if text and as_uuid(text) is None:
        raise Invalid(_("Det filtret finns inte."))
    return as_uuid(text)


def _tabs(where: Where, counts: dict[str, int]) -> dict[str, list[dict[str, Any]]]:
    address, name = reverse("inbox:inbox"), where.name
    tabs = [
        {
            "label": LISTS[each].label, "url": address + where.query_with(lista=each, efter=""),
            "current": each == name, "count": counts.get(LISTS[each], 0), "name": each,
        }
        for each in LISTS
    ]  # fmt: skip
    return {
        "first": [tab for tab in tabs if tab["name"] in _FIRST_TABS],
        "more": [tab for tab in tabs if tab["name"] not in _FIRST_TABS],
    }


def _elsewhere(where: Where, counts: dict[str, int]) -> dict[str, str]:
    """Return where to look when one's own list is empty and something waits for whoever takes it first."""
    waiting = counts.get(List.UNASSIGNED, 0)
    if where.name != "mina" or where.only or not waiting:
        return {"empty_url": "", "empty_link": ""}
    words = ngettext("%(n)d väntar på att någon tar den", "%(n)d väntar på att någon tar dem", waiting) % {"n": waiting}
    return {"empty_url": f"{reverse('inbox:inbox')}?lista=utan", "empty_link": words}


def _undo(request: HttpRequest, where: Where, current: UUID | None) -> dict[str, Any] | None:
    name, uids = request.GET.get("gjort", ""), [u for u in map(as_uuid, request.GET.getlist("pa")[:MOST_AT_ONCE]) if u]
    if name not in DONE_WORDS or not uids:
        return None
    text = DONE_WORDS[name] % {"n": len(uids)}
    if current is not None and current not in uids:
        text = _("%(done)s Här är nästa i listan.") % {"done": text}
    fields = [("intent", str(uuid7())), *(("item", str(uid)) for uid in uids)]
    return {"text": text, "url": reverse("inbox:undo_bulk") + where.query, "fields": fields}


def _said(request: HttpRequest) -> str:
    """Return what came of taking something back, as a sentence; "" when nothing was."""
    back, of = request.GET.get("angrat", ""), request.GET.get("av", "")
    if not (back.isdigit() and of.isdigit() and len(back + of) < 9):
        return ""
    if int(back) == int(of):
        return ngettext("Ångrat. Den är som den var.", "Ångrat. De är som de var.", int(back))
    if int(back):
        return _("Ångrat för %(back)s av %(of)s. Med de andra har något hänt efteråt.") % {"back": back, "of": of}
    return _("Det gick inte att ångra: något har hänt efteråt.")


def _people(actor: Actor, posted: Any) -> ActingForm:
    return PersonForm(posted, people=queries.colleagues(actor), me=actor.person_id)


def _units(actor: Actor, posted: Any) -> ActingForm:
    return UnitForm(posted, units=core.units(actor))


def _moment(_actor: Actor, posted: Any) -> ActingForm:
    return SnoozeForm(posted)


def _snooze_many(*, actor: Actor, uids: list[UUID], until: Any, **_ignored: Any) -> list[Incoming]:
    return actions.snooze_many(actor=actor, uids=uids, until=until)


def _pass_on_many(*, actor: Actor, uids: list[UUID], unit_uid: str, **_ignored: Any) -> list[Incoming]:
    return actions.pass_on_many(actor=actor, uids=uids, unit_uid=unit_uid)


_Make = Callable[[Actor, Any], ActingForm]
_QUESTIONS: dict[str, tuple[Any, _Make, Callable[..., list[Any]]]] = {
    "tilldela": (gettext_lazy("Tilldela"), _people, actions.assign_many),
    "vidare": (gettext_lazy("Skicka vidare till en annan enhet"), _units, _pass_on_many),
    "vila": (gettext_lazy("Låt vila"), _moment, _snooze_many),
}


def _done(
    request: MemberRequest, where: Where, name: str, form: ActingForm, act: Callable[..., list[Any]], uids: list[UUID]
) -> HttpResponse:
    changed = perform(request.actor, form.cleaned_data["intent"], partial(act, actor=request.actor, uids=uids))
    left = len(uids) - len(changed)
    if left:
        sentence = ngettext(
            "%(n)d lämnades som den var: redan klar, redan hos den du valde, eller med ett svar på väg.",
            "%(n)d lämnades som de var: redan klara, redan hos den du valde, eller med ett svar på väg.",
            left,
        )
        messages.info(request, sentence % {"n": left})
    return redirect(reverse("inbox:inbox") + where.query + done_query(name, [row.uid for row in changed]))


def as_uuid(text: str | None) -> UUID | None:
    """Return the id that an address holds, or None where it holds none."""
    try:
        return UUID(text or "")
    except ValueError:
        return None
