"""Pages of an authority's own settings, and of working in several authorities."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.core import actions, audit, audit_words, queries, rules
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms.acting import ActingForm, done, posted
from narvaro.core.forms.settings import (
    WEEKDAYS,
    AppearanceForm,
    AuthorityForm,
    ClosedDayForm,
    HoursForm,
    NewAuthorityForm,
)
from narvaro.core.middleware import AUTHORITY_KEY
from narvaro.core.models import Authority, Person
from narvaro.core.types import NotFound, NotPermitted, Role
from narvaro.core.views.acting import button, offer_undo, once, take_undo

READERS = tuple(rules.ADMINISTRATION)
CHANGERS = (Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD)
_CONTACTS = (
    "name", "organisation_number", "website", "phone", "social_emergency_phone", "registrar_email",
    "communications_email",
)  # fmt: skip
_HOURS = ("open_from", "open_until", "answer_hours", "unstaffed_notice", "unstaffed_notice_text")


@access("member", *READERS)
@require_GET
def administration(request: MemberRequest) -> HttpResponse:
    """What there is to administer, and the authorities to choose between."""
    actor = request.actor
    page = {
        "authority": queries.authority_of(actor),
        "authorities": queries.authorities_of(cast("Person", request.user)),
        "may_compare": actor.has_anywhere(Role.AUDITOR, Role.ARCHIVIST, Role.DPO),
        "may_read_audit": rules.may_read_audit(actor), "may_see_operations": rules.may_see_operations(actor),
        "may_administer": rules.may_administer(actor), "people_count": len(queries.people(actor)),
        "unit_count": len(queries.units(actor)), "closed_count": len(queries.closed_days(actor)),
    }  # fmt: skip
    return render(request, "core/settings/administration.html", page)


@access("member")
@require_POST
def change_authority(request: MemberRequest) -> HttpResponse:
    """Work in another authority that one serves."""
    wanted = request.POST.get("authority", "")
    chosen = next(
        (a for a in queries.authorities_of(queries.person_by_id(request.actor.person_id)) if str(a.uid) == wanted), None
    )
    if chosen is None:
        raise NotFound
    request.session[AUTHORITY_KEY] = chosen.pk
    messages.success(request, _("Du arbetar nu i %(name)s.") % {"name": chosen.name})
    return redirect("front")


@access("member", Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def add_authority(request: MemberRequest) -> HttpResponse:
    """Add a record-holding authority to the organisation (ARK-2)."""
    form = NewAuthorityForm(posted(request)[0])
    if done(request, form, lambda: actions.add_authority(actor=request.actor, **form.values)):
        sentence = _("%(name)s finns nu. Byt till den under Administration när du vill arbeta där.")
        messages.success(request, sentence % {"name": form.values["name"]})
        return redirect("core:administration")
    return render(request, "core/settings/add_authority.html", {"form": form}, status=422 if form.is_bound else 200)


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
def authority(request: MemberRequest) -> HttpResponse:
    """The authority's name and how it is reached."""
    found = queries.authority_of(request.actor)
    form = AuthorityForm(
        posted(request)[0], version=found.version, initial={key: getattr(found, key) for key in _CONTACTS}
    )
    return _settings_page(request, found, form, "authority")


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
def hours(request: MemberRequest) -> HttpResponse:
    """When the authority is staffed, how soon it answers, and what is said meanwhile."""
    found = queries.authority_of(request.actor)
    begun: dict[str, Any] = {key: getattr(found, key) for key in _HOURS}
    form = HoursForm(
        posted(request)[0], version=found.version, decided_in=found.decided_in,
        initial={**begun, "open_weekdays": list(found.open_weekdays)},
    )  # fmt: skip
    return _settings_page(request, found, form, "hours")


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
def appearance(request: MemberRequest) -> HttpResponse:
    """The authority's colours and logo."""
    found = queries.authority_of(request.actor)
    begun = {"primary_colour": found.primary_colour, "accent_colour": found.accent_colour}
    form = AppearanceForm(*posted(request), version=found.version, initial=begun)
    return _settings_page(request, found, form, "appearance")


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
def closed_days(request: MemberRequest) -> HttpResponse:
    """Days when the authority is closed beyond the public holidays."""
    actor = request.actor
    if request.method == "POST" and not rules.may_change_setup(actor):
        raise NotPermitted
    form = ClosedDayForm(posted(request)[0])
    if done(request, form, lambda: actions.close_day(actor=actor, **form.values)):
        messages.success(request, _("Dagen är inlagd. Tider som sätts från och med nu hoppar över den."))
        return redirect("core:closed_days")
    page = {
        "form": form, "days": queries.closed_days(actor), "may_change": rules.may_change_setup(actor),
        "button": button(), "undo": take_undo(request),
    }  # fmt: skip
    return render(request, "core/settings/closed_days.html", page, status=422 if form.is_bound else 200)


@access("member", *CHANGERS)
@require_POST
def open_day(request: MemberRequest, on: date) -> HttpResponse:
    """Take back a closed day."""
    day = next((d for d in queries.closed_days(request.actor) if d.on == on), None)
    if day is None:
        raise NotFound
    once(request, lambda: actions.open_day(actor=request.actor, on=on))
    sentence = _("%(day)s är inte längre stängd.") % {"day": on.isoformat()}
    offer_undo(request, sentence, reverse("core:closed_days"), on=on.isoformat(), why=day.why)
    return redirect("core:closed_days")


def _settings_page(request: MemberRequest, found: Authority, form: ActingForm, current: str) -> HttpResponse:
    actor = request.actor
    if request.method == "POST" and not rules.may_change_setup(actor):
        raise NotPermitted
    seen = form.cleaned_data["seen_version"] if form.is_valid() else None
    if done(request, form, lambda: actions.change_authority(actor=actor, seen_version=seen, **_changes(form.values))):
        messages.success(request, _("Inställningarna är sparade."))
        return redirect(f"core:{current}")
    tabs = [
        {"label": label, "url": reverse(f"core:{name}"), "current": name == current}
        for name, label in (
            ("authority", _("Uppgifter")),
            ("hours", _("Tider och svar")),
            ("appearance", _("Utseende")),
        )
    ]
    page = {
        "authority": found, "form": form, "tabs": tabs, "current": current, "may_change": rules.may_change_setup(actor),
        "weekdays": [str(label) for number, label in WEEKDAYS if number in found.open_weekdays],
        "events": [
            {"at": t.at, "who": t.who, "text": t.text}
            for t in reversed(audit_words.tell(actor, audit.history(actor, found, limit=10)))
        ],
    }  # fmt: skip
    return render(request, "core/settings/authority.html", page, status=422 if form.is_bound else 200)


def _changes(values: dict[str, Any]) -> dict[str, Any]:
    """Turn what the form says about the logo into what is stored."""
    remove, logo = values.pop("remove_logo", False), values.pop("logo", None)
    if logo:
        return {**values, "logo": logo, "logo_type": "image/png"}
    return {**values, "logo": None, "logo_type": ""} if remove else values
