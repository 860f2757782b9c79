"""Words for moderation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from narvaro.core.types import Invalid, Problem

if TYPE_CHECKING:
    from uuid import UUID

    from narvaro.channels.models import Channel
    from narvaro.records.models import Item

VERBS = {
    "moderation.decide_measure": _("beslutade om en åtgärd"),
    "moderation.record_measure": _("antecknade en åtgärd som gjorts på plattformen"),
    "moderation.find_record": _("fann handlingen, som bevarades efter åtgärden"),
    "moderation.carry_out": _("utförde åtgärden på plattformen"),
    "moderation.confirm_measure": _("läste på plattformen att åtgärden är utförd"),
    "moderation.find_not_done": _("läste på plattformen att det inte är gjort där"),
    "moderation.accept_word": _("läste att det ännu syns på plattformen, där inget mer går att göra"),
    "moderation.take_word": _("kunde inte läsa åtgärden på plattformen, den gäller på ord av den som gjorde den"),
    "moderation.ask_person": _("bad en människa utföra åtgärden på plattformen"),
    "moderation.undo_measure": _("hävde åtgärden"),
    "moderation.tell_author": _("berättade för den som skrev"),
    "moderation.waive_notice": _("avstod från att berätta, med skäl"),
    "moderation.make_package": _("gjorde ett bevispaket för polisanmälan"),
    "moderation.take_out_package": _("tog ut bevispaketet"),
    "moderation.note_case_number": _("antecknade polisens ärendenummer"),
    "moderation.lift_block": _("hävde blockeringen"),
    "moderation.review_block": _("omprövade blockeringen"),
    "moderation.keep_report": _("tog emot en anmälan"),
    "moderation.answer_report": _("besvarade anmälan"),
    "moderation.place_complaint": _("fann beslutet som ett klagomål utan kod gäller"),
    "moderation.keep_complaint": _("tog emot ett klagomål på ett beslut"),
    "moderation.decide_complaint": _("omprövade beslutet"),
    "moderation.log_rounds": _("antecknade uppsiktsrundor"),
    "moderation.look_over": _("såg över kanaler"),
    "moderation.change_schedule": _("ändrade hur ofta kanaler ses över"),
    "moderation.obey_guideline": _("lät riktlinjen styra hur ofta kanaler ses över"),
    "moderation.start_crisis": _("satte kanaler i krisläge"),
    "moderation.end_crisis": _("avslutade krisläget"),
    "moderation.change_automatic": _("valde om personnummer döljs maskinellt"),
    "moderation.hide_by_machine": _("dolde ett personnummer maskinellt, i väntan på granskning"),
    "moderation.ask_about_number": _("bad en människa dölja ett personnummer"),
    "moderation.confirm_hiding": _("granskade det maskinella beslutet: det står fast"),
    "moderation.take_back_hiding": _("granskade det maskinella beslutet: det tas tillbaka"),
    "moderation.tell_unreviewed": _("berättade att ingen har granskat i tid"),
}
"""What each of moderation's audit verbs means, after the actor's name."""


class MeasureState(models.TextChoices):
    """
    DECIDED → (BY_HAND →) CARRIED_OUT → CONFIRMED; any of the last two → UNDOING → UNDONE.

    DECIDED: decided, not yet carried out; the sweep tries again. BY_HAND: the platform's interface cannot do it, a
    person does it in the platform's own app and says so. CARRIED_OUT: the platform or that person said yes, and it has
    not been read. What a person said and nothing shows is BY_HAND again; where nothing can be read their word stands.
    """

    DECIDED = "decided", _("Beslutad, ännu inte utförd")
    BY_HAND = "by_hand", _("Ska göras i plattformens app")
    CARRIED_OUT = "carried_out", _("Utförd, inte kontrollerad")
    CONFIRMED = "confirmed", _("Utförd och kontrollerad")
    UNDOING = "undoing", _("Hävs")
    UNDONE = "undone", _("Hävd")


OPEN = (MeasureState.DECIDED, MeasureState.CARRIED_OUT, MeasureState.UNDOING)
"""States from which the sweep has more to do."""


class How(models.TextChoices):
    """How it came to be a measure."""

    NORMAL = "normal", _("Beslutad här")
    EMERGENCY = "emergency", _("Nödåtgärd innan handlingen var bevarad")
    IN_APP = "in_app", _("Gjord i plattformens app och antecknad efteråt")
    MACHINE = "machine", _("Maskinellt beslut")  # hide only, and a person looks at it afterwards (KL-4)


class Read(models.TextChoices):
    """What was last read on the platform of a measure; "" where nothing has been read, or is to be."""

    SEEN = "seen", _("Bekräftat av plattformen")
    STILL_THERE = "still_there", _("Syns fortfarande")
    UNREAD = "unread", _("Kunde inte läsas")


class Standing(models.TextChoices):
    """What the measure is in the municipality's order of delegation (KL-4)."""

    EXECUTION = "execution", _("Verkställighet")
    DELEGATED = "delegated", _("Delegationsbeslut")


