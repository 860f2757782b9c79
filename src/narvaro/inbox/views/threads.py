"""One thread: what was said, what is done about it, and the one place to write."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.base.ids import uuid7
from narvaro.channels import rules as channel_rules
from narvaro.channels.types import ChannelState
from narvaro.connectors import private
from narvaro.core import audit
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import ActingForm, perform
from narvaro.core.forms.pictures import MOST_PICTURES
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.inbox import actions, queries, rules
from narvaro.inbox.forms import AdviseForm, ComposerForm, DecideForm, StepForm, TalkForm
from narvaro.inbox.types import Doing, List, State, ThreadPage, Urgency
from narvaro.inbox.views import room, showing, suggested, urgent
from narvaro.inbox.views.lists import LISTS, READERS, Where, as_uuid, board_of, list_context, next_after, where_of
from narvaro.inbox.views.refusals import leads_back, of_item
from narvaro.media import actions as media
from narvaro.publishing import queries as publishing
from narvaro.publishing.queries import Checks, checks_of
from narvaro.publishing.types import NOT_BEGUN
from narvaro.publishing.types import State as Sending
from narvaro.records import queries as records

if TYPE_CHECKING:
    from narvaro.inbox.models import Incoming
    from narvaro.media.models import Picture

CHOOSE = "valj"
URGENT_REPLY = "akut"
_KEPT = ("text", "kind", "alt", *(f"alt_{number}" for number in range(2, MOST_PICTURES + 1)))


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
@leads_back(of_item)
def thread(request: MemberRequest, uid: UUID) -> HttpResponse:
    """A thread with the list beside it. Posting answers the resident, or writes an internal note."""
    if request.method == "POST":
        return _write(request, uid)
    return show_thread(request, uid)


@access("member", *READERS)
@require_GET
def of_record(request: MemberRequest, uid: UUID) -> HttpResponse:
    """From a record to its thread here: pages of lower floors know the record alone."""
    incoming = queries.incoming_of(request.actor, records.item_for(request.actor, uid))
    if incoming is None:
        raise NotFound
    return redirect("inbox:thread", incoming.uid)


@access("member", *READERS)
@require_GET
def live(request: MemberRequest, uid: UUID) -> HttpResponse:
    """The thread as it is now, for polling, and a sign that this person is here; 204 when nothing has changed."""
    page = queries.thread_page(request.actor, uid)
    actions.note_opened(actor=request.actor, page=page)
    if not any(b.doing == Doing.WRITES for b in queries.own_presence(request.actor, page.incoming)):
        actions.be_present(actor=request.actor, uid=uid, doing=Doing.LOOKS)
    if request.GET.get("token") == page.token:
        return HttpResponse(status=204)
    following = as_uuid(request.GET.get("nasta"))
    return render(request, "inbox/live.html", _thread_context(request, page, where_of(request), following or ""))


@access("member", *READERS)
@require_POST
def check(request: MemberRequest, uid: UUID) -> HttpResponse:
    """What must be put right before a text goes out, while it is being written. Nothing is kept."""
    actor = request.actor
    incoming = queries.incoming_for(actor, uid)
    actions.be_present(actor=actor, uid=uid, doing=Doing.WRITES)
    is_note = request.POST.get("kind") == "note"
    text = request.POST.get("text", "")[:20_000]
    described = [str(request.POST[name]) for name in request.POST if name.partition("_")[0] == "alt"]
    checks = (
        Checks()
        if is_note
        else checks_of(actor, text, is_private=incoming.is_private, alternatives=filter(None, described))
    )
    page = {"checks": checks, "form": ComposerForm(request.POST), "has_text": bool(text.strip())}
    return render(request, "inbox/checks.html", page)


# --- Writing ---------------------------------------------------------------------------------------------------------


def _write(request: MemberRequest, uid: UUID) -> HttpResponse:
    actor = request.actor
    if request.POST.get("insert"):
        return _insert(request, uid)
    incoming = queries.incoming_for(actor, uid)
    form = _composer(actor, incoming, uid, request.POST, request.FILES)
    if not form.is_valid():
        return show_thread(request, uid, form=form, status=422)
    try:
        if form.is_note:
            note = partial(actions.add_note, actor=actor, uid=uid, text=form.cleaned_data["text"])
            perform(actor, form.cleaned_data["intent"], note)
            messages.success(request, _("Anteckningen är sparad. Bara ni ser den."))
            return redirect(_url(uid, where_of(request)))
        checks = checks_of(
            actor, form.cleaned_data["text"], is_private=incoming.is_private,
            alternatives=[chosen.alt for chosen in form.chosen],
        )  # fmt: skip
        if not _may_go(form, checks):
            return show_thread(request, uid, form=form, checks=checks, status=422)
        pictures = _pictures(actor, form)
        answer = partial(
            actions.answer, actor=actor, uid=uid, text=form.cleaned_data["text"], pictures=pictures,
            seen_version=form.cleaned_data["seen_version"],
        )  # fmt: skip
        perform(actor, form.cleaned_data["intent"], answer)
    except Invalid as error:
        form.refuse(error)
        return show_thread(request, uid, form=form, status=422)
    except Stale as error:
        return show_thread(request, uid, kept=form.cleaned_data, trouble=str(error), status=409)
    except NotPermitted as error:
        if not rules.may_work(actor):
            raise
        # An answer is on its way, or the channel cannot be written to just now: what was written is still needed.
        return show_thread(request, uid, kept=form.cleaned_data, trouble=str(error), status=error.status)
    return redirect(_url(uid, where_of(request)))


def _may_go(form: ComposerForm, checks: Checks) -> bool:
    for sentence in checks.stops:
        form.add_error("text", sentence)
    if checks.asks and not form.cleaned_data.get("agreed"):
        form.add_error("agreed", _("Läs igenom en gång till, och kryssa i rutan om det ska ut ändå."))
    return not form.errors


def _pictures(actor: Actor, form: ComposerForm) -> list[Picture]:
    found = list(form.picked)
    for chosen in form.chosen:
        try:
            content = chosen.file.read()
            found.append(media.add_picture(actor=actor, content=content, alt=chosen.alt, basis=chosen.basis))
        except Invalid as error:
            raise Invalid(str(error), field=chosen.field) from None
    return found


def _insert(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Put a saved answer after what is written already, or show which there are. Nothing is sent."""
    actor, name = request.actor, request.POST["insert"]
    kept: dict[str, Any] = {key: request.POST.get(key, "") for key in _KEPT}
    kept["seen_version"] = request.POST.get("seen_version")
    if name == CHOOSE:
        return show_thread(request, uid, kept=kept, is_choosing=True)
    if name == URGENT_REPLY:
        words = urgent.reply(queries.incoming_for(actor, uid).urgency)
    else:
        words = queries.saved_answer_for(actor, _as_uuid(name)).text
    kept |= {"text": f"{kept['text'].rstrip()}\n{words}".strip(), "kind": "answer"}
    return show_thread(request, uid, kept=kept)


