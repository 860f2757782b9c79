"""
Tables of the inbox.

Lists are read through partial indexes whose conditions only ask whether a column is empty, so that both
databases use them whatever is asked for. Flags of the machinery have columns of their own (P12).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned
from narvaro.inbox.types import Became, Decision, Doing, Outcome, Purpose, State, Urgency

_UNDONE = Q(done_at=None)
_AWAKE = Q(done_at=None, snoozed_until=None)


class Incoming(Owned):
    """
    Something a resident wrote, as work: one row per record item. What it says stands in the record alone.

    `queue_at` is its place in the working lists: its deadline, or where it has none a week after it came.
    `due_rule` is the rule, with its version, that made the deadline (P21).
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    item = models.ForeignKey("records.Item", models.PROTECT, related_name="+", db_index=False)
    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+", db_index=False)
    received_at = models.DateTimeField()
    is_private = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN.value)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    needs_answer = models.BooleanField(default=False)
    classes = models.CharField(max_length=200, blank=True)
    urgency = models.CharField(max_length=20, choices=Urgency.choices, blank=True)
    withhold_names = models.BooleanField(default=False)  # FL-9
    screened_version = models.PositiveIntegerField(default=1)
    unit = models.ForeignKey("core.Unit", models.PROTECT, null=True, related_name="+", db_index=False)
    person = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    with_communications = models.BooleanField(default=False)
    taken_at = models.DateTimeField(null=True)  # when somebody first did something about it
    due_at = models.DateTimeField(null=True)
    due_rule = models.CharField(max_length=60, blank=True)
    half_at = models.DateTimeField(null=True)
    queue_at = models.DateTimeField()
    half_told_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    late_told_at = models.DateTimeField(null=True)
    manager_told_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    publication = models.ForeignKey(
        "publishing.Publication", models.PROTECT, null=True, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    before = models.JSONField(null=True)  # what the latest step changed, so that its author can undo it
    changed_at = models.DateTimeField(default=now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "item"], name="incoming_once"),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False) | (~Q(state="done") & Q(done_at=None)),
                name="incoming_done_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state="snoozed", snoozed_until__isnull=False)
                | (~Q(state="snoozed") & Q(snoozed_until=None)),
                name="incoming_snoozed_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["authority", "-received_at", "-id"], name="incoming_all"),
            models.Index(fields=["authority", "changed_at"], name="incoming_changed"),
            models.Index(fields=["authority", "person", "queue_at", "id"], condition=_AWAKE, name="incoming_mine"),
            models.Index(fields=["authority", "unit", "queue_at", "id"], condition=_AWAKE, name="incoming_unit"),
            models.Index(
                fields=["authority", "queue_at", "id"], condition=_AWAKE & Q(person=None), name="incoming_unassigned"
            ),
            models.Index(
                fields=["authority", "due_at", "id"], condition=_UNDONE & Q(due_at__isnull=False), name="incoming_due"
            ),
            models.Index(
                fields=["authority", "half_at"],
                condition=_UNDONE & Q(half_at__isnull=False, half_told_at=None, taken_at=None),
                name="incoming_half",
            ),
            models.Index(
                fields=["authority", "snoozed_until", "id"],
                condition=Q(snoozed_until__isnull=False),
                name="incoming_snoozed",
            ),
            models.Index(
                fields=["authority", "-done_at", "-id"], condition=Q(done_at__isnull=False), name="incoming_done"
            ),
            models.Index(
                fields=["authority", "publication"],
                condition=_UNDONE & Q(publication__isnull=False),
                name="incoming_publication",
            ),
        ]


class Finding(Owned):
    """One thing that screening found in one version of a text: where it stands, never what it says."""

    incoming = models.ForeignKey(Incoming, models.PROTECT, related_name="+")
    version_number = models.PositiveIntegerField()
    rule = models.CharField(max_length=80)
    area = models.CharField(max_length=30)
    ground = models.CharField(max_length=40)
    severity = models.PositiveSmallIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    sentence = models.CharField(max_length=300)
    engine = models.CharField(max_length=30)


class Alarm(Owned):
    """
    Something that cannot wait for office hours, and whom it has reached.

    `next_at` is when the next contact is told unless somebody has accepted; empty when nobody is left to tell.
    """

    incoming = models.ForeignKey(Incoming, models.PROTECT, related_name="+", db_index=False)
    raised_at = models.DateTimeField()
    step = models.PositiveSmallIntegerField(default=0)
    told = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    next_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    accepted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "incoming"], name="alarm_once")]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(accepted_at=None, closed_at=None, next_at__isnull=False),
                name="alarm_next",
            ),
            models.Index(fields=["authority", "raised_at"], condition=Q(closed_at=None), name="alarm_open"),
        ]


class Reply(Owned):
    """Why a publication answers an incoming item, and what its delivery leads to."""

    incoming = models.ForeignKey(Incoming, models.PROTECT, related_name="+")
    publication = models.ForeignKey("publishing.Publication", models.PROTECT, related_name="+", db_index=False)
    purpose = models.CharField(max_length=16, choices=Purpose.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "publication"], name="reply_purpose_once")]


