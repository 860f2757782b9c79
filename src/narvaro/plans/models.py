"""Tables of plans. A version is written once and never changed: triggers refuse it, see `records.guards`."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned
from narvaro.plans.types import PlanState, Routine


class Plan(Owned):
    """The plan of a channel: which version is the latest, which is in force, and when it is looked over."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    channel = models.OneToOneField("channels.Channel", models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=PlanState.choices, default=PlanState.DRAFT)
    latest = models.PositiveIntegerField(default=0)
    in_force = models.PositiveIntegerField(null=True)
    proposed_by = models.ForeignKey("core.Person", models.PROTECT, related_name="+", db_index=False)
    next_review_on = models.DateField(null=True)
    advice_asked_at = models.DateTimeField(null=True)
    lessons = models.TextField(blank=True)
    created_at = models.DateTimeField(default=now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["next_review_on"], condition=Q(in_force__isnull=False), name="plan_review_due")]


class PlanVersion(Owned):
    """One version of a plan as it was saved. `answers` holds what was written, by the keys of `rules.SECTIONS`."""

    is_written_once = True

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    answers = models.JSONField()
    written_by = models.ForeignKey("core.Person", models.PROTECT, related_name="+", db_index=False)
    written_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "plan", "number"], name="plan_version_once")]

    @property
    def content(self) -> dict[str, Any]:
        """What a decision about this version is bound to."""
        return {"plan": str(self.plan.uid), "version": self.number, "answers": self.answers}


class PlanComment(Owned):
    """A remark in the margin of one field of a plan, among colleagues; a draft record that no decision leans on."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()  # the version it was about
    part = models.CharField(max_length=30)
    text = models.CharField(max_length=1000)
    by = models.ForeignKey("core.Person", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)
    settled_at = models.DateTimeField(null=True)


class Recusal(Owned):
    """Somebody who leaves the decision about a plan to others, since they have an interest in it (FL-8)."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey("core.Person", models.PROTECT, related_name="+", db_index=False)
    why = models.CharField(max_length=500)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "plan", "person"], name="recused_once")]


class Tick(Owned):
    """A step of a checklist that is done: so the list can be left and gone on with by anybody."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", db_index=False)
    routine = models.CharField(max_length=5, choices=Routine.choices)
    step = models.CharField(max_length=30)
    by = models.ForeignKey("core.Person", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "plan", "routine", "step"], name="ticked_once")]
