"""Decisions of the inbox on plain values: who may, what a text asks for, when an answer is due, what follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from narvaro import screening
from narvaro.base.workingtime import WorkingCalendar, half_time, reply_due
from narvaro.core import rules as house
from narvaro.core.types import ANSWERS, Actor, Role
from narvaro.inbox.types import Assessment, Became, Outcome, ReferTo, Urgency
from narvaro.screening import Area, Finding, Severity

P = ParamSpec("P")

WITHOUT_DEADLINE = timedelta(days=7)
PRESENCE = timedelta(seconds=45)
NOTES_KEPT = timedelta(days=30)  # SM-23
EXPERT_LINK = timedelta(days=14)
URGENT_MINUTES = 10
URGENT_TOLD_AT_MOST = 12
FRESH_ENOUGH_TO_ALARM = timedelta(hours=48)
REMIND_BEFORE = timedelta(hours=4)
WITHHELD_SIGNATURE = "Kommunikationsavdelningen"  # law.md FL-9

_URGENCY_OF_AREA = {
    Area.SUICIDE: Urgency.SUICIDE_RISK,
    Area.CHILD: Urgency.CONCERN_FOR_CHILD,
    Area.EMERGENCY: Urgency.EMERGENCY,
    Area.STAFF: Urgency.THREAT_TO_STAFF,
    Area.THREAT: Urgency.THREAT,
    Area.ABUSE_MATERIAL: Urgency.ABUSE_MATERIAL,
}
_GRAVEST_FIRST = list(_URGENCY_OF_AREA.values())
# What we owe whoever wrote it stays our duty, also when they take their words away.
_DUTIES = frozenset(
    {"public_records_request", "gdpr_request", "accessibility_complaint", "appeal", "concern_for_child"}
)


_BECAME = {
    Outcome.NO_ANSWER_NEEDED.value: Became.TRIVIAL,
    Outcome.ANSWERED.value: Became.ANSWER,
    Outcome.ANSWERED_IN_APP.value: Became.ANSWER,
    Outcome.ANSWERED_BY_OTHER.value: Became.ANSWER,
    Outcome.REFERRED.value: Became.ANSWER,
}
LEARNT_FROM = (*_BECAME, Outcome.MODERATED.value)
"""Outcomes that say what an item was. Where a manager let it be, or it went elsewhere, it may have been anything."""
FEWEST_SETTLED = 30  # suggestions before their own figure is told, instead of the one they were tried with
FEWEST_TO_SILENCE = 50
TALLIED = 120


@dataclass(frozen=True, slots=True)
class Tally:
    """How often suggestions agreed with what people then decided."""

    count: int = 0
    right: int = 0
    guessing: int = 0  # how many the most usual decision alone would have got right

    @property
    def is_worse_than_guessing(self) -> bool:
        """
        Tell whether suggestions were right no more often than always naming the most usual decision would have been.

        Never before `FEWEST_TO_SILENCE` suggestions are settled: a short run of bad luck says nothing.
        """
        return self.count >= FEWEST_TO_SILENCE and self.right <= self.guessing


@dataclass(frozen=True, slots=True)
class Clock:
    """When an answer is due, by which rule, and where the item stands in the working lists."""

    due_at: datetime | None
    due_rule: str
    half_at: datetime | None
    queue_at: datetime


def may_read(actor: Actor) -> bool:
    """Whether the actor may read the inbox; private messages ask for more."""
    return house.may_read_records(actor)


def may_work(actor: Actor) -> bool:
    """Whether the actor answers residents and may change whose an item is."""
    return actor.is_system or actor.has_anywhere(*ANSWERS)


def may_note(actor: Actor) -> bool:
    """Whether the actor may write notes and hand things to the registrar."""
    return may_work(actor) or actor.has_anywhere(Role.REGISTRAR)


def may_bring_in(actor: Actor) -> bool:
    """Anyone who works here may bring in something found elsewhere; who only reads may not."""
    return actor.is_system or not house.changes_nothing(actor) or actor.has_anywhere(Role.EMPLOYEE)


def may_keep_saved_answers(actor: Actor) -> bool:
    """Whether the actor may change the saved answers."""
    return actor.has_anywhere(*ANSWERS)


def may_keep_learner(actor: Actor) -> bool:
    """Whether the actor decides if decisions are learnt from, and deletes what was learnt."""
    return actor.has(Role.COMMUNICATIONS_LEAD, Role.ADMINISTRATOR)


def became(*, outcome: str, is_measured: bool) -> str:
    """Return what an item turned out to be; "" when what was decided does not say."""
    if is_measured:
        return Became.MODERATOR.value
    return str(_BECAME.get(outcome, ""))


def tallied(pairs: Sequence[tuple[str, str]]) -> Tally:
    """Count (what was suggested, what people decided)."""
    usual = Counter(decided for _, decided in pairs).most_common(1)
    right = sum(suggested == decided for suggested, decided in pairs)
    return Tally(len(pairs), right, usual[0][1] if usual else 0)


def may_decide(actor: Actor, manager_id: int) -> bool:
    """Whether the actor decides about something escalated: the manager it was put before, or who leads."""
    return actor.is_person(manager_id) or actor.has_anywhere(Role.UNIT_MANAGER, Role.COMMUNICATIONS_LEAD)


def assess(text: str, alternative_texts: Sequence[str] = (), *, own: screening.OwnRules | None = None) -> Assessment:
    """
    Read a resident's text and say what it asks of us. It sorts work; it decides nothing.

    What describes the pictures is read only for what may not be shown to anybody: it asks nothing of us.

    Args:
        own: The authority's own words.

    Law: FL-2, FL-9, OSL-4, BBS-10
    """
    context = screening.Context(own_rules=own) if own is not None else None
    findings = screening.screen(text, direction=screening.Direction.INCOMING, context=context)
    described = any(
        screening.suspects_child_abuse_material(screening.screen(each, direction=screening.Direction.INCOMING))
        for each in alternative_texts
    )
    if not findings:
        return Assessment(is_abuse=described)
    urgency = ""
    if screening.urgent(findings):
        urgent = {_URGENCY_OF_AREA.get(f.area, Urgency.THREAT) for f in findings if f.severity is Severity.URGENT}
        urgency = next(one.value for one in _GRAVEST_FIRST if one in urgent)
    classes = screening.service_classes(findings)
    return Assessment(
        needs_answer=screening.needs_answer(text, findings),
        urgency=urgency,
        classes=",".join(sorted(one.value for one in classes)) if classes else "",
        is_threat=screening.suspects_threat(findings),
        is_secret=screening.suspects_secrecy(findings),
        is_abuse=described or screening.suspects_child_abuse_material(findings),
        findings=findings,
    )


def is_worth_a_row(finding: Finding) -> bool:
    """Whether a finding is kept by itself; a question, thanks and the like only sort the item into a class."""
    return finding.severity is not Severity.NOTE or finding.area not in (Area.SERVICE, Area.COURTESY)


def clock_for(received_at: datetime, *, needs_answer: bool, hours: int, calendar: WorkingCalendar) -> Clock:
    """
    Return the clock of an item: a deadline only where an answer is needed.

    Law: FL-2; P21
    """
    if not needs_answer:
        return without_deadline(received_at)
    due = reply_due(received_at, hours=hours, calendar=calendar)
    return Clock(due.at, due.rule, half_time(received_at, due.at, calendar), due.at)


def without_deadline(received_at: datetime) -> Clock:
    """Return the clock of what has no deadline: it stands in the lists as if it were due in a week."""
    return Clock(None, "", None, received_at + WITHOUT_DEADLINE)


def is_backlog(received_at: datetime, *, in_operation_from: datetime, is_import: bool) -> bool:
    """Whether an item is from before the channel was in operation, or comes from an archive file (P32)."""
    return is_import or received_at < in_operation_from


def raises_alarm(received_at: datetime, *, is_backlog: bool, is_import: bool, moment: datetime) -> bool:
    """
    Whether something urgent is told at once.

    What is imported, or older than two days when the channel was connected, alarms nobody (P32); a call
    for help from last night does, whatever the register says about the channel's first day.
    """
    if is_import:
        return False
    return not is_backlog or moment - received_at < FRESH_ENOUGH_TO_ALARM


def stays_after_removal(*, urgency: str, classes: str) -> bool:
    """Whether an item whose author took it away still needs somebody. Law: TF-9, GDPR-3"""
    return bool(urgency) or bool(_DUTIES & set(classes.split(",")))


def must_reopen(*, outcome: str, needed_answer: bool, was_urgent: bool, now: Assessment) -> bool:
    """Whether an edited text opens again what was done: it asks now and did not before, or has become urgent."""
    if now.urgency and not was_urgent:
        return True
    if not now.needs_answer:
        return False
    return not needed_answer or outcome in (Outcome.GONE, Outcome.NO_ANSWER_NEEDED)


def promised_hours(own: int | None, shared: int, *, is_decided: bool) -> int:
    """
    Return within how many working hours a channel answers: its own promise, else the authority's.

    Args:
        is_decided: A guideline in force says the authority's; then a channel may promise more, never less.

    Law: FL-2
    """
    if own is None:
        return shared
    return min(own, shared) if is_decided else own


def signature(*, person_signature: str, unit_name: str, withhold: bool, style: str = "") -> str:
    """
    Return what an answer is signed with: "/Anna, Biblioteket", without a name under threat.

    Args:
        style: What the guideline in force decides: "unit" leaves the name out wherever a unit answers.

    Law: FL-9
    """
    if style == "unit" and unit_name and not withhold:
        return f"/{unit_name}"
    if withhold or not person_signature.strip():
        return f"/{WITHHELD_SIGNATURE}" if withhold or not unit_name else f"/{unit_name}"
    name = person_signature.strip().lstrip("/")
    if not unit_name or unit_name.casefold() in name.casefold():
        return f"/{name}"
    return f"/{name}, {unit_name}"


def signed(text: str, signing: str) -> str:
    """Return the text with its signature, once."""
    text = text.rstrip()
    return text if text.endswith(signing) else f"{text} {signing}"


def in_swedish(words: Callable[P, str]) -> Callable[P, str]:
    """
    Make a text that leaves the authority, or stays in its records, Swedish whatever language its author works in.

    Law: SL-1
    """

    @wraps(words)
    def swedish(*args: P.args, **kwargs: P.kwargs) -> str:
        """Return the words as they are in Swedish; the language of the one who works here is untouched."""
        with translation.override("sv"):
            return words(*args, **kwargs)

    return swedish


def is_left_waiting(*, due_at: datetime | None, is_open: bool, is_told: bool, is_urgent: bool, at: datetime) -> bool:
    """
    Whether somebody waits past the deadline and has heard nothing: then a word that the question is seen is offered.

    What is urgent is answered at once and never put off with such a word.

    Law: FL-2
    """
    return due_at is not None and due_at < at and is_open and not is_told and not is_urgent


@in_swedish
def acknowledgement_text() -> str:
    """Return what is said when nothing else is written. Law: FL-2"""
    return _("Tack, vi har sett din fråga och återkommer med ett svar.")


@in_swedish
def notice_text(written: str) -> str:
    """Return the automatic notice outside staffed hours, in the authority's own words when it has any. Law: FL-3"""
    return written.strip() or _("Hej, just nu är vi inte på plats. Vi läser din fråga när vi öppnar igen.")


