"""What pages of policy share: remarks with the provision they lean on, and addresses of the open page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from narvaro.base import law
from narvaro.core import queries as core
from narvaro.core import rules as house
from narvaro.core.access import MemberRequest
from narvaro.core.forms import perform
from narvaro.core.types import READS_ALL, Actor, Invalid, Role
from narvaro.policy.forms import ButtonForm
from narvaro.policy.types import Remark

READERS = (*READS_ALL, Role.ADMINISTRATOR)
_LABELS = {
    "RF-2": _("Kan krocka med yttrandefriheten"),
    "KL-1": _("Lika för alla"),
    "KL-2": _("Kanalen är ingen anslagstavla"),
    "BBS-8": _("Inte lagens lista"),
    "FL-1": _("Omprövning saknas"),
    "GDPR-7": _("En säker väg saknas"),
    "RF-5": _("Tiden saknas"),
    "": _("Lång text"),
}


def marks(remarks: Iterable[Remark]) -> list[dict[str, Any]]:
    """Return remarks as the design kit's marks take them, each with the provision in plain words."""
    english = (get_language() or "sv").startswith("en")
    found = []
    for remark in remarks:
        mark: dict[str, Any] = {
            "label": _LABELS[remark.law], "kind": "notice", "icon": "warning", "explanation": remark.sentence,
        }  # fmt: skip
        if remark.law:
            provision = law.provision(remark.law)
            mark["law_text"] = provision.text_en if english else provision.text_sv
            mark["law_name"] = f"{provision.title_en if english else provision.title_sv}, {provision.citation}"
            mark["law_id"] = provision.id
        found.append(mark)
    return found


def list_marks(remarks: Iterable[Remark]) -> list[dict[str, Any]]:
    """Return remarks as marks for a row of a list: one for each provision, with all that is said under it."""
    found: dict[str, dict[str, Any]] = {}
    for mark in marks(remarks):
        same = found.setdefault(str(mark["label"]), {**mark, "explanation": ""})
        same["explanation"] = f"{same['explanation']} {mark['explanation']}".strip()
    return list(found.values())


def open_path(actor: Actor, channel_uid: UUID | None = None) -> str:
    """Return the path of the rules as anybody reads them."""
    slug = core.authority_of(actor).slug
    if channel_uid is not None:
        return reverse("house_rules:channel", kwargs={"slug": slug, "uid": channel_uid})
    return reverse("house_rules:page", kwargs={"slug": slug})


def whole(path: str) -> str:
    """Return a path as a whole address, to be copied."""
    return settings.OPTIONS.base_url + path


def may_administer_pages(actor: Actor) -> bool:
    """Whether the page of administration lets the actor in, so that a link there leads somewhere."""
    return actor.has_anywhere(*house.ADMINISTRATION)


def once(request: MemberRequest, action: Callable[[], Any]) -> None:
    """Run `action` once for a button without fields. Raises Replayed, and Invalid when the form is not whole."""
    form = ButtonForm(request.POST)
    if not form.is_valid():
        raise Invalid
    perform(request.actor, form.cleaned_data["intent"], action)


def is_looking(request: HttpRequest) -> bool:
    """Whether a form was sent to be looked at, not to have effect."""
    return request.method == "POST" and "look" in request.POST
