"""
Calendars, as others publish them (iCalendar, RFC 5545): what happens, when and where, and nothing of who comes.

A calendar comes from a stranger, or holds what is nobody else's matter. Descriptions, participants, alarms and
attachments are never read out of it, except participants' names, which are held only so that a title that names one
can be told. Every count has an end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from typing import Final
from zoneinfo import ZoneInfo

from narvaro.formats.recurrence import WITHIN_A_DAY, Budget, CannotRecur, Rule, days, rule_of
from narvaro.formats.subdaily import times

MOST_EVENTS: Final = 5_000
MOST_OCCURRENCES: Final = 1_000
_MOST_LINES: Final = 300_000
_MOST_LINE: Final = 5_000
_MOST_DEPTH: Final = 20
_MOST_DATES: Final = 2_000
_MOST_STEPS: Final = 100_000
_MOST_DAYS_LONG: Final = 62
_MOST_PEOPLE: Final = 200
_MOST_MOVED: Final = timedelta(days=60)
_NO_DAY: Final = date(1970, 1, 1)
_FOLD: Final = re.compile(rb"\r?\n[ \t]")
_MOMENT: Final = re.compile(r"[0-9]{8}(T[0-9]{6}Z?)?")
_ESCAPED: Final = re.compile(r"\\([\\;,nN])")
_DURATION: Final = re.compile(r"\+?P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?")
_WINDOWS_ZONES: Final = {
    "w. europe standard time": "Europe/Berlin", "central europe standard time": "Europe/Budapest",
    "romance standard time": "Europe/Paris", "central european standard time": "Europe/Warsaw",
    "gmt standard time": "Europe/London", "fle standard time": "Europe/Helsinki", "utc": "UTC",
    "e. europe standard time": "Europe/Chisinau", "greenwich standard time": "Atlantic/Reykjavik",
}  # fmt: skip


class NotACalendar(ValueError):
    """What came is no calendar that can be read. Speaks Swedish."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, or a time on the clock of a zone. `problem` says why it is neither."""

    day: date
    clock: time | None = None
    zone: ZoneInfo | None = None
    problem: str = ""

    @property
    def at(self) -> datetime:
        """The moment itself, aware; a whole day begins at midnight of its zone."""
        return datetime.combine(self.day, self.clock or time.min, self.zone or UTC)


