"""Pages of moderation: what is decided and how far it has come, and the register of blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.core import audit, spreadsheet
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import ActingForm, done
from narvaro.core.types import ANSWERS, READS_ALL
from narvaro.moderation import actions, equal, queries, rules
from narvaro.moderation.forms import ByHandForm, WhyForm
from narvaro.moderation.types import How, MeasureState
from narvaro.policy import queries as policy
from narvaro.policy import rules as policy_rules
from narvaro.policy.types import Catalogue
from narvaro.records import queries as records

if TYPE_CHECKING:
    from narvaro.moderation.models import Block


@access("member", *READS_ALL)
@require_GET
def measures(request: MemberRequest) -> HttpResponse:
    """What is not carried out yet, and the decisions there are, newest first."""
    before = _key(request.GET.get("fore"))
    decided, titles = queries.measures(request.actor, before=before), _titles(request)
    waiting = queries.measures(request.actor, open_only=True, limit=25) if before is None else []
    page = {
        "waiting": [(one, titles.get(one.ground, one.ground)) for one in waiting],
        "decided": [(one, titles.get(one.ground, one.ground)) for one in decided],
        "older_from": decided[-1].pk if len(decided) == queries.PAGE else None,
        "may_change": rules.may_moderate(request.actor),
        "may_compare": request.actor.has_anywhere(*equal.READERS),
    }
    return render(request, "moderation/measures.html", page)


@access("member", *READS_ALL)
@require_GET
def measure(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One decision: about what, on which ground, why, and how far it has come."""
    return _page(request, uid)


@access("member", *ANSWERS)
@require_http_methods(["POST"])
def undo(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take a measure back."""
    form = WhyForm(request.POST, prefix="undo")
    if done(request, form, lambda: actions.undo_measure(
        actor=request.actor, uid=uid, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Åtgärden hävs. Plattformen får veta det nu."))
        return redirect("moderation:measure", uid)
    return _page(request, uid, undo_form=form)


@access("member", *ANSWERS)
@require_http_methods(["POST"])
def by_hand(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say that a measure was made in the platform's own app."""
    form = ByHandForm(request.POST, prefix="done")
    if done(request, form, lambda: actions.did_by_hand(
        actor=request.actor, uid=uid, seen_version=form.cleaned_data["seen_version"]
    )):  # fmt: skip
        messages.success(request, _("Åtgärden är antecknad som gjord. Närvaro läser på plattformen om det går."))
        return redirect("moderation:measure", uid)
    return _page(request, uid, done_form=form)


@access("member", *READS_ALL)
@require_GET
def blocks(request: MemberRequest) -> HttpResponse:
    """The register of blocks: those in force, or those that have ended."""
    ended = request.GET.get("visa") == "avslutade"
    found, titles = queries.blocks(request.actor, ended=ended, before=_key(request.GET.get("fore"))), _titles(request)
    page = {
        "blocks": [(one, titles.get(one.measure.ground, ""), WhyForm(prefix=f"b{one.pk}")) for one in found],
        "ended": ended,
        "older_from": found[-1].pk if len(found) == queries.PAGE else None,
        "may_change": rules.may_moderate(request.actor),
    }
    return render(request, "moderation/blocks.html", page)


@access("member", *READS_ALL)
@require_GET
def blocks_file(request: MemberRequest) -> HttpResponse:
    """The whole register of blocks as a file for a spreadsheet."""
    found, titles = queries.every_block(request.actor), _titles(request)
    response = StreamingHttpResponse(_block_lines(found, titles), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="blockeringar.csv"'
    return cast("HttpResponse", response)


@access("member", *ANSWERS)
@require_POST
def lift_block(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Lift a block before its time."""
    return _change_block(request, uid, actions.lift_block, _("Blockeringen hävs."))


@access("member", *ANSWERS)
@require_POST
def review_block(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let a block stand after a new look."""
    return _change_block(request, uid, actions.review_block, _("Blockeringen står kvar till sin tid."))


def _change_block(request: MemberRequest, uid: UUID, change: Callable[..., object], says: str) -> HttpResponse:
    block = queries.block_for(request.actor, uid)
    form = WhyForm(request.POST, prefix=f"b{block.pk}")
    if done(request, form, lambda: change(actor=request.actor, uid=uid, **form.values)):
        messages.success(request, says)
    else:
        messages.error(request, _("Skriv varför. Skälen är en del av beslutet."))
    return redirect("moderation:blocks")


def _page(
    request: MemberRequest, uid: UUID, *, undo_form: ActingForm | None = None, done_form: ActingForm | None = None
) -> HttpResponse:
    found = queries.measure_for(request.actor, uid)
    item = found.item
    bound = undo_form or done_form
    page = {
        "measure": found,
        "title": _titles(request).get(found.ground, found.ground),
        "law": policy_rules.law_behind(found.ground),
        "shown": records.shown(request.actor, [item])[0] if item is not None else None,
        "may_change": rules.may_moderate(request.actor),
        "may_say_done": rules.may_moderate(request.actor) and found.waits_for_hands,
        "is_open": found.state not in (MeasureState.UNDONE, MeasureState.UNDOING),
        "undo_form": undo_form or WhyForm(prefix="undo", version=found.version),
        "done_form": done_form or ByHandForm(prefix="done", version=found.version),
        "form": bound,
        "packages": queries.packages_about(request.actor, item=item, measure=found),
        # Who shared too much has done nothing wrong, and is not reported.
        "may_package": rules.may_package(request.actor) and found.catalogue != Catalogue.SECRECY,
        "hiding": queries.hiding_of(request.actor, found) if found.how == How.MACHINE else None,
        "history": audit.timeline(request.actor, found),
    }
    return render(request, "moderation/measure.html", page, status=422 if bound is not None else 200)


def _block_lines(found: Iterable[Block], titles: dict[str, str]) -> Iterator[str]:
    heads = [
        _("Kanal"), _("Konto"), _("Grund"), _("Skäl"), _("Beslutat av"), _("Från"), _("Till"), _("Omprövad"), _("Hävd"),
        _("Varför hävd"), _("Beslutets id"),
    ]  # fmt: skip
    yield spreadsheet.MARK + spreadsheet.line(heads)
    for block in found:
        measure = block.measure
        yield spreadsheet.line([
            block.channel.name, block.author_handle or block.author_remote_id,
            measure.house_rule.title if measure.house_rule else titles.get(measure.ground, measure.ground),
            measure.reasons, measure.decided_by.name if measure.decided_by else "Närvaro", block.from_at,
            block.until_at, block.reviewed_at, block.lifted_at, block.lifted_why, str(measure.uid),
        ])  # fmt: skip


def _titles(request: MemberRequest) -> dict[str, str]:
    """Return the grounds' titles by code, of every channel."""
    found = {ground.code: str(ground.title) for ground in policy.grounds(request.actor)}
    return {rule.code: rule.title for rule in policy.every_house_rule(request.actor)} | found


def _key(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() and len(text) < 19 else None
