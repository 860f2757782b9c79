"""Words for the page of the website that a message belongs to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PageState(models.TextChoices):
    """What looking at the page said last."""

    UNREAD = "unread", _("Inte sedd än")
    THERE = "there", _("Sidan finns")
    DEAD = "dead", _("Sidan finns inte, eller svarar inte")


WEBSITE_VERBS = {
    "publishing.name_page": _("sa vilken sida på webbplatsen inlägget hör till"),
    "publishing.find_page_dead": _("såg att sidan på webbplatsen inte finns"),
}
"""What each of the verbs about pages means, after the actor's name."""
