"""Tables of policy. A rule is never rewritten: a change ends the row and begins a new one with the same code."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned
from narvaro.policy.types import Heard, Measure


class HouseRule(Owned):
    """One house rule as it read from one moment to another; `channel` None for all channels."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    code = models.CharField(max_length=40)
    channel = models.ForeignKey("channels.Channel", models.PROTECT, null=True, related_name="+")
    title = models.CharField(max_length=120)
    text = models.CharField(max_length=600)
    title_en = models.CharField(max_length=120, blank=True)
    text_en = models.CharField(max_length=600, blank=True)
    first = models.CharField(max_length=10, choices=Measure.choices, default=Measure.HIDE.value)
    remove_first = models.BooleanField(default=False)  # spam robots
    place = models.PositiveSmallIntegerField(default=0)
    from_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "code"], condition=Q(ended_at=None, channel=None), name="house_rule_once"
            ),
            models.UniqueConstraint(
                fields=["authority", "code", "channel"],
                condition=Q(ended_at=None, channel__isnull=False),
                name="house_rule_once_in_channel",
            ),
        ]


class NoticeTemplate(Owned):
    """What an author is told when something is done under one ground; none means the text that ships."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    ground = models.CharField(max_length=40)
    text = models.TextField()
    changed_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(default=now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "ground"], name="notice_template_once")]


class OwnWords(Owned):
    """
    Words and patterns that the authority wants its people to see, beside what screening always hears.

    They only point; nothing is done about a comment because of them (RF-2), and they never stop what we are about to
    publish. `words` and `patterns` hold one a line.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120)
    words = models.TextField(blank=True)
    patterns = models.TextField(blank=True)
    house_rule = models.CharField(max_length=40, blank=True)  # the code of the rule that a decision would lean on
    heard_in = models.CharField(max_length=10, choices=Heard.choices, default=Heard.INCOMING.value)
    asks = models.BooleanField(default=False)  # before something of ours goes out: asks once instead of a quiet line
    is_on = models.BooleanField(default=False)
    changed_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "name"], condition=Q(ended_at=None), name="own_words_once")
        ]
