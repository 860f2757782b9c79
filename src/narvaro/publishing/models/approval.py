"""Tables of who approves, until when somebody is waited for, and what went out at once and is looked at afterwards."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned


class Asked(Owned):
    """How long a message waits to be approved: the latest asking of it. Not waiting any more, the row says nothing."""

    message = models.ForeignKey("publishing.Message", models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField(default=now)
    remind_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "message"], name="asked_once_a_message")]


class Delegation(Owned):
    """That a person may approve what others write, in one unit or in all, by a decision that is named. Law: KL-4"""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    person = models.ForeignKey("core.Person", models.PROTECT, related_name="+", db_index=False)
    unit = models.ForeignKey("core.Unit", models.PROTECT, null=True, related_name="+", db_index=False)
    reference = models.CharField(max_length=120)  # where in the delegation order it stands, or the decision's number
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    made_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["authority", "person"], condition=Q(ended_at=None), name="delegation_in_force")]


class AnswersReadFirst(Owned):
    """That somebody else reads answers before they go out: in one channel, or in all when there is no channel."""

    channel = models.ForeignKey("channels.Channel", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "channel"], name="answers_read_first_once_in_a_channel"),
            models.UniqueConstraint(fields=["authority"], condition=Q(channel=None), name="answers_read_first_once"),
        ]


class AtOnce(Owned):
    """That one person let something out without anybody reading it first, why, and what somebody else said of it."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    message = models.ForeignKey("publishing.Message", models.PROTECT, null=True, related_name="+", db_index=False)
    publication = models.ForeignKey("publishing.Publication", models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=500)
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)
    due_at = models.DateTimeField()
    reviewed_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    reviewed_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=1000, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["authority", "id"], condition=Q(reviewed_at=None), name="at_once_to_look_at"),
            models.Index(fields=["authority", "message"], name="at_once_of_message"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(message=None, publication__isnull=False) | Q(message__isnull=False, publication=None),
                name="at_once_is_about_one_thing",
            )
        ]
