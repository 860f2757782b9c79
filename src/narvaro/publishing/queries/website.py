"""Every read of the website's pages that messages belong to."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from narvaro.core.gathering import Part
from narvaro.core.types import Actor
from narvaro.policy import queries as policy
from narvaro.publishing.models import Asked, AtOnce, Message, WebsitePage
from narvaro.publishing.queries.checks import Checks
from narvaro.publishing.types import Purpose
from narvaro.publishing.types.website import PageState


def page_of(actor: Actor, message: Message) -> WebsitePage | None:
    """Return the page of the website that a message belongs to, with what looking at it said last; None for none."""
    found: WebsitePage | None = WebsitePage.objects.of(actor).filter(message=message).first()
    return found


def is_page_asked_for(actor: Actor) -> bool:
    """Whether the guideline in force says that every post belongs to a page of the website. Law: none"""
    return bool(policy.decided(actor).get("website_page_required", False))


def lacks_page(actor: Actor, message: Message) -> bool:
    """Whether a message is to name a page of the website and does not. A correction never waits for one."""
    is_free = message.purpose == Purpose.CORRECTION
    return not is_free and is_page_asked_for(actor) and page_of(actor, message) is None


def asking_of_page(actor: Actor, checks: Checks, message: Message | None) -> Checks:
    """Return what is asked of a post, with what is asked when its page of the website was not there."""
    page = page_of(actor, message) if message is not None else None
    if page is None or page.state != PageState.DEAD:
        return checks
    said = _("Sidan som inlägget hör till finns inte, eller svarar inte: %(url)s") % {"url": page.url}
    return replace(checks, asks=(*checks.asks, said))


def sending_parts(actor: Actor, message: Message) -> dict[str, Part]:
    """
    Return what to gather, together with other things, to know how a message is let out.

    Until when it waits ("asked"), how it has gone out at once ("at_once"), and its page of the website ("page").
    """
    about = {"message": message}
    return {
        "asked": Part(Asked.objects.of(actor).filter(**about)),
        "at_once": Part(AtOnce.objects.of(actor).filter(**about), names=("by__name", "reviewed_by__name")),
        "page": Part(WebsitePage.objects.of(actor).filter(**about)),
    }
