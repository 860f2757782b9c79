"""Words for evaluating a message that has gone out."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Went(models.TextChoices):
    """How a message went, as those who answer for its channels see it."""

    AS_WANTED = "as_wanted", _("Som vi ville")
    PARTLY = "partly", _("Delvis")
    NOT = "not", _("Inte som vi ville")


COUNTED = {
    "likes": _("Gilla-markeringar"),
    "reposts": _("Delningar"),
    "replies": _("Svar enligt plattformen"),
    "quotes": _("Citat"),
}
"""What platforms count of a post that means the same on each of them, by the names that records keep."""

EVALUATION_VERBS = {
    "publishing.evaluate_message": _("utvärderade inlägget"),
    "publishing.change_evaluation": _("ändrade utvärderingen av inlägget"),
}
"""What each of the verbs about evaluations means, after the actor's name."""
