"""Where an authority switches the learner on, sees how often it is right, lets it learn again, and deletes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.base.ids import uuid7
from narvaro.core import rules as house
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done
from narvaro.core.moments import full_time
from narvaro.core.types import READS_ALL, Invalid, NotPermitted, Role
from narvaro.inbox import actions, learning, rules
from narvaro.inbox.forms import StepForm
from narvaro.inbox.learning import Overview
from narvaro.inbox.models import Training
from narvaro.inbox.types import Became, Standing
from narvaro.inbox.views.suggested import share

READERS = (*READS_ALL, Role.ADMINISTRATOR)
_KINDS = {
    Standing.NOT_INSTALLED: "warning", Standing.OFF: "info", Standing.TOO_FEW: "info", Standing.LEARNS: "info",
    Standing.SILENT: "warning", Standing.SPEAKS: "success",
}  # fmt: skip


@access("member", *READERS)
@require_GET
def learner(request: MemberRequest) -> HttpResponse:
    """The learner: where it stands, its figures, and what it never does."""
    actor = request.actor
    seen = learning.overview(actor)
    now, following = _standing(seen)
    page = {
        "seen": seen, "kind": _KINDS[seen.standing], "now": now, "following": following,
        "may_change": rules.may_keep_learner(actor), "form": StepForm(version=seen.version),
        "may_switch": seen.is_on or seen.standing != Standing.NOT_INSTALLED,
        "has_administration": actor.has_anywhere(*house.ADMINISTRATION),
        "is_asked": seen.row is not None and seen.row.wanted_at is not None,
        **(_figures(seen.training) if seen.training else {}),
        "live": _live(seen), "counts": [(Became(key).label, count) for key, count in seen.counts.items()],
        "earlier": [
            (full_time(each.at), each.learnt_from + each.held_out, share(each.right, each.held_out))
            for each in seen.earlier
        ],
    }  # fmt: skip
    return render(request, "inbox/learner.html", page)


@access("member", *READERS)
@require_POST
def switch_on(request: MemberRequest) -> HttpResponse:
    """Let what people decide be learnt from."""
    switch = partial(actions.switch_learner, on=True)
    return _acted(request, switch, _("Förslagen är på. De börjar lära sig inom någon minut."))


@access("member", *READERS)
@require_POST
def switch_off(request: MemberRequest) -> HttpResponse:
    """Neither learn nor suggest."""
    switch = partial(actions.switch_learner, on=False)
    return _acted(request, switch, _("Förslagen är avstängda. Det de har lärt sig finns kvar tills du raderar det."))


@access("member", *READERS)
@require_POST
def ask_to_learn(request: MemberRequest) -> HttpResponse:
    """Ask for it to learn again now."""
    return _acted(request, actions.ask_to_learn, _("Förslagen lär om inom någon minut. Du behöver inte vänta här."))


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
def delete(request: MemberRequest) -> HttpResponse:
    """Delete all that was learnt, after a question."""
    if not rules.may_keep_learner(request.actor):
        raise NotPermitted
    if request.method == "POST":
        form = StepForm(request.POST)
        if not done(request, form, partial(actions.delete_learner, actor=request.actor)):
            raise Invalid
        messages.success(request, _("Allt som förslagen hade lärt sig är raderat."))
        return redirect("inbox:learner")
    return render(request, "inbox/delete_learner.html", {"fields": [("intent", str(uuid7()))]})


def _acted(request: MemberRequest, action: Callable[..., Any], says: str) -> HttpResponse:
    form = StepForm(request.POST)
    act = partial(_seen, action, request, form)
    if not done(request, form, act):
        raise Invalid
    messages.success(request, says)
    return redirect("inbox:learner")


def _seen(action: Callable[..., Any], request: MemberRequest, form: StepForm) -> Any:
    return action(actor=request.actor, seen_version=form.cleaned_data["seen_version"])


# --- What the page says ----------------------------------------------------------------------------------------------


def _standing(seen: Overview) -> tuple[str, str]:
    """Return where it stands, and what comes next."""
    if seen.standing == Standing.NOT_INSTALLED:
        return (
            _("Tillägget som förslagen behöver är inte installerat."),
            _("Den som sköter driften installerar det med make install-learner och startar om Närvaro."),
        )
    if seen.standing == Standing.OFF:
        return _("Förslagen är avstängda."), _("Inget lärs in och inget föreslås.")
    if seen.standing == Standing.TOO_FEW:
        return _("Det finns för få beslut att lära av."), _missing(seen)
    if seen.standing == Standing.LEARNS:
        trouble = bool(seen.row and seen.row.trouble)
        following = _("Det gick inte att lära sig senast. Den som sköter driften ser varför i loggen.")
        return _("Inget är inlärt än."), following if trouble else _("Det tar någon minut.")
    if seen.standing == Standing.SILENT:
        return (
            _("Förslagen är inte bättre än en gissning, så de visas inte."),
            _("De prövas igen när de har lärt om, en gång i veckan eller när du ber om det."),
        )
    return _("Förslagen är på."), _("De syns som en rad i inkorgen, på det som är öppet.")


def _missing(seen: Overview) -> str:
    of_all, of_second = seen.missing
    if of_all:
        return ngettext(
            "Det behövs %(n)d beslut till innan de får föreslå något.",
            "Det behövs %(n)d beslut till innan de får föreslå något.", of_all,
        ) % {"n": of_all}  # fmt: skip
    return ngettext(
        "Det behövs %(n)d beslut till av ett annat slag än det vanligaste.",
        "Det behövs %(n)d beslut till av ett annat slag än det vanligaste.", of_second,
    ) % {"n": of_second}  # fmt: skip


def _figures(training: Training) -> dict[str, Any]:
    """Return how it went when it was tried, in bars and class by class."""
    right, guessing = share(training.right, training.held_out), share(training.guessing, training.held_out)
    facts = {"right": right, "guessing": guessing, "count": training.held_out, "older": training.learnt_from}
    return {
        "tried": _(
            "De lärde av %(older)s äldre beslut och prövades på de %(count)s nyaste: rätt i %(right)s. "
            "Den som alltid gissar på det vanligaste har rätt i %(guessing)s."
        ) % facts,
        "bars": [
            (_("Förslagen"), 100 * training.right / training.held_out, right),
            (_("Alltid det vanligaste"), 100 * training.guessing / training.held_out, guessing),
        ],
        "bars_heads": [_("Vem"), _("Rätt")],
        "classes": [
            (
                Became(each["became"]).label, each["held_out"], share(each["found"], each["held_out"]),
                each["suggested"], share(each["found"], each["suggested"]),
            )
            for each in training.figures
        ],
        "numeric": [1, 2, 3, 4],
        "classes_heads": [
            _("Vad ni beslutade"), _("Antal prövade"), _("Hittade"), _("Antal förslag"), _("Förslag som var rätt"),
        ],
    }  # fmt: skip


def _live(seen: Overview) -> str:
    """Return how its suggestions agreed with what people then decided, as a sentence; "" before any was decided."""
    tally = seen.tally
    if not tally.count:
        return ""
    return _("Av de senaste %(count)s förslagen blev %(right)s som ni sedan beslutade (%(share)s).") % {
        "count": tally.count, "right": tally.right, "share": share(tally.right, tally.count)
    }  # fmt: skip
