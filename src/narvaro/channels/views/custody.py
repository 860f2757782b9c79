"""Where a channel's password lies, who can steer the account, the quarterly look, and the checklist of ten points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.base.clock import today
from narvaro.channels import queries
from narvaro.channels.actions import custody as actions
from narvaro.channels.keeping_forms import (
    AccessForm,
    ChecklistForm,
    CustodyForm,
    EndAccessForm,
    PressForm,
    ReviewForm,
)
from narvaro.channels.queries import custody as reads
from narvaro.channels.rules import security
from narvaro.channels.types import ChannelState
from narvaro.channels.views import showing
from narvaro.core import queries as core
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, perform, posted
from narvaro.core.types import Actor, NotPermitted

if TYPE_CHECKING:
    from narvaro.channels.models import AccountAccess, Channel


@access("member")
@require_GET
def custody(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One channel's custody: the vault, who has access, the looks there have been, and how the checklist stands."""
    actor, found = request.actor, queries.channel_for(request.actor, uid)
    kept = reads.kept_of(actor, found)
    page = {
        "channel": found, "custody": kept.custody,
        "accesses": [
            {
                "access": access, "has_left": access.person_id in kept.gone,
                "form": EndAccessForm(initial={"access": access.uid}, auto_id=f"a{access.pk}-%s"),
            }
            for access in kept.accesses
        ],
        "reviews": kept.reviews,
        "met": sum(check.is_met for check in kept.checks.values()), "points": len(security.POINTS),
        "may_keep": _may_keep(actor, found), "may_open": security.may_work_on_incident(actor),
        "incident": kept.incident, "press_form": PressForm(),
    }  # fmt: skip
    return render(request, "channels/custody.html", page)


@access("member")
@require_http_methods(["GET", "POST"])
def keep_custody(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say where the password lies."""
    actor, found = _kept(request, uid)
    form = CustodyForm(posted(request)[0], custody=reads.custody_of(actor, found))
    if done(request, form, lambda: actions.keep_custody(
        actor=actor, channel=found, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Uppgifterna är sparade."))
        return redirect("channels:custody", uid)
    return showing.formed(request, "channels/keep_custody.html", form, channel=found)


@access("member")
@require_http_methods(["GET", "POST"])
def note_access(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Put a function on the list of those who have access."""
    actor, found = _kept(request, uid)
    form = AccessForm(posted(request)[0], people=core.people(actor))
    if done(request, form, lambda: actions.note_access(actor=actor, channel=found, **form.values)):
        messages.success(request, _("Funktionen står på listan."))
        return redirect("channels:custody", uid)
    return showing.formed(request, "channels/note_access.html", form, channel=found)


@access("member")
@require_POST
def end_access(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take a function off the list."""
    actor, found = _kept(request, uid)
    form = EndAccessForm(request.POST)
    if form.is_valid():
        perform(actor, form.cleaned_data["intent"], lambda: actions.end_access(
            actor=actor, channel=found, uid=form.cleaned_data["access"]
        ))  # fmt: skip
        messages.success(request, _("Funktionen är borta från listan. Ta bort den på plattformen också."))
    return redirect("channels:custody", uid)


@access("member")
@require_http_methods(["GET", "POST"])
def review(request: MemberRequest, uid: UUID) -> HttpResponse:
    """The quarterly look: who can steer the account, and is it still right? One press when all is."""
    actor, found = _kept(request, uid)
    listed = reads.accesses(actor, [found]).get(found.pk, [])
    gone = core.gone(actor, [access.person_id for access in listed])
    card = queries.card_of(actor, found)
    form = ReviewForm(
        posted(request)[0], two_step=False, mailbox=bool(card.function_mailbox),
        accesses=[(access, _in_words(access, access.person_id in gone), access.person_id not in gone)
                  for access in listed],
    )  # fmt: skip
    if done(request, form, lambda: actions.review_access(actor=actor, channel=found, **form.values)):
        messages.success(request, _("Genomgången är gjord. Nästa gång är om ett kvartal."))
        return redirect("channels:custody", uid)
    page = {"channel": found, "card": card, "is_empty": not listed}
    return showing.formed(request, "channels/review.html", form, **page)


@access("member")
@require_http_methods(["GET", "POST"])
def checklist(request: MemberRequest, uid: UUID) -> HttpResponse:
    """The ten points of a safe account, with what was found last and what shows it."""
    actor, found = request.actor, queries.channel_for(request.actor, uid)
    reads.refuse_unseen(actor, found)
    checks = reads.checks(actor, found)
    form = ChecklistForm(posted(request)[0], checks=checks)
    if form.is_bound and not _may_keep(actor, found):
        raise NotPermitted
    if done(request, form, lambda: actions.check_security(
        actor=actor, channel=found, found=form.found, again_on=form.cleaned_data["again_on"]
    )):  # fmt: skip
        messages.success(request, _("Genomgången av säkerheten är sparad."))
        return redirect("channels:custody", uid)
    page = {
        "channel": found, "may_keep": _may_keep(actor, found),
        "points": [
            {
                "point": point, "check": checks.get(point.key), "met": met, "evidence": evidence,
                "is_due": point.key in checks and checks[point.key].again_on <= today(),
            }
            for point, (met, evidence) in zip(security.POINTS, form.points, strict=True)
        ],
    }  # fmt: skip
    return showing.formed(request, "channels/checklist.html", form, **page)


def _in_words(access: AccountAccess, has_left: bool) -> str:
    who = access.person.name if access.person is not None else _("utanför myndigheten")
    what = [_("styr kontot")] if access.steers else []
    what += [_("når lösenordet")] if access.reaches_password else []
    words = f"{access.function}, {who}: {', '.join(what)}"
    return f"{words} ({_('har slutat')})" if has_left else words


def _may_keep(actor: Actor, channel: Channel) -> bool:
    return channel.state != ChannelState.CLOSED and security.may_keep(
        actor, channel.responsible_id, channel.deputy_id, channel.unit_id
    )


def _kept(request: MemberRequest, uid: UUID) -> tuple[Actor, Any]:
    """Return who acts and the channel. Raises NotFound, NotPermitted."""
    found = queries.channel_for(request.actor, uid)
    if not _may_keep(request.actor, found):
        raise NotPermitted
    return request.actor, found
