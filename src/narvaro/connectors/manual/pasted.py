"""
A pasted thread, split into drafts of items.

Pages paste differently: a name, then the text, then "2 tim · Gilla · Svara"; or name, handle and time first.
This guesses, and a person corrects. A guess may be wrong, but no letter may be lost: the sources of all
drafts, put together, are the pasted text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from narvaro.base import clock
from narvaro.connectors.client import moment, storable

LONGEST_NAME = 60
MOST_NAME_WORDS = 6
MOST_DRAFTS = 2000


@dataclass(frozen=True, slots=True)
class Draft:
    """
    One guessed item. `source` is the exact part of the pasted text it came from.

    `parent_index` is the place in the list of what it answers; None for what starts the thread.
    """

    author: str
    text: str
    published_at: datetime | None = None
    parent_index: int | None = None
    source: str = ""


_MONTHS = ["jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]
_ENGLISH_MONTHS = {"may": 5, "oct": 10}
_UNITS = {
    "s": 1,
    "sek": 1,
    "sekund": 1,
    "sekunder": 1,
    "m": 60,
    "min": 60,
    "minut": 60,
    "minuter": 60,
    "minutes": 60,
    "t": 3600,
    "tim": 3600,
    "timme": 3600,
    "timmar": 3600,
    "h": 3600,
    "hr": 3600,
    "hours": 3600,
    "d": 86400,
    "dag": 86400,
    "dagar": 86400,
    "days": 86400,
    "v": 604800,
    "vecka": 604800,
    "veckor": 604800,
    "w": 604800,
    "mån": 2592000,
    "månad": 2592000,
    "månader": 2592000,
    "år": 31536000,
    "y": 31536000,
}

_SPAN = rf"\d{{1,3}}\s?(?:{'|'.join(sorted(_UNITS, key=len, reverse=True))})\.?(?:\s(?:sedan|ago))?"
_CLOCK = r"(?:\s?(?:kl\.?|at|,)?\s?\d{1,2}[:.]\d{2})?"
_DATE = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}(?:[ T]\d{{2}}:\d{{2}}(?::\d{{2}})?Z?)?"
    rf"|(?:den\s)?\d{{1,2}}\s(?:{'|'.join([*_MONTHS, *_ENGLISH_MONTHS])})[a-zåäö]*\.?(?:\s\d{{4}})?{_CLOCK}"
    rf"|(?:i\s?går|idag|i\sdag|yesterday){_CLOCK}|just\snu|nyss|now)"
)
_TIME = re.compile(rf"(?:{_SPAN}|{_DATE})", re.IGNORECASE)
_SIGNS = r"[\s·•|,–—-]"
_ACTION = (
    r"(?:gilla(?:r|d|s)?(?:\sinte)?|svara|svar|dela|delad|kommentera|kommentarer?|redigerad|redigerat|ändrad|följ|följer|följare"
    r"|visa\s(?:mer|mindre|översättning|fler\ssvar)|se\s(?:mer|översättning)|dölj|författare|admin|administratör|moderator|toppkommentar"
    r"|mest\srelevant|boosta|favorit|repost(?:a|er)?|like[sd]?|reply|replies|share|edited|author|follow|see\s(?:more|translation)"
    r"|\d+(?:\s?(?:tn|k|mn))?)"
)
# Possessive: a long line that nearly fits must not be tried in every way.
_META = re.compile(rf"(?:{_SIGNS}*+(?:{_SPAN}|{_DATE}|{_ACTION}|[👍❤😂😮😢😡🥰])(?!\w))++{_SIGNS}*+", re.IGNORECASE)
_HANDLE = re.compile(r"@[\w.-]+(?:@[\w.:-]+)?")
_INLINE = re.compile(
    rf"(?P<name>[^\d\W][^\n·•|]{{0,{LONGEST_NAME}}}?)\s*(?P<handle>@[\w.@:-]+)?\s*[·•|,–]?\s+?[·•|]?\s*(?P<time>{_SPAN}|{_DATE})"
    rf"(?:{_SIGNS}*{_ACTION})*{_SIGNS}*",
    re.IGNORECASE,
)
_SAID = re.compile(
    rf"(?P<name>[^\d\W][^\n:.!?]{{0,{LONGEST_NAME}}}?)\s(?:skrev|kommenterade|svarade|wrote|commented|replied)"
    r"(?:\s[^\n:]{0,80})?(?::|\.)?",
    re.IGNORECASE,
)
_SPEAKER = re.compile(rf"(?P<name>[A-ZÅÄÖ][^\n:.!?@]{{0,{LONGEST_NAME}}}?):(?:\s+(?P<rest>\S.*))?")
_INDENT = re.compile(r"(?:[ \t\u00a0]|>|↳|└)*")


@dataclass(frozen=True)
class _Line:
    raw: str  # with its line end
    text: str
    indent: int

    @property
    def is_blank(self) -> bool:
        return not self.text

    @property
    def is_meta(self) -> bool:
        return bool(self.text) and len(self.text) <= 200 and _META.fullmatch(self.text) is not None

    @property
    def is_handle(self) -> bool:
        return _HANDLE.fullmatch(self.text) is not None

    @property
    def inline(self) -> re.Match[str] | None:
        found = _INLINE.fullmatch(self.text) if len(self.text) <= 200 else None
        return found if found and _may_be_name(found["name"].strip()) else None

    @property
    def said(self) -> re.Match[str] | None:
        found = _SAID.fullmatch(self.text) if len(self.text) <= 200 else None
        return found if found and _may_be_name(found["name"].strip()) else None

    @property
    def is_name(self) -> bool:
        return not self.is_meta and _may_be_name(self.text)


@dataclass
class _Open:
    """A draft while its lines are gathered."""

    author: str = ""
    at: datetime | None = None
    indent: int = 0
    answers: str = ""

    def __post_init__(self) -> None:
        self.lines: list[str] = []
        self.source: list[str] = []
        self.passed_over: list[str] = []
        self.has_text = False


def split_pasted(text: str, *, now: datetime | None = None) -> list[Draft]:
    """
    Return the drafts of a pasted thread, in the order they stand; [] for nothing but space.

    Args:
        text: As pasted, line ends of any kind.
        now: What "2 tim" counts from (aware); the present moment if not given.

    Law: none.
    """
    lines = [_lined(raw) for raw in storable(text).splitlines(keepends=True)]
    if all(line.is_blank for line in lines):
        return []
    starts = _starts(lines)
    found = [_opened(lines[start:end], now or clock.now()) for start, end in _spans(starts, len(lines))]
    return _linked(found)


def _lined(raw: str) -> _Line:
    bare = raw.rstrip()
    indent = _INDENT.match(bare)
    margin = indent[0] if indent else ""
    return _Line(raw, bare[len(margin) :].strip(), len(margin.expandtabs(4)))


def _may_be_name(text: str) -> bool:
    if not text or len(text) > LONGEST_NAME or len(text.split()) > MOST_NAME_WORDS or "://" in text:
        return False
    return (text[0].isupper() or text[0] == "@") and text[-1] not in ".?!,;:…"


def _starts(lines: list[_Line]) -> list[int]:
    """Return the numbers of the lines where an item begins."""
    is_trailing = _meta_comes_last(lines)
    starts = []
    before: _Line | None = None
    for at, line in enumerate(lines):
        if line.is_blank:
            continue
        if before is None or _begins(lines, at, before, is_trailing=is_trailing):
            starts.append(at)
        before = line
        if len(starts) >= MOST_DRAFTS:
            break
    return starts


def _begins(lines: list[_Line], at: int, before: _Line, *, is_trailing: bool) -> bool:
    line = lines[at]
    if line.is_meta or line.is_handle:
        return False
    if line.inline or line.said:
        return True
    speaker = _SPEAKER.fullmatch(line.text)
    if speaker and _may_be_name(speaker["name"]) and _repeats(lines, _SPEAKER):
        return True
    following = next((each for each in lines[at + 1 :] if not each.is_blank), None)
    if not line.is_name or following is None:
        return False
    if is_trailing:
        return before.is_meta
    return following.is_handle or (following.is_meta and _TIME.search(following.text) is not None)


def _meta_comes_last(lines: list[_Line]) -> bool:
    """Whether "2 tim · Svara" stands under the texts (Facebook) rather than beside the names."""
    full = [line for line in lines if not line.is_blank]
    if any(line.is_handle for line in full):
        return False
    second = full[1] if len(full) > 1 else None
    return second is not None and not second.is_meta and any(line.is_meta for line in full)


def _repeats(lines: list[_Line], pattern: re.Pattern[str]) -> bool:
    return sum(1 for line in lines if pattern.fullmatch(line.text)) >= 2


def _spans(starts: list[int], end: int) -> list[tuple[int, int]]:
    return list(pairwise([0, *starts[1:], end]))


def _opened(lines: list[_Line], now: datetime) -> _Open:
    draft = _Open()
    is_first, is_structured = True, any(line.is_meta or line.is_handle for line in lines)
    for line in lines:
        draft.source.append(line.raw)
        if line.is_blank:
            if draft.has_text:
                draft.lines.append("")
            continue
        if is_first:
            is_first = False
            draft.indent = line.indent
            if _headed(draft, line, now, is_structured=is_structured, is_alone=len(lines) == 1):
                continue
        if line.is_meta:
            draft.at = draft.at or _time_in(line.text, now)
            draft.passed_over.append(line.text)
            continue
        if line.is_handle and not draft.has_text:
            draft.author = f"{draft.author} ({line.text})" if draft.author else line.text
            continue
        draft.lines.append(line.raw.rstrip("\r\n").strip() if line.indent == draft.indent else line.text)
        draft.has_text = True
    if not draft.has_text:
        # Somebody may well have written just "Gilla" or "Svar"; better one line too much than one too few.
        draft.lines = [each for each in draft.passed_over if not _TIME.search(each)][:1]
    return draft


def _headed(draft: _Open, line: _Line, now: datetime, *, is_structured: bool, is_alone: bool) -> bool:
    """Take the author out of the first line; return whether nothing is left of it."""
    inline, said, speaker = line.inline, line.said, _SPEAKER.fullmatch(line.text)
    if inline:
        handle = f" ({inline['handle']})" if inline["handle"] else ""
        draft.author, draft.at = inline["name"].strip() + handle, _time_in(inline["time"], now)
        return True
    if said:
        draft.author = said["name"].strip()
        return True
    if speaker and _may_be_name(speaker["name"]):
        draft.author = speaker["name"].strip()
        if speaker["rest"]:
            draft.lines.append(speaker["rest"])
            draft.has_text = True
        return True
    if is_structured and not is_alone and line.is_name:
        draft.author = line.text
        return True
    return False


def _linked(found: list[_Open]) -> list[Draft]:
    """Say what answers what: by indentation, by a name at the beginning, else the first."""
    drafts: list[Draft] = []
    for at, each in enumerate(found):
        text = "\n".join(each.lines).strip("\n")
        drafts.append(Draft(each.author, text, each.at, _parent(found, at, text), "".join(each.source)))
    return drafts


def _parent(found: list[_Open], at: int, text: str) -> int | None:
    if at == 0:
        return None
    for earlier in range(at - 1, -1, -1):
        if found[earlier].indent < found[at].indent:
            return earlier
    start = text.casefold().lstrip("@")
    for earlier in range(at - 1, -1, -1):
        name = found[earlier].author.partition(" (")[0].casefold().lstrip("@")
        if name and start.startswith(name) and found[earlier].author != found[at].author:
            return earlier
    return 0


def _time_in(text: str, now: datetime) -> datetime | None:
    found = _TIME.search(text)
    if found is None:
        return None
    said = found[0].casefold().strip()
    span = re.match(r"(\d+)\s?([a-zåäö]+)", said)
    if span and span[2] in _UNITS:
        return now - timedelta(seconds=int(span[1]) * _UNITS[span[2]])
    if said in {"just nu", "nyss", "now"}:
        return now
    if re.match(r"\d{4}-", said):
        at = moment(said if said.endswith("z") else said.upper())
        is_local = at is not None and not said.endswith("z")
        return at.replace(tzinfo=clock.STOCKHOLM) if at and is_local else at
    return _swedish_time(said, now)


def _swedish_time(said: str, now: datetime) -> datetime | None:
    local = now.astimezone(clock.STOCKHOLM)
    hours = re.search(r"(\d{1,2})[:.](\d{2})$", said)
    hour, minute = (int(hours[1]), int(hours[2])) if hours else (0, 0)
    day = re.search(r"(\d{1,2})\s([a-zåäö]{3})[a-zåäö]*\.?(?:\s(\d{4}))?", said)
    try:
        if day:
            month = _ENGLISH_MONTHS.get(day[2]) or _MONTHS.index(day[2]) + 1
            year = int(day[3]) if day[3] else local.year
            at = local.replace(
                year=year, month=month, day=int(day[1]), hour=hour, minute=minute, second=0, microsecond=0
            )
            return at.replace(year=year - 1) if not day[3] and at > local + timedelta(days=1) else at
        back = 1 if "går" in said or "yesterday" in said else 0
        return (local - timedelta(days=back)).replace(hour=hour, minute=minute, second=0, microsecond=0)
    except ValueError:
        return None
