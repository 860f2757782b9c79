"""
What others tell as it happens: records out of JSON, CSV and the Common Alerting Protocol (CAP 1.2), and vacancies.

Whatever the file was, a record is names and short texts: what is nested becomes "street.name". A file comes from a
stranger: size, depth, number and length have an end, nothing in it is fetched or run, and no entity is resolved.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from xml.parsers import expat

from narvaro.base.text import plain_text
from narvaro.formats import tables

MOST_BYTES: Final = 3_000_000
MOST_RECORDS: Final = 500
_MOST_NAMES: Final = 200
_MOST_DEPTH: Final = 8
_MOST_TEXT: Final = 4_000
_MOST_SIGNS: Final = 200_000  # brackets and braces: what is nested costs more than its length
_CAP: Final = "urn:oasis:names:tc:emergency:cap:"
_MOST_SCRIPTS: Final = 200
_CAP_OF_ALERT: Final = ("identifier", "sender", "sent", "status", "msgType", "references", "note")
_CAP_OF_INFO: Final = (
    "language", "event", "urgency", "severity", "certainty", "onset", "expires", "headline", "description",
    "instruction", "web",
)  # fmt: skip


class NotRecords(ValueError):
    """What came cannot be read as records. Speaks Swedish."""


def of_json(body: bytes, *, path: str = "") -> list[dict[str, str]]:
    """
    Return the records of a JSON text, at most 500.

    Args:
        path: Where the list stands, such as "data.handelser"; "" for the text itself or the only list in it.

    Raises:
        NotRecords: It is no JSON, or there is no list of records there.
    """
    found = _loaded(body)
    for step in filter(None, path.split(".")):
        found = found.get(step) if isinstance(found, dict) else None
    if isinstance(found, dict) and not path:
        lists = [each for each in found.values() if isinstance(each, list)]
        found = lists[0] if len(lists) == 1 else [found]
    elif isinstance(found, dict):
        found = [found]
    if not isinstance(found, list):
        raise NotRecords("Det finns ingen lista med händelser på den platsen i filen.")
    return [_flat(each) for each in found[:MOST_RECORDS] if isinstance(each, dict)]


def of_csv(body: bytes) -> list[dict[str, str]]:
    """Return the rows of a table by its heads, at most 500. Raises NotRecords."""
    if len(body) > MOST_BYTES:
        raise NotRecords("Filen är större än vad som läses.")
    try:
        table = tables.read(body)
    except tables.Unreadable as error:
        raise NotRecords(f"Tabellen går inte att läsa (rad {error.row})." if error.row else
                         "Tabellen går inte att läsa.") from None  # fmt: skip
    return [dict(zip(table.columns, row.cells, strict=True)) for row in table.rows[:MOST_RECORDS]]


def of_cap(body: bytes) -> list[dict[str, str]]:
    """
    Return the alerts of a CAP 1.2 text: one alert, or several inside something else, such as a feed.

    Of several languages the Swedish one is taken, else the first. `incident` is what the first message of an alert
    was called; updates and the message that it is over bear the same.

    Raises:
        NotRecords: It is no such text, or declares types or entities of its own.
    """
    reader = _CapReader()
    _parse(body, reader)
    if not reader.found:
        raise NotRecords("På adressen finns inget meddelande i CAP.")
    return reader.found


def vacancies(body: bytes) -> list[dict[str, str]]:
    """
    Return vacancies: JobPosting in JSON-LD (by itself or in a web page), or a list as Platsbanken gives it.

    Returns:
        Each with id, title, place, employer, last (the last day, as written), link and text; "" where it is not told.

    Raises:
        NotRecords: Nothing of the sort is there.
    """
    if len(body) > MOST_BYTES:
        raise NotRecords("Filen är större än vad som läses.")
    if body.lstrip()[:1] == b"<":
        found = [each for script in _scripts(body) for each in _postings(_loaded_or_none(script))]
    else:
        loaded = _loaded(body)
        hits = loaded.get("hits", loaded.get("ads")) if isinstance(loaded, dict) else None
        found = [_of_bank(each) for each in hits if isinstance(each, dict)] if isinstance(hits, list) else []
        found = found or list(_postings(loaded))
    if not found:
        raise NotRecords("Där finns inga lediga jobb som går att läsa.")
    return found[:MOST_RECORDS]


def told(scripts: Iterable[str], kinds: frozenset[str]) -> list[dict[str, str]]:
    """
    Return the things of some kinds (`JobPosting`, `Event`) that the JSON-LD of a page tells of, flat, at most 500.

    What is no JSON is left out. A vacancy comes as `vacancies` gives it.
    """
    found: list[dict[str, str]] = []
    for script in scripts:
        for each in _things(_loaded_or_none(script.encode("utf-8", "replace")), kinds):
            found.append(_of_posting(each) if "JobPosting" in kinds else _flat(each))
            if len(found) >= MOST_RECORDS:
                return found
    return found


# --- JSON -------------------------------------------------------------------------------------------------------------


def _loaded(body: bytes) -> Any:
    if len(body) > MOST_BYTES:
        raise NotRecords("Filen är större än vad som läses.")
    if body.count(b"{") + body.count(b"[") > _MOST_SIGNS:
        raise NotRecords("Filen har fler delar än vad som läses.")
    try:
        return json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise NotRecords("Filen går inte att läsa: det är inte JSON.") from None


def _loaded_or_none(body: bytes) -> Any:
    try:
        return _loaded(body)
    except NotRecords:
        return None


def _flat(record: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    _flatten(record, "", 0, found)
    return found


def _flatten(value: Any, name: str, depth: int, found: dict[str, str]) -> None:
    if len(found) >= _MOST_NAMES or depth > _MOST_DEPTH:
        return
    if isinstance(value, dict):
        for key, each in value.items():
            _flatten(each, f"{name}.{key}" if name else str(key), depth + 1, found)
    elif isinstance(value, list):
        plain = [_word(each) for each in value[:50] if not isinstance(each, dict | list)]
        if plain:
            found[name] = ", ".join(plain)[:_MOST_TEXT]
        for number, each in enumerate(value[:20]):
            if isinstance(each, dict):
                _flatten(each, f"{name}.{number}", depth + 1, found)
    elif value is not None:
        found[name] = _word(value)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nej"
    said = value if isinstance(value, str) else str(value) if abs(value or 0) < 10**18 else ""
    return said.replace("\0", "").encode("utf-8", "replace").decode()[:_MOST_TEXT].strip()


# --- Vacancies --------------------------------------------------------------------------------------------------------


def _scripts(body: bytes) -> Iterator[bytes]:
    """Yield what stands in a page's scripts of JSON-LD; each sign is looked at a few times at most."""
    lower, at = body.lower(), 0
    for _number in range(_MOST_SCRIPTS):
        begin = lower.find(b"<script", at)
        opened = lower.find(b">", begin) if begin >= 0 else -1
        end = lower.find(b"</script", opened) if opened >= 0 else -1
        if end < 0:
            return
        if b"ld+json" in lower[begin:opened]:
            yield body[opened + 1 : end]
        at = end + 1


