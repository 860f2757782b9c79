"""The table of decisions. A row is written once and never changed: triggers refuse it, see `records.guards`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned
from narvaro.decisions.types import SETTLING, Outcome


class Decision(Owned):
    """
    What somebody decided, or advised, about exact content.

    The content itself is its own capability's; here stands its hash. `occasion` tells decisions about the same content
    at different times apart: "" is the decision itself, a review names its day.
    """

    is_written_once = True

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    subject_kind = models.CharField(max_length=60)  # "plans.plan"
    subject_uid = models.UUIDField()
    content_hash = models.CharField(max_length=64)
    occasion = models.CharField(max_length=40, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    by = models.ForeignKey("core.Person", models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=30, blank=True)  # in which role
    at = models.DateTimeField(default=now)
    reference = models.CharField(max_length=120, blank=True)
    why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "subject_kind", "subject_uid", "content_hash", "occasion"],
                condition=Q(outcome__in=[each.value for each in SETTLING]),
                name="decided_once",
            )
        ]
        indexes = [models.Index(fields=["authority", "subject_kind", "subject_uid"], name="decisions_about")]
