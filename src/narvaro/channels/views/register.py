"""Which channels there are and how they stand."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.base import platforms
from narvaro.channels import actions, queries, rules
from narvaro.channels.forms import AddForm, CardForm, ChangeForm, ReadForm
from narvaro.channels.life_forms import CloseForm
from narvaro.channels.queries import checking
from narvaro.channels.rules import security
from narvaro.channels.types import NOT_BEGUN, ChannelState
from narvaro.channels.views import conversing, showing
from narvaro.connectors import archives
from narvaro.core import audit, spreadsheet
from narvaro.core import rules as house
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, perform, posted
from narvaro.core.types import Invalid, NotPermitted

if TYPE_CHECKING:
    from narvaro.channels.models import Channel


@access("member")
@require_GET
def channels(request: MemberRequest) -> HttpResponse:
    """Every channel with who answers for it, how its connection stands and how far it is read."""
    is_closed_shown = request.GET.get("avslutade") == "ja"
    readings = queries.readings(request.actor)
    found = queries.registered(request.actor, include_closed=is_closed_shown)
    left = queries.people_who_left(request.actor, found)
    page = {
        "left": left,
        "rows": [(channel, showing.standing(channel, readings[channel.pk])) for channel in found],
        "may_add": rules.may_register(request.actor),
        "is_closed_shown": is_closed_shown,
    }
    return render(request, "channels/channels.html", page)


@access("member")
@require_GET
def lacking(request: MemberRequest) -> HttpResponse:
    """What every channel in use still lacks, most urgent first, with who can mend it; as a file with `?fil=csv`."""
    found = queries.registered(request.actor)
    lacks = queries.lacks(request.actor, found)
    rows = [(channel, lack) for channel in found for lack in lacks[channel.pk]]
    rows.sort(key=lambda row: (row[1].due, row[0].name))
    if request.GET.get("fil") == "csv":
        return _lacking_file(rows)
    page = {
        "rows": [
            {"channel": channel, "lack": showing.lacks_shown(
                [lack], channel.uid, may_change=rules.may_register(request.actor, channel.unit_id)
            )[0]}
            for channel, lack in rows
        ],
        "may_set": house.may_change_setup(request.actor),
        "whole": [channel for channel in found if not lacks[channel.pk]],
    }  # fmt: skip
    return render(request, "channels/lacking.html", page)


def _lacking_file(rows: list[tuple[Channel, rules.Lack]]) -> HttpResponse:
    heads = [_("Kanal"), _("Enhet"), _("Ansvarig"), _("Det som återstår"), _("Senast")]
    lines = [spreadsheet.MARK + spreadsheet.line(heads)]
    lines += [
        spreadsheet.line([
            channel.name, channel.unit.name, channel.responsible.name, lack.text, lack.due.isoformat()
        ])
        for channel, lack in rows
    ]  # fmt: skip
    response = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="kanaler-det-som-aterstar.csv"'
    return response


@access("member", *rules.REGISTERS)
@require_http_methods(["GET", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """A new channel in one short form, then straight to connecting it."""
    form = AddForm(*posted(request), actor=request.actor)
    if form.is_valid():
        try:
            channel = perform(request.actor, form.cleaned_data["intent"], form.act)
        except Invalid as error:
            form.refuse(error)
        else:
            if rules.is_by_hand(channel.platform, channel.remote_id):
                messages.success(request, _("Kanalen står i registret. Det som skrivs där lägger ni in för hand."))
                return redirect("channels:channel", channel.uid)
            messages.success(request, _("Kanalen står i registret. Anslut den, så läses den in."))
            return redirect("channels:connect", channel.uid)
    return showing.formed(request, "channels/add.html", form)


@access("member")
@require_GET
def channel(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One channel: what it is, how it stands, what is next and who can do it, its people and its history."""
    found = queries.channel_for(request.actor, uid)
    overview = queries.overview(request.actor, found)
    may_change = rules.may_register(request.actor, found.unit_id) and found.state != ChannelState.CLOSED
    lacks = queries.lacks(request.actor, [found], papers=overview.papers, left=overview.left).get(found.pk, [])
    card = overview.papers.cards.get(found.pk)
    page = {
        "channel": found,
        "reading": overview.reading,
        "standing": showing.standing(found, overview.reading),
        "is_by_hand": rules.is_by_hand(found.platform, found.remote_id),
        "has_archive": found.platform in archives.platforms(),
        "facts": platforms.platform(found.platform),
        "transfer": showing.TRANSFERS[platforms.platform(found.platform).transfer],
        "check": checking.check_of(request.actor, found),
        "said": overview.said,
        "card": showing.card_facts(card),
        "lacks": showing.lacks_shown(lacks, found.uid, may_change=may_change),
        "is_stopped": any(lack.stops for lack in lacks),
        "steps": showing.steps(request.actor, found, lacks),
        "menders": "" if may_change or not lacks else _(" eller ").join(queries.menders(request.actor, found.unit_id)),
        "able": showing.able(overview.reading),
        "private": conversing.standing_of(found, overview.reading, may_change=may_change),
        "holder": showing.holder(found, overview),
        "left": overview.left,
        "read_form": ReadForm(),
        "may_change": may_change,
        "may_post": showing.may_connect(request.actor, found) and not rules.is_by_hand(found.platform, found.remote_id),
        "may_keep": showing.may_connect(request.actor, found),
        "may_open_incident": security.may_work_on_incident(request.actor),
        "may_connect": showing.may_connect(request.actor, found) and rules.may_be_connected(found.platform),
        "is_open": found.state != ChannelState.CLOSED,
        "has_begun": found.state not in NOT_BEGUN,
        "history": [
            {"at": entry.at, "who": audit.who(entry), "text": audit.sentence(entry.verb), "detail": entry.why}
            for entry in overview.history
        ],
    }
    return render(request, "channels/channel.html", page)


