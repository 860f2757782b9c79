"""Pages of oversight: today's rounds, what stood too long, how often channels are looked over, and crisis mode."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.core import queries as core
from narvaro.core import spreadsheet
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import ActingForm, done
from narvaro.core.forms.acting import offer
from narvaro.core.types import ANSWERS, READS_ALL, Role
from narvaro.moderation import actions, rounds, rules
from narvaro.moderation import oversight as reads
from narvaro.moderation.forms import CrisisForm, EndCrisisForm, LookedForm, ScheduleForm
from narvaro.publishing import queries as publishing

if TYPE_CHECKING:
    from narvaro.moderation.models import Crisis, Round

LEADS = (Role.UNIT_MANAGER, Role.COMMUNICATIONS_LEAD)
SHOWN = 25
MOST_FORMS = 60  # a page holds so many channels with a button of their own; the rest have the one for all


@access("member", *READS_ALL)
@require_GET
def oversight(request: MemberRequest) -> HttpResponse:
    """Today's rounds, what waits, what stood too long, and the log of rounds."""
    actor, before = request.actor, _key(request.GET.get("fore"))
    found = reads.overseen(actor)
    listed = reads.rounds_listed(actor, before=before, limit=SHOWN)
    may_act = rules.may_moderate(actor)
    weeks = reads.by_week(actor)
    clocks, moment = reads.clocks(actor), now()
    page = {
        "channels": [
            (one, LookedForm() if may_act and place < MOST_FORMS else None) for place, one in enumerate(found)
        ],
        "waiting": sum(one.waits for one in found),
        "next_at": min((slot.at for one in found for slot in one.slots if slot.state == "ahead"), default=None),
        "mine": sum(one.is_mine for one in found),
        "mine_form": LookedForm(),
        "may_act": may_act,
        "may_lead": rounds.may_lead(actor),
        "overdue": [one for one in clocks if (one.gone_at or moment) > one.due_at],
        "in_time": [one for one in clocks if one.gone_at is None and moment <= one.due_at],
        "rounds": listed,
        "older_from": listed[-1].pk if len(listed) == SHOWN else None,
        "weeks": _bars(weeks),
        "weeks_words": _weeks_words(weeks),
        "weeks_heads": [_("Vecka"), _("I tid")],
    }
    return render(request, "moderation/oversight.html", page)


@access("member", *ANSWERS)
@require_POST
def looked_over(request: MemberRequest, uid: UUID | None = None) -> HttpResponse:
    """Say that one channel, or all of one's own, are looked over."""
    form = LookedForm(request.POST)
    counts: list[int] = []
    if done(request, form, lambda: counts.append(actions.say_looked_over(actor=request.actor, channel_uid=uid))):
        said = ngettext(
            "Antecknat: du har sett över en kanal.", "Antecknat: du har sett över %(count)d kanaler.", counts[0]
        )
        messages.success(request, said % {"count": counts[0]})
    else:
        for sentence in form.non_field_errors():
            messages.error(request, str(sentence))
    return redirect("moderation:oversight")


