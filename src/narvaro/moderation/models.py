"""
Tables of moderation. What was written stands in the record alone; a measure points at the version that was judged.

Measures, blocks, reports, complaints and rounds are public records from the moment they are made (TF-5).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned
from narvaro.moderation.types import (
    ComplaintState,
    How,
    MeasureState,
    ReportKind,
    ReportState,
    Standing,
)
from narvaro.policy.types import Catalogue
from narvaro.policy.types import Measure as Kind

_OPEN = Q(state__in=["decided", "carried_out", "undoing"])


class Measure(Owned):
    """
    One decision about one comment or its author, and how far it has come on the platform.

    `item` is None only for an emergency whose capture failed; `evidence` then says what there is instead.
    Carrying out is asked of the platform again until it says yes: hiding, removing and blocking twice is once.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey("records.Item", models.PROTECT, null=True, related_name="+")
    version_number = models.PositiveIntegerField(null=True)
    remote_id = models.CharField(max_length=600)  # what the platform is told to hide or remove, or whom to block
    author_key = models.CharField(max_length=64, blank=True)  # tells the same author in the same channel, nothing else
    kind = models.CharField(max_length=10, choices=Kind.choices)
    catalogue = models.CharField(max_length=10, choices=Catalogue.choices)
    ground = models.CharField(max_length=40)
    house_rule = models.ForeignKey("policy.HouseRule", models.PROTECT, null=True, related_name="+")
    reasons = models.TextField()
    how = models.CharField(max_length=10, choices=How.choices, default=How.NORMAL.value)
    evidence = models.TextField(blank=True)
    standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.EXECUTION.value)
    knowledge_at = models.DateTimeField(null=True)  # BBS-4: when we came to know
    decided_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(default=now)
    state = models.CharField(max_length=12, choices=MeasureState.choices, default=MeasureState.DECIDED.value)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(default=now)
    attempts = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=500, blank=True)  # a Swedish sentence from the platform's connector
    carried_out_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    undone_why = models.TextField(blank=True)
    notice = models.TextField(blank=True)
    notice_publication = models.ForeignKey(
        "publishing.Publication", models.PROTECT, null=True, related_name="+", db_index=False
    )
    notice_waived_why = models.CharField(max_length=300, blank=True)
    code_hash = models.CharField(max_length=64, blank=True)  # of the code with which its author may complain
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(item__isnull=False) | Q(how="emergency") | Q(how="in_app"), name="measure_has_record"
            ),
            models.CheckConstraint(condition=~Q(reasons=""), name="measure_has_reasons"),
            models.UniqueConstraint(
                fields=["authority", "channel", "remote_id", "kind"],
                condition=~Q(state="undone") & ~Q(kind="warn"),
                name="measure_in_force_once",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=_OPEN, name="measure_due"),
            models.Index(fields=["authority", "-decided_at", "-id"], name="measure_newest"),
            models.Index(fields=["authority", "channel", "author_key", "-id"], name="measure_of_author"),
            models.Index(fields=["authority", "code_hash"], condition=~Q(code_hash=""), name="measure_by_code"),
        ]


class Block(Owned):
    """An author kept out of one channel for a time. The register of blocks is a public record (RF-5, SM-12)."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    measure = models.OneToOneField(Measure, models.PROTECT, related_name="+")
    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+")
    author_remote_id = models.CharField(max_length=300)
    author_handle = models.CharField(max_length=300, blank=True)
    from_at = models.DateTimeField(default=now)
    until_at = models.DateTimeField()
    review_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(until_at__gt=models.F("from_at")), name="block_ends")]
        indexes = [
            models.Index(fields=["until_at"], condition=Q(lifted_at=None), name="block_ends_at"),
            models.Index(fields=["authority", "channel", "author_remote_id"], name="block_of_author"),
        ]


class Report(Owned):
    """Somebody, without signing in, says that something is wrong or violates them. Its arrival is our knowledge."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    code_hash = models.CharField(max_length=64, db_index=True)
    kind = models.CharField(max_length=10, choices=ReportKind.choices)
    url = models.CharField(max_length=1000, blank=True)
    text = models.TextField()
    channel = models.ForeignKey("channels.Channel", models.PROTECT, null=True, related_name="+")
    item = models.ForeignKey("records.Item", models.PROTECT, null=True, related_name="+")
    knowledge_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ReportState.choices, default=ReportState.OPEN.value)
    measure = models.ForeignKey(Measure, models.PROTECT, null=True, related_name="+")
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["authority", "due_at"], condition=Q(state="open"), name="report_open")]


class Complaint(Owned):
    """Somebody is not content with a measure; another person than the one who decided looks at it again."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="+")
    code_hash = models.CharField(max_length=64, db_index=True)
    text = models.TextField()
    came_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ComplaintState.choices, default=ComplaintState.OPEN.value)
    reasons = models.TextField(blank=True)
    decided_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "measure"], condition=Q(state="open"), name="complaint_open_once"
            )
        ]
        indexes = [models.Index(fields=["authority", "due_at"], condition=Q(state="open"), name="complaint_open")]
