"""Pages where an authority writes its own words, sees what they would have lifted up, and switches them on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.base.ids import uuid7
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import ActingForm, done, perform, posted
from narvaro.core.types import Invalid, NotPermitted
from narvaro.policy import actions, queries, rules
from narvaro.policy.forms import ButtonForm, WordsForm
from narvaro.policy.views.showing import READERS, may_administer_pages, once

if TYPE_CHECKING:
    from narvaro.core.types import Actor
    from narvaro.policy.models import OwnWords

_FIELDS = ("name", "words", "patterns", "heard_in", "asks", "house_rule")


@access("member", *READERS)
@require_GET
def own_words(request: MemberRequest) -> HttpResponse:
    """The authority's lists of own words."""
    page = {
        "rows": queries.own_words(request.actor), "may_change": rules.may_change_rules(request.actor),
        "has_administration": may_administer_pages(request.actor),
    }  # fmt: skip
    return render(request, "policy/own_words.html", page)


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """A new list; it is tried before it can be switched on."""
    actor = request.actor
    if not rules.may_change_rules(actor):
        raise NotPermitted
    form = WordsForm(*posted(request), house_rules=_house_rules(actor))
    made: list[OwnWords] = []
    if done(request, form, lambda: made.append(actions.add_words(actor=actor, **form.values))):
        messages.success(request, _("Listan är sparad. Se vad den hade lyft fram, och slå på den om det stämmer."))
        return redirect("policy:word_list", made[0].uid)
    return render(request, "policy/add_words.html", {"form": form}, status=_status(form))


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
def word_list(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One list: what it would have lifted up, whether it is on, and how it is changed."""
    actor = request.actor
    found, may_change = queries.own_words_for(actor, uid), rules.may_change_rules(actor)
    if request.method == "POST" and not may_change:
        raise NotPermitted
    form = WordsForm(
        *posted(request), version=found.version, house_rules=_house_rules(actor),
        initial={name: getattr(found, name) for name in _FIELDS},
    )  # fmt: skip
    if done(request, form, lambda: _changed(actor, uid, form)):
        messages.success(request, _("Listan är sparad och avstängd. Se vad den hittar nu, och slå på den igen."))
        return redirect("policy:word_list", uid)
    page = {
        "row": found, "form": form, "may_change": may_change, "trials": queries.words_trials(actor, found),
        "button": ButtonForm(version=found.version),
    }  # fmt: skip
    return render(request, "policy/word_list.html", page, status=_status(form))


@access("member", *READERS)
@require_POST
def switch_on(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let a list be listened for, in the shape that was tried."""
    return _switch(request, uid, on=True, says=_("Listan är på. Det som skrivs från och med nu läses med den."))


@access("member", *READERS)
@require_POST
def switch_off(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let a list rest."""
    return _switch(request, uid, on=False, says=_("Listan är avstängd. Det den redan har lyft fram står kvar."))


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
def end(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take a list away, after a question."""
    if not rules.may_change_rules(request.actor):
        raise NotPermitted
    if request.method == "POST":
        once(request, partial(actions.end_words, actor=request.actor, uid=uid))
        messages.success(request, _("Listan är borttagen. Det den har lyft fram står kvar."))
        return redirect("policy:own_words")
    page = {"row": queries.own_words_for(request.actor, uid), "fields": [("intent", str(uuid7()))]}
    return render(request, "policy/end_words.html", page)


def _changed(actor: Actor, uid: UUID, form: ActingForm) -> object:
    return actions.change_words(actor=actor, uid=uid, seen_version=form.cleaned_data["seen_version"], **form.values)


def _switch(request: MemberRequest, uid: UUID, *, on: bool, says: str) -> HttpResponse:
    form = ButtonForm(request.POST)
    if not form.is_valid():
        raise Invalid
    act = partial(
        actions.switch_words, actor=request.actor, uid=uid, on=on, seen_version=form.cleaned_data["seen_version"]
    )
    perform(request.actor, form.cleaned_data["intent"], act)
    messages.success(request, says)
    return redirect("policy:word_list", uid)


def _house_rules(actor: Actor) -> list[tuple[str, str]]:
    return list({rule.code: rule.title for rule in queries.every_house_rule(actor)}.items())


def _status(form: Any) -> int:
    return 422 if form.is_bound else 200
