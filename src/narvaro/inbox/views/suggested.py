"""What the learner suggests, as people read it: one quiet line that says how often it was right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from narvaro.inbox import rules

if TYPE_CHECKING:
    from narvaro.inbox.models import Suggestion


def in_words(suggestion: Suggestion | None) -> str:
    """Return what the learner suggests and how often it was right, as one line; "" where it suggests nothing."""
    if suggestion is None:
        return ""
    training = suggestion.training
    right, count = training.learner.tally_right, training.learner.tally_count
    words = _("Förslag: %(what)s. Rätt i %(share)s av de senaste %(count)s.")
    if count < rules.FEWEST_SETTLED:
        right, count = training.right, training.held_out
        words = _("Förslag: %(what)s. Rätt i %(share)s av %(count)s när det prövades.")
    return words % {"what": suggestion.get_suggested_display(), "share": share(right, count), "count": count}


def share(part: int, whole: int) -> str:
    """Return a part of a whole as "83 %"; "–" of nothing."""
    return f"{100 * part / whole:.0f}\u00a0%" if whole else "–"
