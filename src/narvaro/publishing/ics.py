"""
A calendar as RFC 5545 writes it, read-only: lines of at most 75 octets, CRLF between, what means something escaped.

Only what the calendar of channels needs is written: moments in UTC, which need no description of time zones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

MOST_OCTETS = 75
PRODUCT = "-//Narvaro//Kalender//SV"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing in the calendar: `changed` and `sequence` tell a reader which of two tellings is the newer."""

    uid: str
    at: datetime
    changed: datetime
    sequence: int
    title: str
    words: str
    url: str
    is_settled: bool  # it goes out as it stands; otherwise it is a draft or waits


def written(name: str, events: Iterable[Event]) -> bytes:
    """Return a calendar with its events, in the order given."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H",
        *(line for event in events for line in _event(event)), "END:VCALENDAR",
    ]  # fmt: skip
    return b"".join(part + b"\r\n" for line in lines for part in folded(line))


def escaped(text: str) -> str:
    """Return a text as a value of the type TEXT: no line of it can begin another property."""
    kept = "".join(each for each in text.replace("\r\n", "\n") if each == "\n" or ord(each) >= 32)
    for sign, instead in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        kept = kept.replace(sign, instead)
    return kept


def folded(line: str) -> Iterator[bytes]:
    """Yield a line in parts of at most 75 octets; no letter is broken, and each part after the first has its space."""
    part = b""
    for letter in line:
        octets = letter.encode()
        if len(part) + len(octets) > MOST_OCTETS:
            yield part
            part = b" "
        part += octets
    yield part


def _event(event: Event) -> list[str]:
    return [
        "BEGIN:VEVENT", f"UID:{event.uid}", f"DTSTAMP:{_moment(event.changed)}", f"DTSTART:{_moment(event.at)}",
        "DURATION:PT15M", f"SEQUENCE:{event.sequence}", f"LAST-MODIFIED:{_moment(event.changed)}",
        f"SUMMARY:{escaped(event.title)}", f"DESCRIPTION:{escaped(event.words)}", f"URL:{event.url}",
        f"STATUS:{'CONFIRMED' if event.is_settled else 'TENTATIVE'}", "TRANSP:TRANSPARENT", "END:VEVENT",
    ]  # fmt: skip


def _moment(at: datetime) -> str:
    iso = at.astimezone(UTC).isoformat(timespec="seconds")
    return f"{iso[:19].replace('-', '').replace(':', '')}Z"
