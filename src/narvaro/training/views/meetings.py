"""Pages of managers' days and working groups: cases on a screen, minutes, and who does what by when."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.base.clock import today
from narvaro.base.ids import uuid7
from narvaro.core import queries as core
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.types import NotFound, NotPermitted, Role
from narvaro.training import actions, queries, rules
from narvaro.training.forms import AgreeForm, DayForm, GroupForm, MeetingForm, MemberForm, MinutesForm
from narvaro.training.models import Meeting, Undertaking
from narvaro.training.views.pressing import button, once


@access("member", *rules.LEADS, Role.AUDITOR)
@require_GET
def days(request: MemberRequest) -> HttpResponse:
    """The managers' days, newest first."""
    page = {"days": queries.days(request.actor), "may_lead": rules.may_lead(request.actor)}
    return render(request, "training/days.html", page)


@access("member", *rules.LEADS)
@require_http_methods(["GET", "POST"])
def call_day(request: MemberRequest) -> HttpResponse:
    """Call a manager's day."""
    made: list[Meeting] = []
    begun = {
        "title": _("Temadag om sociala medier"), "on": today(),
        "agenda": _(
            "Varför vi är här, 10 minuter\nFallen: läs tyst, rösta, prata, 20 minuter var\n"
            "Vad vi gör annorlunda från i morgon, 15 minuter\nVem gör vad, till när, 10 minuter"
        ),
    }  # fmt: skip
    form = DayForm(*posted(request), cases=queries.all_cases(request.actor), initial=begun)
    if done(request, form, lambda: made.append(actions.call_day(actor=request.actor, **form.values))):
        messages.success(request, _("Dagen är inlagd. Öppna ett fall när ni sitter tillsammans."))
        return redirect("training:meeting", made[0].uid)
    page = {
        "form": form, "title": _("Ny temadag"), "back_url": reverse("training:days"), "action": _("Lägg in dagen"),
        "lead": _("Välj några fall. I rummet visar du ett i taget, och de som är med röstar från sina telefoner."),
    }  # fmt: skip
    return render(request, "training/form.html", page, status=422 if form.is_bound else 200)


