"""
The tables of short links.

What is counted is how many times a link was followed in an hour. There is no row of a click, and nothing in the product
that could tell one visitor from another. Law: GDPR-1
"""

from __future__ import annotations

from django.db import models

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned


class ShortLink(Owned):
    """A short address of ours that leads somewhere. A code is never given to another link, not even when retired."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    code = models.CharField(max_length=30, unique=True)
    title = models.CharField(max_length=120, blank=True)
    target = models.CharField(max_length=1600)  # as it is followed: with marks, when it has any
    made_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField(default=now)
    retired_at = models.DateTimeField(null=True)
    retired_why = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["authority", "id"], name="short_link_newest")]


class LinkTarget(Owned):
    """Where a link led from a moment on."""

    is_written_once = True

    link = models.ForeignKey(ShortLink, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    target = models.CharField(max_length=1600)
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "link", "number"], name="link_target_once")]


class LinkHour(Owned):
    """How many times a link was followed in one hour."""

    link = models.ForeignKey(ShortLink, models.PROTECT, related_name="+", db_index=False)
    hour = models.DateTimeField()
    clicks = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "link", "hour"], name="link_hour_once")]
