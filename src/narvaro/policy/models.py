"""Tables of policy. A rule is never rewritten: a change ends the row and begins a new one with the same code."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned
from narvaro.policy.types import GuidelineState, Heard, Measure, StepKind


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


# --- The guideline ------------------------------------------------------------------------------------------------


class Guideline(Owned):
    """
    One version of the authority's guideline for social media. A draft is written on; from adoption nothing is changed.

    `sections` are rows of code, number, heading and text in their order; `values` are the parameters by key;
    `retention` is what is decided for classes of records. `content_hash` is of all three and the title, set at
    adoption: it is what a reader acknowledges.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=GuidelineState.choices, default=GuidelineState.DRAFT.value)
    sections = models.JSONField(default=list)
    values = models.JSONField(default=dict)
    retention = models.JSONField(default=dict)
    adopting_body = models.CharField(max_length=120, blank=True)  # who adopts it, such as the council
    revising_body = models.CharField(max_length=120, blank=True)  # who decides on revisions, such as the board
    content_hash = models.CharField(max_length=64, blank=True)
    in_force_on = models.DateField(null=True)
    started_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(default=now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "number"], name="guideline_number_once"),
            models.UniqueConstraint(fields=["authority"], condition=Q(state="draft"), name="guideline_draft_once"),
            models.UniqueConstraint(fields=["authority"], condition=Q(state="adopted"), name="guideline_adopted_once"),
            models.UniqueConstraint(
                fields=["authority"], condition=Q(state="in_force"), name="guideline_in_force_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "dropped"]) | ~Q(content_hash=""), name="guideline_adopted_has_hash"
            ),
        ]


class GuidelineStep(Owned):
    """One step of a version's life: what, by which body, when, and where it is kept. Never changed."""

    guideline = models.ForeignKey(Guideline, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=StepKind.choices)
    body = models.CharField(max_length=120, blank=True)
    decided_on = models.DateField(null=True)
    paragraph = models.CharField(max_length=40, blank=True)
    diary_number = models.CharField(max_length=60, blank=True)
    why = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=now)

    is_written_once: ClassVar[bool] = True  # the database refuses to change or remove a row


class Minutes(Owned):
    """Minutes of a meeting that stand in place of a guideline: who met, when, where it is kept. Never changed."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    body = models.CharField(max_length=120)
    held_on = models.DateField()
    paragraph = models.CharField(max_length=40, blank=True)
    diary_number = models.CharField(max_length=60, blank=True)
    agreed = models.TextField()
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=now)

    is_written_once: ClassVar[bool] = True


class Reviewer(Owned):
    """An official who is reminded to look the guideline over."""

    person = models.ForeignKey("core.Person", models.PROTECT, related_name="+")
    named_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    named_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "person"], condition=Q(ended_at=None), name="reviewer_once")
        ]


class DutiesSeen(Owned):
    """
    Whoever is responsible for a channel is shown what that means, and says that it is seen: `at`; until then a to-do.

    It is asked again when the guideline says something else. It says nothing else of the person (TF-13).
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    assignment = models.OneToOneField("channels.ChannelAssignment", models.PROTECT, related_name="+")
    duties = models.JSONField(default=list)
    asked_at = models.DateTimeField(default=now)
    at = models.DateTimeField(null=True)


class Acknowledgement(Owned):
    """
    Somebody with an assignment is asked to read one version, and says that it is read, exactly as its hash says.

    A to-do until `at`; never changed after it. It says that a duty is done and nothing else of the person (TF-13).
    """

    guideline = models.ForeignKey(Guideline, models.PROTECT, related_name="+")
    person = models.ForeignKey("core.Person", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=now)
    due_on = models.DateField()
    content_hash = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "guideline", "person"], name="acknowledged_once")]
