"""Handing over channels, what would stand bare if somebody left, and one's own channels."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.channels import queries, rules
from narvaro.channels.actions import continuity as actions
from narvaro.channels.keeping_forms import FindPersonForm, HandOverForm, PressForm
from narvaro.channels.queries import continuity as reads
from narvaro.channels.rules import continuity
from narvaro.channels.types import NOT_BEGUN
from narvaro.channels.views import showing
from narvaro.core import queries as core
from narvaro.core import spreadsheet
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, perform, posted
from narvaro.core.types import NotPermitted, Role

if TYPE_CHECKING:
    from narvaro.channels.models import Channel


@access("member")
@require_GET
def mine(request: MemberRequest) -> HttpResponse:
    """The channels of the units that one leads, with all units under them, and those where one is named."""
    actor = request.actor
    found = reads.channels_looked_after(actor)
    around = reads.around(actor, found)
    lacks = queries.lacks(actor, found, left=around.gone)
    units: dict[str, list[dict[str, Any]]] = {}
    for channel in found:
        units.setdefault(channel.unit.name, []).append({
            "channel": channel, "lacks": showing.lacks_shown(
                lacks.get(channel.pk, []), channel.uid, may_change=rules.may_register(actor, channel.unit_id)
            ),
            "bare": "" if channel.state in NOT_BEGUN else continuity.exposed(around.exposures[channel.pk]),
            "incident": around.incidents.get(channel.pk),
        })  # fmt: skip
    leads = actor.has_anywhere(Role.UNIT_MANAGER)
    page = {
        "units": units, "left": around.gone, "leads": leads, "press_form": PressForm(),
        "is_letter_wanted": leads and not around.declines_letter,
    }  # fmt: skip
    return render(request, "channels/mine.html", page)


@access("member", Role.UNIT_MANAGER)
@require_POST
def choose_letter(request: MemberRequest) -> HttpResponse:
    """Switch the letter of the month on or off."""
    form, is_wanted = PressForm(request.POST), request.POST.get("brev") == "ja"
    if form.is_valid():
        act = partial(actions.choose_monthly_letter, actor=request.actor, is_wanted=is_wanted)
        perform(request.actor, form.cleaned_data["intent"], act)
        messages.success(
            request, _("Månadsbrevet kommer igen.") if is_wanted else _("Du får inget månadsbrev.")
        )  # fmt: skip
    return redirect("channels:mine")


@access("member", *rules.REGISTERS, Role.AUDITOR)
@require_GET
def tomorrow(request: MemberRequest) -> HttpResponse:
    """What channels would stand without if one of their people left; as a file with `?fil=csv`."""
    units = reads.if_somebody_left(request.actor, reads.units_led(request.actor))
    if request.GET.get("fil") == "csv":
        return _tomorrow_file(units)
    page = {
        "units": units,
        "count": sum(len(each.stands) for each in units),
        "bare": sum(len(each.bare) for each in units),
    }
    return render(request, "channels/tomorrow.html", page)


def _tomorrow_file(units: list[reads.UnitStands]) -> HttpResponse:
    words = {
        continuity.Bare.FINE: _("klarar sig"), continuity.Bare.IF_ONE_LEAVES: _("skulle saknas"),
        continuity.Bare.NOW: _("saknas nu"),
    }  # fmt: skip
    heads = [_("Enhet"), _("Kanal"), _("Någon som svarar"), _("Någon som når lösenordet"), _("Andra administratör")]
    lines = [spreadsheet.MARK + spreadsheet.line(heads)]
    lines += [
        spreadsheet.line([
            each.unit.name, stand.channel.name, words[stand.exposure.answers], words[stand.exposure.password],
            words[stand.exposure.administrator],
        ])
        for each in units
        for stand in each.stands
    ]  # fmt: skip
    response = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="om-nagon-slutade-i-morgon.csv"'
    return response


@access("member", *rules.REGISTERS)
@require_GET
def vacancies(request: MemberRequest) -> HttpResponse:
    """Places that stand empty, and whose hand-over to open."""
    actor = request.actor
    form = FindPersonForm(request.GET or None, people=core.people(actor))
    if form.is_valid():
        return redirect("channels:hand_over", form.cleaned_data["person"])
    page = {
        "form": form,
        "rows": [(vacancy, _why(vacancy.why)) for vacancy in reads.vacancies(actor)],
    }
    return render(request, "channels/vacancies.html", page)


@access("member")
@require_http_methods(["GET", "POST"])
def hand_over(request: MemberRequest, uid: UUID) -> HttpResponse:
    """What one person hands over, and giving the channels to somebody else: one, some or all of them."""
    actor, people = request.actor, core.people(request.actor)
    person = next((each for each in people if each.uid == uid), None) or core.member_for(actor, uid)
    over = reads.hand_over(actor, person, people)
    changeable = [c for c in over.channels if rules.may_register(actor, c.unit_id)]
    form = HandOverForm(posted(request)[0], channels=changeable, people=people, leaving=person)

    def act() -> list[Channel]:
        chosen = queries.channels_by_id(actor, form.chosen)
        return actions.hand_over_channels(
            actor=actor, person=person, channels=[chosen[pk] for pk in form.chosen], to=form.person
        )

    if form.is_bound and not changeable:
        raise NotPermitted
    if done(request, form, act):
        messages.success(request, _("Kanalerna har en ny person. Den som tog över ser det under Mina kanaler."))
        return redirect("channels:hand_over", uid)
    page = {
        "person": person, "over": over, "is_me": actor.is_person(person),
        "rows": [
            {
                "channel": channel, "is_responsible": channel.responsible_id == person.pk,
                "other": over.others[channel.pk], "may_change": channel in changeable,
                "press_form": PressForm(auto_id=f"p{channel.pk}-%s"),
            }
            for channel in over.channels
        ],
        "may_change": bool(changeable),
    }  # fmt: skip
    return showing.formed(request, "channels/hand_over.html", form, **page)


def _why(why: str) -> str:
    return {
        continuity.Why.LEFT.value: _("har slutat"), continuity.Why.MOVED.value: _("har bytt enhet"),
        continuity.Why.AWAY.value: _("är borta"),
    }[why]  # fmt: skip
