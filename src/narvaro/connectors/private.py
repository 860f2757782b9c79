"""
Private messages beside what everybody sees: whether they are read, what they are called here, two readings as one.

They are public records like comments (TF-2, OSL-1), but the rights for them have to be asked for and are examined by
the platform: a channel reads them only when the authority has chosen it (P25). Until then a person takes them in by
hand. What goes wrong with messages never holds up comments.

An id of a message or of a conversation begins with a mark that no platform's ids have. So nothing that is meant for
posts can be done to a message by mistake, and no answer to a message can become a comment: the platform's own id comes
out of it here only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from narvaro.base import clock
from narvaro.connectors.client import Json, moment, opaque_id
from narvaro.connectors.cursor import Cursor, stored
from narvaro.connectors.port import (
    Account,
    CapabilityStatus,
    Limits,
    Misconfigured,
    Outgoing,
    Page,
    Refused,
    Transient,
    Visibility,
)
from narvaro.connectors.port import Capability as Able

OPTION, READ = "private_messages", "read"
CHOSEN_ON = ("facebook", "instagram", "x")
"""Where somebody chooses whether they are read."""
ANSWERED_ON = (*CHOSEN_ON, "mastodon")
"""Where something private can be answered in private from here."""
_MOST_SIGNS = {"facebook": 2000, "instagram": 1000, "x": 10_000}
MARK = "dm:"
USUAL_WAIT_SECONDS = 900.0

NOT_CHOSEN = "Privata meddelanden läses inte in. Myndigheten har inte valt det för kanalen."
NOT_GIVEN = "{name} lämnar inte ut privata meddelanden till myndighetens app. {why}"
NO_LONGER = "Myndigheten har valt att inte längre läsa in privata meddelanden från {name}."
NOT_IN_PUBLIC = (
    "Det som ska besvaras är skrivet bara till er, och {name} tar inte emot privata svar härifrån. Inget är skickat. "
    "Svara i plattformens egen app och registrera svaret här."
)


def is_wanted(account: Account) -> bool:
    """Whether the authority has chosen that the account's private messages are read."""
    return account.options.get(OPTION) == READ


def chosen(options: Mapping[str, str], *, is_read: bool) -> dict[str, str]:
    """Return a channel's options with that choice made."""
    return {**{name: each for name, each in options.items() if name != OPTION}, **({OPTION: READ} if is_read else {})}


def lacks(told: str, account: Account) -> str:
    """Return what a platform never gives (`told`), with messages among it where nobody has chosen to read them."""
    return told.format(messages="" if is_wanted(account) else "privata meddelanden, ")


def kept_id(platform_id: str) -> str:
    """Return what a message, or a conversation, of the platform's is called here."""
    return opaque_id(MARK + platform_id)


def is_message(remote_id: str) -> bool:
    """Whether an id is that of a message or a conversation."""
    return remote_id.startswith(MARK)


def platform_id(remote_id: str) -> str:
    """Return what the platform calls a message or a conversation. Raises Misconfigured for anything else."""
    if not is_message(remote_id) or remote_id == MARK:
        raise Misconfigured("Det är inget privat meddelande.")
    return remote_id.removeprefix(MARK)


def can_answer(platform: str, remote_id: str) -> bool:
    """Whether what somebody wrote to us alone can be answered in private from here."""
    return platform in ANSWERED_ON and (platform not in CHOSEN_ON or is_message(remote_id))


def limits(platform: str, usual: Limits) -> Limits:
    """Return what a private answer may be, where that is something else than what a post may be."""
    most = _MOST_SIGNS.get(platform)
    return usual if most is None else replace(usual, max_length=most, counted="characters", max_pictures=0)


def is_private(post: Outgoing) -> bool:
    """Whether something goes out to one person only, or answers what came so; either is enough never to be public."""
    return post.visibility == Visibility.PRIVATE or is_message(post.parent_remote_id) or is_message(
        post.root_remote_id
    )  # fmt: skip


def refused_in_public(post: Outgoing, platform: str, name: str) -> Refused | None:
    """Return why something private does not go out where only public words can (TF-4); None when it may."""
    if is_private(post) and platform not in ANSWERED_ON:
        return Refused(NOT_IN_PUBLIC.format(name=name))
    return None


