"""Tables of what people publish themselves: that somebody was told by e-mail when it was time, and reminded."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from narvaro.core.tenancy import Owned


class HandTold(Owned):
    """That whoever publishes something by hand was told when it was time, and when they are reminded of its link."""

    publication = models.ForeignKey("publishing.Publication", models.PROTECT, related_name="+", db_index=False)
    told_at = models.DateTimeField()
    remind_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "publication"], name="hand_told_once_a_publication")
        ]
        indexes = [models.Index(fields=["remind_at"], condition=Q(reminded_at=None), name="hand_told_to_remind")]
