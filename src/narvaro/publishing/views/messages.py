"""Pages of messages: writing one, the drafts and what waits, and reading what somebody else wrote."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro import screening
from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, perform, posted
from narvaro.core.forms.pictures import MOST_PICTURES, Chosen
from narvaro.core.moments import full_time
from narvaro.core.types import ANSWERS, Actor, Invalid, NotPermitted, Role, Stale
from narvaro.decisions.rules import content_hash
from narvaro.media import actions as media
from narvaro.publishing import actions, cards, queries
from narvaro.publishing.actions.shortening import shorten_links
from narvaro.publishing.forms.evaluation import EvaluationForm
from narvaro.publishing.forms.extras import CIRCLES, LANGUAGES
from narvaro.publishing.forms.messages import (
    ApproveForm,
    FourEyesForm,
    MessageForm,
    NoteForm,
    ReturnForm,
    ThrowForm,
    picture_url,
)
from narvaro.publishing.models import Message, MessageChannel
from narvaro.publishing.previews import Shown, previews
from narvaro.publishing.queries.approval import may_approve
from narvaro.publishing.queries.held import held_by_rules, standing_words
from narvaro.publishing.queries.website import asking_of_page
from narvaro.publishing.types import MessageState, State
from narvaro.publishing.views.approval import shown_about
from narvaro.publishing.views.evaluation import shown_evaluation
from narvaro.publishing.views.queueing import NEXT, QUEUE, fill_in_time, queued_time
from narvaro.publishing.views.shortening import tell_of_links
from narvaro.publishing.views.website import name_chosen_page

if TYPE_CHECKING:
    from narvaro.media.models import Picture

LISTS = {
    "utkast": (MessageState.DRAFT, gettext_lazy("Utkast")),
    "vantar": (MessageState.AWAITING, gettext_lazy("Väntar på godkännande")),
    "planerat": (MessageState.PLANNED, gettext_lazy("Planerat och skickat")),
    "alla": ("", gettext_lazy("Allt")),
    "papperskorgen": (MessageState.THROWN, gettext_lazy("Papperskorgen")),
}


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def new_post(request: MemberRequest) -> HttpResponse:
    """Write something of our own, to one channel or many; what stops it is told with who can mend it."""
    chosen, day = request.GET.get("kanal", ""), request.GET.get("dag", "")
    picture, film = request.GET.get("bild", "")[:40], request.GET.get("film", "")[:40]
    uid = uuid_in(request.GET.get("text", ""))
    begun: dict[str, Any] = {"chosen": chosen, "day": day, "picture": picture, "film": film}
    text = queries.saved_text_for(request.actor, uid) if uid else None
    return _written(request, MessageForm(*posted(request), actor=request.actor, text=text, **begun))


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def change(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Change a draft, or what waits or is planned: then it is a draft again."""
    found = queries.message_for(request.actor, uid)
    if not _is_theirs(request.actor, found, queries.channels_of(request.actor, found)):
        raise NotPermitted
    return _written(request, MessageForm(*posted(request), actor=request.actor, message=found))


@access("member", *ANSWERS)
@require_POST
def check_post(request: MemberRequest) -> HttpResponse:
    """What must be put right before a post goes out, while it is being written. Nothing is kept."""
    form = MessageForm(request.POST, actor=request.actor)
    checks = queries.checks_of(request.actor, form.everything, kind=screening.Kind.POST)
    page = {"checks": checks, "form": form, "is_fragment": True, **_seen(form)}
    return render(request, "publishing/checks.html", page)


@access("member", *ANSWERS)
@require_POST
def autosave(request: MemberRequest, uid: UUID | None = None) -> HttpResponse:
    """Save a draft while it is being written; says when, or that somebody else has changed it."""
    found = queries.message_for(request.actor, uid) if uid else None
    form = MessageForm(request.POST, actor=request.actor, message=found)
    key, seen = uuid_in(str(form["intent"].value() or "")), str(form["seen_version"].value() or "")
    saved, trouble = None, ""
    if key is not None:
        try:
            saved = actions.autosave_message(
                actor=request.actor, key=key, uid=uid, seen_version=int(seen) if seen.isdigit() else None,
                extras=form.extras(found.card if found else None), begun_from=form.saved_text(), **form.half_written(),
            )  # fmt: skip
        except (Stale, Invalid) as error:
            trouble = str(error)
    page = {"saved": saved, "trouble": trouble, "message": found, "at": now()}
    return render(request, "publishing/autosaved.html", page, status=422 if trouble else 200)


