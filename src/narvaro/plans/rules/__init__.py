"""Decisions about plans on plain values."""

from narvaro.plans.rules.beginnings import BEGINNINGS, Beginning
from narvaro.plans.rules.deciding import (
    MOST_LETTERS,
    REMIND_BEFORE,
    Difference,
    a_year_after,
    cleaned,
    differences,
    is_assessment_needed,
    is_open,
    is_review_near,
    may_advise,
    may_close,
    may_decide,
    may_start,
    may_write,
    missing,
    who,
    words_of,
)
from narvaro.plans.rules.parts import MANY, MORE, PARTS, QUESTIONS, SECTIONS
from narvaro.plans.rules.steps import ROUTINES

__all__ = [
    "BEGINNINGS",
    "MANY",
    "MORE",
    "MOST_LETTERS",
    "PARTS",
    "QUESTIONS",
    "REMIND_BEFORE",
    "ROUTINES",
    "SECTIONS",
    "Beginning",
    "Difference",
    "a_year_after",
    "cleaned",
    "differences",
    "is_assessment_needed",
    "is_open",
    "is_review_near",
    "may_advise",
    "may_close",
    "may_decide",
    "may_start",
    "may_write",
    "missing",
    "who",
    "words_of",
]
