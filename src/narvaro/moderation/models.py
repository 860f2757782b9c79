"""
Tables of moderation. What was written stands in the record alone; a measure points at the version that was judged.

Measures, blocks, reports, complaints and rounds are public records from the moment they are made (TF-5).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned
from narvaro.moderation.types import (
    ComplaintState,
    How,
    MeasureState,
    Read,
    ReportKind,
    ReportState,
    RoundEnd,
    Standing,
)
from narvaro.policy.types import Catalogue
from narvaro.policy.types import Measure as Kind

_OPEN = Q(state__in=["decided", "carried_out", "undoing"])


class Measure(Owned):
    """
    One decision about one comment or its author, and how far it has come on the platform.

    `item` is None only for an emergency whose capture failed; `evidence` then says what there is instead, and
    `evidence_item` is the file note that keeps it, with the screenshot if there is one.
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
    evidence_item = models.ForeignKey("records.Item", models.PROTECT, null=True, related_name="+")
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
    by_hand = models.BooleanField(default=False)  # a person took the latest step there: only reading is left to us
    reading = models.CharField(max_length=12, choices=Read.choices, blank=True)
    read_at = models.DateTimeField(null=True)
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

    @property
    def is_said(self) -> bool:
        """Whether a person made it in the platform's own app: it is read there, and never asked for by us."""
        return self.by_hand or self.how == How.IN_APP

    @property
    def waits_for_hands(self) -> bool:
        """Whether somebody is to make it, or to take it back, in the platform's own app and say so."""
        if self.state == MeasureState.UNDOING:
            return bool(self.trouble) and (not self.by_hand or self.reading == Read.STILL_THERE)
        return self.state == MeasureState.BY_HAND

    @property
    def is_on_word(self) -> bool:
        """Whether it counts as done because somebody says so, and nothing was read that shows it."""
        return self.state == MeasureState.CONFIRMED and self.is_said and self.reading != Read.SEEN

    @property
    def state_in_words(self) -> str:
        """How far it has come, as people read it: what rests on somebody's word is not said to be seen."""
        return _("Utförd, på ord av den som gjorde den") if self.is_on_word else str(self.get_state_display())


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


# --- Identity numbers -------------------------------------------------------------------------------------------------


class Automatic(Owned):
    """
    Whether a machine hides identity numbers until a person has looked. Off where there is no row (GDPR-7, KL-4).

    `upto` is the last finding that was looked at; None until the first look after it was switched on.
    """

    is_on = models.BooleanField(default=False)
    since = models.DateTimeField(default=now)
    upto = models.BigIntegerField(null=True)
    changed_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    changed_at = models.DateTimeField(default=now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority"], name="automatic_once")]


class MachineHiding(Owned):
    """
    An identity number that was found in one version of an item, and what came of it.

    Without `taken_up_at` it waits for the machine. With a measure the machine has hidden it; without, a person was
    asked. `reviewed_at` with `stands` None: there was nothing left to look at.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    item = models.ForeignKey("records.Item", models.PROTECT, related_name="+", db_index=False)
    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+", db_index=False)
    version_number = models.PositiveIntegerField()
    link = models.CharField(max_length=200)  # where the item is worked with
    found_at = models.DateTimeField(default=now)
    taken_up_at = models.DateTimeField(null=True)
    measure = models.OneToOneField(Measure, models.PROTECT, null=True, related_name="+")
    due_at = models.DateTimeField(null=True)
    told_late_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    stands = models.BooleanField(null=True)
    why = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "item", "version_number"], name="machine_hiding_once"),
            models.CheckConstraint(
                condition=Q(reviewed_at=None) | Q(taken_up_at__isnull=False), name="machine_hiding_taken_up_first"
            ),
        ]
        indexes = [
            models.Index(fields=["authority", "id"], condition=Q(taken_up_at=None), name="machine_hiding_new"),
            models.Index(fields=["due_at"], condition=Q(reviewed_at=None), name="machine_hiding_unseen"),
        ]


# --- Oversight --------------------------------------------------------------------------------------------------------


class Schedule(Owned):
    """How often a channel is looked over; `channel` None is the authority's own way. Without a row the rules' hold."""

    channel = models.ForeignKey("channels.Channel", models.PROTECT, null=True, related_name="+", db_index=False)
    rounds_a_day = models.PositiveSmallIntegerField()
    rounds_in_crisis = models.PositiveSmallIntegerField()
    on_days_off = models.BooleanField(default=False)
    removal_hours = models.PositiveSmallIntegerField()  # from knowledge to removal, before it is overdue
    decided_in = models.CharField(max_length=300, blank=True)  # where it stands when a guideline in force decides it
    changed_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    changed_at = models.DateTimeField(default=now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "channel"], condition=Q(channel__isnull=False), name="schedule_once_in_channel"
            ),
            models.UniqueConstraint(fields=["authority"], condition=Q(channel=None), name="schedule_once"),
            models.CheckConstraint(
                condition=Q(rounds_a_day__gte=1) & Q(rounds_in_crisis__gte=1), name="schedule_has_rounds"
            ),
        ]


class Oversight(Owned):
    """How far an authority's rounds have been made: no moment is passed over, whatever stood still meanwhile."""

    made_to = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority"], name="oversight_once")]


class Look(Owned):
    """
    That something came where anybody can read it, and when somebody who can act on it first looked at it.

    `seen_by` None with a time: nobody needed to look any more, since it is gone or was answered in the app.
    """

    item = models.ForeignKey("records.Item", models.PROTECT, related_name="+", db_index=False)
    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+", db_index=False)
    version_number = models.PositiveIntegerField()
    came_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "item"], name="look_once")]
        indexes = [
            models.Index(fields=["authority", "channel", "came_at"], name="look_in_channel"),
            models.Index(fields=["authority", "channel", "came_at"], condition=Q(seen_at=None), name="look_unseen"),
        ]


