"""What somebody's own calendar program reads of the calendar: where something goes out, when, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from narvaro.base.clock import today
from narvaro.core import queries as core
from narvaro.core.types import Actor, NotFound
from narvaro.publishing import ics
from narvaro.publishing.models import CalendarFeed, Message
from narvaro.publishing.planning import Standing
from narvaro.publishing.queries.calendar import Entry, calendar_list, entries
from narvaro.publishing.queries.known import Only
from narvaro.publishing.queries.messages import READERS

BACK = timedelta(days=30)
MOST_EVENTS = 1000
_NOT_SETTLED = (Standing.DRAFT, Standing.AWAITING, Standing.HELD)


@dataclass(frozen=True, slots=True)
class Follower:
    """Whoever a secret belongs to, and in which language they read."""

    actor: Actor
    language: str


def feed_of(actor: Actor) -> CalendarFeed | None:
    """Return that the actor follows the calendar; None when they do not."""
    return CalendarFeed.objects.of(actor).filter(person_id=actor.person_id or 0).first()


def follower(secret: str) -> Follower:
    """
    Return whoever a secret belongs to, with the roles that they hold now.

    Raises:
        NotFound: No such secret, or its person has left or reads no messages any more; the three look alike.
    """
    digest = sha256(secret.encode()).hexdigest()
    rows = CalendarFeed.objects.everywhere("a secret address").filter(secret_hash=digest)
    row = rows.select_related("person").first()
    actor = core.actor_for(row.person, row.authority_id) if row is not None and row.person.is_active else None
    if row is None or actor is None or actor.authority_id != row.authority_id or not actor.has_anywhere(*READERS):
        raise NotFound
    return Follower(actor, row.person.language or settings.LANGUAGE_CODE)


def feed(who: Follower) -> bytes:
    """
    Return the calendar from a month ago on, at most a thousand posts, as a calendar program reads it.

    It holds no words of the posts and no names of people: others keep what they read of it where we cannot reach.
    """
    keys = [key for _at, key in calendar_list(who.actor, today() - BACK, Only(), limit=MOST_EVENTS)]
    found = entries(who.actor, keys)
    changed = dict(Message.objects.of(who.actor).filter(pk__in=keys).values_list("pk", "changed_at"))
    with translation.override(who.language):
        name = _("Kanalernas kalender")
        events = [
            ics.Event(
                uid=f"{each.uid}@narvaro", at=each.at, changed=changed[key], sequence=each.version,
                title=_title(each), words=each.label, url=f"{settings.OPTIONS.base_url}/publicerat/utkast/{each.uid}/",
                is_settled=each.standing not in _NOT_SETTLED,
            )
            for key in keys
            if (each := found.get(key)) is not None
        ]  # fmt: skip
        return ics.written(name, events)


def _title(each: Entry) -> str:
    if not each.channels:
        return _("Utkast utan kanal")
    more = len(each.channels) - 1
    if not more:
        return _("Inlägg i %(channel)s") % {"channel": each.channels[0]}
    words = ngettext("Inlägg i %(channel)s och %(n)d till", "Inlägg i %(channel)s och %(n)d till", more)
    return words % {"channel": each.channels[0], "n": more}
