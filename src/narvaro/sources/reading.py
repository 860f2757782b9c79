"""What a source says, out of the bytes that it gave: pure reading, with everything that may not show left out here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format

from narvaro.base.clock import STOCKHOLM
from narvaro.base.text import plain_text
from narvaro.core.moments import clock_time, hours
from narvaro.formats import calendars, feeds, happenings, pagelists, pages, tables
from narvaro.sources import rules
from narvaro.sources.types import Found, Kind, Readout, Setup, Shape

Unreadable: Final = (calendars.NotACalendar, feeds.NotAFeed, happenings.NotRecords, pages.NotAPage)
"""What a body that cannot be read raises; each speaks Swedish."""

_PRIVATE = "Privata eller konfidentiella händelser"
_CANCELLED = "Inställda händelser"
_NOT_LISTED = "Händelser som inte står på listan över vad som får visas"
_NAMED = "Händelser vars rubrik nämner en deltagare"
_NOT_ABOUT = "Handlar inte om något av orden."


def read(
    kind: str, shape: str, setup: Setup, body: bytes, *, at: datetime, address: str = "", is_trial: bool = False
) -> Readout:  # fmt: skip
    """
    Return what a source says at a moment.

    Args:
        address: Where it was read, to complete links with.
        is_trial: As it will be when its time has come, though it has not.

    Raises:
        One of `Unreadable`.
    """
    with translation.override(settings.LANGUAGE_CODE):
        if kind == Kind.DAY:
            return _day(setup, body, at, is_trial=is_trial)
        if shape == Shape.ICS:
            return _agenda(setup, body, at)
        if shape == Shape.PAGE:
            return _page(kind, setup, pages.read(body, address=address), at)
        if shape == Shape.FEED:
            return _feed(kind, setup, body, address)
        if kind == Kind.INCIDENT:
            return _incidents(shape, setup, body, at)
        return Readout(_vacancies(setup, happenings.vacancies(body), at))


# --- Calendars --------------------------------------------------------------------------------------------------------


def _day(setup: Setup, body: bytes, at: datetime, *, is_trial: bool) -> Readout:
    local = at.astimezone(STOCKHOLM)
    if local.time() < clock_of(setup) and not is_trial:
        return Readout(())
    day = local.date() + timedelta(days=setup.days_before)
    happening = calendars.happening(body, since=day, until=day + timedelta(days=1), zone=STOCKHOLM)
    left: Counter[str] = Counter()
    shown = [each for each in happening if _may_show(each, setup, left, is_listed=True)]
    lines = [_line(each, day) for each in sorted(shown, key=lambda each: (not each.is_all_day, each.begins_at))]
    values = {"dag": date_format(day, "l j F"), "lista": "\n".join(lines)}
    skip = "" if lines else "Inget i kalendern får visas den dagen."
    title = f"{date_format(day, 'l j F Y')}"
    return Readout(
        (Found(rules.key_of("day", day.isoformat()), title, values, skip=skip, happens_on=day),), _told(left)
    )


def _agenda(setup: Setup, body: bytes, at: datetime) -> Readout:
    day = at.astimezone(STOCKHOLM).date()
    until = day + timedelta(days=setup.days_before + 1)
    left: Counter[str] = Counter()
    found = []
    for each in calendars.happening(body, since=day, until=until, zone=STOCKHOLM):
        if not _may_show(each, setup, left, is_listed=bool(setup.words), cancelled_too=True):
            continue
        values = {
            "rubrik": rules.plain(each.title, most=200), "dag": date_format(each.begins_at, "l j F"),
            "tid": "" if each.is_all_day else clock_time(each.begins_at), "plats": rules.plain(each.place, most=200),
            "lank": "",
        }  # fmt: skip
        found.append(Found(
            each.key, values["rubrik"], values, is_over=each.is_cancelled, happens_on=each.begins_at.date()
        ))  # fmt: skip
    return Readout(tuple(found), _told(left))


def _may_show(
    each: calendars.Occurrence, setup: Setup, left: Counter[str], *, is_listed: bool, cancelled_too: bool = False
) -> bool:  # fmt: skip
    """Whether an event may show; what may not is counted under why, without a word of it."""
    if each.is_private:
        left[_PRIVATE] += 1
    elif is_listed and not rules.is_allowed(each.title, each.categories, setup.words):
        left[_NOT_LISTED] += 1
    elif rules.names_somebody(each.title, each.people):
        left[_NAMED] += 1
    elif each.problem:
        left[f"Händelser som inte går att läsa ({each.problem.rstrip('.')})"] += 1
    elif each.is_cancelled and not cancelled_too:
        left[_CANCELLED] += 1
    else:
        return bool(each.title)
    return False


def _line(each: calendars.Occurrence, day: date) -> str:
    title, place = rules.plain(each.title, most=200), rules.plain(each.place, most=100)
    said = f"{title}, {place}" if place else title
    if each.is_all_day:
        return f"Hela dagen: {said}"
    midnight = datetime.combine(day, time.min, STOCKHOLM)
    begins = max(each.begins_at, midnight)
    ends = min(each.ends_at, datetime.combine(day + timedelta(days=1), time.min, STOCKHOLM))
    return f"{hours(begins, ends) if ends > begins else clock_time(begins)} {said}"


def clock_of(setup: Setup) -> time:
    """Return when on a day a source writes. Raises ValueError for what is no clock."""
    return time.fromisoformat(setup.clock)


def _told(left: Counter[str]) -> tuple[str, ...]:
    return tuple(f"{why}: {count}." for why, count in sorted(left.items()))


# --- Feeds ------------------------------------------------------------------------------------------------------------


def _feed(kind: str, setup: Setup, body: bytes, address: str) -> Readout:
    found: dict[str, Found] = {}
    for each in feeds.entries(body, address=address):
        link = rules.safe_link(each.link)
        title = rules.plain(each.title, most=200)
        text = rules.plain(each.text, most=300)
        day = date_format(each.published_at.astimezone(STOCKHOLM), "l j F") if each.published_at else ""
        values = {"rubrik": title, "lank": link}
        values |= {"text": text} if kind == Kind.NEWS else {"dag": day, "tid": "", "plats": ""}
        skip = "" if rules.is_about(f"{title} {each.text}", setup.words) else _NOT_ABOUT
        alias = rules.key_of("link", link) if link else ""
        if not any(alias and alias == other.alias for other in found.values()):
            found.setdefault(each.key, Found(each.key, title or text[:200], values, skip=skip, alias=alias))
    return Readout(tuple(found.values()))


# --- Operational reports ----------------------------------------------------------------------------------------------


def _incidents(shape: str, setup: Setup, body: bytes, at: datetime) -> Readout:
    is_cap = shape == Shape.CAP
    names = rules.CAP_NAMES if is_cap else setup.names
    if is_cap:
        records = happenings.of_cap(body)
    else:
        records = happenings.of_csv(body) if shape == Shape.CSV else happenings.of_json(body, path=setup.path)
    found: dict[str, Found] = {}
    for record in sorted(records, key=lambda each: each.get("sent", "")) if is_cap else records:
        each = _incident(record, names, setup, is_cap=is_cap, at=at)
        if each is not None:
            found[each.key] = each
    return Readout(tuple(found.values()))


def _incident(
    record: Mapping[str, str], names: Mapping[str, str], setup: Setup, *, is_cap: bool, at: datetime
) -> Found | None:  # fmt: skip
    said = {ours: record.get(theirs, "").strip() for ours, theirs in names.items() if theirs}
    title = rules.plain(said.get("title", "") or (record.get("event", "") if is_cap else ""), most=200)
    if not title:
        return None
    key = said.get("id", "") or f"{title}|{said.get('area', '')}"
    values = {
        "rubrik": title, "text": rules.plain(said.get("text", ""), most=300),
        "lank": rules.safe_link(said.get("link", "")),
        "omrade": rules.plain(said.get("area", ""), most=200), "allvar": rules.plain(said.get("severity", ""), most=50),
    }  # fmt: skip
    is_over, skip = _cap_state(record, at) if is_cap else (_is_over(said.get("state", ""), setup), "")
    if not skip and not rules.is_among(said.get("severity", ""), setup.severities):
        skip = f"Allvaret är ”{values['allvar']}”, och det står inte på listan."
    if not skip and not rules.is_among(said.get("area", ""), setup.areas):
        skip = f"Området är ”{values['omrade'][:100]}”, och det står inte på listan."
    return Found(rules.key_of("incident", key), title, values, is_over=is_over, skip=skip)


def _is_over(state: str, setup: Setup) -> bool:
    return bool(state and setup.over_words) and rules.is_among(state, setup.over_words)


def _cap_state(record: Mapping[str, str], at: datetime) -> tuple[bool, str]:
    """Return whether an alert is over, and why nothing becomes of it."""
    if record.get("status", "") != "Actual":
        return False, "Det är ett prov eller en övning."
    if record.get("msgType", "") not in ("Alert", "Update", "Cancel"):
        return False, "Det är ett meddelande mellan system."
    try:
        expires = datetime.fromisoformat(record["expires"]) if record.get("expires") else None
    except ValueError:
        expires = None
    is_past = expires is not None and (expires if expires.tzinfo else expires.replace(tzinfo=STOCKHOLM)) <= at
    return record.get("msgType") == "Cancel" or is_past, ""


# --- Vacancies --------------------------------------------------------------------------------------------------------


def _vacancies(setup: Setup, records: Iterable[Mapping[str, str]], at: datetime) -> tuple[Found, ...]:
    today = at.astimezone(STOCKHOLM).date()
    found: dict[str, Found] = {}
    for each in records:
        title, last = rules.plain(each["title"], most=200), tables.day(each["last"])
        if not title:
            continue
        values = {
            "rubrik": title, "arbetsgivare": rules.plain(each["employer"], most=120),
            "plats": rules.plain(each["place"], most=120), "sista_dag": date_format(last, "j F") if last else "",
            "lank": rules.safe_link(each["link"]),
        }  # fmt: skip
        skip = "" if rules.is_about(f"{title} {each['place']} {each['employer']}", setup.words) else (
            _NOT_ABOUT
        )  # fmt: skip
        skip = skip or ("Sista ansökningsdagen har passerat." if last and last < today else "")
        key = rules.key_of("vacancy", each["id"])
        found.setdefault(key, Found(key, title, values, skip=skip, happens_on=last))
    return tuple(found.values())


# --- Web pages --------------------------------------------------------------------------------------------------------

MOST_OF_A_PAGE: Final = 200
_OF_KIND: Final = {
    Kind.VACANCY: frozenset({"JobPosting"}), Kind.NEWS: frozenset({"NewsArticle"}),
    Kind.AGENDA: frozenset({"Event", "BusinessEvent", "PublicationEvent", "SocialEvent"}),
}  # fmt: skip


def _page(kind: str, setup: Setup, page: pages.Page, at: datetime) -> Readout:
    """
    Return what a web page lists: what it tells of in JSON-LD, else its links.

    Who has named a heading has pointed at a list of links, and gets that.
    """
    told = [] if setup.heading else happenings.told(page.scripts, _OF_KIND[Kind(kind)])
    told = [{**each, **_linked(each, page)} for each in told]
    asked = [each.casefold() for each in setup.holds]
    told = [each for each in told if not asked or any(word in _words_of(each).casefold() for word in asked)]
    if not told:
        return _links(kind, setup, page, at)
    if kind == Kind.VACANCY:
        return Readout(_vacancies(setup, told, at))
    one = _event if kind == Kind.AGENDA else _article
    found = [each for record in told if (each := one(record, setup, at)) is not None]
    return Readout(tuple({each.key: each for each in reversed(found)}.values())[::-1])


def _linked(record: Mapping[str, str], page: pages.Page) -> dict[str, str]:
    link = record.get("link") or record.get("url") or record.get("mainEntityOfPage.@id") or record.get("@id", "")
    link = pages.whole(page.base, link)
    return {"link": "" if link == page.address else link}


def _words_of(record: Mapping[str, str]) -> str:
    return "\n".join(record.get(name, "") for name in ("title", "name", "headline", "link"))


def _event(record: Mapping[str, str], setup: Setup, at: datetime) -> Found | None:
    title, day = rules.plain(plain_text(record.get("name", "")), most=200), pages.day(record.get("startDate", ""))
    today = at.astimezone(STOCKHOLM).date()
    if not title or day is None or not today <= day <= today + timedelta(days=setup.days_before):
        return None
    place = record.get("location.name") or record.get("location.address.addressLocality") or record.get("location", "")
    values = {
        "rubrik": title, "dag": date_format(day, "l j F"), "tid": _clock_in(record["startDate"]),
        "plats": rules.plain(place, most=200), "lank": rules.safe_link(record["link"]),
    }  # fmt: skip
    status = record.get("eventStatus", "").rpartition("/")[2]
    skip = "" if rules.is_about(title, setup.words) else _NOT_ABOUT
    key = rules.key_of("event", record.get("@id") or record["link"] or title, day.isoformat())
    return Found(key, title, values, is_over=status == "EventCancelled", skip=skip, happens_on=day)


def _clock_in(said: str) -> str:
    try:
        begins = datetime.fromisoformat(said.strip())
    except ValueError:
        return ""
    return clock_time(begins if begins.tzinfo else begins.replace(tzinfo=STOCKHOLM)) if len(said.strip()) > 10 else ""


def _article(record: Mapping[str, str], setup: Setup, _at: datetime) -> Found | None:
    title = rules.plain(plain_text(record.get("headline") or record.get("name", "")), most=200)
    link = rules.safe_link(record["link"])
    if not title or not link:  # an article without an address of its own is what the page itself is about
        return None
    text = plain_text(record.get("description", ""))
    values = {"rubrik": title, "lank": link, "text": rules.plain(text, most=300)}
    skip = "" if rules.is_about(f"{title} {text}", setup.words) else _NOT_ABOUT
    return Found(rules.key_of("page", link), title, values, skip=skip, alias=rules.key_of("link", link))


def _links(kind: str, setup: Setup, page: pages.Page, at: datetime) -> Readout:
    today = at.astimezone(STOCKHOLM).date()
    links = pagelists.matching(page, holds=setup.holds, heading=setup.heading)
    found = []
    for each in links[:MOST_OF_A_PAGE]:
        title, link = rules.plain(each.title, most=200), rules.safe_link(each.address)
        later = [day for day in each.days if day > today]  # what was put up lies behind us, what is to come does not
        values = {"rubrik": title, "lank": link}
        if kind == Kind.VACANCY:
            values |= {"arbetsgivare": "", "plats": "", "sista_dag": date_format(max(later), "j F") if later else ""}
        elif kind == Kind.AGENDA:
            day = min(later) if later else each.days[0] if each.days else None
            values |= {"dag": date_format(day, "l j F") if day else "", "tid": "", "plats": ""}
        else:
            values |= {"text": ""}
        skip = "" if rules.is_about(title, setup.words) else _NOT_ABOUT
        skip = skip or ("" if title else "Länken har inga ord.")
        alias = rules.key_of("link", link) if link else ""
        found.append(Found(rules.key_of("page", each.address), title, values, skip=skip, alias=alias))
    cut = len(links) > MOST_OF_A_PAGE or page.is_cut
    return Readout(tuple(found), ("Sidan har fler länkar än vad som läses. Ange en rubrik eller ord.",) if cut else ())
