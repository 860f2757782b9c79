"""Words for files."""

from __future__ import annotations

from narvaro.core.types import Problem


class BlobMissing(Problem):
    """The store has no file with that digest: a disk fault, or it was expunged."""

    status = 404
    default = "Filen finns inte i lagret."
