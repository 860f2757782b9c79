"""Pages about what is out: what differs, changed, removed and corrected; found elsewhere; acts; what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial, wraps
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from narvaro.base.clock import today
from narvaro.channels import queries as channels
from narvaro.channels.types import Platform
from narvaro.connectors.port import PlatformError
from narvaro.connectors.registry import connector
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, perform
from narvaro.core.types import ANSWERS, Invalid, NotKept, NotPermitted, Replayed, Role, Stale
from narvaro.decisions.rules import content_hash
from narvaro.publishing import neutrality, queries, rules
from narvaro.publishing.actions import acting, correcting, deeds, outside, read_back
from narvaro.publishing.forms.afterwards import (
    ActForm,
    ChangeForm,
    CorrectForm,
    FindTargetForm,
    PressForm,
    ReleaseForm,
    RemoveForm,
    found_in,
)
from narvaro.publishing.queries import afterwards
from narvaro.publishing.queries.hints import election_words, voting
from narvaro.publishing.types import PASSES_ALWAYS, State
from narvaro.publishing.types.afterwards import OF_OUR_OWN, DeedState, Differs, Harm, Means

if TYPE_CHECKING:
    from narvaro.connectors.afterwards import Target
    from narvaro.core.forms import ActingForm
    from narvaro.publishing.models import Deed, Publication, ReadBack

READERS = queries.READERS


def around(request: MemberRequest, publication: Publication) -> dict[str, Any]:
    """Return what the page of a publication shows of what happened after it was delivered."""
    if publication.state != State.DELIVERED:
        return {}
    actor = request.actor
    looked = afterwards.read_backs(actor, publication)
    may = afterwards.may_change(actor, publication)
    is_gone = afterwards.is_removed(publication)
    return {
        "read_backs": [(each, [(_of(d["what"]), d) for d in each.differences]) for each in looked],
        "captions_where": _captions_where(publication, looked),
        "unseen": any(each.settled_at is None and (each.differences or not each.was_read) for each in looked),
        "deeds": [_shown(request, each) for each in afterwards.deeds_of(actor, publication)],
        "corrections": afterwards.corrections_of(actor, publication),
        "may_change_out": may and not is_gone and publication.kept_item_id is not None,
        "may_see": may,
        "can_edit": afterwards.can_edit(publication.channel.platform),
        "is_gone": is_gone,
        "press": PressForm(),
    }


def _captions_where(publication: Publication, looked: Iterable[ReadBack]) -> str:
    """Return where a person adds the captions that a film was shown without; "" where it lacks none."""
    lacking = any(
        each.settled_at is None and Differs.CAPTIONS in [d["what"] for d in each.differences] for each in looked
    )
    if not lacking:
        return ""
    is_metas = publication.channel.platform == Platform.FACEBOOK
    return "Meta Business Suite" if is_metas else _("plattformens egen app")


def _of(what: str) -> str:
    return str(Differs(what).label) if what in Differs.values else what


def _shown(request: MemberRequest, deed: Deed) -> dict[str, Any]:
    actor = request.actor
    may_read = deed.state == DeedState.AWAITING and rules.may_approve(
        actor, [deed.channel.unit_id], (deed.by_id,)
    )  # fmt: skip
    seen = content_hash(afterwards.content_of_deed(deed)) if may_read else ""
    return {
        "row": deed,
        "release": ReleaseForm(initial={"seen_hash": seen}) if may_read else None,
        "may_cancel": deed.state in (DeedState.AWAITING, DeedState.QUEUED) and actor.has_anywhere(*ANSWERS),
        "may_settle": deed.state in (DeedState.REFUSED, DeedState.ABSENT) and deed.settled_at is None,
    }


def _step(back: Callable[[MemberRequest, UUID], str]) -> Callable[..., Callable[..., HttpResponse]]:
    """Let a step of one press lead back to its page: when it is refused, and when its address is opened."""

    def around_view(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def stepping(request: MemberRequest, uid: UUID) -> HttpResponse:
            place = back(request, uid)
            if request.method != "POST":
                return redirect(place)
            try:
                return view(request, uid)
            except (NotPermitted, Stale, Replayed, Invalid, NotKept) as error:
                page = {"sentence": str(error), "back_url": place}
                return render(request, f"core/errors/{error.status}.html", page, status=error.status)

        return stepping

    return around_view


def _to_publication(request: MemberRequest, uid: UUID) -> str:
    return reverse("publishing:publication", args=[queries.publication_for(request.actor, uid).uid])


def _to_deed(request: MemberRequest, uid: UUID) -> str:
    deed = afterwards.deed_for(request.actor, uid)
    if deed.kind in OF_OUR_OWN and deed.publication is not None:
        return _to_publication(request, deed.publication.uid)
    return reverse("publishing:acts")


def _to_outside(request: MemberRequest, uid: UUID) -> str:
    afterwards.outside_for(request.actor, uid)
    return reverse("publishing:outside")


def _pressed(request: MemberRequest, form: ActingForm, action: Callable[[], Any], said: str) -> Any:
    if not form.is_valid():
        raise Invalid(_("Sidan har blivit för gammal. Gå tillbaka och pröva igen."))
    found = perform(request.actor, form.cleaned_data["intent"], action)
    messages.success(request, said)
    return found


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
@_step(_to_publication)
def see(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say that one has seen that the platform shows something else."""
    found = queries.publication_for(request.actor, uid)
    action = partial(read_back.settle_read_back, actor=request.actor, publication=found)
    _pressed(request, PressForm(request.POST), action, _("Antecknat att du har sett skillnaden."))
    return redirect("publishing:publication", uid)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def change(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Change the words of what is out."""
    found = queries.publication_for(request.actor, uid)
    held = _held(request, found)
    if held is None:
        return redirect("publishing:publication", uid)
    now_says = afterwards.changed_text(found)[0]
    form = ChangeForm(request.POST or None, version=held.number, initial={"text": now_says})
    action = lambda: deeds.change_own(  # noqa: E731 - as the other pages give it
        actor=request.actor, publication=found, seen_version=form.cleaned_data["seen_version"], **form.values
    )
    if request.method == "POST" and done(request, form, action):
        messages.success(request, _("Ändringen görs strax. Det som står där nu bevaras först."))
        return redirect("publishing:publication", uid)
    page = {"publication": found, "held": held, "form": form, "waits": afterwards.must_be_read(request.actor, found)}
    return render(request, "publishing/change_own.html", page, status=422 if form.is_bound else 200)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def remove(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Remove what is out, with a ground; the record stays."""
    found = queries.publication_for(request.actor, uid)
    held = _held(request, found)
    if held is None:
        return redirect("publishing:publication", uid)
    must_stay = found.purpose in PASSES_ALWAYS or found.is_by_law
    form = RemoveForm(request.POST or None, version=held.number, must_stay=must_stay)
    action = lambda: deeds.remove_own(  # noqa: E731
        actor=request.actor, publication=found, seen_version=form.cleaned_data["seen_version"], **form.values
    )
    if request.method == "POST" and done(request, form, action):
        messages.success(request, _("Det tas bort strax. Handlingen finns kvar här."))
        return redirect("publishing:publication", uid)
    page = {
        "publication": found, "held": held, "form": form, "must_stay": must_stay,
        "comments": len(afterwards.in_the_thread(request.actor, found)),
    }  # fmt: skip
    return render(request, "publishing/remove_own.html", page, status=422 if form.is_bound else 200)


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def correct(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Correct something wrong: seen by all, told to those answered, and what harm it did; on one page."""
    found = queries.publication_for(request.actor, uid)
    held = _held(request, found)
    if held is None:
        return redirect("publishing:publication", uid)
    can_edit = afterwards.can_edit(found.channel.platform)
    means = [Means.ANSWER, Means.EDIT] if can_edit else [Means.ANSWER, Means.ANEW]
    told = afterwards.already_answered(request.actor, found)
    people = afterwards.in_the_thread(request.actor, found)
    form = CorrectForm(
        request.POST or None, version=held.number, means=means, told=told, people=people,
        initial={"means": Means.ANSWER, "new_text": afterwards.changed_text(found)[0]},
    )  # fmt: skip
    if request.method == "POST" and done(request, form, lambda: _correct(request, found, form)):
        messages.success(request, _("Rättelsen går ut strax. Båda texterna är bevarade."))
        return redirect("publishing:publication", uid)
    page = {"publication": found, "held": held, "form": form, "told": told}
    return render(request, "publishing/correct.html", page, status=422 if form.is_bound else 200)


def _correct(request: MemberRequest, found: Publication, form: CorrectForm) -> Any:
    values = form.cleaned_data
    violated = correcting.Violated(
        item_uid=UUID(values["violated_item"]) if values["violated_item"] else None,
        text=values["violated_text"], note=values["violated_note"],
    )  # fmt: skip
    return correcting.correct(
        actor=request.actor, publication=found, means=values["means"], text=values["text"],
        new_text=values["new_text"], tell=form.told, harm=values["harm"],
        violated=violated if Harm.VIOLATED in values["harm"] else None, seen_version=values["seen_version"],
    )  # fmt: skip


def _held(request: MemberRequest, found: Publication) -> Any:
    """Return the kept words of what is out; None where there is nothing to do about it now, and say why."""
    if not afterwards.may_change(request.actor, found):
        raise NotPermitted
    try:
        held = afterwards.wording(request.actor, found)
    except NotKept:
        messages.info(request, _("Det är inte bevarat än. Pröva igen om en stund."))
        return None
    if found.state != State.DELIVERED or afterwards.is_removed(found):
        messages.info(request, _("Det finns inte kvar på plattformen."))
        return None
    return held


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
@_step(_to_deed)
def release_deed(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Approve a change that somebody else decided."""
    deed, form = afterwards.deed_for(request.actor, uid), ReleaseForm(request.POST)
    action = lambda: deeds.release_deed(  # noqa: E731
        actor=request.actor, deed=deed, seen_hash=form.cleaned_data["seen_hash"]
    )
    _pressed(request, form, action, _("Godkänt. Ändringen görs strax."))
    return redirect(_to_deed(request, uid))


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
@_step(_to_deed)
def cancel_deed(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take back what has not begun."""
    deed = afterwards.deed_for(request.actor, uid)
    action = partial(deeds.cancel_deed, actor=request.actor, deed=deed)
    _pressed(request, PressForm(request.POST), action, _("Ångrat. Inget är gjort på plattformen."))
    return redirect(_to_deed(request, uid))


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
@_step(_to_deed)
def settle_deed(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say that one has seen that it was not done."""
    deed = afterwards.deed_for(request.actor, uid)
    action = partial(deeds.settle_deed, actor=request.actor, deed=deed)
    _pressed(request, PressForm(request.POST), action, _("Antecknat att du har sett det."))
    return redirect(_to_deed(request, uid))


# --- Found elsewhere -------------------------------------------------------------------------------------------------


@access("member", *READERS)
@require_GET
def found_outside(request: MemberRequest) -> HttpResponse:
    """What is in our name and did not go out from here."""
    rows = [
        (row, shown, afterwards.may_say_whose(request.actor, row.channel))
        for row, shown in afterwards.outside(request.actor)
    ]
    return render(request, "publishing/outside.html", {"rows": rows, "press": PressForm()})


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
@_step(_to_outside)
def own_outside(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say that it is ours."""
    found = afterwards.outside_for(request.actor, uid)
    action = partial(outside.own_outside, actor=request.actor, found=found)
    _pressed(request, PressForm(request.POST), action, _("Registrerat som ert. Handlingen är redan bevarad."))
    return redirect("publishing:outside")


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
@_step(_to_outside)
def disown_outside(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say that it is not we: an incident begins."""
    found = afterwards.outside_for(request.actor, uid)
    action = partial(outside.disown_outside, actor=request.actor, found=found)
    incident = _pressed(request, PressForm(request.POST), action, _("En incident har börjat. Gör det första nu."))
    return redirect("channels:incident", incident.uid)


# --- Acts ------------------------------------------------------------------------------------------------------------


@access("member", *READERS)
@require_GET
def acts(request: MemberRequest) -> HttpResponse:
    """All likes, reposts and follows in the authority's name."""
    text = request.GET.get("fore", "")
    before = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    rows = afterwards.acts(request.actor, before=before)
    back = afterwards.taken_back(request.actor, rows)
    may = request.actor.has_anywhere(*ANSWERS)
    page = {
        "rows": [(_shown(request, each), may and _may_take_back(each, back)) for each in rows],
        "may_act": may, "press": PressForm(),
        "older_url": f"?fore={rows[-1].pk}" if len(rows) == afterwards.PAGE else "",
        "newest_url": reverse("publishing:acts") if before else "",
    }  # fmt: skip
    return render(request, "publishing/acts.html", page)


def _may_take_back(deed: Deed, back: set[int]) -> bool:
    return deed.state == DeedState.DONE and deed.takes_back_id is None and deed.pk not in back


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
def new_act(request: MemberRequest) -> HttpResponse:
    """Find what to like, repost or follow, think of whether it is objective, and do it."""
    theirs = [each for each in queries.channels_to_post_in(request.actor) if afterwards.can_act(each.platform)]
    asked = request.GET if "lank" in request.GET else None
    find = FindTargetForm(asked, channels=theirs)
    channel, target, form = None, None, None
    if asked is not None and find.is_valid():
        channel = next(each for each in theirs if str(each.uid) == find.cleaned_data["kanal"])
        if request.method == "POST":
            target = found_in(request.POST.get("target", ""))
            form = ActForm(request.POST, is_account=target.is_account if target else False)
            if target is None:
                form.add_error(None, _("Sidan har blivit för gammal. Sök upp länken igen."))
            elif done(request, form, partial(_act, request, channel, target, form)):
                messages.success(request, _("Det görs strax, och står i listan."))
                return redirect("publishing:acts")
        else:
            target = _looked_up(channel, find)
            form = ActForm(target=target) if target is not None else None
    near = voting(request.actor, today(), today())
    page = {
        "find": find, "form": form, "target": target, "channel": channel, "channels": theirs,
        "election": election_words(near[0]) if near else "",
        "politics": target is not None and neutrality.is_about_politics(target.handle, target.text),
    }  # fmt: skip
    refused = form is not None and form.is_bound
    return render(request, "publishing/new_act.html", page, status=422 if refused else 200)


def _act(request: MemberRequest, channel: Any, target: Target, form: ActForm) -> Deed:
    values = form.values
    return acting.act_in_name(
        actor=request.actor, channel=channel, kind=values["kind"], target=target, agreed=values["agreed"],
        why=values["why"],
    )  # fmt: skip


def _looked_up(channel: Any, find: FindTargetForm) -> Target | None:
    try:
        platform: Any = connector(channel.platform)
        target: Target | None = platform.find(channels.account_of(channel), find.cleaned_data["lank"])
    except PlatformError as error:
        find.add_error("lank", str(error))
        return None
    if target is None:
        find.add_error("lank", _("Det finns inget öppet inlägg eller konto där. Kontrollera länken."))
    return target


@access("member", *ANSWERS)
@require_http_methods(["GET", "POST"])
@_step(_to_deed)
def take_back_act(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take an act back."""
    deed = afterwards.deed_for(request.actor, uid)
    action = partial(acting.take_back_act, actor=request.actor, deed=deed)
    _pressed(request, PressForm(request.POST), action, _("Det tas tillbaka strax."))
    return redirect("publishing:acts")


# --- What is left ----------------------------------------------------------------------------------------------------


@access("member", *READERS, Role.ADMINISTRATOR)
@require_GET
def quota(request: MemberRequest, uid: UUID) -> HttpResponse:
    """What a platform has left for a channel."""
    channel = channels.channel_for(request.actor, uid)
    page = {"channel": channel, "rows": afterwards.quota_of(request.actor, channel)}
    return render(request, "publishing/quota.html", page)