@in_swedish
def referral_text(to: str, target: str) -> str:
    """
    Return the suggested text of a referral; an individual case is taken out of the open thread.

    Law: FL-5, FL-2
    """
    texts = {
        ReferTo.E_SERVICE: _(
            "Det här hjälper vi dig med i vår e-tjänst: %(target)s "
            "Skriv inga personliga uppgifter här, där alla kan läsa."
        ),
        ReferTo.PHONE: _(
            "Det här behöver vi prata om direkt med dig. Ring oss på %(target)s, så slipper du skriva om det här, "
            "där alla kan läsa."
        ),
        ReferTo.EMAIL: _(
            "Skriv till oss på %(target)s, så hjälper vi dig vidare. "
            "Skriv inga personliga uppgifter här, där alla kan läsa."
        ),
        ReferTo.AUTHORITY: _("Den här frågan svarar %(target)s på. Kontakta dem, så får du rätt hjälp."),
    }
    return texts[ReferTo(to)] % {"target": target}


def chain_of_contacts(*groups: Iterable[int | None], absent: Collection[int] = ()) -> list[int]:
    """Return whom an alarm goes to, in order and once each; those away come last rather than never."""
    order: dict[int, None] = {}
    for group in groups:
        order |= dict.fromkeys(pk for pk in group if pk is not None)
    here = [pk for pk in order if pk not in absent]
    return here + [pk for pk in order if pk in absent]


def link_to(uid: UUID | str) -> str:
    """Return the address of an item's page in the inbox."""
    return f"/inkorg/{uid}/"


def link_of_expert(token: str) -> str:
    """Return the address that a colleague without an account gets."""
    return f"/fraga/{token}/"


def is_same_text(sent: str, found: str) -> bool:
    """Whether a post on the platform is what we sent; the platform may put a handle before it."""
    return " ".join(found.split()).endswith(" ".join(sent.split()))


def secrecy_reason() -> str:
    """Return why screening hands something to the registrar. Law: OSL-4"""
    return _("Texten kan innehålla uppgifter som omfattas av sekretess.")


def seal_reason() -> str:
    """Return why screening seals something. Law: BBS-10"""
    return _("Texten kan gälla övergreppsmaterial med barn (BBS 5 §).")
