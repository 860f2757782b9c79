"""What an account says of itself: the latest look, looking now, saying it by hand, and what is asked of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.channels import queries, rules
from narvaro.channels.actions import verifying
from narvaro.channels.checking_forms import ByHandForm, CheckForm, DemandsForm
from narvaro.channels.queries import checking
from narvaro.channels.rules import about
from narvaro.channels.types import NOT_BEGUN, ChannelState
from narvaro.core import rules as house
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, posted
from narvaro.core.types import Invalid, NotPermitted

if TYPE_CHECKING:
    from narvaro.channels.models import Channel, ChannelCheck
    from narvaro.core.forms import ActingForm


@access("member")
@require_GET
def presentation(request: MemberRequest, uid: UUID) -> HttpResponse:
    """What the account said when it was looked at last, what is missing in plain words, and what leads back to it."""
    return _shown(request, queries.channel_for(request.actor, uid))


@access("member")
@require_POST
def look(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Look at the account now."""
    found = queries.channel_for(request.actor, uid)
    form = CheckForm(request.POST)
    if form.is_valid():
        try:
            # Not in the form's transaction: platform and website are asked in between, and looking twice does no harm.
            check = verifying.verify_account(actor=request.actor, channel=found)
        except Invalid as error:
            form.refuse(error)
        else:
            if check.last_error:
                messages.error(request, check.last_error)
            else:
                messages.success(request, _("Närvaro har läst presentationen."))
            return redirect("channels:presentation", uid)
    return _shown(request, found, look_form=form, form=form)


@access("member")
@require_POST
def by_hand(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say what the presentation says."""
    found = queries.channel_for(request.actor, uid)
    form = ByHandForm(request.POST, wanted=checking.demands_of(request.actor).items)
    if done(request, form, lambda: verifying.verify_by_hand(actor=request.actor, channel=found, **form.values)):
        messages.success(request, _("Noterat, med ditt namn och dagens datum."))
        return redirect("channels:presentation", uid)
    return _shown(request, found, hand_form=form, form=form)


@access("member", *rules.REGISTERS)
@require_http_methods(["GET", "POST"])
def demands(request: MemberRequest) -> HttpResponse:
    """What each presentation has to say, and where the website lists the accounts."""
    if not house.may_change_setup(request.actor):
        raise NotPermitted
    now = checking.demands_of(request.actor)
    form = DemandsForm(
        *posted(request), version=now.version if now.pk else None, initial={"items": now.items, "page": now.page}
    )
    if done(request, form, lambda: verifying.change_demands(
        actor=request.actor, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Sparat. Det gäller från nästa gång presentationerna läses."))
        return redirect("channels:channels")
    return render(request, "channels/demands.html", {"form": form}, status=422 if form.is_bound else 200)


def _shown(request: MemberRequest, found: Channel, **refused: ActingForm) -> HttpResponse:
    actor = request.actor
    check, wanted = checking.check_of(actor, found), checking.demands_of(actor).items
    may = rules.may_connect(actor, found.responsible_id, found.deputy_id, found.unit_id)
    may = may and found.state not in (*NOT_BEGUN, ChannelState.CLOSED)
    is_by_hand = rules.is_by_hand(found.platform, found.remote_id)
    expected = checking.expected_of(actor, found)
    page: dict[str, Any] = {
        "channel": found,
        "check": check,
        "is_by_hand": is_by_hand,
        "items": _items(check, wanted),
        "links_back": _links(check),
        "met_by": check.met_by if check else "",
        "rules_page": next(iter(expected.rules_pages), ""),
        "may_change_demands": house.may_change_setup(actor),
    }
    if may:
        said = [item for item in wanted if check and check.checked_at and item not in check.lacking]
        page["hand_form"] = ByHandForm(wanted=wanted, initial={"says": said})
    if may and not is_by_hand:
        page["look_form"] = CheckForm()
    return render(request, "channels/presentation.html", {**page, **refused}, status=422 if refused else 200)


def _items(check: ChannelCheck | None, wanted: list[str]) -> list[tuple[Any, bool]]:
    if check is None or check.checked_at is None:
        return []
    return [(label, item not in check.lacking) for item, label in about.ITEMS.items() if item in wanted]


def _links(check: ChannelCheck | None) -> list[tuple[Any, bool]]:
    told = {each["key"]: each["is_there"] for each in check.links_back} if check else {}
    return [(label, told[key]) for key, label in about.LINKS_BACK.items() if key in told]