# --- The page --------------------------------------------------------------------------------------------------------


def show_thread(
    request: MemberRequest,
    uid: UUID,
    *,
    form: ComposerForm | None = None,
    kept: dict[str, Any] | None = None,
    checks: Checks | None = None,
    trouble: str = "",
    is_choosing: bool = False,
    status: int = 200,
    **instead: ActingForm,
) -> HttpResponse:
    """Show a thread. `instead` names forms of the page that came back with something to put right."""
    actor, where = request.actor, where_of(request)
    board = board_of(request, where, uid)
    page = board.thread
    if page is None:
        raise NotFound
    if LISTS[where.name] != List.UNIT:  # that list asks for the units as well, and leaves the noting to the first poll
        actions.note_opened(actor=actor, page=page)
    listed = list_context(request, where, board, current=page.incoming.uid)
    following = next_after(listed["rows"], page.incoming.uid)
    context = listed | _thread_context(request, page, where, following)
    if form is None:
        if kept is None and request.GET.get("text"):
            kept = _taken_back(page, request.GET["text"], actor)
        initial = {key: value for key, value in (kept or {}).items() if key in _KEPT}
        form = _composer(actor, page.incoming, uid, version=page.version, initial=initial)
    text = str(form["text"].value() or "")
    if checks is None:
        checks = checks_of(actor, text, is_private=page.incoming.is_private)
    handle = "" if page.focus.shown.is_sealed else page.focus.shown.version.author_handle
    context |= {
        "form": form,
        "checks": checks,
        "has_text": bool(text.strip()),
        "limit": room.limit_of(page.incoming, signature=page.signature, handle=handle),
        "trouble": trouble,
        "is_choosing": is_choosing,
        "saved_answers": queries.saved_answers(actor, unit_id=page.incoming.unit_id) if is_choosing else (),
        "note_first": form["kind"].value() == "note",
        **instead,
    }
    return render(request, "inbox/inbox.html", context, status=status)


