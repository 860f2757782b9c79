"""Words for short links."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Tagging(models.TextChoices):
    """How the page that a link leads to can tell where visitors come from."""

    PATH = "path", _("Ingenting läggs till: länkens egen adress säger var den stod")
    UTM = "utm", _("UTM-märkning läggs till adressen, för er egen webbstatistik")


VERBS = {
    "links.make_link": _("gjorde en kort länk"),
    "links.change_target": _("ändrade vart en kort länk leder"),
    "links.retire_link": _("drog in en kort länk"),
}
"""What each of links' audit verbs means, after the actor's name."""
