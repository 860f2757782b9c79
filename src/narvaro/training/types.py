"""Words of training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from narvaro.core.types import Invalid, Replayed, Role

PLACE = "training"
"""Where core.waiting keeps what waits here."""
UNDERTAKING = "training.undertaking"
COURSE = "training.course"

VERBS = {
    "training.add_case": _("lade till ett eget fall"),
    "training.change_case": _("ändrade ett eget fall"),
    "training.end_case": _("tog bort ett eget fall"),
    "training.call_day": _("kallade till en temadag"),
    "training.call_meeting": _("kallade till ett möte i en arbetsgrupp"),
    "training.write_minutes": _("skrev i ett mötes dagordning eller anteckningar"),
    "training.fix_minutes": _("låste anteckningarna från ett möte"),
    "training.agree": _("förde in något som någon ska göra"),
    "training.finish_undertaking": _("markerade något som gjort"),
    "training.open_poll": _("öppnade en omröstning"),
    "training.close_poll": _("stängde en omröstning"),
    "training.form_group": _("bildade en arbetsgrupp"),
    "training.change_group": _("ändrade en arbetsgrupp"),
    "training.end_group": _("avslutade en arbetsgrupp"),
    "training.add_member": _("tog in en person i en arbetsgrupp"),
    "training.end_member": _("avslutade en persons uppdrag i en arbetsgrupp"),
    "training.pass_course": _("klarade en kurs"),
    "training.ask_course": _("ändrade vilka som ska ha gått en kurs"),
}
"""What each of training's audit verbs means, after the actor's name."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text of ours in each language."""

    sv: str
    en: str


@dataclass(frozen=True, slots=True)
class Case:
    """
    Something to talk about. `law` names provisions of the law catalogue; no answer is right or wrong.

    `code` is the name of one that ships, or the uid of one of the authority's own.
    """

    code: str
    title: str
    text: str
    ask: tuple[str, ...]
    answers: tuple[str, ...]
    advice: str
    law: tuple[str, ...]
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Lesson:
    """A few sentences to read, and the provisions behind them."""

    title: str
    text: str
    law: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a course: `right` is the number of the answer that is right, `why` says so."""

    ask: str
    answers: tuple[str, ...]
    right: int
    why: str
    law: str


@dataclass(frozen=True, slots=True)
class Course:
    """
    A short course in one language.

    `pass_mark` is how many questions are to be answered rightly; `roles` whom it is for (employee: everybody);
    `feeds_gate`: that those who answer for a channel have taken it is something the authority may ask of the channel.
    """

    code: str
    title: str
    lead: str
    roles: tuple[Role, ...]
    minutes: int
    pass_mark: int
    version: int
    lessons: tuple[Lesson, ...]
    questions: tuple[Question, ...]
    feeds_gate: bool = False


class NotPassed(Invalid):
    """Too few answers were right. Nothing is kept of it: `wrong` holds the numbers of the questions to read again."""

    def __init__(self, wrong: tuple[int, ...], message: Any) -> None:
        super().__init__(message)
        self.wrong = wrong


class VotedAlready(Replayed):
    """A browser has voted once in this poll."""

    default = _("Din röst är räknad. Från samma telefon räknas en röst.")


class PollClosed(Invalid):
    """The poll takes no more votes."""

    status = 410
    default = _("Omröstningen är stängd.")
