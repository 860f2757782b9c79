"""Why the machine said no, in the language of the command line: its own words are English."""

from __future__ import annotations

import errno

from narvaro.web.commands.language import _


def reason(error: OSError) -> str:
    """Return why a file could not be used, as the rest of a sentence; what is rare in the machine's own words."""
    known = {
        errno.ENOENT: _("den finns inte"),
        errno.EACCES: _("rättigheter saknas"),
        errno.EPERM: _("rättigheter saknas"),
        errno.EISDIR: _("det är en mapp"),
        errno.ENOTDIR: _("det som ska vara en mapp är en fil"),
        errno.EEXIST: _("det som ska vara en mapp är en fil"),
        errno.ENOSPC: _("disken är full"),
        errno.EROFS: _("disken går bara att läsa"),
    }
    return known.get(error.errno or 0, "") or error.strerror or str(error)
