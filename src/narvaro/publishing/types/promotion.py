"""Words for paid promotion."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Topic(models.TextChoices):
    """
    What a paid post is about, as the rules on political advertising and the platforms see it.

    Law: TTPA-1
    """

    ORDINARY = "ordinary", _("Vanlig information från oss")
    SOCIAL = "social", _("En samhällsfråga, till exempel hälsa, miljö eller trygghet")
    VOTING = "voting", _("Neutral information om hur man röstar eller deltar")
    POLITICAL = "political", _("Politisk reklam")


SELL_NO_POLITICS = ("facebook", "instagram", "threads", "youtube")
"""Platforms that no longer sell political advertising in the EU. Law: TTPA-1"""

STOP_MORE = ("facebook", "instagram", "threads")
"""Platforms that also stop what they call social issues, and have stopped authorities' neutral information."""


PROMOTION_VERBS = {
    "publishing.enter_promotion": _("förde in köpt spridning"),
    "publishing.change_promotion": _("rättade uppgifter om köpt spridning"),
    "publishing.withdraw_promotion": _("strök en post i registret över köpt spridning"),
}
"""What each of the register's audit verbs means, after the actor's name."""
