"""Decisions of watch on plain values: who may do what, and which words are about a person."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from narvaro.core.types import ANSWERS, READS_ALL, Actor, Role

READERS = READS_ALL | {Role.ADMINISTRATOR}
DECIDERS = frozenset({Role.COMMUNICATIONS_LEAD, Role.ADMINISTRATOR})
KEEP_DAYS = 30
MOST_KEEP_DAYS = 365
MOST_FEEDS = 10
MOST_SEARCHES = 40
NAMES_A_TURN = 12  # asked of each platform in one turn: the rest come in the turns after
LOOK_EVERY = timedelta(days=1)
READ_EVERY = timedelta(hours=2)
MOST_FAILURES = 7  # doublings of the wait

_WORD = re.compile(r"[^\W_]+")
_ADDRESSED = re.compile(r"(?<![\w/.])@[\w.-]+(?:@[\w.-]+)?")
_NAME_LIKE = re.compile(r"\b[A-ZÅÄÖÉÜ][a-zåäöéü]{1,20}(?:[ -][A-ZÅÄÖÉÜ][a-zåäöéü]{1,20}){1,3}\b")
_MARKED = re.compile(r"^@|\w@\w")


def may_read(actor: Actor) -> bool:
    """Whether the actor may see what watch holds."""
    return actor.is_system or actor.has_anywhere(*READERS)


def may_add(actor: Actor) -> bool:
    """Whether the actor may put something before the others: an account, evidence, something found elsewhere."""
    return actor.is_system or actor.has_anywhere(*ANSWERS, Role.ADMINISTRATOR)


def may_decide(actor: Actor) -> bool:
    """Whether the actor may say that an account poses as us, warn of it, and choose what is listened for."""
    return actor.has(*DECIDERS)


def may_decide_elsewhere(actor: Actor, unit_id: int | None) -> bool:
    """Whether the actor decides if something found elsewhere is answered: who leads the unit, or communications."""
    return actor.has(Role.UNIT_MANAGER, *DECIDERS, unit_id=unit_id)


# --- Never persons (TF-13, RF-4) --------------------------------------------------------------------------------------


def names_a_colleague(words: str, people: Iterable[tuple[str, str]]) -> bool:
    """
    Whether search words are the name, the address or the usual handle of somebody who works here.

    One part of a name alone does not count here: it may be a place; `looks_like_a_person` asks about it.

    Args:
        people: Each with name and e-mail address.

    Law: TF-13
    """
    asked = {word.casefold() for word in _WORD.findall(words)}
    run_together = {*asked, "".join(_WORD.findall(words)).casefold()}
    for name, email in people:
        parts = [part.casefold() for part in _WORD.findall(name)]
        ends = {parts[0], parts[-1]} if len(parts) > 1 else set()
        if (ends and ends <= asked) or (email and email.casefold() in words.casefold()):
            return True
        joined = set()
        local = "".join(_WORD.findall(email.partition("@")[0])).casefold()
        if local not in parts and any(part in local for part in parts if len(part) > 2):
            joined.add(local)  # one name alone may be a place's or a house's; it is asked about
        if ends:
            joined |= {"".join(parts), "".join(reversed(parts)), parts[0] + parts[-1], parts[-1] + parts[0]}
        if joined & run_together:
            return True
    return False


def looks_like_a_person(words: str, people: Iterable[tuple[str, str]] = ()) -> bool:
    """
    Whether search words may be somebody's name or handle, so that whoever saves them is asked first.

    Law: RF-4, TF-13
    """
    if _MARKED.search(words.strip()) or _NAME_LIKE.search(words):
        return True
    asked = {word.casefold() for word in _WORD.findall(words)}
    parts = {part.casefold() for name, _email in people for part in _WORD.findall(name) if len(part) > 2}
    return bool(asked) and asked <= parts


def without_people(text: str, *, most: int = 2000) -> str:
    """Return what was said without the handles that it names, shortened. Law: RF-4"""
    return _ADDRESSED.sub("@…", text).strip()[:most]


# --- Accounts ---------------------------------------------------------------------------------------------------------


def account_key(platform: str, account: str) -> str:
    """Return by what an account is known again, also after everything else about it was forgotten."""
    return sha256(f"{platform}|{account}".encode("utf-8", "replace")).hexdigest()


# --- What is heard ----------------------------------------------------------------------------------------------------


def is_about(words: str, text: str) -> bool:
    """Whether every word of a search stands in a text, each from its beginning on (a feed holds other things too)."""
    there = [word.casefold() for word in _WORD.findall(text)]
    return all(any(each.startswith(word.casefold()) for each in there) for word in _WORD.findall(words))


def wait_after(failures: int) -> timedelta:
    """Return how long a source rests after so many faults in a row: an hour, doubled each time, a day at most."""
    return min(timedelta(hours=2 ** min(failures, MOST_FAILURES)), timedelta(days=1))


def host_of(link: str) -> str:
    """Return where a link leads, as it is really called: look-alike letters show as "xn--"."""
    try:
        host = urlsplit(link).hostname or ""
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return ""


def doubt_about(link: str) -> bool:
    """Whether whoever follows a link should look twice: no encryption, letters of other scripts, a bare number."""
    host = host_of(link)
    is_number = host.replace(".", "").isdigit() or ":" in host
    return not link.lower().startswith("https://") or not host or is_number or "xn--" in host


def is_link(text: str) -> bool:
    """Whether a text is an address on the web that a page may link to."""
    is_web = text.lower().startswith(("https://", "http://"))
    return is_web and len(text) <= 1000 and text.isprintable() and " " not in text and bool(host_of(text))
