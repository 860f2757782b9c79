"""Looking at the website's pages: guarded, bounded, and outside every transaction."""

from __future__ import annotations

from django.conf import settings

from narvaro.connectors import web
from narvaro.connectors.port import PlatformError, Transient
from narvaro.publishing.actions.website import claim_look, store_look

MOST_AT_A_TIME = 20


def look_at_due() -> int:
    """Look at the pages that are due, one after another, at most twenty; returns how many."""
    for count in range(MOST_AT_A_TIME):
        page = claim_look()
        if page is None:
            return count
        try:
            web.fetch(page.url, allow_private_hosts=settings.OPTIONS.allow_private_hosts)
        except PlatformError as error:
            store_look(page, is_there=False, is_sure=not isinstance(error, Transient), reason=str(error))
        else:
            store_look(page, is_there=True)
    return MOST_AT_A_TIME
