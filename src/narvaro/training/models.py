"""
Tables of training. Nothing here holds what a person answered, or what anybody voted.

A vote adds one to a number; which browsers have voted is known only while the poll is open, and never what they voted.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned


class OwnCase(Owned):
    """A case of the authority's own, made from something that happened, without anybody in it."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    title = models.CharField(max_length=120)
    text = models.TextField()
    ask = models.TextField(blank=True)  # one question a line
    answers = models.TextField(blank=True)  # what the room votes between, one a line
    advice = models.TextField(blank=True)
    law = models.JSONField(default=list)  # ids of the law catalogue
    changed_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "title"], condition=Q(ended_at=None), name="own_case_once")
        ]


class Group(Owned):
    """A working group, for a policy or something else to be written together."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=600, blank=True)
    begun_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "name"], condition=Q(ended_at=None), name="group_once")
        ]


class Member(Owned):
    """Somebody in a working group."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="+")
    person = models.ForeignKey("core.Person", models.PROTECT, related_name="+")
    part = models.CharField(max_length=80, blank=True)  # leads it, writes, knows the law
    from_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "group", "person"], condition=Q(ended_at=None), name="member_once"
            )
        ]


class Meeting(Owned):
    """A manager's day (`group` None), or a meeting of a working group; with what was said and agreed."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    group = models.ForeignKey(Group, models.PROTECT, null=True, related_name="+")
    title = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    where = models.CharField(max_length=120, blank=True)
    agenda = models.TextField(blank=True)
    minutes = models.TextField(blank=True)
    cases = models.JSONField(default=list)  # codes of cases that ship, uids of own ones
    called_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    fixed_at = models.DateTimeField(null=True)  # the minutes stand as they are
    fixed_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["authority", "group", "-starts_at"], name="meeting_newest")]


class Undertaking(Owned):
    """What somebody is to do after a meeting, and by when."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="+")
    what = models.CharField(max_length=200)
    person = models.ForeignKey("core.Person", models.PROTECT, related_name="+")
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True)


class Poll(Owned):
    """A question put to a room about one case, answered on a short code."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="+")
    case = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    answers = models.JSONField()
    code = models.CharField(max_length=12, unique=True)
    opened_at = models.DateTimeField(default=now)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "meeting", "case"], condition=Q(closed_at=None), name="poll_open_once"
            )
        ]


class Tally(Owned):
    """How many votes one answer has. There is no row of a vote."""

    poll = models.ForeignKey(Poll, models.PROTECT, related_name="+")
    answer = models.PositiveSmallIntegerField()
    votes = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "poll", "answer"], name="tally_once")]


class Ballot(Owned):
    """That one browser has voted, not what; without a time, and gone when the poll closes."""

    poll = models.ForeignKey(Poll, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)  # of a chance number that lies in the browser

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "poll", "digest"], name="ballot_once")]


class Demand(Owned):
    """Who in the authority shall have taken a course, and for how long that holds; without a row, nobody."""

    course = models.CharField(max_length=40)
    roles = models.JSONField(default=list)
    is_asked = models.BooleanField(default=False)
    valid_months = models.PositiveSmallIntegerField(default=24)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "course"], name="demand_once")]


class Certificate(Owned):
    """That somebody has passed a course, and until when it holds. How well they did stands nowhere."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    person = models.ForeignKey("core.Person", models.PROTECT, related_name="+")
    course = models.CharField(max_length=40)
    course_version = models.PositiveSmallIntegerField()
    passed_on = models.DateField()
    valid_until = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "person", "course", "passed_on"], name="certificate_once_a_day"
            )
        ]
