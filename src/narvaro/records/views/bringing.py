"""Bringing in what no connector reads: archives, pasted threads, screenshots, e-mail, what we published ourselves."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from narvaro.base.ids import uuid7
from narvaro.channels import queries as channels
from narvaro.channels.types import ChannelState
from narvaro.connectors import archives
from narvaro.connectors.manual import Draft, split_email, split_pasted
from narvaro.connectors.manual.mail import MAX_MAIL_BYTES, MailError
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import perform, posted
from narvaro.core.rules import may_read_records
from narvaro.core.types import Invalid, NotFound, NotPermitted, Replayed
from narvaro.records import actions, queries, rules, uploads
from narvaro.records.actions.manual import MOST_ITEMS, HandPicture
from narvaro.records.import_forms import ArchiveForm, PasteForm, PublishedForm, ThreadForm, rows_of, without
from narvaro.records.types import WorkState

if TYPE_CHECKING:
    from narvaro.channels.models import Channel


@access("member")
@require_http_methods(["GET", "POST"])
def start(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Upload a channel's archive, and see what became of earlier ones."""
    channel = _open_channel(request, uid)
    if channel.platform not in archives.platforms():
        raise NotFound
    if not _may_import(request, channel):
        raise NotPermitted
    form = ArchiveForm(*posted(request))
    if form.is_valid():
        try:
            asked = _uploaded(request, channel, form)
        except Invalid as error:
            form.refuse(error)
        else:
            return redirect("imports:import", asked)
    page = {"form": form, "channel": channel, "earlier": queries.imports_of(request.actor, channel)}
    return render(request, "records/import.html", page, status=422 if form.is_bound else 200)


