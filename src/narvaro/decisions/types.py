"""Words for decisions."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    """What was said about the content."""

    APPROVED = "approved", _("Godkänt")
    REJECTED = "rejected", _("Avslaget")
    SENT_BACK = "sent_back", _("Skickat tillbaka")
    ADVICE = "advice", _("Råd")


SETTLING = (Outcome.APPROVED, Outcome.REJECTED, Outcome.SENT_BACK)
"""Outcomes that decide: one of them, once, on the same content at the same occasion. Advice decides nothing."""

VERBS = {
    "decisions.take_decision": _("fattade ett beslut"),
    "decisions.give_advice": _("gav ett råd"),
}
"""What each of decisions' audit verbs means, after the actor's name."""