@dataclass(slots=True)
class Event:
    """One event as it is written, perhaps recurring, perhaps one changed time of another."""

    uid: str = ""
    title: str = ""
    place: str = ""
    categories: list[str] = field(default_factory=list)
    begins: Moment | None = None
    ends: Moment | None = None
    length: timedelta | None = None
    rule: str = ""
    also: list[Moment] = field(default_factory=list)
    never: list[Moment] = field(default_factory=list)
    instead_of: Moment | None = None
    is_onwards: bool = False  # what is changed holds for every later time too
    is_cancelled: bool = False
    is_private: bool = False
    people: list[str] = field(default_factory=list, repr=False)
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that something happens. `problem` says why it cannot be told when, and then the times say nothing."""

    key: str
    title: str
    place: str
    categories: tuple[str, ...]
    begins_at: datetime
    ends_at: datetime
    is_all_day: bool
    is_cancelled: bool
    is_private: bool
    people: tuple[str, ...] = field(default=(), repr=False)
    problem: str = ""


def happening(body: bytes, *, since: date, until: date, zone: ZoneInfo) -> list[Occurrence]:
    """
    Return what happens in a calendar from `since` to before `until`, as days go in `zone`; in order of time.

    Cancelled and private ones are there, and say so: whoever asks tells why they are left out.

    Args:
        zone: What a time without a zone of its own means.

    Raises:
        NotACalendar: It is none, or holds more than any calendar does.
    """
    series: dict[str, list[Event]] = {}
    for event in events(body, zone=zone):
        series.setdefault(event.uid, []).append(event)
    budget, found, problems = Budget(_MOST_STEPS), [], []
    first, last = datetime.combine(since, time.min, zone), datetime.combine(until, time.min, zone)
    for several in series.values():
        for each in _of_series(several, since, until, zone, budget):
            if each.problem:
                problems.append(each)
            elif each.begins_at < last and max(each.ends_at, each.begins_at + _INSTANT) > first:
                found.append(each)
        if len(found) > MOST_OCCURRENCES:
            raise NotACalendar("Kalendern har fler händelser än vad som läses på en gång.")
    return problems + sorted(found, key=lambda each: (each.begins_at, each.title))


_INSTANT: Final = timedelta(seconds=1)


def _of_series(
    several: list[Event], since: date, until: date, zone: ZoneInfo, budget: Budget
) -> Iterator[Occurrence]:  # fmt: skip
    """Yield the times of one event with what was changed of single ones."""
    masters = [each for each in several if each.instead_of is None]
    master = max(masters, key=lambda each: each.revision, default=None)
    changed: dict[datetime, Event] = {}
    onwards: dict[datetime, Event] = {}
    for each in sorted((each for each in several if each.instead_of is not None), key=lambda each: each.revision):
        if each.instead_of is not None:
            is_series = each.is_onwards and master is not None and bool(master.rule)
            (onwards if is_series else changed)[each.instead_of.at.astimezone(UTC)] = each
    if master is not None:
        try:
            yield from _of_rule(master, changed, onwards, since, until, zone, budget)
        except CannotRecur as error:
            yield _unknown(master, str(error), zone)
    for each in changed.values():
        if each.begins is None or each.begins.problem:
            yield _unknown(each, each.begins.problem if each.begins else "Händelsen har ingen tid.", zone)
        else:
            yield _occurrence(_whole(each, master), each.begins, zone)


def _of_rule(
    master: Event, changed: Mapping[datetime, Event], onwards: Mapping[datetime, Event], since: date, until: date,
    zone: ZoneInfo, budget: Budget,
) -> Iterator[Occurrence]:  # fmt: skip
    """Yield the times of an event that nobody has changed one by one, each as the latest change onwards says it."""
    for each in onwards.values():
        if each.rule or each.begins is None or each.begins.problem or abs(_moved(each)) > _MOST_MOVED:
            raise CannotRecur("Händelsen är ändrad framöver på ett sätt som inte går att läsa.")
    margin = max([abs(_moved(each)) for each in onwards.values()], default=timedelta())
    for moment in _moments(master, since - margin, until + margin, budget):
        at = moment.at.astimezone(UTC)
        if at in changed:
            continue
        since_then = max((each for each in onwards if each <= at), default=None)
        if since_then is None:
            yield _occurrence(master, moment, zone)
        else:
            change = onwards[since_then]
            yield _occurrence(_whole(change, master), _as_moved(moment, change), zone)


def _whole(each: Event, master: Event | None) -> Event:
    """Return a changed time with what it does not say of itself."""
    return replace(
        each, title=each.title or (master.title if master else ""),
        is_private=each.is_private or (master is not None and master.is_private),
        is_cancelled=each.is_cancelled or (master is not None and master.is_cancelled),
        people=[*each.people, *(master.people if master else [])],
    )  # fmt: skip


def _moved(change: Event) -> timedelta:
    """Return by how many whole days a change onwards moves each time."""
    if change.begins is None or change.instead_of is None:
        return timedelta()
    before, zone = change.instead_of, change.begins.zone
    was = before.at.astimezone(zone).date() if before.clock and zone else before.day
    return change.begins.day - was


def _as_moved(moment: Moment, change: Event) -> Moment:
    """Return when a later time is after a change onwards: moved by as many days, on the change's own clock."""
    assert change.begins is not None  # refused before
    zone = change.begins.zone
    day = moment.at.astimezone(zone).date() if moment.clock and zone else moment.day
    return replace(change.begins, day=day + _moved(change))


def _moments(event: Event, since: date, until: date, budget: Budget) -> list[Moment]:
    begins = event.begins
    if begins is None or begins.problem:
        raise CannotRecur(begins.problem if begins else "Händelsen har ingen tid.")
    found = [begins]
    if event.rule:
        rule = rule_of(event.rule)
        ends = None
        if rule.until:
            told = _moment(rule.until, "", begins.zone or ZoneInfo("UTC"))
            if told.problem:
                raise CannotRecur(told.problem)
            local = told.at.astimezone(begins.zone) if told.clock and begins.zone else told.at
            ends = datetime.combine(local.date(), local.time() if told.clock else time.max)
        margin = timedelta(days=2) + min(_length(event), timedelta(days=_MOST_DAYS_LONG))
        if rule.freq in WITHIN_A_DAY:
            return _with_exceptions(event, _within(event, rule, begins, since, until, ends, budget))
        recurring = days(
            rule, begins.day, since=since - margin, until=until + timedelta(days=2), at=begins.clock or time.min,
            ends=ends, budget=budget,
        )  # fmt: skip
        found = [replace(begins, day=day) for day in recurring]
    return _with_exceptions(event, found)


