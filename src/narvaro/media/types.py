"""Words for files."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from narvaro.core.types import Problem


class BlobMissing(Problem):
    """The store has no file with that digest: a disk fault, or it was expunged."""

    status = 404
    default = "Filen finns inte i lagret."


VERBS = {
    "media.add_picture": _("laddade upp en bild"),
    "media.keep_evidence": _("bevarade en skärmbild som underlag"),
    "media.forget_evidence": _("kastade en skärmbild som rörde någon enskild"),
}
"""What each of media's audit verbs means, after the actor's name."""