@access("member", *queries.READERS)
@require_GET
def drafts(request: MemberRequest) -> HttpResponse:
    """Drafts, what waits to be approved, what is planned, and what was thrown away."""
    name = request.GET.get("lista", "utkast")
    name = name if name in LISTS else "utkast"
    text, before = request.GET.get("q", "").strip()[:200], request.GET.get("fore", "")
    marked, labels = request.GET.get("etikett", ""), queries.labels(request.actor)
    marked = marked if marked in {str(each.uid) for each in labels} else ""
    found = queries.messages(
        request.actor, LISTS[name][0], text=text, marked=marked,
        before=int(before) if before.isdigit() and len(before) < 19 else None,
    )  # fmt: skip
    parts, marks = queries.channels_of_all(request.actor, found), queries.marks_of_all(request.actor, found)
    page = {
        "rows": [
            {
                "message": each, "parts": parts.get(each.pk, []), "marks": marks.get(each.pk, []),
                "standing": standing_words(each, queries.sent_of(parts.get(each.pk, []))),
            }
            for each in found
        ],
        "held": held_by_rules(request.actor) if name == "vantar" else (),
        "labels": labels, "marked": marked,
        "lists": [{"name": key, "label": label, "current": key == name} for key, (_s, label) in LISTS.items()],
        "name": name, "q": text, "may_post": request.actor.has_anywhere(*ANSWERS),
        "may_set": request.actor.has(Role.COMMUNICATIONS_LEAD),
        "older": found[-1].pk if len(found) == queries.PAGE else "",
    }  # fmt: skip
    return render(request, "publishing/drafts.html", page)