def _within(
    event: Event, rule: Rule, begins: Moment, since: date, until: date, ends: datetime | None, budget: Budget
) -> list[Moment]:  # fmt: skip
    """Return the times of a rule by the hour or the minute, exactly as long as asked for."""
    if begins.clock is None or _length(event) > timedelta(days=1):
        raise CannotRecur("Upprepningen är av ett slag som inte går att läsa.")
    zone = begins.zone or ZoneInfo("UTC")
    earliest = datetime.combine(since - timedelta(days=1), time.min, UTC) - _length(event)
    told = times(
        rule, begins.at, zone=zone, since=earliest, budget=budget,
        until=datetime.combine(until + timedelta(days=1), time.min, UTC),
        ends=ends.replace(tzinfo=zone) if ends else None,
    )  # fmt: skip
    return [Moment(each.date(), each.time(), zone) for each in told]


def _with_exceptions(event: Event, found: list[Moment]) -> list[Moment]:
    """Return the times with those added and without those taken away one by one."""
    never = {each.at.astimezone(UTC) for each in event.never if not each.problem}
    whole_days = {each.day for each in event.never if each.clock is None and not each.problem}
    every = {each.at.astimezone(UTC): each for each in [*found, *(each for each in event.also if not each.problem)]}
    return [each for at, each in every.items() if at not in never and each.day not in whole_days]


def _length(event: Event) -> timedelta:
    begins = event.begins
    if begins is None:
        return timedelta()
    if event.ends is not None and not event.ends.problem:
        return max(event.ends.at - begins.at, timedelta())
    if event.length is not None:
        return event.length
    return timedelta(days=1) if begins.clock is None else timedelta()


def _occurrence(event: Event, moment: Moment, zone: ZoneInfo) -> Occurrence:
    is_all_day = moment.clock is None
    length = _length(event)
    if is_all_day:
        begins = datetime.combine(moment.day, time.min, zone)
        ends = datetime.combine(moment.day + timedelta(days=max(length.days, 1)), time.min, zone)
    else:
        begins = moment.at
        ends = (begins.astimezone(UTC) + length).astimezone(moment.zone)
    key = blake2b(f"{event.uid}|{moment.at.astimezone(UTC).isoformat()}".encode("utf-8", "replace"), digest_size=16)
    return Occurrence(
        key.hexdigest(), event.title, event.place, tuple(event.categories), begins.astimezone(zone),
        ends.astimezone(zone), is_all_day, event.is_cancelled, event.is_private, tuple(event.people),
    )  # fmt: skip


def _unknown(event: Event, problem: str, zone: ZoneInfo) -> Occurrence:
    at = datetime(1970, 1, 1, tzinfo=zone)
    key = blake2b(f"{event.uid}|?".encode("utf-8", "replace"), digest_size=16).hexdigest()
    return Occurrence(
        key, event.title, event.place, tuple(event.categories), at, at, False, event.is_cancelled, event.is_private,
        tuple(event.people), problem,
    )  # fmt: skip


# --- Reading ----------------------------------------------------------------------------------------------------------


def events(body: bytes, *, zone: ZoneInfo) -> list[Event]:
    """Return the events of a calendar as they are written. Raises NotACalendar."""
    lines = _FOLD.sub(b"", body.removeprefix(b"\xef\xbb\xbf")).split(b"\n")
    if len(lines) > _MOST_LINES:
        raise NotACalendar("Kalendern är större än vad som läses.")
    if not any(line.strip().upper() == b"BEGIN:VCALENDAR" for line in lines[:50]):
        raise NotACalendar("På adressen finns ingen kalender (ICS).")
    reader = _Reader(zone)
    for raw in lines:
        reader.take(*_line(raw))
    for event in reader.found:
        event.is_cancelled = event.is_cancelled or reader.is_withdrawn
        if not event.uid:
            event.uid = blake2b(f"{event.title}|{event.begins}".encode("utf-8", "replace"), digest_size=16).hexdigest()
    return reader.found


