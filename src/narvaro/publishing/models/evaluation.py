"""Tables of evaluations: what a message was meant to do, how it went, and what was known of it then."""

from __future__ import annotations

from django.db import models

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned
from narvaro.publishing.types.evaluation import Went


class Evaluation(Owned):
    """
    What we wanted with a message, how it went and what we learned.

    `figures` holds what was known when it was saved: counts of the message and of nobody. They stay when the records
    they were counted in are disposed of (P31).
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    message = models.ForeignKey("publishing.Message", models.PROTECT, related_name="+", db_index=False)
    went = models.CharField(max_length=10, choices=Went.choices)
    goal = models.CharField(max_length=300, blank=True)  # as it stood in the plan of a channel; "": of no plan
    wanted = models.CharField(max_length=500, blank=True)
    learned = models.CharField(max_length=2000, blank=True)
    figures = models.JSONField(default=dict)
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "message"], name="evaluation_once_a_message")]


class EvaluationVersion(Owned):
    """What an evaluation said when it was saved."""

    is_written_once = True

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    content = models.JSONField()
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "evaluation", "number"], name="evaluation_version_once")
        ]
