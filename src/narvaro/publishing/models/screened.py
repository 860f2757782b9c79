"""Tables of what was looked at before something goes out: by which rules its words were read."""

from __future__ import annotations

from django.db import models

from narvaro.core.tenancy import Owned


class Screened(Owned):
    """By which rules the words of something planned were read last; other rules since then read it once more."""

    publication = models.ForeignKey("publishing.Publication", models.PROTECT, related_name="+", db_index=False)
    rules = models.CharField(max_length=60)  # the engine's version and the authority's own words
    told = models.JSONField(default=list)  # what was said of it then: whoever let it out has seen that

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "publication"], name="screened_once_a_publication")]
