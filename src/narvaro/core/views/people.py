"""Pages about people, their roles and the units."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.core import actions, audit, audit_words, queries, rules, waiting
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms.acting import done, posted
from narvaro.core.forms.people import (
    AddPersonForm,
    ChangePersonForm,
    ConfirmForm,
    ManagerForm,
    PeopleFilterForm,
    RoleForm,
    UnitForm,
)
from narvaro.core.models import Person, Unit
from narvaro.core.types import Invalid, NotPermitted, Role
from narvaro.core.views.acting import button, offer_undo, once, take_undo

READERS = tuple(rules.ADMINISTRATION)
CHANGERS = (Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD)
PAGE = 50


@access("member", *READERS)
@require_GET
def people(request: MemberRequest) -> HttpResponse:
    """Everybody with a role in the authority, by name."""
    actor = request.actor
    form = PeopleFilterForm(request.GET or None, units=queries.units(actor))
    chosen: dict[str, Any] = (
        {key: value for key, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    )
    after = request.GET.get("efter", "")
    found = queries.members(
        actor, text=chosen.get("q", ""), role=chosen.get("roll", ""), unit_uid=chosen.get("enhet"),
        past_too="visa" in chosen, after=queries.member_for(actor, _uuid(after)) if after else None, limit=PAGE + 1,
    )  # fmt: skip
    shown, has_more = found[:PAGE], len(found) > PAGE
    ids = [person.pk for person in shown]
    roles, two_step, absent = queries.roles_held(actor, ids), queries.with_two_step(ids), queries.absent_now(actor, ids)
    page = {
        "rows": [
            {"person": p, "roles": roles.get(p.pk, []), "two_step": p.pk in two_step, "absent": p.pk in absent}
            for p in shown
        ],
        "filter": form, "chosen": _chosen(form, chosen), "may_change": rules.may_change_setup(actor),
        "newer_url": f"?{urlencode(chosen)}" if after else "",
        "older_url": f"?{urlencode({**chosen, 'efter': shown[-1].uid})}" if has_more else "",
        "undo": take_undo(request),
    }  # fmt: skip
    return render(request, "core/people/people.html", page)


@access("member", *CHANGERS)
@require_http_methods(["GET", "POST"])
def add_person(request: MemberRequest) -> HttpResponse:
    """Add somebody with their first role; they get a letter."""
    actor = request.actor
    form = AddPersonForm(
        posted(request)[0], units=queries.units(actor), may_make_administrators=rules.may_administer(actor)
    )
    if done(request, form, lambda: actions.add_person(actor=actor, **form.values)):
        sentence = _("%(name)s är tillagd. Ett brev med en länk för att välja lösenord är på väg till %(email)s.")
        messages.success(request, sentence % {"name": form.values["name"], "email": form.values["email"]})
        return redirect("core:people")
    return _form_page(request, "core/people/add_person.html", form)


@access("member", *READERS)
@require_GET
def person(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One person: roles, how they sign in, what waits for them, history."""
    return _person_page(request, queries.member_for(request.actor, uid))


