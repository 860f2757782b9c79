"""Decisions of sources on plain values: who may set them up, what may show, which words become of it, and when."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from django.utils.translation import gettext as _

from narvaro.core.types import ANSWERS, Actor, Invalid, Role
from narvaro.sources.types import Kind, Shape, Way

SETS_UP = frozenset({Role.COMMUNICATIONS_LEAD, Role.UNIT_MANAGER})
READERS = ANSWERS | {Role.AUDITOR, Role.REGISTRAR, Role.ARCHIVIST}

MOST_SOURCES = 50
MOST_AN_HOUR = 20
MOST_TEMPLATE = 2_000
MOST_WORDS = 60
MOST_VALUE = 600
MOST_FILE_BYTES = 3_000_000
MOST_HOOK_BYTES = 65_536
HOOK_WINDOW = timedelta(minutes=5)
KEEP_DAYS = 90
GONE_AFTER = 2  # a list without it twice in a row: one broken answer ends nothing
MOST_FAILURES = 7
TOLD_AFTER = 3  # failures in a row before a person is told
REBUILT_FROM = 5  # so many at once, and nothing of what stood there before: the page is another

SHAPES: Mapping[str, tuple[Shape, ...]] = {
    Kind.DAY: (Shape.ICS,), Kind.AGENDA: (Shape.ICS, Shape.FEED, Shape.PAGE), Kind.NEWS: (Shape.FEED, Shape.PAGE),
    Kind.INCIDENT: (Shape.JSON, Shape.CSV, Shape.CAP), Kind.VACANCY: (Shape.JOBS, Shape.PAGE),
}  # fmt: skip
WAYS: Mapping[str, tuple[Way, ...]] = {
    Kind.DAY: (Way.ADDRESS, Way.FILE), Kind.AGENDA: (Way.ADDRESS, Way.FILE), Kind.NEWS: (Way.ADDRESS,),
    Kind.INCIDENT: (Way.ADDRESS, Way.FILE, Way.HOOK), Kind.VACANCY: (Way.ADDRESS, Way.FILE),
}  # fmt: skip
PLACEHOLDERS: Mapping[str, tuple[str, ...]] = {
    Kind.DAY: ("dag", "lista"), Kind.AGENDA: ("rubrik", "dag", "tid", "plats", "lank"),
    Kind.NEWS: ("rubrik", "text", "lank"),
    Kind.INCIDENT: ("rubrik", "text", "omrade", "allvar", "lank"),
    Kind.VACANCY: ("rubrik", "arbetsgivare", "plats", "sista_dag", "lank"),
}  # fmt: skip
NAMES = ("id", "title", "text", "severity", "area", "state", "link")
"""What of an operational report we ask for; each source says what the other system calls it."""

CAP_NAMES: Mapping[str, str] = {
    "id": "incident", "title": "headline", "text": "description", "severity": "severity", "area": "areaDesc",
    "state": "msgType", "link": "web",
}  # fmt: skip
_EVERY: Mapping[str, timedelta] = {Kind.INCIDENT: timedelta(minutes=5), Kind.NEWS: timedelta(minutes=15)}
_PLACEHOLDER = re.compile(r"\{([^{}\n]{0,40})\}")
_ADDRESS_IN_TEXT = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_ADDRESSED = re.compile(r"(?<![\w/])[@＠](?=\w)")
_WORD = re.compile(r"[^\W_]+")


def may_set_up(actor: Actor, unit_id: int) -> bool:
    """Whether the actor may set up sources for a unit: who leads it, or communications."""
    return actor.has(*SETS_UP, unit_id=unit_id)


def may_read(actor: Actor) -> bool:
    """Whether the actor may see which sources there are and what they did."""
    return actor.is_system or actor.has_anywhere(*READERS)


# --- What may show ----------------------------------------------------------------------------------------------------


def is_allowed(title: str, categories: Iterable[str], words: Iterable[str]) -> bool:
    """Whether an event may show: a category is on the list, or the title holds one of its words or phrases whole."""
    wanted = [" ".join(_WORD.findall(each.casefold())) for each in words]
    said = f" {' '.join(_WORD.findall(title.casefold()))} "
    named = {" ".join(_WORD.findall(each.casefold())) for each in categories}
    return any(each and (each in named or f" {each} " in said) for each in wanted)


def names_somebody(title: str, people: Iterable[str]) -> bool:
    """Whether a title names one of the participants, by whole name, a part of it that is a name of its own, or mail."""
    if _MAIL.search(title):
        return True
    said = {each.casefold() for each in _WORD.findall(title)}
    for each in people:
        if "@" in each:
            local = [part.casefold() for part in _WORD.findall(each.partition("@")[0]) if len(part) > 2]
            if len(local) > 1 and any(part in said for part in local):
                return True
            continue
        parts = [part.casefold() for part in _WORD.findall(each) if len(part) > 2]
        if len(parts) > 1 and any(part in said for part in (parts[0], parts[-1])):
            return True
    return False


def is_among(said: str, wanted: Iterable[str]) -> bool:
    """Whether what a report says is one of the words that are asked for; nothing asked for takes everything."""
    asked = [each.casefold().strip() for each in wanted if each.strip()]
    parts = {each.strip() for each in re.split(r"[,;/]", said.casefold())} | {said.casefold().strip()}
    return not asked or any(each in parts for each in asked)


def is_about(text: str, words: Iterable[str]) -> bool:
    """Whether a text holds one of the words, each from its beginning on; no words take everything."""
    asked = [each.casefold().strip() for each in words if each.strip()]
    said = " ".join(_WORD.findall(text.casefold()))
    return not asked or any(f" {each}" in f" {said}" for each in asked)


# --- What becomes of it -----------------------------------------------------------------------------------------------


def refuse_template(text: str, kind: str, *, field: str = "template") -> None:
    """Refuse a template that is empty, too long or names what this kind does not tell. Raises Invalid."""
    if not text.strip():
        raise Invalid(_("Skriv en mall för inlägget."), field=field)
    if len(text) > MOST_TEMPLATE:
        raise Invalid(_("Mallen är för lång. Korta den."), field=field)
    known = PLACEHOLDERS[kind]
    unknown = [each for each in _PLACEHOLDER.findall(text) if each not in known]
    if unknown:
        words = {"name": unknown[0][:40], "known": ", ".join(f"{{{each}}}" for each in known)}
        raise Invalid(_("{%(name)s} går inte att fylla i. Det här går: %(known)s.") % words, field=field)


def written(template: str, values: Mapping[str, str]) -> str:
    """
    Return a template with its places filled in. A line whose places all stay empty is left out.

    What is filled in is never read as a template itself.
    """
    lines = []
    for line in template.replace("\r\n", "\n").split("\n"):
        places = _PLACEHOLDER.findall(line)
        if places and not any(values.get(each) for each in places):
            continue
        lines.append(_PLACEHOLDER.sub(lambda found: values.get(found[1], ""), line).rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def plain(text: str, *, most: int = MOST_VALUE) -> str:
    """Return words of a stranger as they may stand in a post: no addresses, nobody called upon, and an end."""
    said = _ADDRESSED.sub("", _MAIL.sub("", _ADDRESS_IN_TEXT.sub("", text.replace("\0", ""))))
    said = "\n".join(" ".join(line.split()) for line in said.splitlines()).strip()
    if len(said) <= most:
        return said
    cut = said[: most - 1]
    return f"{cut[: cut.rfind(' ')] if ' ' in cut[most // 2 :] else cut}…"


def is_rebuilt(shape: str, found: int, known: int, *, before: bool) -> bool:
    """Whether a page tells so much at once, and nothing of what it told before, that it rather is another page."""
    return shape == Shape.PAGE and before and known == 0 and found >= REBUILT_FROM


def safe_link(text: str) -> str:
    """Return an address that a post may lead to, or ""."""
    is_one = text.lower().startswith("https://") and len(text) <= 500 and text.isprintable() and " " not in text
    return text if is_one and not set(text) & set("<>\"'\\") and "@" not in text.split("/")[2] else ""


def digest_of(values: Mapping[str, str], *, is_over: bool) -> str:
    """Return what tells whether a thing has changed since it was read last."""
    parts = "\x1f".join(f"{name}={values[name]}" for name in sorted(values))
    return sha256(f"{is_over}\x1e{parts}".encode("utf-8", "replace")).hexdigest()


def key_of(*parts: str) -> str:
    """Return by what one thing is known again."""
    return sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()


# --- When -------------------------------------------------------------------------------------------------------------


def read_every(kind: str) -> timedelta:
    """Return how often a source of a kind is read."""
    return _EVERY.get(kind, timedelta(hours=1))


def wait_after(failures: int, kind: str) -> timedelta:
    """Return how long a source rests after so many faults in a row: as usual, doubled each time, a day at most."""
    doubled: int = 2 ** min(failures, MOST_FAILURES)
    return min(read_every(kind) * doubled, timedelta(days=1))


# --- Signed ways in ---------------------------------------------------------------------------------------------------


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return how the other system signs: HMAC-SHA-256 over the time, a full stop and the body, in hex."""
    return hmac.new(secret.encode(), timestamp.encode("ascii", "replace") + b"." + body, sha256).hexdigest()


def is_signed(secret: str, timestamp: str, body: bytes, given: str) -> bool:
    """Whether a call bears our signature; the comparison takes as long whatever is given."""
    expected = signature(secret, timestamp, body)
    return hmac.compare_digest(expected.encode(), given.removeprefix("sha256=").encode("utf-8", "replace"))


def is_fresh(timestamp: str, at: datetime) -> bool:
    """Whether a call was signed (seconds since 1970) within five minutes of `at`, before or after."""
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        return False
    return abs(at - datetime.fromtimestamp(int(timestamp), UTC)) <= HOOK_WINDOW
