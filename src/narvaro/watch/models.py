"""
Tables of watch: cases about accounts that may pose as the authority, what is said of its matters, what was found
elsewhere. None of them is about persons, and none holds who said something (RF-4, TF-13).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned
from narvaro.watch.rules import KEEP_DAYS
from narvaro.watch.types import CaseState, ElsewhereState, Left, Origin, Proof, Sort

# --- Accounts that are not ours ---------------------------------------------------------------------------------------


class Case(Owned):
    """
    An account that may pose as the authority, and what became of it.

    Of one that is left alone as somebody's own nothing but `key` stays, so that nobody looks at it again.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    key = models.CharField(max_length=64)
    platform = models.CharField(max_length=20, blank=True)
    account = models.CharField(max_length=300, blank=True)  # what the platform calls it, in lower case
    shown_name = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=1000, blank=True)
    origin = models.CharField(max_length=10, choices=Origin.choices)
    state = models.CharField(max_length=10, choices=CaseState.choices, default=CaseState.SUSPECTED.value)
    left_as = models.CharField(max_length=10, choices=Left.choices, blank=True)
    why = models.CharField(max_length=500, blank=True)
    reference = models.CharField(max_length=120, blank=True)  # the platform's own number of our report
    warning = models.CharField(max_length=300, blank=True)
    warned_at = models.DateTimeField(null=True)
    warning_ended_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(default=now)
    opened_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    reported_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "key"], name="case_of_account_once")]
        indexes = [
            models.Index(fields=["authority", "state", "-id"], name="case_by_state"),
            models.Index(
                fields=["account"], condition=Q(warned_at__isnull=False, warning_ended_at=None), name="case_warned"
            ),
        ]


class Evidence(Owned):
    """
    One thing that shows what an account was. Never changed; `seal` is a salted hash that the audit log holds too.

    With the row the salt goes, and then the hash in the log says nothing of what it was.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    proof = models.CharField(max_length=10, choices=Proof.choices)
    text = models.TextField(blank=True)
    link = models.CharField(max_length=1000, blank=True)
    picture = models.ForeignKey("media.Picture", models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    salt = models.BinaryField(max_length=32)
    seal = models.CharField(max_length=64)


class Lookout(Owned):
    """When an authority's name is looked for next, how far among its likenesses, and who is at it now."""

    next_at = models.DateTimeField(default=now)
    position = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    looked_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority"], name="lookout_once")]
        indexes = [models.Index(fields=["next_at"], name="lookout_due")]


# --- What is said of our matters --------------------------------------------------------------------------------------


class Keeping(Owned):
    """How long what was heard is kept, where an authority has chosen. One row an authority at most."""

    days = models.PositiveSmallIntegerField(default=KEEP_DAYS)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority"], name="keeping_once"),
            models.CheckConstraint(condition=Q(days__gte=1), name="keeping_is_a_day_or_more"),
        ]


class Search(Owned):
    """Words about one of the authority's matters that are listened for. Law: TF-13, RF-4"""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    words = models.CharField(max_length=200)
    is_no_person = models.BooleanField(default=False)  # somebody was asked, and said so
    made_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "words"], condition=Q(ended_at=None), name="search_once")
        ]


class Source(Owned):
    """Where one search listens: a platform through one of our channels, or a feed. A due row with lease and fence."""

    search = models.ForeignKey(Search, models.PROTECT, related_name="+")
    channel = models.ForeignKey("channels.Channel", models.PROTECT, null=True, related_name="+", db_index=False)
    feed = models.CharField(max_length=500, blank=True)
    next_at = models.DateTimeField(default=now)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    read_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(channel=None) & ~Q(feed="") | Q(channel__isnull=False, feed=""), name="source_is_one_place"
            )
        ]
        indexes = [models.Index(fields=["next_at"], condition=Q(ended_at=None), name="source_due")]


class Hit(Owned):
    """Something that was said: its words, where and when, and never by whom. Disposed of after a while. Law: RF-4"""

    search = models.ForeignKey(Search, models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=64)
    text = models.TextField()
    link = models.CharField(max_length=1000, blank=True)
    place = models.CharField(max_length=100)  # the platform, or where the feed stands
    said_at = models.DateTimeField()
    read_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "search", "key"], name="hit_once")]
        indexes = [
            models.Index(fields=["authority", "search", "-said_at", "-id"], name="hit_newest"),
            models.Index(fields=["read_at"], name="hit_oldest"),
        ]


class DayCount(Owned):
    """How much was heard in a search on one day; it stays when what was said has been disposed of."""

    search = models.ForeignKey(Search, models.PROTECT, related_name="+", db_index=False)
    on = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "search", "on"], name="day_count_once")]


# --- What was found elsewhere -----------------------------------------------------------------------------------------


class Elsewhere(Owned):
    """Something that somebody found on a page that is not ours, and whether we answer it there. Law: FL-3, ARK-12"""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    sort = models.CharField(max_length=10, choices=Sort.choices)
    text = models.TextField()
    link = models.CharField(max_length=1000)
    unit = models.ForeignKey("core.Unit", models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=ElsewhereState.choices, default=ElsewhereState.WAITING.value)
    brought_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    brought_at = models.DateTimeField(default=now)
    decided_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=500, blank=True)
    answered_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True)
    item = models.ForeignKey("records.Item", models.PROTECT, null=True, related_name="+", db_index=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["authority", "state", "-id"], name="elsewhere_by_state")]