@access("member", *LEADS)
@require_http_methods(["GET", "POST"])
def schedule(request: MemberRequest, uid: UUID | None = None) -> HttpResponse:
    """How often channels are looked over: one with its own way, or all others."""
    actor = request.actor
    channel = channels.channel_for(actor, uid) if uid else None
    row, shared = reads.schedule_of(actor, channel), reads.schedule_of(actor, None)
    rhythm = reads.rhythm_of(row or shared)
    begun = {
        "rounds_a_day": rhythm.rounds_a_day, "rounds_in_crisis": rhythm.rounds_in_crisis,
        "on_days_off": rhythm.on_days_off, "removal_hours": rhythm.removal_hours,
    }  # fmt: skip
    form = ScheduleForm(request.POST or None, version=row.version if row else 0, initial=begun)
    if done(request, form, lambda: actions.change_schedule(
        actor=actor, channel=channel, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Sparat. Det gäller från och med nu."))
        return redirect("moderation:oversight")
    page = {
        "form": form, "channel": channel, "is_own": row is not None and channel is not None,
        "decided_in": shared.decided_in if shared else "",
        "own": reads.own_schedules(actor), "channels": [] if channel else channels.channels(actor),
    }  # fmt: skip
    return render(request, "moderation/schedule.html", page, status=422 if form.is_bound else 200)


@access("member", *READS_ALL)
@require_GET
def rounds_file(request: MemberRequest) -> HttpResponse:
    """Every round as a file for a spreadsheet: UTF-8 with a mark, semicolons, no cell that a spreadsheet would run."""
    found = reads.every_round(request.actor)
    first = next(found, None)  # refused before the first byte is sent
    rows = _lines(first, found)
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="uppsiktsrundor.csv"'
    return cast("HttpResponse", response)


@access("member", *READS_ALL)
@require_http_methods(["GET", "POST"])
def crises(request: MemberRequest) -> HttpResponse:
    """Crisis mode: what goes on, how it is begun, and how it was before."""
    actor = request.actor
    form = _crisis_form(request, request.POST or None)
    if done(request, form, lambda: actions.start_crisis(
        actor=actor, why=form.values["why"], channel_uid=form.values["channel"] or None, freezes=form.values["freezes"],
        asks_approval=form.values["asks_approval"], approver_uid=form.values["approver"] or None,
    )):  # fmt: skip
        messages.success(request, _("Krisläget gäller nu. Kollegorna har fått ett brev."))
        return redirect("moderation:crises")
    return _crises(request, form=form)


@access("member", *LEADS)
@require_POST
def end_crisis(request: MemberRequest, uid: UUID) -> HttpResponse:
    """End a crisis mode."""
    crisis = reads.crisis_for(request.actor, uid)
    form = EndCrisisForm(request.POST, prefix=f"c{crisis.pk}")
    if done(request, form, lambda: actions.end_crisis(
        actor=request.actor, uid=uid, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Krisläget är avslutat. Kanalerna ses över som vanligt."))
        return redirect("moderation:crises")
    return _crises(request, ending=(crisis, form))


def _crises(
    request: MemberRequest, *, form: ActingForm | None = None, ending: tuple[Crisis, ActingForm] | None = None
) -> HttpResponse:
    actor = request.actor
    found = reads.crises(actor)
    refused = ending[1] if ending else form if form is not None and form.is_bound else None
    start = form or _crisis_form(request)
    running = [
        (
            one,
            ending[1] if ending and ending[0].pk == one.pk else EndCrisisForm(prefix=f"c{one.pk}", version=one.version),
        )
        for one in found
        if one.ended_at is None
    ]
    page = {
        "running": running, "ended": [one for one in found if one.ended_at is not None], "start_form": start,
        "form": refused, "may_lead": rounds.may_lead(actor), "awaiting": len(publishing.awaiting(actor)),
    }  # fmt: skip
    return render(request, "moderation/crises.html", page, status=422 if refused is not None else 200)


def _crisis_form(request: MemberRequest, posted: Any = None) -> CrisisForm:
    actor, form = request.actor, CrisisForm(posted)
    offer(form, "channel", [("", _("Alla kanaler")), *((str(one.uid), one.name) for one in channels.channels(actor))])
    people = core.people_with(actor, *ANSWERS) if rounds.may_lead(actor) else []
    offer(form, "approver", [("", _("Kommunikationsansvarig")), *((str(one.uid), one.name) for one in people)])
    return form


def _bars(weeks: list[tuple[Any, int, int, int]]) -> list[tuple[str, float, str]]:
    return [
        (
            _("Vecka %(week)d") % {"week": monday.isocalendar().week},
            100 * good / due,
            _("%(good)d av %(due)d") % {"good": good, "due": due},
        )
        for monday, due, good, _never in weeks
    ]


def _weeks_words(weeks: list[tuple[Any, int, int, int]]) -> str:
    due, good, never = (sum(week[place] for week in weeks) for place in (1, 2, 3))
    said = _("De senaste veckorna gjordes %(good)d av %(due)d rundor i tid.") % {"good": good, "due": due}
    if not never:
        return said
    more = ngettext("%(count)d är inte gjord alls.", "%(count)d är inte gjorda alls.", never) % {"count": never}
    return f"{said} {more}"


def _lines(first: Round | None, rest: Iterator[Round]) -> Iterator[str]:
    heads = [
        _("Kanal"), _("Skulle göras"), _("Gjordes"), _("Hur"), _("Av"), _("Nytt som hade kommit"), _("Missad"),
        _("I krisläge"), _("Utöver schemat"),
    ]  # fmt: skip
    yield spreadsheet.MARK + spreadsheet.line(heads)
    if first is not None:
        yield _row(first)
    for row in rest:
        yield _row(row)


def _row(row: Round) -> str:
    return spreadsheet.line([
        row.channel.name, row.due_at, row.ended_at, row.get_end_display() if row.end else "",
        row.by.name if row.by else "", str(row.came), row.missed_at, _("Ja") if row.in_crisis else "",
        _("Ja") if row.is_extra else "",
    ])  # fmt: skip


def _key(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() and len(text) < 19 else None
