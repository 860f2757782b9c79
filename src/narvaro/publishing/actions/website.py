"""Every write about the website's pages: which one a message belongs to, and what looking at it said."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit, waiting
from narvaro.core import queries as core
from narvaro.core.types import ANSWERS, Actor, Invalid, NotPermitted, Role
from narvaro.links import rules as links
from narvaro.publishing import queries, rules
from narvaro.publishing.actions.approval import note_at_once
from narvaro.publishing.models import Message, WebsitePage
from narvaro.publishing.queries.website import is_page_asked_for, lacks_page
from narvaro.publishing.types import MessageState, Purpose
from narvaro.publishing.types.website import PageState

PLACE = "publications"
KIND = "publishing.website_page"
PAGE_FIELD = "page_url"
_DECIDED = (MessageState.AWAITING, MessageState.PLANNED)
BEFORE_IT_GOES_OUT = timedelta(minutes=30)
TRIES = 3
PAUSE = timedelta(minutes=5)


@transaction.atomic
def name_page(*, actor: Actor, uid: UUID | str, url: str) -> WebsitePage | None:
    """
    Say which page of the authority's own website a message belongs to; "" for none. It is looked at soon.

    Raises:
        NotFound
        NotPermitted: The actor posts in none of its channels, and did not write it.
        Invalid: It is no page of the authority's own website.

    Law: none; the website is where people find the whole of it.
    """
    message = queries.message_for(actor, uid, lock=True)
    parts = queries.channels_of(actor, message)
    is_theirs = actor.is_person(message.written_by_id) or any(queries.is_theirs(actor, part.channel) for part in parts)
    if not (actor.is_system or (actor.has_anywhere(*ANSWERS) and is_theirs)):
        raise NotPermitted
    url = url.strip()
    if not url and message.state in _DECIDED and message.purpose == Purpose.POST and is_page_asked_for(actor):
        raise Invalid(_("Enligt riktlinjen hör inlägget till en sida. Byt sida, eller gör det till ett utkast först."))
    waiting.settle(actor, PLACE, KIND, [message.pk])
    WebsitePage.objects.of(actor).filter(message=message).delete()
    if not url:
        return None
    why = links.why_not_target(url, settings.OPTIONS.base_url)
    if why:
        raise Invalid(why, field="url")
    website = core.authority_of(actor).website
    if website and links.is_foreign(url, website):
        raise Invalid(_("Skriv en sida på er egen webbplats, %(website)s.") % {"website": website}, field="url")
    page: WebsitePage = WebsitePage.objects.create(
        authority_id=actor.authority_id, message=message, url=url, named_by_id=actor.person_id, look_next_at=now()
    )
    audit.note(actor, "publishing.name_page", message)
    return page


def refuse_without_page(actor: Actor, message: Message) -> None:
    """
    Refuse to let out a post that names no page of the website, where the guideline says that every post does.

    What people need to know in a crisis is let out all the same, and looked at afterwards (`note_without_page`).

    Raises: Invalid
    """
    if message.purpose != Purpose.CRISIS and lacks_page(actor, message):
        raise Invalid(
            _("Enligt er riktlinje hör varje inlägg till en sida på webbplatsen. Skriv sidans adress, så går det ut. "
              "Behöver människor veta det nu, välj att det är en kris: då går det ut ändå."),
            field=PAGE_FIELD,
        )  # fmt: skip


def note_without_page(actor: Actor, message: Message) -> None:
    """Note that what could not wait went out without a page, so that somebody looks at it afterwards."""
    if message.purpose == Purpose.CRISIS and lacks_page(actor, message):
        note_at_once(actor, why=_("Det skrevs som kris, och hör inte till någon sida på webbplatsen."), message=message)


def claim_look() -> WebsitePage | None:
    """Take the next page that is due to be looked at, so that nobody else does meanwhile; None when there is none."""
    with transaction.atomic():
        rows = WebsitePage.objects.everywhere("look at pages").filter(look_next_at__lte=now())
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        page: WebsitePage | None = rows.select_related("authority").order_by("look_next_at", "id").first()
        if page is not None:
            WebsitePage.objects.everywhere("look at pages").filter(pk=page.pk).update(look_next_at=now() + PAUSE)
        return page


@transaction.atomic
def store_look(page: WebsitePage, *, is_there: bool, is_sure: bool = True, reason: str = "") -> None:
    """
    Store what looking at a page said. What is planned is looked at again half an hour before it goes out.

    Args:
        is_sure: False when the page may only be slow: it is looked at three times before that is believed.
        reason: Why it is not there, as a Swedish sentence.
    """
    actor = Actor.system(page.authority, "website")
    rows = WebsitePage.objects.of(actor).select_for_update(of=("self",)).select_related("message")
    held: WebsitePage | None = rows.filter(pk=page.pk, url=page.url).first()
    if held is None:  # another page was named meanwhile
        return
    held.looked_at, held.tries = now(), 0 if is_there or is_sure else held.tries + 1
    if not is_there and not is_sure and held.tries < TRIES:
        held.look_next_at = now() + PAUSE
        held.save(update_fields=["looked_at", "tries", "look_next_at"])
        return
    held.state, held.reason = PageState.THERE if is_there else PageState.DEAD, reason[:300]
    held.look_next_at = _next_look(held.message)
    held.save(update_fields=["looked_at", "tries", "state", "reason", "look_next_at"])
    if is_there:
        waiting.settle(actor, PLACE, KIND, [held.message.pk])
    elif held.message.state in (MessageState.PLANNED, MessageState.AWAITING):
        _tell(actor, held)


def look_before_sending(actor: Actor, message: Message) -> None:
    """Let the page of a message that is planned be looked at half an hour before; part of the caller's transaction."""
    if message.planned_at is not None:
        rows = WebsitePage.objects.of(actor).filter(message=message)
        rows.update(look_next_at=max(now(), message.planned_at - BEFORE_IT_GOES_OUT))


def _next_look(message: Message) -> datetime | None:
    if message.planned_at is None or message.state not in (MessageState.PLANNED, MessageState.AWAITING):
        return None
    before = message.planned_at - BEFORE_IT_GOES_OUT
    return before if before > now() else None


def _tell(actor: Actor, page: WebsitePage) -> None:
    message = page.message
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Sidan på webbplatsen finns inte: %(text)s") % {"text": rules.beginning(message.text)}
    author = message.changed_by_id or message.written_by_id
    whom = {"person_id": author} if author else {"role": Role.COMMUNICATIONS_LEAD.value}
    waiting.put(actor, [
        waiting.Wait(PLACE, KIND, message.pk, title, f"/publicerat/utkast/{message.uid}/", due_at=now(), **whom)
    ])  # fmt: skip
    audit.note(actor, "publishing.find_page_dead", message)