class ReportState(models.TextChoices):
    OPEN = "open", _("Väntar")
    ACTED = "acted", _("Åtgärdad")
    LEFT = "left", _("Ingen åtgärd")


class ReportKind(models.TextChoices):
    """What somebody who reports says it is, in everyday words; the moderator sets the ground."""

    THREAT = "threat", _("Hot eller uppmaning till våld")
    HATE = "hate", _("Hets mot en folkgrupp")
    PRIVATE = "private", _("Något privat om mig eller någon annan")
    CHILD = "child", _("Bild eller text som skadar ett barn")
    COPYRIGHT = "copyright", _("Min bild, text eller musik")
    WRONG = "wrong", _("Uppgiften är fel")
    RULES = "rules", _("Bryter mot kommentarsreglerna")
    OTHER = "other", _("Något annat")
    DECISION = "decision", _("Klagomål utan kod")  # a complaint whose decision a person is to find


class ComplaintState(models.TextChoices):
    OPEN = "open", _("Väntar på omprövning")
    UPHELD = "upheld", _("Beslutet står fast")
    CHANGED = "changed", _("Beslutet ändrades")


class RoundEnd(models.TextChoices):
    """How a round of oversight came to be done (BBS-3)."""

    SEEN = "seen", _("Allt nytt var öppnat")
    NOTHING_NEW = "nothing_new", _("Inget nytt, och allt var inläst")
    SAID = "said", _("Någon såg över kanalen och sa till")
    CLOSED = "closed", _("Kanalen avslutades")


class CannotYet(Problem):
    """The record is not kept and proved yet: nothing may be changed on the platform (P13)."""

    status = 409
    default = _("Handlingen är inte bevarad och kontrollerad ännu. Det brukar ta några sekunder. Försök igen.")


class UnknownCode(Invalid):
    """A code that is nobody's here: wrong, or of another authority; the two look alike."""

    default = _("Koden finns inte här. Kontrollera den mot beskedet, bokstav för bokstav.")


class TooManyTries(Problem):
    """So many codes were tried from one place that no more are looked at for a while."""

    status = 429
    default = _("Det har kommit många försök härifrån. Vänta en timme, eller ring oss.")


@dataclass(frozen=True, slots=True)
class Suspected:
    """Something open to anybody in which screening found what the law may want gone, and that is not done with."""

    uid: UUID  # of the work about it, on the floor that has it
    item_id: int
    channel: Channel
    ground: str


@dataclass(frozen=True, slots=True)
class NumbersFound:
    """
    Where identity numbers were found: each item, the number of the version, and the address where it is worked with.

    `upto` is the key of the last finding that was looked at for it.
    """

    upto: int
    found: tuple[tuple[Item, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Unlooked:
    """Items that nobody who can act has had before them; all of them with a row of theirs, or none (BBS-3)."""

    items: tuple[Item, ...] = ()
    are_followed: bool = False
