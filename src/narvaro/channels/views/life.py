"""The steps of a channel's life, each a short page of its own, and what the authority asks of its channels."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from narvaro.channels import actions, queries, rules
from narvaro.channels.actions import trying
from narvaro.channels.life_forms import (
    BeginClosingForm,
    DecideForm,
    GateForm,
    KeepForm,
    OpenForm,
    RestForm,
    StepForm,
)
from narvaro.channels.views import showing
from narvaro.core import rules as house
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.types import NotPermitted, Role

if TYPE_CHECKING:
    from narvaro.channels.models import Channel


@access("member", Role.COMMUNICATIONS_LEAD)
@require_http_methods(["GET", "POST"])
def approve(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let communications say that a channel may be started, where that is asked for."""
    found = queries.channel_for(request.actor, uid)
    form = StepForm(*posted(request), channel=found)
    return _step(
        request, found, form, lambda: actions.approve_channel(actor=request.actor, channel=found),
        title=_("Godkänn"), lead=_("Enhetens chef kan därefter besluta om kanalen."), said=_("Kanalen är godkänd."),
    )  # fmt: skip


@access("member")
@require_http_methods(["GET", "POST"])
def decide(request: MemberRequest, uid: UUID) -> HttpResponse:
    """The one decision about a channel."""
    found = queries.channel_for(request.actor, uid)
    if not rules.may_decide(request.actor, found.unit_id):
        raise NotPermitted
    form = DecideForm(*posted(request), channel=found)
    return _step(
        request, found, form,
        lambda: actions.take_decision(
            actor=request.actor, channel=found, seen_version=form.cleaned_data["seen_version"], **form.values
        ),
        title=_("Besluta om kanalen"),
        lead=_("Beslutet ger den ansvariga och ersättaren deras uppdrag. Kommunikationsavdelningen har fått veta."),
        button=_("Besluta"), said=_("Kanalen är beslutad."),
    )  # fmt: skip


@access("member")
@require_http_methods(["GET", "POST"])
def open_it(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Begin to use a decided channel; what still stops it stands on the page."""
    found = queries.channel_for(request.actor, uid)
    if not rules.may_open(request.actor, found.responsible_id, found.deputy_id, found.unit_id):
        raise NotPermitted
    form = OpenForm(*posted(request), channel=found)
    stopping = [lack for lack in queries.lacks(request.actor, [found]).get(found.pk, []) if lack.stops]
    return _step(
        request, found, form,
        lambda: actions.open_channel(
            actor=request.actor, channel=found, seen_version=form.cleaned_data["seen_version"], **form.found_account
        ),
        title=_("Ta kanalen i drift"), lead=_("Från nu räknas frister, och kanalen syns för alla bland era kanaler."),
        button=_("Ta i drift"), said=_("Kanalen är i drift. Anslut den, så läses den in."),
        stopping=showing.lacks_shown(stopping, found.uid, may_change=rules.may_register(request.actor, found.unit_id)),
    )  # fmt: skip


@access("member")
@require_http_methods(["GET", "POST"])
def rest(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let a channel rest, with a reason."""
    found = _led(request, uid)
    form = RestForm(*posted(request), channel=found)
    return _step(
        request, found, form, lambda: actions.rest_channel(actor=request.actor, channel=found, **form.values),
        title=_("Låt kanalen vila"), lead=_("Inget nytt går ut. Det som kommer in läses, bevakas och besvaras."),
        said=_("Kanalen vilar."),
    )  # fmt: skip


@access("member")
@require_http_methods(["GET", "POST"])
def keep(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say that a silent channel has been tried and is kept, why, and until when."""
    found = _led(request, uid)
    form = KeepForm(*posted(request), channel=found)
    return _step(
        request, found, form,
        lambda: trying.keep_channel(
            actor=request.actor, channel=found, seen_version=form.cleaned_data["seen_version"], **form.values
        ),
        title=_("Prövad, behålls"),
        lead=_("Kanalen har varit tyst länge. Behövs den inte kan den i stället vila eller avslutas."),
        button=_("Behåll kanalen"), said=_("Kanalen behålls. Den behöver inte prövas igen före dagen ni valde."),
    )  # fmt: skip


@access("member")
@require_http_methods(["GET", "POST"])
def wake(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Use a resting channel again."""
    found = _led(request, uid)
    form = StepForm(*posted(request), channel=found)
    return _step(
        request, found, form, lambda: actions.wake_channel(actor=request.actor, channel=found),
        title=_("Väck kanalen"), lead=_("Egna inlägg kan gå ut igen."), said=_("Kanalen är i drift igen."),
    )  # fmt: skip


@access("member")
@require_http_methods(["GET", "POST"])
def begin_closing(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Begin to close a channel, with a reason."""
    found = queries.channel_for(request.actor, uid)
    if not rules.may_decide(request.actor, found.unit_id):
        raise NotPermitted
    form = BeginClosingForm(*posted(request), channel=found)
    return _step(
        request, found, form, lambda: actions.begin_closing(actor=request.actor, channel=found, **form.values),
        title=_("Börja avsluta kanalen"),
        lead=_("Tala om det för dem som följer kanalen. Den läses och bevakas tills den är avslutad."),
        button=_("Börja avsluta"), said=_("Kanalen är under avslut."),
    )  # fmt: skip


@access("member", *house.ADMINISTRATION)
@require_http_methods(["GET", "POST"])
def gate(request: MemberRequest) -> HttpResponse:
    """What is asked of a channel before something new of ours goes out there, and how strictly."""
    may_change = house.may_change_setup(request.actor)
    found = queries.gate_of(request.actor)
    form = GateForm(*posted(request), gate=found)
    if request.method == "POST" and not may_change:
        raise NotPermitted
    if done(request, form, lambda: actions.change_gate(
        actor=request.actor, seen_version=form.cleaned_data["seen_version"], **form.chosen
    )):  # fmt: skip
        messages.success(request, _("Sparat. Det gäller alla kanaler från nu."))
        return redirect("channels:gate")
    return showing.formed(request, "channels/gate.html", form, may_change=may_change)


def _led(request: MemberRequest, uid: UUID) -> Channel:
    found = queries.channel_for(request.actor, uid)
    if not rules.may_open(request.actor, found.responsible_id, found.deputy_id, found.unit_id):
        raise NotPermitted
    return found


def _step(
    request: MemberRequest, found: Channel, form: StepForm, act: Callable[[], Any], *, title: str, lead: str,
    said: str, button: str = "", **page: Any,
) -> HttpResponse:  # fmt: skip
    if done(request, form, act):
        messages.success(request, said)
        return redirect("channels:channel", found.uid)
    page |= {"channel": found, "title": title, "lead": lead, "button": button or title}
    return showing.formed(request, "channels/step.html", form, **page)
