"""Words of watch."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class CaseState(models.TextChoices):
    """Where a case about an account stands. GONE, STAYS and LEFT are over."""

    SUSPECTED = "suspected", _("Att titta på")
    CONFIRMED = "confirmed", _("Utger sig för att vara oss")
    REPORTED = "reported", _("Anmält till plattformen")
    GONE = "gone", _("Borta")
    STAYS = "stays", _("Plattformen lät det vara kvar")
    LEFT = "left", _("Lämnat i fred")


OPEN_STATES = (CaseState.SUSPECTED, CaseState.CONFIRMED, CaseState.REPORTED)


class Left(models.TextChoices):
    """Why an account is none of ours to act on. Law: RF-2, RF-4, TF-13"""

    PARODY = "parody", _("Det säger självt att det är ett skämt")
    SOMEBODY = "somebody", _("Det är en person eller någon som tycker till")
    OURS = "ours", _("Det är vårt eget")
    OTHER = "other", _("Det heter bara något liknande")


class Origin(models.TextChoices):
    """How we came to know of an account."""

    SEARCH = "search", _("Hittat av Närvaro")
    ANYBODY = "anybody", _("Tips från allmänheten")
    COLLEAGUE = "colleague", _("Hittat av en kollega")


class Proof(models.TextChoices):
    """What one piece of evidence is."""

    CAPTURED = "captured", _("Så såg kontot ut")
    TOLD = "told", _("Tips")
    LINK = "link", _("Länk")
    PICTURE = "picture", _("Skärmbild")


class Sort(models.TextChoices):
    """What somebody found elsewhere."""

    ERROR = "error", _("Ett fel om oss eller vår verksamhet")
    CRITICISM = "criticism", _("Kritik som vi kan behöva svara på")
    QUESTION = "question", _("En fråga som väntar på svar")


class ElsewhereState(models.TextChoices):
    WAITING = "waiting", _("Chefen avgör")
    TO_ANSWER = "to_answer", _("Ska besvaras")
    ANSWERED = "answered", _("Besvarat")
    LEFT = "left", _("Besvaras inte")


@dataclass(frozen=True, slots=True)
class Reading:
    """A due row in our hands: valid while the stored fence is still ours."""

    pk: int
    authority_id: int
    fence: int


VERBS = {
    "watch.take_tip": _("tog emot ett tips om ett konto"),
    "watch.open_case": _("lade upp ett konto att titta på"),
    "watch.suspect_account": _("hittade ett konto som liknar ett av våra"),
    "watch.add_evidence": _("lade till underlag om kontot"),
    "watch.confirm_case": _("bedömde att kontot utger sig för att vara oss"),
    "watch.leave_case": _("lämnade kontot i fred"),
    "watch.report_case": _("anmälde kontot till plattformen"),
    "watch.end_case": _("avslutade ärendet om kontot"),
    "watch.warn_of_case": _("varnade allmänheten för kontot"),
    "watch.end_warning": _("tog bort varningen för kontot"),
    "watch.look_now": _("bad om en sökning efter falska konton"),
    "watch.add_search": _("lade upp en bevakning av ett ämne"),
    "watch.change_search": _("ändrade en bevakning av ett ämne"),
    "watch.end_search": _("avslutade en bevakning av ett ämne"),
    "watch.change_keeping": _("ändrade hur länge träffar finns kvar"),
    "watch.dispose_hits": _("rensade träffar ur omvärldsbevakningen"),
    "watch.bring_elsewhere": _("lade in något från en annan plats"),
    "watch.decide_elsewhere": _("avgjorde om det ska besvaras"),
    "watch.keep_reply": _("bevarade vårt svar på en annan plats"),
}
"""What each of watch's audit verbs means, after the actor's name."""
