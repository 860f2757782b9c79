"""Accounts that may pose as the authority: the list, one case, and each step of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from narvaro.base import platforms
from narvaro.channels import rules as accounts
from narvaro.core import audit
from narvaro.core import queries as core
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import ActingForm, done, posted
from narvaro.core.types import NotFound, NotPermitted
from narvaro.media import queries as media
from narvaro.screening import lookalike
from narvaro.watch import actions, forms, queries, rules
from narvaro.watch.types import OPEN_STATES, CaseState

if TYPE_CHECKING:
    from narvaro.core.types import Actor
    from narvaro.watch.models import Case

_KINDS = {
    CaseState.SUSPECTED: "info", CaseState.CONFIRMED: "warning", CaseState.REPORTED: "info", CaseState.GONE: "success",
    CaseState.STAYS: "warning", CaseState.LEFT: "default",
}  # fmt: skip


@access("member", *rules.READERS)
@require_GET
def around(request: MemberRequest) -> HttpResponse:
    """What happens around the presence: three doors, with what is open behind each."""
    page = {
        "cases": len(queries.cases(request.actor)), "searches": len(queries.searches(request.actor)),
        "elsewhere": len(queries.found_elsewhere(request.actor)), "may_add": rules.may_add(request.actor),
    }  # fmt: skip
    return render(request, "watch/around.html", page)


@access("member", *rules.READERS)
@require_GET
def cases(request: MemberRequest) -> HttpResponse:
    """Accounts to look at, those that are acted on, and when the name was looked for last."""
    actor, is_over = request.actor, request.GET.get("lista") == "avslutade"
    page = {
        "rows": [(case, _KINDS[CaseState(case.state)]) for case in queries.cases(actor, over=is_over)],
        "is_over": is_over,
        "left_count": queries.left_count(actor) if is_over else 0,
        "lookout": queries.lookout_of(actor),
        "names": lookalike.candidates(queries.known_names(actor))[:24],
        "may_add": rules.may_add(actor),
        "button": forms.ButtonForm(),
    }
    return render(request, "watch/cases.html", page)


@access("member", *rules.READERS)
@require_http_methods(["GET", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """Put an account that a colleague has seen before those who decide."""
    if not rules.may_add(request.actor):
        raise NotPermitted
    form = forms.CaseForm(*posted(request))
    made: list[Case] = []
    if done(request, form, lambda: made.append(actions.open_case(actor=request.actor, **form.values))):
        messages.success(request, _("Kontot ligger hos den som avgör. Lägg gärna till en skärmbild."))
        return redirect("watch:case", made[0].uid)
    return render(request, "watch/add_case.html", {"form": form}, status=_status(form))


@access("member", *rules.READERS)
@require_POST
def look_now(request: MemberRequest) -> HttpResponse:
    """Let the name be looked for within a few minutes."""
    form = forms.ButtonForm(request.POST)
    if done(request, form, lambda: actions.look_now(actor=request.actor)):
        messages.success(request, _("Närvaro söker inom några minuter. Det som hittas står här."))
    return redirect("watch:cases")


@access("member", *rules.READERS)
@require_GET
def case(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One account: what shows what it is, what is next and who can do it."""
    return _shown(request, queries.case_for(request.actor, uid))


@access("member", *rules.READERS)
@require_safe
def picture(request: MemberRequest, uid: UUID) -> HttpResponse:
    """A screenshot, from our own store."""
    found = queries.evidence_for(request.actor, uid)
    if found.picture is None:
        raise NotFound
    response = HttpResponse(media.bytes_of(found.picture), content_type=found.picture.media_type)
    response["Content-Disposition"] = "inline"
    response["Cache-Control"] = "private, max-age=3600"
    return response