class Round(Owned):
    """
    One round of oversight of one channel: when it was due, and how it came to be done (BBS-3, SM-18).

    It is about what came in (from_at, due_at]. A row with `missed_at` and an end was done too late.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+", db_index=False)
    from_at = models.DateTimeField()
    due_at = models.DateTimeField()
    late_at = models.DateTimeField()  # from when it is missed
    in_crisis = models.BooleanField(default=False)
    is_extra = models.BooleanField(default=False)  # somebody looked without being asked to
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=12, choices=RoundEnd.choices, blank=True)
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    came = models.PositiveIntegerField(default=0)  # how many new items there were; none is written too
    missed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "channel", "due_at"], name="round_once"),
            models.CheckConstraint(
                condition=Q(ended_at=None, end="") | (Q(ended_at__isnull=False) & ~Q(end="")), name="round_ends_somehow"
            ),
        ]
        indexes = [
            models.Index(fields=["authority", "channel", "due_at"], condition=Q(ended_at=None), name="round_open"),
            models.Index(fields=["authority", "-due_at", "-id"], name="round_newest"),
        ]


class Crisis(Owned):
    """
    Crisis mode of one channel, or of all (`channel` None), from one moment to another.

    The span says what is kept whole as crisis communication (SM-22), whatever is disposed of otherwise.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    channel = models.ForeignKey("channels.Channel", models.PROTECT, null=True, related_name="+", db_index=False)
    why = models.CharField(max_length=300)
    freezes = models.BooleanField(default=True)  # nothing goes out that nobody sends just then
    asks_approval = models.BooleanField(default=True)  # what people send waits until somebody else approves it
    approver = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    started_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    started_at = models.DateTimeField(default=now)
    ended_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "channel"],
                condition=Q(ended_at=None, channel__isnull=False),
                name="crisis_once_in_channel",
            ),
            models.UniqueConstraint(fields=["authority"], condition=Q(ended_at=None, channel=None), name="crisis_once"),
        ]
        indexes = [models.Index(fields=["authority", "-started_at"], name="crisis_newest")]


# --- Reports to the police --------------------------------------------------------------------------------------------


class Package(Owned):
    """
    An evidence package for a report to the police. Its bytes are made anew from the records each time, under the tree
    head and up to the audit entry of the first time; `as_made` holds what else may change, and no words of a resident.

    `is_bare` (ground e, or sealed): no text, no media and nothing of what the platform sent. Law: BBS-10, SM-11a
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    measure = models.ForeignKey(Measure, models.PROTECT, null=True, related_name="+")
    item = models.ForeignKey("records.Item", models.PROTECT, null=True, related_name="+")
    hold = models.ForeignKey("records.Hold", models.PROTECT, null=True, related_name="+", db_index=False)
    head = models.ForeignKey("core.TreeHead", models.PROTECT, null=True, related_name="+", db_index=False)
    is_bare = models.BooleanField()
    as_made = models.JSONField(default=dict)
    audit_upto = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 of the zip when it was first handed out
    case_number = models.CharField(max_length=60, blank=True)
    made_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField(default=now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(item__isnull=False) | Q(measure__isnull=False), name="package_is_about_something"
            )
        ]
        indexes = [models.Index(fields=["authority", "-id"], name="package_newest")]