@access("member", *queries.READERS)
@require_GET
def message(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One message: what it says in each channel, how it stands, and what can be done."""
    return shown(request, uid, ReturnForm())


@access("member", *ANSWERS)
@require_POST
def approve(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let out what somebody else wrote."""
    form = ApproveForm(request.POST)
    if done(request, form, lambda: actions.approve_message(actor=request.actor, uid=uid, **form.values)):
        messages.success(request, _("Godkänt. Det går ut som det stod."))
        return redirect("publishing:message", uid)
    return shown(request, uid, ReturnForm(), said=form)


@access("member", *ANSWERS)
@require_POST
def send_back(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Send back what somebody else wrote, with the reasons."""
    form = ReturnForm(request.POST)
    if done(request, form, lambda: actions.return_message(actor=request.actor, uid=uid, **form.values)):
        messages.success(request, _("Skickat tillbaka. Den som skrev får veta varför."))
        return redirect("publishing:drafts")
    return shown(request, uid, form, said=form)


@access("member", *ANSWERS)
@require_POST
def comment(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say something about a message, or ask those who lead communications for advice."""
    form = NoteForm(request.POST)
    act = actions.ask_advice if request.POST.get("do") == "ask" else actions.note_message
    if done(request, form, lambda: act(actor=request.actor, uid=uid, text=form.cleaned_data["text"])):
        asked = _("Frågan är ställd. Du behöver inte vänta på svaret.")
        messages.success(request, asked if act is actions.ask_advice else _("Kommentaren är sparad."))
        return redirect("publishing:message", uid)
    return shown(request, uid, ReturnForm(), said=form, note=form)


@access("member", *ANSWERS)
@require_POST
def throw(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Throw a message away; what is planned never goes out."""
    form = ThrowForm(request.POST)
    seen = form["seen_version"].value()
    act = partial(
        actions.throw_message, actor=request.actor, uid=uid, seen_version=int(seen) if str(seen).isdigit() else None
    )
    if done(request, form, act):
        messages.success(request, _("Slängt. Det går att ta tillbaka ur papperskorgen."))
    return redirect("publishing:message", uid)


@access("member", *ANSWERS)
@require_POST
def bring_back(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Bring back what was thrown away."""
    form = ThrowForm(request.POST)
    if done(request, form, lambda: actions.bring_back_message(actor=request.actor, uid=uid)):
        messages.success(request, _("Det är ett utkast igen."))
    return redirect("publishing:message", uid)


@access("member", *ANSWERS)
@require_POST
def duplicate(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Begin a new draft from a message."""
    form = ThrowForm(request.POST)
    made: list[Message] = []
    if done(request, form, lambda: made.append(actions.duplicate_message(actor=request.actor, uid=uid))):
        messages.success(request, _("Här är en kopia, utan tid."))
        return redirect("publishing:change_message", made[0].uid)
    return redirect("publishing:message", uid)


@access("member", Role.COMMUNICATIONS_LEAD)
@require_http_methods(["GET", "POST"])
def four_eyes(request: MemberRequest) -> HttpResponse:
    """Where somebody else reads a post before it goes out."""
    form = FourEyesForm(*posted(request), actor=request.actor)

    def act() -> None:
        chosen = [form.theirs[uid] for uid in form.cleaned_data["channels"]]
        actions.change_four_eyes(actor=request.actor, everywhere=form.cleaned_data["everywhere"], channels=chosen)

    if done(request, form, act):
        messages.success(request, _("Sparat. Det gäller inlägg som skickas från och med nu."))
        return redirect("publishing:drafts")
    return render(request, "publishing/four_eyes.html", {"form": form}, status=422 if form.is_bound else 200)


# --- Steps ----------------------------------------------------------------------------------------------------------


def _written(request: MemberRequest, form: MessageForm) -> HttpResponse:
    """Save what was written, and let it out unless only a draft is wanted."""
    checks, wants = None, request.POST.get("do")
    sends = wants not in ("save", "shorten")
    if wants in (NEXT, QUEUE):
        fill_in_time(form, is_judged=wants == QUEUE)
        if wants == NEXT:
            return _post_page(request, form, None)
    if form.is_valid():
        checks = queries.checks_of(request.actor, form.everything, kind=screening.Kind.POST)
        if sends:
            planned, purpose = form.cleaned_data["day"], form.cleaned_data["purpose"]
            checks = queries.asking_of_election(request.actor, checks, planned, purpose)
            checks = asking_of_page(request.actor, checks, form.message)
            form.heed(checks)
    if form.is_valid():
        try:
            card = _card(request.actor, form)  # before the transaction: another server is asked
            ready = [(chosen, _cleaned(chosen)) for chosen in form.chosen]  # decoded and scanned before it too
            act = partial(_save, request, form, card, ready, sends=sends)
            made = perform(request.actor, form.cleaned_data["intent"], act)
        except Invalid as error:
            form.refuse(error)
        else:
            if request.POST.get("do") == "shorten":
                return redirect("publishing:change_message", made.uid)
            parts = queries.channels_of(request.actor, made)
            messages.success(request, _told(made, parts))
            only = parts[0].publication if len(parts) == 1 else None
            if only is not None and only.state == State.BY_HAND and not only.is_planned:
                return redirect("publishing:publication", only.uid)  # there is nothing but that to do
            return redirect("publishing:message", made.uid)
    return _post_page(request, form, checks)


def _post_page(request: MemberRequest, form: MessageForm, checks: queries.Checks | None) -> HttpResponse:
    page = {
        "form": form, "checks": checks, "has_channels": bool(form.theirs), "message": form.message,
        "most_pictures": MOST_PICTURES, **_seen(form),
        "may_autosave": form.message is None or form.message.state == MessageState.DRAFT,
    }  # fmt: skip
    return render(request, "publishing/post.html", page, status=422 if form.is_bound and form.errors else 200)


def _card(actor: Actor, form: MessageForm) -> dict[str, Any] | None:
    """Return the card that was asked for, where some channel shows one."""
    if not form.cleaned_data["wants_card"] or not any(queries.shows_cards(channel) for channel, _own in form.said()):
        return None
    return cards.card_for(actor, form.everything, known=form.message.card if form.message else None)


def _cleaned(chosen: Chosen) -> Any:
    try:
        return media.cleaned(chosen.file.read())
    except Invalid as error:
        raise Invalid(str(error), field=chosen.field) from None


def _save(
    request: MemberRequest, form: MessageForm, card: dict[str, Any] | None, ready: Sequence[tuple[Chosen, Any]], *,
    sends: bool,
) -> Message:  # fmt: skip
    actor, wanted = request.actor, form.wanted()
    if request.POST.get("do") == "shorten":
        wanted, links = shorten_links(actor=actor, **wanted)
        tell_of_links(request, links)
    if request.POST.get("do") == QUEUE:
        wanted |= queued_time(form)
    pictures: list[Picture] = [*form.kept_pictures(), *form.picked]
    for chosen, clean in ready:
        try:
            pictures.append(media.add_picture(actor=actor, content=clean, alt=chosen.alt, basis=chosen.basis))
        except Invalid as error:
            raise Invalid(str(error), field=chosen.field) from None
    key: UUID = form.cleaned_data["intent"]
    begun = form.message is None and queries.is_known(actor, key)  # saved while it was written
    uid = form.message.uid if form.message else key if begun else None
    saved = actions.save_message(
        actor=actor, uid=uid, seen_version=None if begun else form.cleaned_data["seen_version"], pictures=pictures,
        new_uid=key, form_key=key, begun_from=form.saved_text(), extras=form.extras(card), **wanted,
    )  # fmt: skip
    name_chosen_page(actor, saved, form)
    return actions.send_message(actor=actor, uid=saved.uid) if sends else saved


def _told(made: Message, parts: Sequence[MessageChannel]) -> str:
    if made.state == MessageState.AWAITING:
        return _("Någon annan läser det först. Det går ut när det är godkänt.")
    if made.state == MessageState.DRAFT:
        return _("Utkastet är sparat.")
    if made.planned_at:
        return _("Inlägget är planerat till %(at)s.") % {"at": full_time(made.planned_at)}
    by_hand = sum(queries.is_by_hand(part.channel, made.film) for part in parts)
    if by_hand == len(parts) == 1:
        return _("Nu publicerar du det för hand. Texten och det som ska göras står här.")
    if by_hand == len(parts):
        return _("Nu publicerar du det för hand. Texten och det som ska göras står under varje kanal.")
    if by_hand:
        return _("Det går ut om en liten stund där Närvaro når fram. I de andra kanalerna publicerar du det för hand.")
    return _("Inlägget går ut om en liten stund. Till dess kan du ångra det.")


def _seen(form: MessageForm) -> dict[str, Any]:
    """Return how what is written stands and looks in each channel, as it is now."""
    extras = form.extras(form.message.card if form.message else None)
    rooms = queries.rooms(form.actor, form.followed(str(form["text"].value() or "")), form.said(), extras)
    return {"rooms": rooms, "previews": previews(rooms, extras, form.shown_pictures())}


def shown(
    request: MemberRequest, uid: UUID, back: ReturnForm, *, said: Any = None, note: NoteForm | None = None,
    how: EvaluationForm | None = None,
) -> HttpResponse:  # fmt: skip
    """Show one message, with the form that was refused where there is one."""
    actor = request.actor
    found = queries.message_for(actor, uid)
    parts = queries.channels_of(actor, found)
    about = queries.said_about(actor, found)
    pictures = about.pictures
    seen = content_hash(queries.content_of(actor, found, parts, pictures))
    may_read = found.state == MessageState.AWAITING and may_approve(
        actor, [part.channel.unit_id for part in parts], (found.written_by_id, found.changed_by_id)
    )
    queries.follow_tries(parts)
    begun = any(map(queries.has_begun, queries.sent_of(parts)))
    theirs = _is_theirs(actor, found, parts)
    if not back.is_bound:
        back = ReturnForm(initial={"seen_hash": seen})
    extras = queries.extras_of(found)
    rooms = queries.rooms(actor, found.text, [(part.channel, part.text) for part in parts], extras)
    decided = about.decisions
    page = {
        "standing": standing_words(found, queries.sent_of(parts)),
        "message": found, "pictures": pictures, "form": said, "may_read": may_read, "back_form": back,
        "rooms": list(zip(parts, rooms, strict=True)), "marks": about.marks,
        "previews": previews(rooms, extras, [Shown(picture_url(row.picture), row.picture.alt) for row in pictures]),
        "extras": extras, "circle": dict(CIRCLES).get(extras.visibility, ""),
        "language": dict(LANGUAGES).get(extras.language, ""),
        "approve_form": ApproveForm(initial={"seen_hash": seen}),
        "notes": about.notes, "note_form": note or NoteForm(auto_id="note-%s"),
        "may_ask": theirs and found.state in (MessageState.DRAFT, MessageState.AWAITING),
        "throw_form": ThrowForm(version=found.version), "may_change": theirs and not begun,
        "may_copy": actor.has_anywhere(*ANSWERS), "is_thrown": found.state == MessageState.THROWN,
        "returned": decided[0] if decided and decided[0].outcome == "sent_back" and found.state == MessageState.DRAFT
        else None,
        **shown_evaluation(actor, found, parts, how),
        **shown_about(found, about, is_theirs=theirs), "versions": about.versions,
        "history": audit.timeline_of(about.history),
    }  # fmt: skip
    return render(request, "publishing/message.html", page, status=422 if said else 200)


def uuid_in(text: str) -> UUID | None:
    """Return the uid that an address or a form names, None for none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _is_theirs(actor: Actor, found: Message, parts: Sequence[MessageChannel]) -> bool:
    if actor.person_id is not None and found.written_by_id == actor.person_id:
        return True
    return any(queries.is_theirs(actor, part.channel) for part in parts)