@access("member", *rules.READERS)
@require_POST
def add_link(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Add an address as evidence."""
    return _step(request, uid, "link_form", actions.add_link, _("Länken är tillagd."), is_judged=False)


@access("member", *rules.READERS)
@require_POST
def add_picture(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Add a screenshot as evidence."""

    def act(*, picture: Any, **values: Any) -> object:
        return actions.add_picture(content=picture.read(), **values)

    return _step(request, uid, "picture_form", act, _("Skärmbilden är bevarad."), is_judged=False)


@access("member", *rules.READERS)
@require_POST
def confirm(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say that the account poses as us."""
    return _step(request, uid, "confirm_form", actions.confirm_case, _("Avgjort. Anmäl kontot till plattformen nu."))


@access("member", *rules.READERS)
@require_POST
def leave(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Leave the account alone."""
    return _step(request, uid, "leave_form", actions.leave_case, _("Kontot lämnas i fred."), to_list=True)


@access("member", *rules.READERS)
@require_POST
def report(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say that the account was reported."""
    return _step(request, uid, "report_form", actions.report_case, _("Noterat. Om en vecka påminns ni om svaret."))


@access("member", *rules.READERS)
@require_POST
def end(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say what became of it."""
    return _step(request, uid, "end_form", actions.end_case, _("Ärendet är avslutat."))


@access("member", *rules.READERS)
@require_POST
def warn(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Warn anybody of the account."""
    return _step(request, uid, "warn_form", actions.warn_of_case, _("Varningen syns nu bland era kanaler."))


@access("member", *rules.READERS)
@require_POST
def end_warning(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take the warning away."""
    return _step(request, uid, "unwarn_form", actions.end_warning, _("Varningen är borttagen."))


def _step(
    request: MemberRequest, uid: UUID, name: str, action: Callable[..., object], says: str, *,
    to_list: bool = False, is_judged: bool = True,
) -> HttpResponse:  # fmt: skip
    """Take one step of a case; a refused form comes back on its page. What is judged is judged as it was seen."""
    found = queries.case_for(request.actor, uid)
    form = _form(name, *posted(request), version=found.version)

    def act() -> object:
        seen = {"seen_version": form.cleaned_data["seen_version"]} if is_judged else {}
        return action(actor=request.actor, uid=uid, **seen, **form.values)

    if done(request, form, act):
        messages.success(request, says)
        return redirect("watch:cases") if to_list else redirect("watch:case", uid)
    return _shown(request, found, **{name: form, "form": form})


# Several forms stand on one page; fields of the same name need ids of their own.
_FORMS: dict[str, tuple[type[ActingForm], str]] = {
    "link_form": (forms.LinkForm, "lank"), "picture_form": (forms.PictureForm, "bild"),
    "confirm_form": (forms.ConfirmForm, "avgor"), "leave_form": (forms.LeaveForm, "lamna"),
    "report_form": (forms.ReportForm, "anmalt"), "end_form": (forms.EndForm, "utfall"),
    "warn_form": (forms.WarnForm, "varna"), "unwarn_form": (forms.ButtonForm, "sluta"),
}  # fmt: skip


def _form(name: str, *sent: Any, version: int) -> ActingForm:
    kind, prefix = _FORMS[name]
    return kind(*sent, version=version, prefix=prefix)


def _offered(actor: Actor, state: CaseState, *, is_warned: bool) -> list[str]:
    """Return which steps can be taken from where a case stands, by this actor."""
    may_decide, found = rules.may_decide(actor), []
    if state in OPEN_STATES and rules.may_add(actor):
        found += ["link_form", "picture_form"]
    if not may_decide:
        return found
    found += {
        CaseState.SUSPECTED: ["confirm_form", "leave_form"],
        CaseState.CONFIRMED: ["report_form", "end_form", "leave_form"],
        CaseState.REPORTED: ["end_form", "leave_form"],
    }.get(state, [])
    if is_warned:
        return [*found, "unwarn_form"]
    return [*found, "warn_form"] if state in (CaseState.CONFIRMED, CaseState.REPORTED, CaseState.STAYS) else found


def _shown(request: MemberRequest, found: Case, **refused: Any) -> HttpResponse:
    actor, state = request.actor, CaseState(found.state)
    is_warned = found.warned_at is not None and found.warning_ended_at is None
    authority = core.authority_of(actor)
    open_page = f"{settings.OPTIONS.base_url}{reverse('accounts:accounts', kwargs={'slug': authority.slug})}"
    page = {
        "case": found,
        "kind": _KINDS[state],
        "platform": accounts.platform_name(found.platform or platforms.OTHER),
        "evidence": queries.evidence_of(actor, found),
        "is_open": state in OPEN_STATES,
        "is_warned": is_warned,
        "may_decide": rules.may_decide(actor),
        "ready": queries.ready_report(actor, found, open_page) if state == CaseState.CONFIRMED else "",
        "history": audit.timeline(actor, found),
        **{name: _form(name, version=found.version) for name in _offered(actor, state, is_warned=is_warned)},
        **refused,
    }
    return render(request, "watch/case.html", page, status=422 if refused else 200)


def _status(form: ActingForm) -> int:
    return 422 if form.is_bound else 200
