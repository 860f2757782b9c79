"""Decisions about publications on plain values: how long a text is where it goes out, and whether it fits there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from django.utils.translation import gettext as _

from narvaro.base.clock import STOCKHOLM
from narvaro.channels.types import Platform
from narvaro.connectors.bluesky import graphemes
from narvaro.connectors.port import Limits, Visibility
from narvaro.connectors.x import weighted
from narvaro.core.types import Actor, Invalid, Role
from narvaro.publishing.types import Extras

FEWEST_REASONS = 10  # signs of a reason that says something
MOST_TEXT = 20_000  # far beyond any platform, so that a draft has an end
ZONE = "Europe/Stockholm"
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)


def may_post(actor: Actor, responsible_id: int, deputy_id: int | None, unit_id: int) -> bool:
    """Whether the actor may post in a channel: who answers for it, leads its unit or leads communications."""
    if actor.is_system or actor.has(Role.COMMUNICATIONS_LEAD, Role.UNIT_MANAGER, unit_id=unit_id):
        return True
    return actor.person_id is not None and actor.person_id in (responsible_id, deputy_id)


def moment_of(day: date, wall: time) -> datetime:
    """
    Return the moment when a clock on the wall here shows `wall` on `day`; the first of two in the autumn.

    Raises:
        Invalid: The clocks are put forward past it.
    """
    local = datetime.combine(day, wall.replace(second=0, microsecond=0), STOCKHOLM)
    moment = local.astimezone(UTC)
    if moment.astimezone(STOCKHOLM).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Invalid(_("Den tiden finns inte den dagen: klockan ställs fram. Välj en annan."), field="clock")
    return moment


def may_approve(actor: Actor, unit_ids: Iterable[int], author_ids: Iterable[int | None]) -> bool:
    """Whether the actor may let out what somebody else wrote: who leads each of the units, or communications."""
    if actor.person_id is None or actor.person_id in set(author_ids):
        return False
    return all(actor.has(Role.COMMUNICATIONS_LEAD, Role.UNIT_MANAGER, unit_id=each) for each in unit_ids)


def length_of(text: str, limits: Limits) -> int:
    """Return how long a text is as the platform counts it: a sign as a reader sees it is one, a link may be less."""
    if limits.counted == "weighted":
        return weighted(text)
    if limits.url_length is not None:
        text = _LINK.sub("x" * limits.url_length, text)
    return graphemes(text)


def mention_length(platform: str, handle: str, text: str = "") -> int:
    """
    Return how much the name of whoever is answered takes, where the platform asks for it and the text lacks it.

    The name is counted whole. Some servers count a part of it, so a text may be refused that would just have fitted.
    """
    handle = handle.lstrip("@")
    if platform != Platform.MASTODON or not handle or f"@{handle}".casefold() in text.casefold():
        return 0
    return graphemes(handle) + 2


def room_for(limits: Limits, *, taken: int) -> int | None:
    """Return how much may be written beside what is `taken` already, at least 0; None where nothing sets an end."""
    return None if limits.max_length is None else max(limits.max_length - taken, 0)


def too_long_by(text: str, limits: Limits, *, taken: int) -> int:
    """Return by how much a text is too long beside what is `taken` already; 0 when it fits."""
    room = room_for(limits, taken=taken)
    return 0 if room is None else max(length_of(text, limits) - room, 0)


EXTRAS = ("may_split", "is_numbered", "warning", "language", "visibility", "poll", "card", "film")
LANGUAGES = ("sv", "en", "fi", "se", "fit", "rom", "yi", "ar", "so", "fa", "uk", "de", "nb", "da")
"""Languages a post may be marked with: Swedish, the minorities', and those that residents often read."""

CIRCLES = (Visibility.PUBLIC.value, Visibility.UNLISTED.value, Visibility.FOLLOWERS.value)
MOST_OPTIONS, MOST_OPTION, MOST_WARNING = 4, 50, 300
POLL_HOURS = (6, 24, 72, 168)


def refuse_odd(extras: Extras) -> None:
    """Refuse what no form offers, and a poll that is none. Raises Invalid."""
    if extras.language not in LANGUAGES:
        raise Invalid(_("Välj ett språk i listan."), field="language")
    if extras.visibility not in CIRCLES:
        raise Invalid(_("Välj vem som ser det."), field="visibility")
    if len(extras.warning) > MOST_WARNING:
        raise Invalid(_("Varningen är för lång. Korta den."), field="warning")
    if extras.poll is None:
        return
    options = [str(each) for each in extras.poll["options"]]
    if not 2 <= len(options) <= MOST_OPTIONS or len(set(options)) < len(options):
        raise Invalid(_("En omröstning har två till fyra olika svar."), field="poll_options")
    if any(not each.strip() or len(each) > MOST_OPTION for each in options):
        raise Invalid(_("Ett svar får ha högst 50 tecken."), field="poll_options")
    if extras.poll["hours"] not in POLL_HOURS:
        raise Invalid(_("Välj hur länge man kan rösta."), field="poll_hours")


def beginning(text: str, most: int = 80) -> str:
    """Return how a text begins, on one line and ended at a word, for a title or a list."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    cut = line[:most].rpartition(" ")[0] or line[:most]
    return f"{cut.rstrip(' ,.;:–-')} …"
