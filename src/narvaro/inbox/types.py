"""Words for the inbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from narvaro.base.clock import now
from narvaro.core.types import NotPermitted, Problem
from narvaro.moderation.types import Unlooked

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Person
    from narvaro.publishing.models import Publication
    from narvaro.records.models import Item, RegistryEntry
    from narvaro.records.queries import Shown


Row: TypeAlias = Any
"""A row of this capability's own tables: words know no tables, so its fields are what `models` says."""


class State(models.TextChoices):
    """OPEN ↔ SNOOZED, OPEN → ANSWERING → DONE | OPEN, and DONE → OPEN when somebody reopens it."""

    OPEN = "open", _("Öppen")
    SNOOZED = "snoozed", _("Vilar")
    ANSWERING = "answering", _("Svar på väg")
    DONE = "done", _("Klar")


class Outcome(models.TextChoices):
    """What became of something that is done; "" while it is not."""

    ANSWERED = "answered", _("Besvarad")
    ANSWERED_IN_APP = "answered_in_app", _("Besvarad på plattformen")
    ANSWERED_BY_OTHER = "answered_by_other", _("Besvarad av annan")
    NO_ANSWER_NEEDED = "no_answer_needed", _("Inget svar behövs")
    REFERRED = "referred", _("Hänvisad")
    TO_OTHER_AUTHORITY = "to_other_authority", _("Hör till en annan myndighet")
    TO_REGISTRAR = "to_registrar", _("Lämnad till registrator")
    LEFT = "left", _("Lämnas obesvarad efter beslut")
    GONE = "gone", _("Borttagen av den som skrev")
    MODERATED = "moderated", _("Åtgärdad enligt beslut")
    BEFORE_OPERATION = "before_operation", _("Från tiden före kanalens drift")


CLOSED_BY_HAND = (Outcome.NO_ANSWER_NEEDED, Outcome.ANSWERED_BY_OTHER)
"""Outcomes that one key sets, without anything being published."""


class Urgency(models.TextChoices):
    """Why something cannot wait for office hours; "" when it can."""

    SUICIDE_RISK = "suicide_risk", _("Risk för självmord")
    CONCERN_FOR_CHILD = "concern_for_child", _("Oro för ett barn")
    EMERGENCY = "emergency", _("Akut fara")
    THREAT_TO_STAFF = "threat_to_staff", _("Hot mot personal")
    THREAT = "threat", _("Hot")
    ABUSE_MATERIAL = "abuse_material", _("Misstänkt övergreppsmaterial")


class Purpose(models.TextChoices):
    """Why a publication answers an incoming item."""

    ANSWER = "answer", _("Svar")
    REFERRAL = "referral", _("Hänvisning")
    ACKNOWLEDGEMENT = "acknowledgement", _("Vi har sett frågan")
    NOTICE = "notice", _("Automatiskt besked")


class ReferTo(models.TextChoices):
    """Where a resident is shown to."""

    E_SERVICE = "e_service", _("E-tjänst")
    PHONE = "phone", _("Telefon")
    EMAIL = "email", _("E-post")
    AUTHORITY = "authority", _("Annan myndighet")


class Decision(models.TextChoices):
    """What a manager decides about something escalated; "" until then."""

    ANSWER = "answer", _("Vi svarar")
    LEAVE = "leave", _("Vi låter det vara")


class Doing(models.TextChoices):
    """What somebody does at an item right now."""

    LOOKS = "looks", _("tittar")
    WRITES = "writes", _("skriver ett svar")


class Became(models.TextChoices):
    """What the learner suggests that an item is, in the words of `screening.learner.Class`."""

    TRIVIAL = "trivial", _("inget svar behövs")
    ANSWER = "answer", _("behöver svar")
    MODERATOR = "moderator", _("behöver en moderator")


class Standing(StrEnum):
    """Where an authority's learner stands."""

    NOT_INSTALLED = "not_installed"
    OFF = "off"
    TOO_FEW = "too_few"
    LEARNS = "learns"
    SILENT = "silent"
    SPEAKS = "speaks"


