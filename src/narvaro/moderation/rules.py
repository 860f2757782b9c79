"""Decisions of moderation on plain values: who may, what a measure asks for, what follows from an outcome."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import unquote, urlsplit
from uuid import UUID

from django.utils.translation import gettext as _

from narvaro.base.workingtime import WorkingCalendar
from narvaro.channels.types import Platform
from narvaro.core.types import ANSWERS, READS_ALL, Actor, Role
from narvaro.moderation.types import ReportKind, Standing
from narvaro.policy import rules as policy
from narvaro.policy.types import Catalogue, Ground
from narvaro.policy.types import Measure as Kind

BLOCK_DAYS = 30
MOST_BLOCK_DAYS = 183
REVIEW_AFTER = timedelta(days=14)
PAUSES_SECONDS = (0, 5, 15, 60, 300, 900, 1800, 3600)
TOLD_AFTER_ATTEMPTS = 3  # by then a person is told that it is decided and not carried out
MOST_READS = 12  # of what a person says they did there: some six hours of a platform that does not answer
READ_AGAIN = timedelta(hours=24)
FOLLOWED = timedelta(days=30)  # so long a record is looked for that was not kept when something was removed
WAIT_FOR_NOTICE = timedelta(seconds=5)
NOTICE_FIRST = timedelta(minutes=10)  # so long a block waits for its notice to come out

COMPLAINT_DAYS = 10  # working days until whoever complained has an answer
REPORT_WITHIN = timedelta(hours=24)  # by the clock, nights and weekends too, for what hurts somebody while it stands
HURTING = (ReportKind.THREAT, ReportKind.CHILD, ReportKind.HATE, ReportKind.PRIVATE)
NUMBER_WITHIN = timedelta(hours=4)  # so long an identity number may wait for a person where no machine can hide it
FEWEST_SHOWN = 5  # in open statistics; a smaller number may point at somebody

ON_PLATFORM = (Kind.HIDE, Kind.REMOVE, Kind.BLOCK)
"""Measures that ask something of the platform; the others are words only."""


def may_moderate(actor: Actor) -> bool:
    """Whether the actor decides about comments: those who answer residents."""
    return actor.is_system or actor.has_anywhere(*ANSWERS)


def may_read(actor: Actor) -> bool:
    """Whether the actor may read decisions: they are public records, the words they are about may not be."""
    return actor.is_system or actor.has_anywhere(*READS_ALL)


def may_review(actor: Actor, decided_by_id: int | None) -> bool:
    """
    Whether the actor may look at a decision anew: who leads, and never whoever made it.

    Law: FL-8 (disqualification), RF-1
    """
    return actor.has_anywhere(Role.UNIT_MANAGER, Role.COMMUNICATIONS_LEAD) and not actor.is_person(decided_by_id)


def may_review_hiding(actor: Actor) -> bool:
    """Whether the actor confirms or takes back what a machine hid: those who moderate, and the registrar. Law: KL-4"""
    return may_moderate(actor) or actor.has_anywhere(Role.REGISTRAR)


def standing_of(kind: Kind, ground: Ground) -> Standing:
    """
    Return whether a measure carries out the law, or is a decision by delegation that the board is told of.

    What BBS 5 § and secrecy ask for leaves no choice; a house rule and a block do.

    Law: KL-4
    """
    if kind is Kind.BLOCK or ground.catalogue is Catalogue.HOUSE:
        return Standing.DELEGATED if kind not in (Kind.ANSWER, Kind.WARN) else Standing.EXECUTION
    return Standing.EXECUTION


def owes_notice(kind: Kind, ground: Ground, platform: str) -> bool:
    """
    Whether whoever wrote must be told whatever a guideline says: decisions of our own choice, and every block.

    Such a decision is notified, with how to complain, and of a reminder the words are all there is. What the law asks
    to be taken away leaves no choice; but a place that the catalogue does not know may be a forum of our own, and a
    hosting service gives reasons for that too.

    Law: FL-9, RF-5, DSA-2
    """
    is_words_or_block = kind not in (Kind.HIDE, Kind.REMOVE)
    return is_words_or_block or standing_of(kind, ground) is Standing.DELEGATED or platform == Platform.MANUAL


def problem_with(
    kind: Kind, ground: Ground, *, reasons: str, is_warned: bool, why_stricter: str, block_days: int
) -> tuple[str, str]:
    """
    Return why a measure cannot be decided as it stands, and the field to mend: ("", "") when it can.

    Args:
        is_warned: Whether this author was reminded of the rules in this channel before.
        why_stricter: Why nothing milder is enough.

    Law: FL-1, BBS-5, BBS-8, GDPR-7, RF-5
    """
    if not reasons.strip():
        return _("Skriv varför. Skälen är en del av beslutet och läses av den som det gäller."), "reasons"
    if kind in (Kind.ANSWER, Kind.WARN) and ground.catalogue is Catalogue.CRIME:
        return _("Lagen kräver att det här tas bort eller döljs. En påminnelse räcker inte."), "kind"
    if kind is Kind.WARN and ground.catalogue is Catalogue.SECRECY:
        return _("Den som delat för mycket har inte gjort något fel och påminns inte. Dölj det genast."), "kind"
    if kind is Kind.BLOCK:
        if ground.catalogue is Catalogue.SECRECY:
            return _("Den som delat för mycket har inte gjort något fel och blockeras inte."), "kind"
        if not 1 <= block_days <= MOST_BLOCK_DAYS:
            return _("En blockering gäller minst en dag och högst ett halvår."), "block_days"
        if not is_warned and not why_stricter.strip():
            return _(
                "Personen är inte påmind om reglerna här. Påminn först, eller skriv varför det inte räcker."
            ), "why_stricter"
    elif policy.is_stricter(kind, ground) and not why_stricter.strip():
        return _("Något mildare brukar räcka för den här grunden. Skriv varför det inte gör det nu."), "why_stricter"
    return "", ""


def asks_registrar(kind: Kind, ground: Ground) -> bool:
    """
    Whether what a measure is about must be registered: what the law asks for, secrecy, and every block.

    What goes under a house rule is kept in order without that (SM-11c).

    Law: OSL-4 (SM-10), SM-11a, SM-11b, SM-12
    """
    return kind is Kind.BLOCK or ground.catalogue is not Catalogue.HOUSE


def wait_after(attempts: int) -> timedelta:
    """Return how long until the platform is asked again."""
    return timedelta(seconds=PAUSES_SECONDS[min(attempts, len(PAUSES_SECONDS) - 1)])


def author_key(channel_uid: UUID, author_remote_id: str) -> str:
    """
    Return what tells the same author in the same channel again: of no use in another channel, or to name anybody.

    Law: RF-3, RF-4
    """
    return sha256(f"{channel_uid.hex}\n{author_remote_id}".encode()).hexdigest() if author_remote_id else ""


def report_due(kind: ReportKind, knowledge_at: datetime, calendar: WorkingCalendar) -> datetime:
    """
    Return when a report should be answered: what hurts somebody waits for no working day.

    Law: BBS-4, BBS-5
    """
    if kind in HURTING:
        return knowledge_at + REPORT_WITHIN
    return calendar.end_of_next_working_day(knowledge_at)


def complaint_due(came_at: datetime, calendar: WorkingCalendar) -> datetime:
    """Return when a complaint should be decided: closing time of the tenth working day after it came."""
    day = calendar.local(came_at).date()
    for _day in range(COMPLAINT_DAYS):
        day = calendar.next_working_day(day)
    return calendar.closing_on(day) or calendar.end_of_next_working_day(came_at)


def shown_number(count: int) -> int | None:
    """Return a number as open statistics may show it: None for one to four, which may point at somebody; none is 0."""
    return count if count == 0 or count >= FEWEST_SHOWN else None


# --- Reports to the police --------------------------------------------------------------------------------------------

MOST_IN_THREAD = 200  # items shown around what is reported


def may_package(actor: Actor) -> bool:
    """
    Whether the actor makes and hands out evidence packages: those who moderate, and the registrar.

    Law: BBS-5, SM-11a
    """
    return may_moderate(actor) or actor.has_anywhere(Role.REGISTRAR)


def is_asked_for_by_law(ground: Ground) -> bool:
    """Whether the law itself asks for removal: then it may be done before it is kept, if it cannot be. Law: BBS-5"""
    return ground.catalogue is Catalogue.CRIME


def remote_id_of(platform: str, link: str) -> str:
    """
    Return the id by which a platform knows what a link leads to; the link or the id itself where that is not seen.

    Law: none.
    """
    link = link.strip()
    parts = urlsplit(link)
    steps = [unquote(step) for step in parts.path.split("/") if step]
    if parts.scheme not in ("http", "https") or not steps:
        return link
    if platform == "bluesky" and len(steps) == 4 and steps[0] == "profile" and steps[2] == "post":
        return f"at://{steps[1]}/app.bsky.feed.post/{steps[3]}"
    if platform == "mastodon" and steps[-1].isdigit():
        return steps[-1]
    return link


def goes_to_police(ground_code: str) -> bool:
    """Whether what is decided on a ground goes straight to the police, as where and when alone. Law: BBS-10, SM-11b"""
    return any(ground.no_capture and ground.code == ground_code for ground in policy.CRIMES)


def tells_same_twice(first: str, again: str) -> bool:
    """Whether a package that was made again is the one that was first handed out, byte for byte."""
    return not first or first == again
