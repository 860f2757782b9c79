"""The tables of publications: one row an actual one. Nothing of it is overwritten (P23)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.connectors.port import Visibility
from narvaro.core.tenancy import Owned
from narvaro.publishing.types import Purpose, State

ALL_MAY_SEE = Visibility.PUBLIC.value


class Together(Owned):
    """One text that answers many: each of them is a publication of its own. `left` holds what was not answered, why."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    text = models.TextField()
    written_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    written_at = models.DateTimeField(default=now)
    left = models.JSONField(default=list)  # of each: the item's uid, and a sentence


class Publication(Owned):
    """An answer or a post on its way to a platform, with what became of it."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+")
    answers = models.ForeignKey("records.Item", models.PROTECT, null=True, related_name="+")
    kept_item = models.ForeignKey("records.Item", models.PROTECT, null=True, related_name="+")
    purpose = models.CharField(max_length=12, choices=Purpose.choices, default=Purpose.ANSWER)
    retry_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    text = models.TextField()
    visibility = models.CharField(max_length=10)
    content_hash = models.CharField(max_length=64)
    key = models.CharField(max_length=64)  # chosen before the call (P3)
    written_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(default=now)
    not_before = models.DateTimeField(default=now)
    not_after = models.DateTimeField(null=True)  # too late is not sent at all
    is_planned = models.BooleanField(default=False)  # goes out by itself at a time: a crisis holds it
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    attempted_at = models.DateTimeField(null=True)
    postponed = models.PositiveSmallIntegerField(default=0)  # told to wait before anything was sent
    settle_at = models.DateTimeField(null=True)
    settle_attempts = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True)
    look_back_at = models.DateTimeField(null=True)  # when what is shown is compared with what was approved
    looks_back = models.PositiveSmallIntegerField(default=0)
    remote_id = models.CharField(max_length=600, blank=True)
    remote_url = models.CharField(max_length=1000, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    similar = models.JSONField(default=list)
    released_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    released_at = models.DateTimeField(null=True)  # when it was approved, where that was asked for
    release_why = models.CharField(max_length=300, blank=True)  # why it was sent back, or approved by its own author
    is_by_law = models.BooleanField(default=False)  # words about a measure: never waits to be approved
    together = models.ForeignKey(Together, models.PROTECT, null=True, related_name="+")
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")  # the part of a thread before it
    part = models.PositiveSmallIntegerField(default=1)
    parts = models.PositiveSmallIntegerField(default=1)
    warning = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=12, default="sv")
    poll = models.JSONField(null=True)
    card = models.JSONField(null=True)
    film = models.ForeignKey("media.Film", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "channel", "key"], name="publication_key_once"),
            models.CheckConstraint(condition=~Q(state="delivered") | ~Q(remote_id=""), name="delivered_has_remote_id"),
        ]
        indexes = [
            models.Index(fields=["not_before"], condition=Q(state="queued"), name="publication_queued"),
            models.Index(fields=["authority", "id"], condition=Q(state="awaiting"), name="publication_awaiting"),
            models.Index(fields=["lease_until"], condition=Q(state="attempting"), name="publication_attempting"),
            models.Index(
                fields=["look_back_at"], condition=Q(look_back_at__isnull=False), name="publication_look_back"
            ),
            models.Index(fields=["settle_at"], condition=Q(state="unknown"), name="publication_unknown"),
            models.Index(
                fields=["settle_at"], condition=Q(state="delivered", kept_item=None), name="publication_unkept"
            ),
            models.Index(fields=["answers"]),
            models.Index(fields=["follows"], condition=Q(follows__isnull=False), name="publication_follows"),
        ]


class PublicationPicture(Owned):
    """A picture that goes out with a publication, in its place."""

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="+")
    picture = models.ForeignKey("media.Picture", models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "publication", "place"], name="picture_place_once")]
