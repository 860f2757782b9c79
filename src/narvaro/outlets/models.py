"""
The tables of our own outlets: who has asked for a letter, what was sent to how many, what was taken away.

Of a reader only the address is kept, until they leave; a delivery then no longer says whose it was.

Law: GDPR-1
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned
from narvaro.outlets.types import DeliveryState


class Subscriber(Owned):
    """Somebody who has asked for a newsletter; gets nothing but a link until they have confirmed it."""

    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+")
    address = models.EmailField()
    token = models.CharField(max_length=64)  # confirms, and leaves without signing in
    language = models.CharField(max_length=5, default="sv")
    asked_at = models.DateTimeField(default=now)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "channel", "address"], name="subscriber_once_in_a_channel"),
            models.UniqueConstraint(fields=["authority", "token"], name="subscriber_token_once"),
        ]
        indexes = [
            models.Index(fields=["token"], name="subscriber_by_token"),
            models.Index(fields=["asked_at"], condition=Q(confirmed_at=None), name="subscriber_unconfirmed"),
        ]


class Issue(Owned):
    """A newsletter on its way: one delivered post, to those who had asked for it then."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    publication = models.OneToOneField("publishing.Publication", models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=now)
    recipients = models.PositiveIntegerField()


class Delivery(Owned):
    """One letter to one reader: of an issue, or, without one, the letter in which they confirm that they want it."""

    issue = models.ForeignKey(Issue, models.PROTECT, null=True, related_name="+")
    subscriber = models.ForeignKey(Subscriber, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=now)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "issue", "subscriber"], name="delivery_once_to_a_reader")
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="delivery_waiting"),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="delivery_sending"),
        ]


class Withdrawal(Owned):
    """That a post no longer stands on our own pages, with who took it away and why. The record of it stays."""

    publication = models.OneToOneField("publishing.Publication", models.PROTECT, related_name="+")
    why = models.CharField(max_length=300)
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)