def status(account: Account, why_not: Callable[[], str]) -> CapabilityStatus:
    """Return whether messages can be read, for the daily probe: nothing is asked where nobody has chosen them (P8)."""
    if not is_wanted(account):
        return CapabilityStatus(Able.READ_PRIVATE, works=False, note=NOT_CHOSEN)
    note = why_not()
    return CapabilityStatus(Able.READ_PRIVATE, works=not note, note=note)


_TELLS = "private_to"  # always stored: a cursor from before there were messages has none


@dataclass
class _Both(Cursor):
    """How far both readings have come; the opaque cursor holds this and nothing else."""

    public: str = ""
    private: str = ""
    is_private_turn: bool = False
    public_to: str = ""
    private_to: str = ""
    wait_until: str = ""
    told: str = ""  # of messages that are not read: "" | "not given" | "no longer"

    @classmethod
    def opened(cls, text: str) -> Self:
        """Open a stored cursor; one from before there were messages is how far the rest has been read."""
        found = stored(text)
        return cls.of(found) if _TELLS in found else cls(public=text)

    def said(self) -> Json:
        return {_TELLS: "", **super().said()}


def read_both(
    cursor: str, name: str, public: Callable[[str], Page], private: Callable[[str], Page] | None
) -> Page:  # fmt: skip
    """
    Read one page of what everybody sees, and when all of that is read of the messages. See `Connector.read`.

    Args:
        name: The platform, as people say it.
        private: None where nobody has chosen that messages are read.

    Raises:
        Transient, ReconnectNeeded, Misconfigured: What everybody sees cannot be read, or the key is dead.
    """
    at = _Both.opened(cursor)
    if private is None:
        return _without(at, name, public)
    if at.is_private_turn:
        return _private_page(at, name, private)
    page = public(at.public)
    at.public = page.next_cursor
    if not page.has_more:
        at.is_private_turn = True
        at.public_to = page.complete_to.isoformat() if page.complete_to else at.public_to
    return replace(
        page, next_cursor=at.closed(), has_more=True, complete_to=page.complete_to if page.gap_reason else None
    )  # fmt: skip


def _without(at: _Both, name: str, public: Callable[[str], Page]) -> Page:
    page = public(at.public)
    if not at.private and not at.told:
        return page
    at.public, at.is_private_turn = page.next_cursor, False
    if at.told != "no longer" and not page.has_more and not page.gap_reason:
        at.told = "no longer"
        why = NO_LONGER.format(name=name)
        return replace(page, next_cursor=at.closed(), gap_reason=why, gap_from=moment(at.private_to))
    return replace(page, next_cursor=at.closed())


def _private_page(at: _Both, name: str, private: Callable[[str], Page]) -> Page:
    until = moment(at.wait_until)
    if until is not None and until > clock.now():
        return _over(at)
    at.wait_until = ""
    try:
        page = private(at.private)
    except Transient as error:
        wait = timedelta(seconds=min(error.retry_after_seconds or USUAL_WAIT_SECONDS, 86_400))
        at.wait_until = (clock.now() + wait).isoformat()
        return _over(at)  # not said to be complete: it is not, and the next turn begins with the comments again
    except Misconfigured as error:
        is_told, at.told = at.told == "not given", "not given"
        page = replace(_over(at), complete_to=moment(at.public_to))
        why = "" if is_told else NOT_GIVEN.format(name=name, why=error).strip()
        return replace(page, gap_reason=why, gap_from=moment(at.private_to))
    at.private = page.next_cursor
    if page.has_more:
        return replace(page, next_cursor=at.closed(), complete_to=page.complete_to if page.gap_reason else None)
    at.told, at.private_to = "", page.complete_to.isoformat() if page.complete_to else at.private_to
    both = [each for each in (moment(at.public_to), page.complete_to) if each is not None]
    return replace(page, next_cursor=_over(at).next_cursor, complete_to=min(both) if len(both) == 2 else None)


def _over(at: _Both) -> Page:
    at.is_private_turn = False
    return Page((), at.closed())
