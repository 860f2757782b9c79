"""Tables of the website's part: which page a message belongs to, and whether it was there when somebody looked."""

from __future__ import annotations

from django.db import models

from narvaro.base.clock import now
from narvaro.core.tenancy import Owned
from narvaro.publishing.types.website import PageState


class WebsitePage(Owned):
    """The page of our own website that a message belongs to, and what looking at it said last."""

    message = models.ForeignKey("publishing.Message", models.PROTECT, related_name="+", db_index=False)
    url = models.CharField(max_length=1000)
    named_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    named_at = models.DateTimeField(default=now)
    state = models.CharField(max_length=8, choices=PageState.choices, default=PageState.UNREAD)
    reason = models.CharField(max_length=300, blank=True)
    looked_at = models.DateTimeField(null=True)
    look_next_at = models.DateTimeField(null=True, db_index=True)  # None: nothing more to look for
    tries = models.PositiveSmallIntegerField(default=0)  # in a row, without an answer

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "message"], name="website_page_once_a_message")]
