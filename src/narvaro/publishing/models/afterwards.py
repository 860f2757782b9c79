"""
Tables of what happens with what is out: read back, changed or removed, corrected, found outside, and what is left.

What was decided and what was seen is written once; a row's state follows its one attempt.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned
from narvaro.publishing.types.afterwards import DeedKind, DeedState, Found, Means


class ReadBack(Owned):
    """How what the platform showed differed from what was approved: after delivery (0), and after each change."""

    publication = models.ForeignKey("publishing.Publication", models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField(default=now)
    was_read = models.BooleanField(default=True)  # False: the platform could not be read in the end
    differences = models.JSONField(default=list)  # of each: what differs, as approved, as shown
    settled_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    settled_at = models.DateTimeField(null=True)  # when a person said that they had seen it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "publication", "number"], name="read_back_once")]


class Deed(Owned):
    """
    One thing done on a platform besides publishing: a change or removal of our own, or an act in our name.

    The row is the intent; one attempt follows, and what is unclear is settled by reading.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=DeedKind.choices)
    item = models.ForeignKey("records.Item", models.PROTECT, null=True, related_name="+")
    publication = models.ForeignKey("publishing.Publication", models.PROTECT, null=True, related_name="+")
    takes_back = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    target = models.JSONField(default=dict)  # of an act: what it is done to, as a person saw it
    text = models.TextField(blank=True)  # of a change: the new words
    seen_hash = models.CharField(max_length=64, blank=True)  # of what stood there when it was decided
    before_version = models.PositiveIntegerField(null=True)  # which kept wording it was done to
    ground = models.CharField(max_length=12, blank=True)
    why = models.CharField(max_length=500, blank=True)
    checks = models.JSONField(default=list)  # of an act: what was asked and answered before it
    key = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=DeedState.choices, default=DeedState.QUEUED)
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)
    not_before = models.DateTimeField(default=now)
    postponed = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    attempted_at = models.DateTimeField(null=True)
    settle_at = models.DateTimeField(null=True)
    settle_attempts = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["not_before"], condition=Q(state="queued"), name="deed_queued"),
            models.Index(fields=["lease_until"], condition=Q(state="attempting"), name="deed_attempting"),
            models.Index(fields=["settle_at"], condition=Q(state="unknown"), name="deed_unknown"),
            models.Index(fields=["authority", "-id"], name="deed_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "item"],
                condition=Q(state__in=["awaiting", "queued", "attempting", "unknown"]),
                name="deed_one_at_a_time",
            )
        ]


class Correction(Owned):
    """That something we said was wrong: how it was mended, who was told, and what was found about the harm."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    publication = models.ForeignKey("publishing.Publication", models.PROTECT, related_name="+")
    wrong_version = models.PositiveIntegerField(null=True)  # which kept wording was wrong
    means = models.CharField(max_length=10, choices=Means.choices)
    text = models.TextField()
    answer = models.ForeignKey("publishing.Publication", models.PROTECT, null=True, related_name="+", db_index=False)
    deed = models.ForeignKey(Deed, models.PROTECT, null=True, related_name="+", db_index=False)
    together = models.ForeignKey("publishing.Together", models.PROTECT, null=True, related_name="+", db_index=False)
    harm = models.JSONField(default=list)  # which of the questions about harm were answered yes
    incident_uid = models.UUIDField(null=True)
    violated_answer = models.ForeignKey(
        "publishing.Publication", models.PROTECT, null=True, related_name="+", db_index=False
    )
    violated_note = models.CharField(max_length=1000, blank=True)  # how somebody violated is answered elsewhere
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)


class Outside(Owned):
    """Something in our name that did not go out from here, and what the responsible says of it."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    item = models.ForeignKey("records.Item", models.PROTECT, related_name="+", db_index=False)
    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=Found.choices, default=Found.LOOKING)
    look_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField(default=now)
    answered_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True)
    incident_uid = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "item"], name="outside_once")]
        indexes = [
            models.Index(fields=["look_at"], condition=Q(state="looking"), name="outside_looking"),
            models.Index(fields=["authority", "state", "-id"], name="outside_by_state"),
        ]


class Quota(Owned):
    """What a platform told last of what is left to a channel in a window of time."""

    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+", db_index=False)
    window = models.CharField(max_length=10)
    most = models.PositiveIntegerField()
    left = models.PositiveIntegerField()
    resets_at = models.DateTimeField()
    told_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "channel", "window"], name="quota_once")]