@access("member", Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def change_person(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Put right somebody's name, address or phone, or withhold their name."""
    actor, found = request.actor, queries.member_for(request.actor, uid)
    begun = {key: getattr(found, key) for key in ("name", "email", "phone", "withhold_name")}
    form = ChangePersonForm(posted(request)[0], initial=begun)
    if done(request, form, lambda: actions.change_person(actor=actor, person_uid=uid, **form.values)):
        messages.success(request, _("Uppgifterna är sparade."))
        return redirect("core:person", uid)
    return _form_page(request, "core/people/change_person.html", form, person=found)


@access("member", *CHANGERS)
@require_POST
def give_role(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Give a person one more role."""
    actor, found = request.actor, queries.member_for(request.actor, uid)
    form = _role_form(request, request.POST)
    if done(request, form, lambda: actions.give_role(actor=actor, person=found, **form.values)):
        messages.success(request, _("%(name)s har fått rollen.") % {"name": found.name})
        return redirect("core:person", uid)
    return _person_page(request, found, form)


@access("member", *CHANGERS)
@require_POST
def end_role(request: MemberRequest, uid: UUID) -> HttpResponse:
    """End one of a person's roles."""
    actor, found = request.actor, queries.member_for(request.actor, uid)
    mine = {a.pk: a for a in queries.roles_held(actor, [found.pk]).get(found.pk, [])}
    held = mine.get(_number(request.POST.get("assignment", "")))
    if held is None:
        raise Invalid(_("Rollen är redan avslutad."))
    once(request, lambda: actions.end_role(actor=actor, assignment_id=held.pk))
    offer_undo(
        request, _("Rollen är avslutad."), reverse("core:give_role", args=[uid]), role=held.role,
        unit_uid=held.unit.uid if held.unit else None,
    )  # fmt: skip
    return redirect("core:person", uid) if request.actor.person_id != found.pk else redirect("front")


@access("member", Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def end_person(request: MemberRequest, uid: UUID) -> HttpResponse:
    """End all of somebody's roles, after showing what waits for them."""
    actor, found = request.actor, queries.member_for(request.actor, uid)
    form = ConfirmForm(posted(request)[0], auto_id=False)
    if done(request, form, lambda: actions.end_person(actor=actor, person_uid=uid)):
        messages.success(request, _("%(name)s har inte längre någon roll här.") % {"name": found.name})
        return redirect("core:people")
    page = {"waits": waiting.of_person(actor, found.pk)}
    return _form_page(request, "core/people/end_person.html", form, person=found, **page)


@access("member", *CHANGERS)
@require_POST
def invite_again(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Send a new letter with a link to choose a password."""
    once(request, lambda: actions.invite_again(actor=request.actor, person_uid=uid))
    messages.success(request, _("Ett nytt brev är på väg."))
    return redirect("core:person", uid)


@access("member", Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def remove_two_step(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take away a second step that somebody has lost."""
    actor, found = request.actor, queries.member_for(request.actor, uid)
    form = ConfirmForm(posted(request)[0], auto_id=False)
    if done(request, form, lambda: actions.remove_two_step(actor=actor, person_uid=uid)):
        messages.success(request, _("Tvåstegsverifieringen är borttagen, och personen har fått ett brev om det."))
        return redirect("core:person", uid)
    return _form_page(request, "core/people/remove_two_step.html", form, person=found)


@access("member", *READERS)
@require_GET
def units(request: MemberRequest) -> HttpResponse:
    """The units as a tree, with their managers."""
    actor = request.actor
    page = {
        "rows": _tree(actor, queries.units(actor)), "closed": queries.closed_units(actor), "button": button(),
        "may_change": rules.may_change_setup(actor), "undo": take_undo(request),
    }  # fmt: skip
    return render(request, "core/people/units.html", page)


@access("member", *CHANGERS)
@require_http_methods(["GET", "POST"])
def add_unit(request: MemberRequest) -> HttpResponse:
    """Add a unit."""
    form = UnitForm(posted(request)[0], units=queries.units(request.actor))
    if done(request, form, lambda: actions.add_unit(actor=request.actor, **form.values)):
        messages.success(request, _("Enheten %(name)s finns nu.") % {"name": form.values["name"]})
        return redirect("core:units")
    return _form_page(request, "core/people/unit_form.html", form)


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
def unit(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One unit: its place, its people, its history; and changing it."""
    actor, found = request.actor, queries.unit_for(request.actor, uid)
    begun = {"name": found.name, "email": found.email, "parent_uid": str(found.parent.uid) if found.parent else ""}
    below = [u for u in queries.units(actor) if found.pk not in queries.units_above(actor, u)]
    form = UnitForm(posted(request)[0], initial=begun, units=below)
    if request.method == "POST" and not rules.may_change_setup(actor):
        raise NotPermitted
    if done(request, form, lambda: actions.change_unit(actor=actor, unit_uid=uid, **form.values)):
        messages.success(request, _("Enheten är sparad."))
        return redirect("core:unit", uid)
    return _unit_page(request, found, form)


@access("member", *CHANGERS)
@require_POST
def give_manager(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let somebody lead a unit."""
    actor, found = request.actor, queries.unit_for(request.actor, uid)
    form = ManagerForm(request.POST, people=queries.people(actor))

    def appoint() -> None:
        chosen = queries.person_for(actor, form.values["person_uid"])
        actions.give_role(actor=actor, person=chosen, role=Role.UNIT_MANAGER, unit_uid=uid)

    if done(request, form, appoint):
        messages.success(request, _("Enheten har en chef till."))
        return redirect("core:unit", uid)
    return _unit_page(request, found, None, manager_form=form)


@access("member", *CHANGERS)
@require_POST
def close_unit(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Close a unit."""
    found = queries.unit_for(request.actor, uid)
    once(request, lambda: actions.close_unit(actor=request.actor, unit_uid=uid))
    sentence = _("Enheten %(name)s är avslutad.") % {"name": found.name}
    offer_undo(request, sentence, reverse("core:open_unit", args=[uid]))
    return redirect("core:units")


@access("member", *CHANGERS)
@require_POST
def open_unit(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Open a closed unit again."""
    once(request, lambda: actions.open_unit(actor=request.actor, unit_uid=uid))
    messages.success(request, _("Enheten är öppen igen."))
    return redirect("core:unit", uid)


def _form_page(request: MemberRequest, template: str, form: Any, **page: Any) -> HttpResponse:
    return render(request, template, {"form": form, **page}, status=422 if form.is_bound else 200)


def _role_form(request: MemberRequest, data: Any = None) -> RoleForm:
    return RoleForm(
        data, units=queries.units(request.actor), may_make_administrators=rules.may_administer(request.actor)
    )


def _person_page(request: MemberRequest, found: Person, form: RoleForm | None = None) -> HttpResponse:
    actor = request.actor
    page = {
        "person": found, "form": form or _role_form(request), "button": button(), "undo": take_undo(request),
        "roles": queries.roles_held(actor, [found.pk]).get(found.pk, []),
        "past_roles": queries.roles_held(actor, [found.pk], ended=True).get(found.pk, []),
        "has_two_step": bool(queries.with_two_step([found.pk])),
        "is_absent": bool(queries.absent_now(actor, [found.pk])),
        "waits": waiting.of_person(actor, found.pk), "is_me": actor.is_person(found),
        "may_change": rules.may_change_setup(actor), "may_administer": rules.may_administer(actor),
        "events": _events(request, found),
    }  # fmt: skip
    return render(request, "core/people/person.html", page, status=422 if form is not None else 200)


def _unit_page(
    request: MemberRequest, found: Unit, form: UnitForm | None, *, manager_form: ManagerForm | None = None
) -> HttpResponse:
    actor = request.actor
    held = [a for a in queries.assignments_of(actor) if a.unit_id == found.pk]
    is_sent = bool((form and form.is_bound) or manager_form)
    page = {
        "unit": found, "form": form, "managers": [a for a in held if a.role == Role.UNIT_MANAGER], "held": held,
        "manager_form": manager_form or ManagerForm(people=queries.people(actor), prefix=None),
        "below": queries.units_below(actor, found), "button": button(), "events": _events(request, found),
        "may_change": rules.may_change_setup(actor),
    }  # fmt: skip
    return render(request, "core/people/unit.html", page, status=422 if is_sent else 200)


def _events(request: MemberRequest, subject: Person | Unit) -> list[dict[str, Any]]:
    told = audit_words.tell(request.actor, audit.history(request.actor, subject, limit=20))
    return [{"at": t.at, "who": t.who, "text": t.text, "detail": t.why} for t in reversed(told)]


def _tree(actor: Any, found: list[Unit]) -> list[dict[str, Any]]:
    """Return the units in the order of a tree, each with the unit above it and its managers."""
    managers: dict[int | None, list[str]] = {}
    for held in queries.assignments_of(actor):
        if held.role == Role.UNIT_MANAGER:
            managers.setdefault(held.unit_id, []).append(held.person.name)
    active = {u.pk for u in found}
    below: dict[int | None, list[Unit]] = {}
    for each in found:
        below.setdefault(each.parent_id if each.parent_id in active else None, []).append(each)
    rows: list[dict[str, Any]] = []

    def put(parent_id: int | None, above: str) -> None:
        for each in below.get(parent_id, []):
            rows.append({"unit": each, "above": above, "managers": managers.get(each.pk, [])})
            put(each.pk, each.name)

    put(None, "")
    return rows


def _chosen(form: PeopleFilterForm, chosen: dict[str, Any]) -> list[dict[str, str]]:
    found = []
    for key, value in chosen.items():
        label = dict(getattr(form.fields[key], "choices", [])).get(value, value)
        rest = {other: v for other, v in chosen.items() if other != key}
        found.append({"label": str(label), "remove_url": f"?{urlencode(rest)}"})
    return found


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