@access("member")
@require_GET
def one_import(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One import: how far it has come, what it led to, and what the export lacks."""
    asked = queries.import_for(request.actor, uid)
    if not _may_import(request, asked.channel):
        raise NotPermitted
    token = f"{asked.state}:{asked.done}:{asked.total}"
    if request.GET.get("token") == token:
        return HttpResponse(status=204)
    page = {
        "asked": asked,
        "channel": asked.channel,
        "token": token,
        "is_going": asked.state in (WorkState.WAITING, WorkState.RUNNING),
        "report": asked.report,
    }
    return render(request, "records/import_state.html", page)


@access("member")
@require_http_methods(["GET", "POST"])
def paste(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Paste a thread, give screenshots or a forwarded e-mail; look the parts through; keep them."""
    channel = _open_channel(request, uid)
    if not rules.may_bring_in(request.actor):
        raise NotPermitted
    if request.method == "POST" and "part-0-text" in request.POST:
        return _looked_through(request, channel)
    form = PasteForm(*posted(request))
    if form.is_valid():
        try:
            return _split(request, channel, form)
        except Invalid as error:
            form.refuse(error)
    page = {"form": form, "channel": channel}
    return render(request, "records/paste.html", page, status=422 if form.is_bound else 200)


@access("member")
@require_http_methods(["GET", "POST"])
def published(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Register what we published ourselves, with its link."""
    channel = _open_channel(request, uid)
    if not rules.may_bring_in(request.actor):
        raise NotPermitted
    form = PublishedForm(*posted(request))
    if form.is_valid():
        register = partial(actions.register_published, actor=request.actor, channel=channel, **form.values)
        try:
            item = perform(request.actor, form.cleaned_data["intent"], register)
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("Inlägget är bevarat som allmän handling."))
            return _to_record(request, channel, item)
    page = {"form": form, "channel": channel}
    return render(request, "records/published.html", page, status=422 if form.is_bound else 200)


def _uploaded(request: MemberRequest, channel: Channel, form: ArchiveForm) -> UUID:
    """Put the upload in its place, and ask for it to be taken in; nothing is left when that is refused."""
    given, uid = form.cleaned_data["archive"], uuid7()
    size = uploads.put(uid, given.chunks())
    ask = partial(
        actions.request_import, actor=request.actor, channel=channel, uid=uid, file_name=given.name or "",
        size_bytes=size, from_other_account=form.cleaned_data["from_other_account"],
    )  # fmt: skip
    try:
        perform(request.actor, form.cleaned_data["intent"], ask)
    except (Invalid, NotPermitted, Replayed):
        uploads.remove(uid)
        raise
    return uid


def _split(request: MemberRequest, channel: Channel, form: PasteForm) -> HttpResponse:
    wanted = form.cleaned_data
    drafts = _mailed(wanted["mail"]) if wanted["mail"] else split_pasted(wanted["text"])
    if len(drafts) > MOST_ITEMS:
        raise Invalid(
            _("Tråden blev %(n)s delar. Klistra in den i omgångar om högst %(most)s, med samma länk varje gång.")
            % {"n": len(drafts), "most": MOST_ITEMS},
            field="text",
        )
    pictures: list[HandPicture] = [
        actions.store_screenshot(actor=request.actor, content=given.read(), name=(given.name or "")[:100])
        for given in wanted["pictures"]
    ]
    thread = ThreadForm(
        actor=request.actor, rows=rows_of(drafts), pictures=pictures,
        initial={"link": wanted["link"], "is_private": wanted["is_private"], "is_mail": bool(wanted["mail"])},
    )  # fmt: skip
    return _parts(request, channel, thread)


def _mailed(given: Any) -> list[Draft]:
    try:
        return split_email(given.read(MAX_MAIL_BYTES + 1))
    except MailError as error:
        raise Invalid(str(error), field="mail") from None


def _looked_through(request: MemberRequest, channel: Channel) -> HttpResponse:
    """Add or take away a part as the person asked, or keep the thread."""
    wish, _colon, place = request.POST.get("do", "keep").partition(":")
    if wish == "keep":
        return _keep(request, channel)
    rows = ThreadForm(request.POST, actor=request.actor).rows
    removed = None
    if wish == "add" and len(rows) < MOST_ITEMS:
        rows = [*rows, {"author": "", "text": "", "published_at": "", "parent": "", "is_own": ""}]
    elif wish == "remove" and place.isdigit() and int(place) < len(rows) and len(rows) > 1:
        removed = int(place)
        rows = without(rows, removed)
    return _parts(request, channel, ThreadForm(request.POST, actor=request.actor, rows=rows, removed=removed))


def _keep(request: MemberRequest, channel: Channel) -> HttpResponse:
    form = ThreadForm(request.POST, actor=request.actor, is_new=False)
    if form.is_valid():
        keep = partial(
            actions.capture_by_hand, actor=request.actor, channel=channel, items=form.items(),
            pictures=form.kept_pictures(), link=form.cleaned_data["link"],
            is_private=form.cleaned_data["is_private"], is_mail=form.cleaned_data["is_mail"],
        )  # fmt: skip
        try:
            kept = perform(request.actor, form.cleaned_data["intent"], keep)
        except Invalid as error:
            form.refuse(error)
        else:
            count = len(kept)
            said = ngettext(
                "En del är bevarad som allmän handling.", "%(n)s delar är bevarade som allmänna handlingar.", count
            )
            messages.success(request, said % {"n": count})
            return _to_record(request, channel, kept[0])
    return _parts(request, channel, form, status=422)


def _parts(request: MemberRequest, channel: Channel, form: ThreadForm, *, status: int = 200) -> HttpResponse:
    page = {"form": form, "channel": channel, "can_add": len(form.rows) < MOST_ITEMS, "can_remove": len(form.rows) > 1}
    return render(request, "records/parts.html", page, status=status)


def _to_record(request: MemberRequest, channel: Channel, item: Any) -> HttpResponse:
    """To the record, or to the channel for those who may bring in but not read."""
    if may_read_records(request.actor) and item.visibility != "private":
        return redirect("records:record", item.uid)
    return redirect("channels:channel", channel.uid)


def _open_channel(request: MemberRequest, uid: UUID) -> Channel:
    channel = channels.channel_for(request.actor, uid)
    if channel.state == ChannelState.CLOSED:
        raise NotPermitted(_("Kanalen är avslutad."))
    return channel


def _may_import(request: MemberRequest, channel: Channel) -> bool:
    return rules.may_import(request.actor, responsible_ids=(channel.responsible_id, channel.deputy_id))