@access("member")
@require_GET
def meeting(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One meeting: its cases with what was voted, its minutes, and what is to be done."""
    return _shown(request, queries.meeting_for(request.actor, uid))


@access("member")
@require_http_methods(["GET", "POST"])
def minutes(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Write the agenda and the minutes."""
    actor, found = request.actor, queries.meeting_for(request.actor, uid)
    if not queries.may_write_in(actor, found):
        raise NotPermitted
    form = MinutesForm(
        *posted(request), version=found.version, initial={"agenda": found.agenda, "minutes": found.minutes}
    )
    if done(
        request, form, lambda: actions.write_minutes(
            actor=actor, uid=uid, seen_version=form.cleaned_data["seen_version"], **form.values
        ),
    ):  # fmt: skip
        messages.success(request, _("Anteckningarna är sparade."))
        return redirect("training:meeting", uid)
    page = {
        "form": form, "title": found.title, "back_url": reverse("training:meeting", args=[uid]),
        "action": _("Spara"), "lead": _("Anteckningarna kan ändras tills de låses."),
    }  # fmt: skip
    return render(request, "training/form.html", page, status=422 if form.is_bound else 200)


@access("member")
@require_http_methods(["GET", "POST"])
def fix(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Lock the minutes, after a question."""
    found = queries.meeting_for(request.actor, uid)
    if request.method == "POST":
        once(request, partial(actions.fix_minutes, actor=request.actor, uid=uid))
        messages.success(request, _("Anteckningarna är låsta och är nu en allmän handling."))
        return redirect("training:meeting", uid)
    if not queries.may_write_in(request.actor, found):
        raise NotPermitted
    page = {"meeting": found, "fields": [("intent", str(uuid7()))]}
    return render(request, "training/fix.html", page)


@access("member")
@require_POST
def agree(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Write down what somebody is to do."""
    actor, found = request.actor, queries.meeting_for(request.actor, uid)
    form = AgreeForm(request.POST, people=core.people(actor))

    def write() -> None:
        person = core.person_for(actor, form.cleaned_data["person_uid"])
        what, due_on = form.cleaned_data["what"], form.cleaned_data["due_on"]
        actions.agree(actor=actor, uid=uid, what=what, due_on=due_on, person=person)

    if done(request, form, write):
        messages.success(request, _("Det är infört, och personen ser det under Att göra."))
        return redirect("training:meeting", uid)
    return _shown(request, found, form)


@access("member")
@require_POST
def finish(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say that something is done."""
    done_now: list[Undertaking] = []
    once(request, lambda: done_now.append(actions.finish_undertaking(actor=request.actor, uid=uid)))
    messages.success(request, _("Markerat som gjort."))
    return redirect("training:meeting", done_now[0].meeting.uid)


# --- Working groups ---------------------------------------------------------------------------------------------------


@access("member")
@require_GET
def groups(request: MemberRequest) -> HttpResponse:
    """The working groups that one may read about."""
    page = {"groups": queries.groups(request.actor), "may_lead": rules.may_lead(request.actor)}
    return render(request, "training/groups.html", page)


@access("member", *rules.LEADS)
@require_http_methods(["GET", "POST"])
def form_group(request: MemberRequest) -> HttpResponse:
    """Form a working group."""
    made: list[Any] = []
    form = GroupForm(*posted(request))
    if done(request, form, lambda: made.append(actions.form_group(actor=request.actor, **form.values))):
        messages.success(request, _("Gruppen är bildad. Ta in dem som ska vara med."))
        return redirect("training:group", made[0].uid)
    page = {
        "form": form, "title": _("Ny arbetsgrupp"), "back_url": reverse("training:groups"),
        "action": _("Bilda gruppen"),
        "lead": _("Ta gärna med någon från ledningen, någon som svarar i kanalerna och någon som kan juridiken."),
    }  # fmt: skip
    return render(request, "training/form.html", page, status=422 if form.is_bound else 200)


@access("member")
@require_GET
def group(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One working group: who is in it, and its meetings."""
    return _group_shown(request, uid)


@access("member")
@require_http_methods(["GET", "POST"])
def change_group(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Change what a group is called and is for."""
    actor, found = request.actor, queries.group_for(request.actor, uid)
    _refuse_others(request, found)
    form = GroupForm(*posted(request), version=found.version, initial={"name": found.name, "purpose": found.purpose})
    if done(
        request, form, lambda: actions.change_group(
            actor=actor, uid=uid, seen_version=form.cleaned_data["seen_version"], **form.values
        ),
    ):  # fmt: skip
        messages.success(request, _("Gruppen är ändrad."))
        return redirect("training:group", uid)
    page = {
        "form": form, "title": found.name, "back_url": reverse("training:group", args=[uid]), "action": _("Spara"),
        "lead": "",
    }  # fmt: skip
    return render(request, "training/form.html", page, status=422 if form.is_bound else 200)


@access("member")
@require_http_methods(["GET", "POST"])
def end_group(request: MemberRequest, uid: UUID) -> HttpResponse:
    """End a working group, after a question."""
    found = queries.group_for(request.actor, uid)
    if request.method == "POST":
        once(request, partial(actions.end_group, actor=request.actor, uid=uid))
        messages.success(request, _("Gruppen är avslutad. Det som står antecknat finns kvar."))
        return redirect("training:groups")
    _refuse_others(request, found)
    return render(request, "training/end_group.html", {"group": found, "fields": [("intent", str(uuid7()))]})


@access("member")
@require_POST
def add_member(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take somebody into a group."""
    actor = request.actor
    form = MemberForm(request.POST, people=core.people(actor))

    def add() -> None:
        person = core.person_for(actor, form.cleaned_data["person_uid"])
        actions.add_member(actor=actor, uid=uid, person=person, part=form.cleaned_data["part"])

    if done(request, form, add):
        messages.success(request, _("Personen är med i gruppen."))
        return redirect("training:group", uid)
    return _group_shown(request, uid, form)


@access("member")
@require_POST
def end_member(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let somebody leave a group."""
    actor, person_uid = request.actor, request.POST.get("person_uid", "")

    def end() -> None:
        person = next((m.person for m in queries.members(actor, found) if str(m.person.uid) == person_uid), None)
        if person is not None:
            actions.end_member(actor=actor, uid=uid, person=person)

    found = queries.group_for(actor, uid)
    once(request, end)
    messages.success(request, _("Personen är inte längre med i gruppen."))
    return redirect("training:group", uid)


@access("member")
@require_http_methods(["GET", "POST"])
def call_meeting(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Call a meeting of a group."""
    found = queries.group_for(request.actor, uid)
    _refuse_others(request, found)
    made: list[Meeting] = []
    form = MeetingForm(*posted(request), initial={"on": today(), "title": _("Möte")})
    if done(request, form, lambda: made.append(actions.call_meeting(actor=request.actor, group=found, **form.values))):
        messages.success(request, _("Mötet är inlagt."))
        return redirect("training:meeting", made[0].uid)
    page = {
        "form": form, "title": _("Nytt möte"), "lead": found.name, "action": _("Lägg in mötet"),
        "back_url": reverse("training:group", args=[uid]),
    }  # fmt: skip
    return render(request, "training/form.html", page, status=422 if form.is_bound else 200)


def _shown(request: MemberRequest, found: Meeting, form: AgreeForm | None = None) -> HttpResponse:
    actor = request.actor
    may_write = queries.may_write_in(actor, found)
    people = core.people(actor) if may_write and form is None else ()
    voted = queries.votes_at(actor, found) if found.cases else {}
    page = {
        "meeting": found, "may_write": may_write, "may_lead": rules.may_lead(actor), "button": button(),
        "cases": [(n, case, voted.get(case.code)) for n, case in queries.cases_of(actor, found)] if found.cases else [],
        "undertakings": [
            (each, each.done_at is None and (may_write or actor.is_person(each.person_id)))
            for each in queries.undertakings(actor, found)
        ],
        "form": form or AgreeForm(people=people),
    }  # fmt: skip
    return render(request, "training/meeting.html", page, status=422 if form is not None else 200)


def _group_shown(request: MemberRequest, uid: UUID, form: MemberForm | None = None) -> HttpResponse:
    actor, found = request.actor, queries.group_for(request.actor, uid)
    may_write = found.ended_at is None and (rules.may_lead(actor) or queries.is_member(actor, found))
    page = {
        "group": found, "may_write": may_write, "members": queries.members(actor, found), "button": button(),
        "meetings": queries.meetings_of(actor, found),
        "form": form or MemberForm(people=core.people(actor) if may_write else ()),
    }  # fmt: skip
    return render(request, "training/group.html", page, status=422 if form is not None else 200)


def _refuse_others(request: MemberRequest, found: Any) -> None:
    if found.ended_at is not None:
        raise NotFound
    if not (rules.may_lead(request.actor) or queries.is_member(request.actor, found)):
        raise NotPermitted