class List(models.TextChoices):
    """The lists of the inbox."""

    MINE = "mine", _("Mina")
    UNIT = "unit", _("Min enhets")
    UNASSIGNED = "unassigned", _("Utan ansvarig")
    LATE = "late", _("Sena")
    URGENT = "urgent", _("Akuta")
    SNOOZED = "snoozed", _("Vilande")
    ALL = "all", _("Alla")
    DONE = "done", _("Klara")


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an item's work lies: with a person, with a unit, or with the communications department."""

    person_id: int | None = None
    unit_id: int | None = None
    with_communications: bool = False


@dataclass(frozen=True, slots=True)
class Assessment:
    """What screening one text led to."""

    needs_answer: bool = False
    urgency: str = ""
    classes: str = ""  # service classes, in order, with a comma between
    is_threat: bool = False
    is_secret: bool = False
    is_abuse: bool = False
    findings: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """One line of a list: the item with its latest words."""

    incoming: Row
    shown: Shown
    removal_due: datetime | None = None  # until when it may stand, from when we came to know of it (BBS-4)
    suggestion: Row | None = None  # of the learner, where it is on and speaks

    @property
    def is_late(self) -> bool:
        """Whether its deadline has passed and nothing became of it yet."""
        due = self.incoming.due_at
        return due is not None and self.incoming.done_at is None and due < now()


@dataclass(frozen=True, slots=True)
class Only:
    """What a list is narrowed to; what is empty narrows nothing."""

    channel: UUID | None = None
    unit: UUID | None = None
    kind: str = ""  # a service class

    def __bool__(self) -> bool:
        return bool(self.channel or self.unit or self.kind)


@dataclass(frozen=True, slots=True)
class Page:
    """
    One page of a list. `next_key` is "" on the last page.

    A narrowed list is looked through a stretch at a time: `is_short` tells that the stretch ended before the page
    was full, and the next page goes on from there.
    """

    cards: tuple[Card, ...]
    next_key: str
    list: str
    is_short: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """One item of a thread in its place: how deep it hangs, and what was done about it."""

    shown: Shown
    depth: int
    incoming: Row | None
    publications: tuple[Publication, ...] = ()

    @property
    def item(self) -> Item:
        return self.shown.item


@dataclass(frozen=True, slots=True)
class Beside:
    """Somebody else who is at the same item now."""

    person: Person
    doing: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """
    Everything a person needs before them to take care of one item.

    `posts` is the thread in reading order with depths, our own post first when it is kept; `focus` is the
    post that the page is about. `has_more` tells that the thread is longer than what is shown.
    """

    incoming: Row
    focus: Post
    posts: tuple[Post, ...]
    has_more: bool
    channel: Channel
    findings: tuple[Row, ...]
    notes: tuple[Row, ...]
    questions: tuple[Row, ...]
    publications: tuple[Publication, ...]
    escalation: Row | None
    messages: tuple[Row, ...]
    alarm: Row | None
    registry_entry: RegistryEntry | None
    measures: tuple[Any, ...]  # what moderation has decided about the item
    presence: tuple[Beside, ...]
    signature: str
    token: str
    may_work: bool
    may_undo: bool
    history: tuple[Any, ...] = field(default_factory=tuple)
    social_emergency_phone: str = ""  # read for what is urgent
    unopened: Unlooked = field(
        default_factory=Unlooked
    )  # new, and nobody who can act on it has had it before them (BBS-3)
    unnoted: tuple[Item, ...] = ()  # what this person has before them now and is not noted to have opened
    advice: tuple[Row, ...] = ()  # asked of the communications department
    suggestion: Row | None = None  # of the learner, where it is on and speaks
    tells_seen: bool = True  # whoever waits may be told that the question is seen: the guideline says so
    offers_seen: bool = False  # and that is offered now: the answer is late

    @property
    def version(self) -> int:
        """The row version to send with forms."""
        return int(self.incoming.version)


