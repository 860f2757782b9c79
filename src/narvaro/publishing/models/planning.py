"""Tables of planning: usual times of a channel, texts that come again, and messages out of a spreadsheet."""

from __future__ import annotations

from django.db import models

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned


class PostingTimes(Owned):
    """When a channel usually posts. Whoever puts a message in its queue holds this row, so that two get two times."""

    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+", db_index=False)
    times = models.JSONField(default=list)  # [weekday from Monday as 0, "HH:MM"], in order
    changed_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "channel"], name="posting_times_once_a_channel")]


class Repeat(Owned):
    """
    That a saved text is put before somebody again, as a draft: every so many weeks, or on days of the year.

    The row is what is due: `next_on` is the day, `try_at` when it is looked at. Both None: it comes no more.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    saved = models.ForeignKey("publishing.SavedText", models.PROTECT, related_name="+", db_index=False)
    every_weeks = models.PositiveSmallIntegerField(null=True)
    days = models.JSONField(default=list)  # [month, day] of every year, where it is not every so many weeks
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    next_on = models.DateField(null=True)
    try_at = models.DateTimeField(null=True, db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)  # in a row, to see a page that did not answer
    page = models.CharField(max_length=1000, blank=True)  # of the authority's website
    picture = models.ForeignKey("media.Picture", models.PROTECT, null=True, related_name="+")
    set_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    set_at = models.DateTimeField(default=now)
    stopped_at = models.DateTimeField(null=True)  # by itself
    stopped_why = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "saved"], name="repeat_once_a_text"),
            models.CheckConstraint(
                condition=models.Q(next_on=None, try_at=None) | models.Q(next_on__isnull=False, try_at__isnull=False),
                name="repeat_is_due_or_not",
            ),
        ]


class RepeatChannel(Owned):
    """A channel that a repeated text is meant for."""

    repeat = models.ForeignKey(Repeat, models.PROTECT, related_name="+", db_index=False)
    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "repeat", "channel"], name="repeat_channel_once")]


class RepeatDraft(Owned):
    """The draft that a repeated text became for a day: one, however often the day is looked at."""

    repeat = models.ForeignKey(Repeat, models.PROTECT, related_name="+", db_index=False)
    due_on = models.DateField()
    message = models.ForeignKey("publishing.Message", models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "repeat", "due_on"], name="repeat_draft_once_a_day")
        ]


class PlanFile(Owned):
    """
    Somebody's plan in a spreadsheet on its way in: looked through, then brought in once.

    What the file held is thrown away when it is brought in; what became of each row stays for a while.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    content = models.BinaryField()  # gzip
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)
    done_at = models.DateTimeField(null=True)
    fates = models.JSONField(default=list, blank=True)  # of each row, once it is done
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["authority", "at"], name="plan_file_by_time")]


class BroughtIn(Owned):
    """Which message a row of a spreadsheet became, so that the same row sent again becomes no other."""

    digest = models.CharField(max_length=64)
    message = models.ForeignKey("publishing.Message", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "digest"], name="brought_in_once")]
