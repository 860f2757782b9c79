"""The tables of messages as they are written and planned; every wording is kept. What goes out are publications."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from narvaro.base.clock import STOCKHOLM, now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned
from narvaro.publishing.models.publications import ALL_MAY_SEE, Publication
from narvaro.publishing.types import LabelKind, MessageState, Purpose


class Label(Owned):
    """A label of the authority's own on its messages, or a campaign that they belong to."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=LabelKind.choices, default=LabelKind.LABEL)
    begins_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    is_read_first = models.BooleanField(default=False)  # somebody else reads what has it before it goes out
    put_away_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "kind", "name"], name="label_name_once")]


class SavedText(Owned):
    """A text to begin from, again and again."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    name = models.CharField(max_length=100)
    text = models.TextField()
    made_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField(default=now)
    uses = models.PositiveIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True)
    put_away_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["authority", "name"], name="saved_text_by_name")]


class Message(Owned):
    """
    Something of our own to say, in one channel or many: from draft to planned. What goes out are publications.

    The planned time is what a clock on the wall shows here; `planned_at` follows from it. Law: TF-5
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    text = models.TextField(blank=True)
    purpose = models.CharField(max_length=12, choices=Purpose.choices, default=Purpose.POST)
    state = models.CharField(max_length=10, choices=MessageState.choices, default=MessageState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    planned_day = models.DateField(null=True)
    planned_clock = models.TimeField(null=True)
    planned_at = models.DateTimeField(null=True)
    patience_hours = models.PositiveSmallIntegerField(null=True)  # how late it may go out; None: whenever it can
    written_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(default=now)
    changed_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    changed_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True)  # when it was handed to the schedule
    may_split = models.BooleanField(default=False)  # a text too long for a channel becomes a thread there
    is_numbered = models.BooleanField(default=False)
    warning = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=12, default="sv")
    visibility = models.CharField(max_length=10, default=ALL_MAY_SEE)
    poll = models.JSONField(null=True)
    card = models.JSONField(null=True)
    film = models.ForeignKey("media.Film", models.PROTECT, null=True, related_name="+")
    begun_from = models.ForeignKey(SavedText, models.PROTECT, null=True, related_name="+", db_index=False)
    autosave_key = models.UUIDField(null=True)  # the open form that saved it last, as its writer typed
    shows_at = models.DateTimeField(null=True, editable=False)  # where it stands in the calendar; None: nowhere
    shows_on = models.DateField(null=True, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["authority", "state", "id"], name="message_by_state"),
            models.Index(
                fields=["authority", "shows_on", "shows_at", "id", "state"],
                condition=Q(shows_on__isnull=False),
                name="message_in_calendar",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(planned_day=None, planned_clock=None, planned_at=None)
                | Q(planned_day__isnull=False, planned_clock__isnull=False, planned_at__isnull=False),
                name="message_time_is_whole",
            )
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.shows_at = self.planned_at or self.sent_at
        self.shows_on = self.shows_at.astimezone(STOCKHOLM).date() if self.shows_at else None
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "shows_at", "shows_on"}
        super().save(*args, **kwargs)


class MessageChannel(Owned):
    """Where a message goes out, with words of its own where that channel needs others."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="+")
    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+")
    text = models.TextField(blank=True)  # "": the message's own
    publication = models.ForeignKey(Publication, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "message", "channel"], name="message_once_in_a_channel")
        ]


class MessageLabel(Owned):
    """A label on a message, or the campaign it belongs to."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="+")
    marked = models.ForeignKey(Label, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "message", "marked"], name="message_label_once")]


class MessagePicture(Owned):
    """A picture of a message, in its place."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="+")
    picture = models.ForeignKey("media.Picture", models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "message", "place"], name="message_picture_place_once")
        ]


class MessageVersion(Owned):
    """What a message said when it was saved."""

    is_written_once = True

    message = models.ForeignKey(Message, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "message", "number"], name="message_version_once")]


class MessageNote(Owned):
    """What a colleague says about a message before it goes out, or that its author asks for advice."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="+")
    text = models.CharField(max_length=2000, blank=True)
    asks_advice = models.BooleanField(default=False)
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)


class FourEyes(Owned):
    """That somebody else reads posts before they go out: in one channel, or in all when there is no channel."""

    channel = models.ForeignKey("channels.Channel", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "channel"], name="four_eyes_once_in_a_channel"),
            models.UniqueConstraint(fields=["authority"], condition=Q(channel=None), name="four_eyes_once"),
        ]


class CalendarFeed(Owned):
    """That somebody follows the calendar in a calendar of their own: only what a secret address comes to is kept."""

    person = models.ForeignKey("core.Person", models.PROTECT, related_name="+", db_index=False)
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "person"], name="calendar_feed_once")]


class ElectionDay(Owned):
    """A day of voting that the authority itself has said, beside the ordinary elections that are reckoned."""

    on = models.DateField()
    name = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "on"], name="election_day_once")]


# What stands in modules of its own points at the tables above, so it comes last.