class Notice(Owned):
    """That a thread got its automatic notice in one closed period, so that it gets no second one. Law: FL-3"""

    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+", db_index=False)
    thread_key = models.CharField(max_length=600)
    until_at = models.DateTimeField()
    publication = models.ForeignKey(
        "publishing.Publication", models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "channel", "thread_key", "until_at"], name="notice_once_a_closed_period"
            )
        ]


class Note(Owned):
    """An internal note, or an expert's reply as a basis: working material, weeded after the work. Law: TF-6, SM-23"""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    incoming = models.ForeignKey(Incoming, models.PROTECT, related_name="+")
    text = models.TextField()
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    by_name = models.CharField(max_length=120)
    is_basis = models.BooleanField(default=False)
    kept_item = models.ForeignKey("records.Item", models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)


class Escalation(Owned):
    """Something put before the nearest manager, and what was decided."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    incoming = models.ForeignKey(Incoming, models.PROTECT, related_name="+")
    manager = models.ForeignKey("core.Person", models.PROTECT, related_name="+", db_index=False)
    raised_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    raised_at = models.DateTimeField(default=now)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decided_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "incoming"], condition=Q(decided_at=None), name="escalation_open_once"
            )
        ]


class Message(Owned):
    """A contribution to the discussion of something escalated; weeded as notes are. Law: TF-6, SM-23"""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    escalation = models.ForeignKey(Escalation, models.PROTECT, related_name="+")
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    text = models.TextField()
    at = models.DateTimeField(default=now)


class ExpertQuestion(Owned):
    """A question to a colleague without an account. The link's token is kept as a hash only, and works once."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    incoming = models.ForeignKey(Incoming, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    to_address = models.EmailField()
    question = models.TextField()
    token_hash = models.CharField(max_length=64, db_index=True)
    asked_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    note = models.ForeignKey(Note, models.SET_NULL, null=True, related_name="+", db_index=False)


class Advice(Owned):
    """A question to the communications department about an item, and the answer: working material. Law: TF-6, SM-23"""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    incoming = models.ForeignKey(Incoming, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    question = models.TextField()
    draft = models.TextField(blank=True)  # what one had begun to write
    asked_at = models.DateTimeField(default=now)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True)


class SavedAnswer(Owned):
    """A text that answers what is often asked, for the whole authority or for one unit."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    unit = models.ForeignKey("core.Unit", models.PROTECT, null=True, related_name="+", db_index=False)
    title = models.CharField(max_length=100)
    text = models.TextField()
    changed_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    changed_at = models.DateTimeField(default=now)
    removed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)


class Presence(Owned):
    """Who looks or writes at an item; an old row means nothing."""

    incoming = models.ForeignKey(Incoming, models.CASCADE, related_name="+")
    person = models.ForeignKey("core.Person", models.PROTECT, related_name="+", db_index=False)
    doing = models.CharField(max_length=6, choices=Doing.choices, default=Doing.LOOKS.value)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "incoming", "person"], name="presence_once")]


class Learner(Owned):
    """
    Whether an authority lets what its people decide be learnt from; no row is the same as off.

    `tally_…` is how its latest suggestions agreed with what people then decided, counted again as they are decided.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    is_on = models.BooleanField(default=False)
    is_silent = models.BooleanField(default=True)  # nothing learnt yet, or no better than guessing
    wanted_at = models.DateTimeField(null=True)  # somebody asked for it to learn again
    trouble = models.CharField(max_length=200, blank=True)  # why the latest try came to nothing
    tally_count = models.PositiveIntegerField(default=0)
    tally_right = models.PositiveIntegerField(default=0)
    changed_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    changed_at = models.DateTimeField(default=now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority"], name="learner_once")]


class Training(Owned):
    """What was learnt at one time and how it went: figures, and of the latest the weights. No words (RF-3)."""

    learner = models.ForeignKey(Learner, models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    at = models.DateTimeField(default=now)
    shape = models.PositiveSmallIntegerField()  # how weights are to be read; others are not used
    classes = models.JSONField(default=list)
    figures = models.JSONField(default=list)
    learnt_from = models.PositiveIntegerField()
    held_out = models.PositiveIntegerField()
    right = models.PositiveIntegerField()
    guessing = models.PositiveIntegerField()
    is_better = models.BooleanField()
    weights = models.BinaryField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "number"], name="training_number_once")]


class Suggestion(Owned):
    """What the learner suggests that an item is, and what people then decided; "" where that says nothing."""

    incoming = models.ForeignKey(Incoming, models.CASCADE, related_name="+", db_index=False)
    training = models.ForeignKey(Training, models.CASCADE, related_name="+")
    suggested = models.CharField(max_length=10, choices=Became.choices)
    decided = models.CharField(max_length=10, choices=Became.choices, blank=True)
    made_at = models.DateTimeField(default=now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "incoming"], name="suggestion_once")]
        indexes = [
            models.Index(fields=["authority", "id"], condition=Q(settled_at=None), name="suggestion_open"),
            models.Index(
                fields=["authority", "-settled_at", "-id"],
                condition=Q(settled_at__isnull=False) & ~Q(decided=""),
                name="suggestion_decided",
            ),
        ]