def _taken_back(page: ThreadPage, uid: str, actor: Actor) -> dict[str, Any]:
    """Return the text of one's own answer that was taken back, to go on writing from."""
    found = publishing.publication_for(actor, _as_uuid(uid))
    if found.answers_id != page.incoming.item_id or not actor.is_person(found.written_by_id):
        return {}
    return {"text": found.text.removesuffix(page.signature).rstrip()}


def _thread_context(request: MemberRequest, page: ThreadPage, where: Where, following: UUID | str) -> dict[str, Any]:
    actor, incoming = request.actor, page.incoming
    channel = page.channel
    is_connected = (
        not channel_rules.is_by_hand(channel.platform, channel.remote_id)
        and channel.state != ChannelState.CLOSED
        and (not incoming.is_private or private.can_answer(channel.platform, incoming.item.remote_id))
    )
    is_open = incoming.done_at is None
    return {
        "page": page,
        "incoming": incoming,
        "where": where,
        "author": showing.author_of(page.focus.shown),
        "said": showing.conversation(page, query=where.query),
        "state": showing.state_words(incoming),
        "who": showing.who_has(incoming),
        "platform_icon": showing.platform_icon(channel),
        "urgent": _urgent_card(page) if incoming.urgency else None,
        "urgency_is_open": bool(incoming.urgency) and is_open and page.alarm is not None,
        "history": _timeline(page),
        "suggestion": suggested.in_words(page.suggestion),
        "sending": _sending(page),
        "answer_undo": _answer_undo(actor, page, where),
        "is_open": is_open,
        "is_resting": incoming.state == State.SNOOZED,
        "is_mine": actor.is_person(incoming.person_id),
        "is_connected": is_connected,
        "may_note": rules.may_note(actor),
        "may_answer": page.may_work and is_connected and not page.focus.shown.is_sealed,
        "may_decide": page.escalation is not None and rules.may_decide(actor, page.escalation.manager_id),
        "may_advise": actor.has(Role.COMMUNICATIONS_LEAD),
        "advise_form": AdviseForm(auto_id=False),
        "is_threat": incoming.urgency in (Urgency.THREAT_TO_STAFF, Urgency.THREAT),
        "step_form": StepForm(version=page.version),
        "talk_form": TalkForm(prefix="talk"),
        "decide_form": DecideForm(version=page.escalation.version if page.escalation else None, prefix="decide"),
        "next": following,
        "live_url": f"{reverse('inbox:live_thread', args=[incoming.uid])}{where.query}&nasta={following}",
    }


def _urgent_card(page: ThreadPage) -> urgent.UrgentCard:
    return urgent.card(page.incoming, page.alarm, social_emergency_phone=page.social_emergency_phone)


def _timeline(page: ThreadPage) -> list[dict[str, Any]]:
    return [
        {"at": entry.at, "who": audit.who(entry), "text": audit.sentence(entry.verb), "detail": entry.why}
        for entry in reversed(page.history)
    ]


def _sending(page: ThreadPage) -> Any:
    """Return the latest answer that is not out yet, whatever became of it."""
    return next((p for p in reversed(page.publications) if p.state != Sending.DELIVERED), None)


def _answer_undo(actor: Actor, page: ThreadPage, where: Where) -> dict[str, Any] | None:
    """Return the offer to take back one's own answer while it has not begun to be sent."""
    queued = [p for p in page.publications if p.state in NOT_BEGUN and actor.is_person(p.written_by_id)]
    if not queued:
        return None
    url = reverse("inbox:undo_answer", args=[queued[-1].uid]) + where.query
    return {"url": url, "fields": [("intent", str(uuid7()))]}


def _composer(actor: Actor, incoming: Incoming, uid: UUID, *posted: Any, **begun: Any) -> ComposerForm:
    """Return the form to write in, with places for as many pictures as the channel takes."""
    limits = room.limits_of(incoming)
    return ComposerForm(
        *posted, check_url=_check_url(uid), most_pictures=limits.max_pictures, most_alt=limits.max_alt_length,
        library_of=actor, **begun,
    )  # fmt: skip


def _check_url(uid: UUID) -> str:
    return reverse("inbox:check", args=[uid])


def _url(uid: UUID, where: Where, **more: Any) -> str:
    query = where.query + (f"&{urlencode(more)}" if more else "")
    return reverse("inbox:thread", args=[uid]) + query


def _as_uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(_("Texten finns inte.")) from None
