"""Tables of records. Versions are append-only: triggers refuse any other change, see `guards`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned
from narvaro.records.types import (
    ExportForm,
    ExportScope,
    FileState,
    HoldKind,
    Origin,
    Registration,
    Source,
    VersionKind,
    WorkState,
)


class Item(Owned):
    """
    The identity of something written: one row per (channel, remote id), for ever (P11).

    What it says stands in its versions. The columns here are where it belongs and how it is handled.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    authority = models.ForeignKey("core.Authority", models.PROTECT, related_name="+", db_index=False)
    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+", db_index=False)
    remote_id = models.CharField(max_length=600)
    kind = models.CharField(max_length=10)
    origin = models.CharField(max_length=10, choices=Origin.choices)
    visibility = models.CharField(max_length=10)
    thread_key = models.CharField(max_length=600)
    parent_remote_id = models.CharField(max_length=600, blank=True)
    published_at = models.DateTimeField()  # TF-2: when the platform made it available; the day it was received
    latest_version_id = models.BigIntegerField()
    versions = models.PositiveIntegerField(default=1)
    gone_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    registration = models.CharField(max_length=15, choices=Registration.choices, default=Registration.KEPT_IN_ORDER)
    secrecy_suspected = models.BooleanField(default=False)
    sealed_at = models.DateTimeField(null=True)  # BBS-10: shown to nobody

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "channel", "remote_id"], name="item_once"),
            # OSL-4: what may be secret is always registered.
            models.CheckConstraint(
                condition=Q(secrecy_suspected=False) | Q(registration__in=["register", "registered"]),
                name="suspected_secrecy_is_registered",
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "thread_key", "published_at"]),
            models.Index(fields=["authority", "-published_at", "-id"]),
            # A thread of a hundred thousand comments holds a handful of our own answers.
            models.Index(fields=["channel", "thread_key"], condition=Q(origin="drawn_up"), name="item_own_in_thread"),
        ]


class Version(Owned):
    """What an item said at a time, with the exact bytes the platform gave. Never changed; expunged whole."""

    uid = models.UUIDField(default=uuid7, editable=False)
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=VersionKind.choices)
    source = models.CharField(max_length=12, choices=Source.choices)
    author_remote_id = models.CharField(max_length=300, blank=True)
    author_handle = models.CharField(max_length=300, blank=True)
    author_name = models.CharField(max_length=300, blank=True)
    visibility = models.CharField(max_length=10)
    text = models.TextField(blank=True)
    media = models.TextField(blank=True)  # JSON list, exactly as committed to
    language = models.CharField(max_length=20, blank=True)
    url = models.CharField(max_length=1000, blank=True)
    published_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    captured_at = models.DateTimeField()
    payload = models.BinaryField(null=True)  # under 64 KiB; larger ones stand in the blob store
    payload_digest = models.CharField(max_length=64)
    payload_in_store = models.BooleanField(default=False)
    content_digest = models.CharField(max_length=32)  # tells an unchanged re-read from an edit
    salt = models.BinaryField(null=True)  # goes with the content: then the leaf cannot be guessed back
    leaf_hash = models.BinaryField(max_length=32)
    expunged_at = models.DateTimeField(null=True)
    # Where the item hung when this was kept; None in what was kept before the leaf committed to it ("version-1").
    thread_key = models.CharField(max_length=600, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "item", "number"], name="version_number_once")]


class Link(Owned):
    """
    What an item's address is looked up by (`links.key_of`), where the id in it does not tell when it was written.

    What tells it is looked for around that time, and has no row here: capture pays for the few others alone.
    """

    authority = models.ForeignKey("core.Authority", models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", db_index=False)
    key = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "key", "item"], name="link_once")]


class Opening(Owned):
    """
    That a person had an item before them: the first time and the latest, in which version, and how many times.

    Nothing that stood in a list or a search is counted, and nothing that was sealed. Law: SM-19, BBS-7
    """

    authority = models.ForeignKey("core.Authority", models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey("core.Person", models.PROTECT, related_name="+", db_index=False)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    first_version = models.PositiveIntegerField()
    last_version = models.PositiveIntegerField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "item", "person"], name="opening_once")]


