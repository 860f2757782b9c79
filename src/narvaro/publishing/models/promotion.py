"""Tables of paid promotion: what was paid, by whom, when, to reach whom, and for which post."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned
from narvaro.publishing.types.promotion import Topic


class Promotion(Owned):
    """
    One purchase of reach. Anybody may read it, so it names functions and never people.

    Law: TTPA-1, TF-5
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    title = models.CharField(max_length=160)
    payer = models.CharField(max_length=160)
    function = models.CharField(max_length=120)  # who answers for it: a unit or a function
    amount_kr = models.PositiveIntegerField()  # without VAT
    begins_on = models.DateField()
    ends_on = models.DateField()
    audience = models.CharField(max_length=500)
    platform = models.CharField(max_length=30)  # a key of base.platforms
    post_url = models.CharField(max_length=1000, blank=True)
    message = models.ForeignKey("publishing.Message", models.PROTECT, null=True, related_name="+", db_index=False)
    topic = models.CharField(max_length=12, choices=Topic.choices, default=Topic.ORDINARY)
    label_about = models.CharField(max_length=300, blank=True)  # which election, referendum or rule it concerns
    label_url = models.CharField(max_length=1000, blank=True)  # where its transparency notice stands
    fallback = models.CharField(max_length=500, blank=True)  # how it is spread when the platform stops it
    entered_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    entered_at = models.DateTimeField(default=now)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["authority", "-begins_on", "-id"], name="promotion_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("begins_on")), name="promotion_ends_after_it_begins")
        ]


class PromotionVersion(Owned):
    """What stood about a purchase when it was entered and after each change."""

    is_written_once = True

    promotion = models.ForeignKey(Promotion, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    why = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "promotion", "number"], name="promotion_version_once")
        ]
