"""Pictures that people upload to go out with an answer."""

from __future__ import annotations

from django.db import models

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned


class Picture(Owned):
    """An uploaded picture with its alternative text (DOS-2); the bytes stand in the store."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    digest = models.CharField(max_length=64)
    media_type = models.CharField(max_length=40)
    size_bytes = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt = models.CharField(max_length=1500)
    added_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(default=now)
