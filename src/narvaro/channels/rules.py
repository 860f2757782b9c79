"""Decisions about channels on plain values: who may change one, and in whose hands its comments lie now."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from narvaro.channels.types import Connection, Platform
from narvaro.connectors.port import Limits
from narvaro.core.types import Actor, Invalid, Role

_USUAL_LIMITS = {
    Platform.BLUESKY.value: Limits(300, counted="graphemes", max_picture_bytes=1_000_000, max_alt_length=2000),
    Platform.MASTODON.value: Limits(500),
}
_BACKOFF_SECONDS = (30, 60, 120, 300, 600, 1800)
_LATE = timedelta(minutes=15)
_NAME = re.compile(r"[\w.-]{1,100}", re.ASCII)
_PLACE = re.compile(r"[\w.-]+(?::\d{1,5})?", re.ASCII)
_BLUESKY_NAME = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+|did:[a-z]+:[\w.:%-]+", re.ASCII)

REGISTERS = frozenset({Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD, Role.UNIT_MANAGER})
"""Roles that may add channels, a unit manager in the own unit."""


def may_register(actor: Actor, unit_id: int | None = None) -> bool:
    """
    Whether the actor may add channels and say who answers for them.

    A unit manager may in the own unit; without `unit_id` the question is whether they may in any.
    """
    if actor.is_system or actor.has(Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD):
        return True
    if unit_id is None:
        return actor.has_anywhere(*REGISTERS)
    return actor.has(*REGISTERS, unit_id=unit_id)


def may_connect(actor: Actor, responsible_id: int, deputy_id: int | None, unit_id: int | None = None) -> bool:
    """Whether the actor may connect the channel to its platform: those who register it, and those who answer for it."""
    return may_register(actor, unit_id) or (
        actor.person_id is not None and actor.person_id in (responsible_id, deputy_id)
    )


def limits_from(platform: str, stored: Mapping[str, Any]) -> Limits:
    """
    Return what one post on a channel may be: as the platform told it last, and its usual where it was not asked.

    Without a platform (a channel kept by hand) a text may have any length.
    """
    known = {field.name for field in fields(Limits)}
    usual = _USUAL_LIMITS.get(platform, Limits(None))
    return replace(usual, **{name: value for name, value in stored.items() if name in known})


@dataclass(frozen=True, slots=True)
class Place:
    """Where an account is, out of what a person typed: server, name on the platform, page to open in a browser."""

    base_url: str
    handle: str
    url: str


def place_of(platform: str, typed: str, *, may_be_open: bool = False) -> Place:
    """
    Return where an account is, from an address or a name as people write them.

    Args:
        typed: "kommunen@social.exempel.se", "https://social.exempel.se/@kommunen", "kommunen.bsky.social",
            "https://bsky.app/profile/…"; for a channel kept by hand any address or name.
        may_be_open: Let addresses without encryption through (tests on the own machine).

    Raises:
        Invalid: It is none of them; says what to write.
    """
    text = typed.strip()
    if not text or not text.isprintable():
        raise Invalid(_("Skriv kontots adress eller namn."), field="account")
    if "://" in text or text.lower().startswith(("javascript:", "data:", "vbscript:", "file:")):
        _refuse_odd_address(text, may_be_open=may_be_open or platform == Platform.MANUAL)
    if platform == Platform.MASTODON:
        return _mastodon_place(text)
    if platform == Platform.BLUESKY:
        return _bluesky_place(text)
    url = text if "://" in text else ""
    return Place("", text.partition("://")[2].rstrip("/") if url else text, url)


def _refuse_odd_address(text: str, *, may_be_open: bool) -> None:
    try:
        parts = urlsplit(text)
        has_host = bool(parts.hostname) and not parts.username and not parts.password and (parts.port or 1) > 0
    except ValueError:
        has_host = False
    if not has_host or parts.scheme not in ("http", "https"):
        raise Invalid(_("Adressen går inte att använda. Den ska börja med https://."), field="account")
    if parts.scheme == "http" and not may_be_open:
        raise Invalid(_("Adressen ska börja med https://, så att nycklar inte sänds öppet."), field="account")


def _mastodon_place(text: str) -> Place:
    if "://" in text:
        parts = urlsplit(text)
        base, host = f"{parts.scheme}://{parts.netloc}", parts.netloc
        name = next((word.lstrip("@") for word in reversed(parts.path.split("/")) if word), "").partition("@")[0]
    else:
        name, _at, host = text.lstrip("@").partition("@")
        base = f"https://{host}"
    if not _NAME.fullmatch(name) or not _PLACE.fullmatch(host):
        raise Invalid(
            _("Skriv hela kontot, till exempel kommunen@social.exempel.se eller adressen till kontots sida."),
            field="account",
        )
    return Place(base.lower(), f"{name}@{host.lower()}", f"{base.lower()}/@{name}")


def _bluesky_place(text: str) -> Place:
    name = next(word for word in reversed(text.rstrip("/").split("/"))) if "://" in text else text
    name = name.lstrip("@").lower()
    if not _BLUESKY_NAME.fullmatch(name):
        raise Invalid(_("Skriv kontots namn på Bluesky, till exempel kommunen.bsky.social."), field="account")
    return Place("", name, f"https://bsky.app/profile/{name}")


def is_same_account(expected: str, found: str) -> bool:
    """
    Whether the account that let us in is the one the channel stands for (P8).

    Only the name counts when a server calls itself by another domain than people write.
    """
    wanted, given = expected.lstrip("@").casefold(), found.lstrip("@").casefold()
    return wanted == given or ("@" in wanted and wanted.partition("@")[0] == given.partition("@")[0])


def is_behind(connection: str, complete_to: datetime | None, moment: datetime) -> bool:
    """Whether a connected channel has not been read to the end for a quarter of an hour."""
    if connection not in (Connection.CONNECTED, Connection.TRANSIENT):
        return False
    return complete_to is None or moment - complete_to > _LATE


def holder(
    *, on_watch: Sequence[int], responsible_id: int, deputy_id: int | None, absent: Collection[int]
) -> int | None:
    """
    Return who has what comes in now: whoever is on watch, else the responsible, else the deputy.

    None when all are away: then the communications department has it.
    """
    for person_id in (*on_watch, responsible_id, deputy_id):
        if person_id is not None and person_id not in absent:
            return person_id
    return None


def wait_after(failures: int) -> timedelta:
    """Return how long to wait after a number of temporary faults in a row."""
    return timedelta(seconds=_BACKOFF_SECONDS[min(max(failures, 1), len(_BACKOFF_SECONDS)) - 1])