@access("member")
@require_http_methods(["GET", "POST"])
def change(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Change a channel's name, unit, people, purpose, watch group or answering goal."""
    return _changed(request, uid, ChangeForm, "channels/change.html", _("Ändringen är sparad."))


@access("member")
@require_http_methods(["GET", "POST"])
def card(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Fill in what the register tells of a channel, to anybody and to those who work here."""
    return _changed(request, uid, CardForm, "channels/card.html", _("Kanalens kort är sparat."))


def _changed(
    request: MemberRequest, uid: UUID, kind: type[ChangeForm | CardForm], template: str, said: str
) -> HttpResponse:  # fmt: skip
    """Show a form about a channel to whoever registers it, and act on it when it comes back right."""
    found = queries.channel_for(request.actor, uid)
    if not rules.may_register(request.actor, found.unit_id):
        raise NotPermitted
    form = kind(*posted(request), actor=request.actor, channel=found)
    if done(request, form, form.act):
        messages.success(request, said)
        return redirect("channels:channel", uid)
    return showing.formed(request, template, form, channel=found)


@access("member")
@require_http_methods(["GET", "POST"])
def close(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Close a channel, with a reason; everything kept stays (P14)."""
    found = queries.channel_for(request.actor, uid)
    if not rules.may_register(request.actor, found.unit_id) or found.state == ChannelState.CLOSED:
        raise NotPermitted
    form = CloseForm(*posted(request))
    if done(request, form, lambda: actions.close_channel(
        actor=request.actor, channel=found, why=form.cleaned_data["why"]
    )):  # fmt: skip
        messages.success(request, _("Kanalen är avslutad. Allt som är bevarat finns kvar."))
        return redirect("channels:channel", uid)
    return showing.formed(request, "channels/close.html", form, channel=found)


@access("member")
@require_POST
def read_now(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let a channel be read at once."""
    found = queries.channel_for(request.actor, uid)
    form = ReadForm(request.POST)
    if form.is_valid():
        act = partial(actions.read_soon, actor=request.actor, channel=found)
        if perform(request.actor, form.cleaned_data["intent"], act):
            messages.success(request, _("Kanalen läses om några sekunder."))
        else:
            messages.error(request, _("Kanalen kan inte läsas förrän den är ansluten."))
    return redirect("channels:channel", uid)