class _Reader:
    """Takes lines in their order, and knows what they stand inside: an alarm's time is no event's."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.found: list[Event] = []
        self.is_withdrawn = False
        self._zone = zone
        self._inside: list[str] = []

    def take(self, name: str, options: dict[str, str], value: str) -> None:
        if name == "BEGIN":
            self._begin(value.upper())
        elif name == "END":
            self._inside = self._inside[:-1]
        elif self._inside == ["VCALENDAR", "VEVENT"]:
            _take(self.found[-1], name, options, value, self._zone)
        elif name == "METHOD" and self._inside == ["VCALENDAR"]:
            self.is_withdrawn = value.upper() == "CANCEL"

    def _begin(self, what: str) -> None:
        self._inside.append(what)
        if len(self._inside) > _MOST_DEPTH:
            raise NotACalendar("Kalendern går inte att läsa.")
        if self._inside == ["VCALENDAR", "VEVENT"]:
            self.found.append(Event())
            if len(self.found) > MOST_EVENTS:
                raise NotACalendar("Kalendern har fler händelser än vad som läses.")


def _take(event: Event, name: str, options: dict[str, str], value: str, zone: ZoneInfo) -> None:
    if name in ("UID", "SUMMARY", "LOCATION", "CATEGORIES", "CLASS", "STATUS", "RRULE", "SEQUENCE"):
        _take_words(event, name, value)
    elif name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        moment = _moment(value, options.get("TZID", ""), zone)
        if name == "DTSTART":
            event.begins = moment
        elif name == "DTEND":
            event.ends = moment
        else:
            event.instead_of, event.is_onwards = moment, options.get("RANGE", "").upper() == "THISANDFUTURE"
    elif name == "DURATION":
        event.length = _duration(value)
    elif name in ("RDATE", "EXDATE"):
        kept = event.also if name == "RDATE" else event.never
        for each in value.split(",", _MOST_DATES)[:_MOST_DATES]:
            if len(kept) < _MOST_DATES:
                kept.append(_moment(each.partition("/")[0], options.get("TZID", ""), zone))
    elif name in ("ATTENDEE", "ORGANIZER") and len(event.people) < _MOST_PEOPLE:
        shown = options.get("CN", "").strip()
        event.people.extend(each for each in (shown, value.lower().removeprefix("mailto:")) if each)


def _take_words(event: Event, name: str, value: str) -> None:
    if name == "UID":
        event.uid = value[:300]
    elif name == "SUMMARY":
        event.title = _said(value)[:500]
    elif name == "LOCATION":
        event.place = _said(value)[:300]
    elif name == "CATEGORIES":
        listed = [_said(each) for each in re.split(r"(?<!\\),", value)]
        event.categories = [*event.categories, *filter(None, listed)][:50]
    elif name == "CLASS":
        event.is_private = value.strip().upper() not in ("", "PUBLIC")  # what is not known counts as private
    elif name == "STATUS":
        event.is_cancelled = value.strip().upper() == "CANCELLED"
    elif name == "RRULE":
        event.rule = value[:1000]
    elif value.strip().isdecimal():
        event.revision = int(value.strip()[:9])


def _line(raw: bytes) -> tuple[str, dict[str, str], str]:
    """Return a line's name, its parameters and its value."""
    text = raw[:_MOST_LINE].decode("utf-8", "replace").rstrip("\r").replace("\0", "")
    head, value, is_quoted = text, "", False
    for at, sign in enumerate(text):
        if sign == '"':
            is_quoted = not is_quoted
        elif sign == ":" and not is_quoted:
            head, value = text[:at], text[at + 1 :]
            break
    name, *rest = (
        re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', head) if '"' in head and len(head) < 500 else head.split(";")
    )
    options = {
        key.strip().upper(): told.strip().strip('"') for key, _sign, told in (each.partition("=") for each in rest)
    }
    return name.strip().upper(), options, value.strip()


def _moment(text: str, named: str, zone: ZoneInfo) -> Moment:
    words = text.strip().upper()
    is_day = len(words) == 8
    try:
        told = datetime.fromisoformat(words.removesuffix("Z")) if _MOMENT.fullmatch(words) else None
        if told is None or not 1900 <= told.year <= 2200:
            raise ValueError
    except ValueError:
        return Moment(_NO_DAY, None, zone, "Tiden går inte att läsa.")
    if is_day:
        return Moment(told.date(), None, zone)
    if words.endswith("Z"):
        return Moment(told.date(), told.time(), ZoneInfo("UTC"))
    if not named:
        return Moment(told.date(), told.time(), zone)
    found = zone_named(named)
    if found is None:
        return Moment(told.date(), told.time(), zone, "Tidszonen är okänd.")
    return Moment(told.date(), told.time(), found)


def zone_named(name: str) -> ZoneInfo | None:
    """Return the zone that a calendar means, by its IANA name, perhaps with words before it, or as Windows calls it."""
    parts = name.strip().strip("/").split("/")
    tried: Iterable[str] = [_WINDOWS_ZONES.get(name.strip().casefold(), ""), *("/".join(parts[-n:]) for n in (3, 2, 1))]
    for each in tried:
        if each and re.fullmatch(r"[A-Za-z0-9_+/-]{1,60}", each):
            try:
                return ZoneInfo(each)
            except (ValueError, OSError, KeyError):
                continue
    return None


def _duration(text: str) -> timedelta | None:
    found = _DURATION.fullmatch(text.strip().upper())
    if found is None:
        return None
    weeks, whole, hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return timedelta(weeks=weeks, days=whole, hours=hours, minutes=minutes, seconds=seconds)


def _said(text: str) -> str:
    plain = _ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], text)
    return " ".join(plain.split())