def _postings(found: Any) -> Iterator[dict[str, str]]:
    yield from (_of_posting(each) for each in _things(found, frozenset({"JobPosting"})))


def _things(found: Any, kinds: frozenset[str], depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield what is of a kind in JSON-LD, by itself, in a graph or in a list."""
    if depth > _MOST_DEPTH:
        return
    if isinstance(found, list):
        for each in found[:MOST_RECORDS]:
            yield from _things(each, kinds, depth + 1)
    elif isinstance(found, dict):
        said = found.get("@type")
        named = said if isinstance(said, list) else [said]
        if any(isinstance(each, str) and each.rpartition("/")[2] in kinds for each in named[:20]):
            yield found
        for name in ("@graph", "itemListElement", "item", "mainEntity"):
            if name in found:
                yield from _things(found[name], kinds, depth + 1)


def _of_posting(found: dict[str, Any]) -> dict[str, str]:
    flat = _flat(found)
    places = [value for name, value in flat.items() if name.endswith("addressLocality")]
    named = flat.get("identifier.value") or flat.get("identifier") or flat.get("url") or flat.get("@id", "")
    return {
        "id": named or flat.get("title", ""), "title": plain_text(flat.get("title", "")),
        "place": ", ".join(dict.fromkeys(places)), "employer": flat.get("hiringOrganization.name", ""),
        "last": flat.get("validThrough", ""), "link": flat.get("url", "") or flat.get("@id", ""),
        "text": plain_text(flat.get("description", "")),
    }  # fmt: skip


def _of_bank(found: dict[str, Any]) -> dict[str, str]:
    flat = _flat(found)
    return {
        "id": flat.get("id", "") or flat.get("webpage_url", ""), "title": flat.get("headline", ""),
        "place": flat.get("workplace_address.municipality", "") or flat.get("workplace_address.city", ""),
        "employer": flat.get("employer.workplace", "") or flat.get("employer.name", ""),
        "last": flat.get("application_deadline", "") or flat.get("last_publication_date", ""),
        "link": flat.get("webpage_url", ""), "text": plain_text(flat.get("description.text", "")),
    }  # fmt: skip


# --- CAP --------------------------------------------------------------------------------------------------------------


def _parse(body: bytes, reader: _CapReader) -> None:
    if len(body) > MOST_BYTES:
        raise NotRecords("Filen är större än vad som läses.")
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.said
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(body, True)
    except NotRecords:
        raise
    except (expat.ExpatError, ValueError, LookupError):
        raise NotRecords("Filen går inte att läsa: det är inte XML.") from None


def _refuse(*_what: object) -> None:
    raise NotRecords("Filen innehåller egna definitioner, och läses därför inte.")


class _CapReader:
    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []
        self._depth = 0
        self._alert: dict[str, str] | None = None
        self._infos: list[dict[str, str]] = []
        self._areas: list[str] = []
        self._in_info = False
        self._name, self._said = "", ""

    def begin(self, name: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > 60:
            raise NotRecords("Filen går inte att läsa.")
        space, _sign, plain = name.rpartition(" ")
        self._name, self._said = "", ""
        if not space.startswith(_CAP):
            return
        if plain == "alert":
            self._alert, self._infos, self._areas, self._in_info = {}, [], [], False
        elif self._alert is not None and plain == "info":
            self._in_info = True
            self._infos.append({})
        elif self._alert is not None:
            self._name = plain

    def said(self, text: str) -> None:
        if self._name and len(self._said) < _MOST_TEXT:
            self._said += text[:_MOST_TEXT]

    def end(self, name: str) -> None:
        self._depth -= 1
        space, _sign, plain = name.rpartition(" ")
        if self._alert is None or not space.startswith(_CAP):
            return
        said = " ".join(self._said.split())
        if self._name == plain and said:
            if plain == "areaDesc":
                if said not in self._areas and len(self._areas) < 50:
                    self._areas.append(said)
            elif self._in_info and plain in _CAP_OF_INFO:
                self._infos[-1].setdefault(plain, said)
            elif not self._in_info and plain in _CAP_OF_ALERT:
                self._alert.setdefault(plain, said)
        self._name, self._said = "", ""
        if plain == "info":
            self._in_info = False
        elif plain == "alert":
            self._close(self._alert)
            self._alert = None

    def _close(self, alert: dict[str, str]) -> None:
        swedish = [each for each in self._infos if each.get("language", "").lower().startswith("sv")]
        info = (swedish or self._infos or [{}])[0]
        first = re.split(r"\s+", alert.get("references", "").strip())[0].split(",")
        incident = first[1] if len(first) > 2 and alert.get("msgType") in ("Update", "Cancel") else ""
        if alert.get("identifier") and len(self.found) < MOST_RECORDS:
            areas = ", ".join(self._areas)
            self.found.append({**info, **alert, "areaDesc": areas, "incident": incident or alert["identifier"]})