class NotNow(NotPermitted):
    """The actor may, but the item stands in the way: it is done, or an answer is on its way. Says what to do."""

    status = 409


class LinkUsed(Problem):
    """A one-time link was used, is too old, or never was."""

    status = 404
    default = _("Länken gäller inte längre. Be den som frågade att skicka en ny.")


VERBS = {
    "inbox.triage": _("tog in det nya i inkorgen"),
    "inbox.answer": _("svarade"),
    "inbox.refer": _("hänvisade till rätt plats"),
    "inbox.acknowledge": _("lät veta att frågan är sedd"),
    "inbox.send_notice": _("skickade beskedet om bemannade tider"),
    "inbox.undo_answer": _("ångrade svaret innan det skickades"),
    "inbox.settle_answer": _("såg att svaret är ute"),
    "inbox.register_own_link": _("registrerade ett svar från plattformen"),
    "inbox.moderate": _("beslutade om kommentaren"),
    "inbox.assign": _("tilldelade"),
    "inbox.pass_on": _("skickade vidare till en annan enhet"),
    "inbox.pass_to_other_authority": _("markerade att det hör till en annan myndighet"),
    "inbox.hand_over_absent": _("lämnade över till den som är på plats"),
    "inbox.pass_half_time": _("lät kommunikationsavdelningen ta den efter halva tiden"),
    "inbox.snooze": _("lät den vila"),
    "inbox.wake": _("tog upp den igen"),
    "inbox.wake_snoozed": _("tog upp den igen när tiden var inne"),
    "inbox.mark_no_answer_needed": _("markerade att inget svar behövs"),
    "inbox.mark_answered_by_other": _("markerade att någon annan har svarat"),
    "inbox.mark_needs_answer": _("markerade att den behöver svar"),
    "inbox.reopen": _("öppnade den igen"),
    "inbox.undo": _("ångrade det senaste steget"),
    "inbox.add_note": _("skrev en arbetsanteckning"),
    "inbox.make_file_note": _("gjorde en anteckning till tjänsteanteckning"),
    "inbox.weed_notes": _("rensade gamla arbetsanteckningar"),
    "inbox.ask_expert": _("frågade en sakkunnig"),
    "inbox.reply_as_expert": _("svarade som sakkunnig"),
    "inbox.ask_advice": _("bad kommunikationsavdelningen om råd"),
    "inbox.give_advice": _("gav ett råd"),
    "inbox.escalate": _("lyfte till närmaste chef"),
    "inbox.escalate_late": _("lyfte det som var sent till chefen"),
    "inbox.discuss": _("skrev i samtalet"),
    "inbox.decide": _("beslutade om svaret"),
    "inbox.to_registrar": _("lämnade tråden till registrator"),
    "inbox.raise_alarm": _("larmade om något akut"),
    "inbox.accept_urgent": _("tog det akuta"),
    "inbox.bring_in": _("lade in något från en annan plats"),
    "inbox.save_answer": _("sparade ett svar att använda igen"),
    "inbox.change_saved_answer": _("ändrade ett sparat svar"),
    "inbox.remove_saved_answer": _("tog bort ett sparat svar ur listan"),
    "inbox.put_back_saved_answer": _("lade tillbaka ett sparat svar i listan"),
    "inbox.due_soon": _("påminde om det som snart ska vara besvarat"),
    "inbox.late": _("påminde om det som är sent"),
    "inbox.switch_learner": _("slog på eller stängde av förslagen i inkorgen"),
    "inbox.ask_to_learn": _("bad förslagen lära om"),
    "inbox.learn": _("lärde om av era beslut"),
    "inbox.delete_learner": _("raderade det som förslagen hade lärt sig"),
    "inbox.late_manager": _("berättade för chefen om det som är sent"),
}
"""What each of the inbox's audit verbs means, after the actor's name."""