class File(Owned):
    """A picture or other medium of a version, fetched after its text was screened."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    url = models.CharField(max_length=2000)
    kind = models.CharField(max_length=10)
    media_type = models.CharField(max_length=100, blank=True)
    alt = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=FileState.choices, default=FileState.WAITING)
    digest = models.CharField(max_length=64, blank=True)
    size_bytes = models.BigIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=now)
    lease_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["next_at"], condition=Q(state="waiting"), name="file_waiting")]


class WatchedThread(Owned):
    """One of our threads, read again for edits and deletions; more seldom as it grows old."""

    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+")
    root_remote_id = models.CharField(max_length=600)
    last_activity_at = models.DateTimeField()
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "channel", "root_remote_id"], name="thread_watched_once")
        ]
        indexes = [models.Index(fields=["next_at"])]


class Gap(Owned):
    """A span that we know we may lack something from, and why. Never removed; it can be backfilled."""

    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+")
    from_at = models.DateTimeField(null=True)
    until_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=500)
    noted_at = models.DateTimeField(default=now)
    backfilled_at = models.DateTimeField(null=True)
    once_key = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "channel", "once_key"], name="gap_noted_once")]


class RegistryEntry(Owned):
    """
    A thread or an item handed to the registrar, and what was entered.

    Law: OSL-1, OSL-6 (date, designation, counterparty, what it is about; with public variants)
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        ENTERED = "entered"
        NOT_NEEDED = "not_needed"

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    whole_thread = models.BooleanField(default=True)
    suggested_note = models.TextField(blank=True)
    why = models.CharField(max_length=300, blank=True)
    received_on = models.DateField()
    registry_number = models.CharField(max_length=60, blank=True)
    counterparty = models.CharField(max_length=300, blank=True)
    counterparty_is_public = models.BooleanField(default=True)
    summary = models.CharField(max_length=500, blank=True)
    summary_public = models.CharField(max_length=500, blank=True)
    queued_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    queued_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField(null=True)
    entered_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    salt = models.BinaryField(null=True)  # what the log says of the entry is made with it: no name stands there

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "item"], condition=Q(state="queued"), name="queued_once"),
            models.CheckConstraint(
                condition=~Q(state="entered") | ~Q(registry_number=""), name="entered_has_registry_number"
            ),
        ]
        indexes = [models.Index(fields=["authority", "state", "due_at"])]


class AskedWork(Owned):
    """Something long that a person asked for: a row that a worker claims under a lease."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    state = models.CharField(max_length=10, choices=WorkState.choices, default=WorkState.WAITING)
    asked_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(default=now)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


class Export(AskedWork):
    """A copy of records to hand out or to archive. The file is removed after a week; the row stays. Law: TF-8, ARK-8"""

    scope = models.CharField(max_length=12, choices=ExportScope.choices)
    form = models.CharField(max_length=6, choices=ExportForm.choices)
    channel = models.ForeignKey("channels.Channel", models.PROTECT, null=True, related_name="+")
    size_bytes = models.BigIntegerField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=~Q(state__in=["done", "failed"]), name="export_due")]


class Verification(AskedWork):
    """One recomputation of everything, and the first thing that was wrong. Law: ARK-1"""

    fault = models.TextField(blank=True)
    versions = models.BigIntegerField(default=0)
    audits = models.BigIntegerField(default=0)
    blobs = models.BigIntegerField(default=0)
    expunged = models.BigIntegerField(default=0)
    heads = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0.0)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=~Q(state__in=["done", "failed"]), name="verification_due"),
            models.Index(fields=["authority", "-id"]),
        ]


class Import(AskedWork):
    """An archive that somebody uploaded to have taken in. Its file is removed at the end; what was lacking stays."""

    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    size_bytes = models.BigIntegerField()
    from_other_account = models.BooleanField(default=False)  # an account that has moved, by a person's decision
    report = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=~Q(state__in=["done", "failed"]), name="import_due"),
            models.Index(fields=["authority", "channel", "-id"]),
        ]


class Erasure(Owned):
    """
    Expunged words whose traces are to be cleared from the search index and the database's log.

    `digests` names the files to remove; it is emptied when they are gone, since a digest tells of its content.
    """

    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    digests = models.JSONField(default=list)
    asked_at = models.DateTimeField(default=now)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(erased_at=None), name="erasure_due")]


class Hold(Owned):
    """
    Records that may be neither disposed of nor expunged while something goes on, such as a report to the police.

    One that does not cover the content keeps only that the record was: content may go (BBS-10). Law: TF-12, SM-11a
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=10, choices=HoldKind.choices)
    why = models.CharField(max_length=500)
    covers_content = models.BooleanField(default=True)
    placed_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    placed_at = models.DateTimeField(default=now)
    ended_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ended_at=None) | ~Q(ended_why=""), name="hold_ends_with_reason")
        ]


class HeldItem(Owned):
    """One record under a hold; `hold.ended_at` says whether it still is."""

    hold = models.ForeignKey(Hold, models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "hold", "item"], name="item_held_once")]
