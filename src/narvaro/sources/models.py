"""
Tables of sources: where words come from, what was seen there, what became of each, and what each source did.

An entry is there once (source and key), and one transaction makes both it and its message.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned
from narvaro.sources.types import Did, EntryState, Kind, Shape, SourceState, Way


class Source(Owned):
    """Where drafts come from. A due row with lease and fence; its address and secret are sealed."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    shape = models.CharField(max_length=10, choices=Shape.choices)
    way = models.CharField(max_length=10, choices=Way.choices)
    host = models.CharField(max_length=255, blank=True)  # of the address, which itself may be a secret
    sealed = models.BinaryField(default=b"")
    unit = models.ForeignKey("core.Unit", models.PROTECT, related_name="+")
    responsible = models.ForeignKey("core.Person", models.PROTECT, related_name="+")
    setup = models.JSONField(default=dict)
    template = models.TextField()
    over_template = models.TextField(blank=True)
    is_automatic = models.BooleanField(default=False)
    most_an_hour = models.PositiveSmallIntegerField(default=5)
    state = models.CharField(max_length=10, choices=SourceState.choices, default=SourceState.ACTIVE)
    next_at = models.DateTimeField(default=now)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    read_at = models.DateTimeField(null=True)  # when it last could be read
    made_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField(default=now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="active"), name="drafting_source_due"),
            models.Index(fields=["authority", "state", "-id"], name="drafting_source_by_state"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(most_an_hour__gte=1), name="drafting_source_has_a_pace"),
        ]


class SourceChannel(Owned):
    """Where a source's messages are to go out."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="+")
    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "source", "channel"], name="source_once_in_a_channel")
        ]


class SourceVersion(Owned):
    """How a source was set up, each time it was; never its secrets."""

    is_written_once = True

    source = models.ForeignKey(Source, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "source", "number"], name="source_version_once")]


class SourceFile(Owned):
    """The file that a source reads, sealed: a calendar holds more than what may show. Only the latest is there."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    sealed = models.BinaryField()
    put_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    put_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "source"], name="source_file_once")]


class Entry(Owned):
    """
    One thing that a source told, and the message that became of it. `due_at`: when something is to be done about it.

    `made_digest` is what the message says, `digest` what the source said last.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    source = models.ForeignKey(Source, models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    alias = models.CharField(max_length=64, blank=True)  # another mark of the same thing, such as where it leads
    digest = models.CharField(max_length=64)
    made_digest = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=200, blank=True)
    values = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=EntryState.choices, default=EntryState.WAITING)
    why = models.CharField(max_length=300, blank=True)
    happens_on = models.DateField(null=True)
    is_over = models.BooleanField(default=False)
    missed = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    message = models.ForeignKey("publishing.Message", models.PROTECT, null=True, related_name="+")
    message_version = models.PositiveIntegerField(default=0)  # as the source left it
    over_message = models.ForeignKey("publishing.Message", models.PROTECT, null=True, related_name="+")
    seen_at = models.DateTimeField(default=now)
    made_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "source", "key"], name="source_entry_once"),
            models.CheckConstraint(
                condition=~Q(state="made") | Q(message__isnull=False), name="source_entry_made_has_message"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="source_entry_due"),
            models.Index(fields=["authority", "source", "made_at"], name="source_entry_pace"),
            models.Index(fields=["seen_at"], name="source_entry_oldest"),
        ]


class LogRow(Owned):
    """What a source did and why. The same again and again is one row that counts."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="+", db_index=False)
    did = models.CharField(max_length=10, choices=Did.choices)
    text = models.CharField(max_length=500, blank=True)
    message = models.ForeignKey("publishing.Message", models.PROTECT, null=True, related_name="+", db_index=False)
    count = models.PositiveIntegerField(default=1)
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = [
            models.Index(fields=["authority", "source", "-id"], name="source_log_newest"),
            models.Index(fields=["at"], name="source_log_oldest"),
        ]


class HookCall(Owned):
    """A signed call that was taken in, so that it is not taken in twice. Thrown away when it is too old anyway."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="+", db_index=False)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "source", "digest"], name="source_hook_call_once")]
        indexes = [models.Index(fields=["at"], name="source_hook_call_oldest")]
