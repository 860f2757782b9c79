"""
The house rules as anybody reads them: one page, in Swedish and English, and the same as data.

The page is the same for everybody, so that it can be kept by caches: nothing in it is for the one who reads.

Law: BBS-2, BBS-5, BBS-8, RF-2, TF-1
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from narvaro.base import law
from narvaro.channels import queries as channels
from narvaro.core import openly
from narvaro.core import queries as core
from narvaro.core.access import OpenRequest, access
from narvaro.core.types import Actor
from narvaro.policy import queries, rules
from narvaro.policy.models import HouseRule
from narvaro.policy.types import Ground, Measure

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Authority


@access("open")
@require_safe
def page(request: OpenRequest, uid: UUID | None = None) -> HttpResponseBase:
    """What is and is not allowed, what the law asks for, what happens then, and how to ask for a new look."""
    with translation.override(openly.language(request)):
        shown = _published(request.visitor, uid)
        body = render_to_string("policy/open/page.html", shown)
        return openly.kept_by_caches(request, HttpResponse(body))


@access("open")
@require_safe
def as_json(request: OpenRequest, uid: UUID | None = None) -> HttpResponseBase:
    """The same as data."""
    with translation.override(openly.language(request)):
        body = json.dumps(_data(_published(request.visitor, uid)), ensure_ascii=False, indent=1)
        response = HttpResponse(body, content_type="application/json; charset=utf-8")
        return openly.kept_by_caches(request, openly.as_data(response))


def _published(actor: Actor, uid: UUID | None) -> dict[str, Any]:
    authority = core.authority_of(actor)
    channel = channels.channel_for(actor, uid) if uid else None
    found = queries.house_rules(actor, channel.pk if channel else None)
    language = translation.get_language() or settings.LANGUAGE_CODE
    return {
        "authority": authority,
        "channel": channel,
        "general": [_worded(each, language) for each in found if each.channel_id is None],
        "special": [_worded(each, language) for each in found if each.channel_id is not None],
        "crimes": [ground for ground in rules.CRIMES if ground.code != "BBS-5-2"],
        "copyright": next(ground for ground in rules.CRIMES if ground.code == "BBS-5-2"),
        "secrecy": rules.SECRECY,
        "since": queries.in_force_since(actor, channel.pk if channel else None),
        "report_url": _leads("moderation:report", authority),
        "complain_url": _leads("moderation:complain", authority),
        "statistics_url": _leads("moderation:statistics", authority),
        "accounts_url": _leads("accounts:accounts", authority),
        "guideline_url": _leads("house_rules:guideline", authority),
        "address": settings.OPTIONS.base_url + _path(authority, channel, "page"),
        "json_url": _path(authority, channel, "json"),
        "language_links": openly.other_languages(_path(authority, channel, "page")),
        "shell": {"authority_name": authority.name},
    }


def _worded(rule: HouseRule, language: str) -> dict[str, Any]:
    """Return a rule in the language of the page; in Swedish, and marked so, where nobody has put it in English."""
    is_english = language == "en" and bool(rule.title_en and rule.text_en)
    return {
        "code": rule.code, "title": rule.title_en if is_english else rule.title,
        "text": rule.text_en if is_english else rule.text, "language": "en" if is_english else "sv",
        "first": Measure.REMOVE if rule.remove_first else Measure(rule.first), "at_once": rule.remove_first,
    }  # fmt: skip


def _path(authority: Authority, channel: Channel | None, kind: str) -> str:
    names = {"page": ("page", "channel"), "json": ("json", "channel_json")}[kind]
    if channel is None:
        return reverse(f"house_rules:{names[0]}", kwargs={"slug": authority.slug})
    return reverse(f"house_rules:{names[1]}", kwargs={"slug": authority.slug, "uid": channel.uid})


def _leads(name: str, authority: Authority) -> str:
    try:
        return reverse(name, kwargs={"slug": authority.slug})
    except NoReverseMatch:
        return ""  # that page is not part of this installation


def _data(shown: dict[str, Any]) -> dict[str, Any]:
    authority, channel, since = shown["authority"], shown["channel"], shown["since"]
    return {
        "authority": {"name": authority.name, "organisation_number": authority.organisation_number},
        "channel": channel and {"name": channel.name, "platform": channel.platform, "url": channel.url},
        "language": translation.get_language(),
        "in_force_since": _iso(since),
        "page": shown["address"],
        "not_allowed": [_rule_data(each, "authority") for each in shown["general"]]
        + [_rule_data(each, "channel") for each in shown["special"]],
        "law_requires_removal": [_ground_data(each) for each in (*shown["crimes"], shown["copyright"])],
        "hidden_to_protect": [_ground_data(each) for each in shown["secrecy"]],
        "measures_least_intrusive_first": [{"code": each.value, "title": str(each.label)} for each in Measure],
        "never_a_reason": _("Åsikter, kritik och politik är aldrig skäl att ta bort något."),
        "report": shown["report_url"] and settings.OPTIONS.base_url + shown["report_url"],
        "complain": shown["complain_url"] and settings.OPTIONS.base_url + shown["complain_url"],
        "statistics": shown["statistics_url"] and settings.OPTIONS.base_url + shown["statistics_url"],
    }


def _rule_data(rule: dict[str, Any], applies: str) -> dict[str, Any]:
    return {
        "code": rule["code"], "applies_to": applies, "language": rule["language"], "title": rule["title"],
        "text": rule["text"], "first_measure": rule["first"].value, "at_once": rule["at_once"],
    }  # fmt: skip


def _ground_data(ground: Ground) -> dict[str, Any]:
    return {
        "code": ground.code, "title": str(ground.title), "text": str(ground.text),
        "law": [law.provision(each).citation for each in ground.law],
    }  # fmt: skip


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
