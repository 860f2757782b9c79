"""Texts that are due again: their pages looked at, guarded and outside every transaction, then each made a draft."""

from __future__ import annotations

import logging

from django.conf import settings

from narvaro.connectors import web
from narvaro.connectors.port import PlatformError, Transient
from narvaro.publishing.actions.repeating import claim_repeat, propose_again

MOST_AT_A_TIME = 50

log = logging.getLogger("narvaro.publishing")


def propose_due() -> int:
    """Do what is due about texts that come again, at most fifty; returns how many."""
    for count in range(MOST_AT_A_TIME):
        repeat = claim_repeat()
        if repeat is None:
            return count
        gone, is_sure = "", True
        if repeat.page:
            try:
                web.fetch(repeat.page, allow_private_hosts=settings.OPTIONS.allow_private_hosts)
            except PlatformError as error:
                gone, is_sure = str(error), not isinstance(error, Transient)
        try:
            propose_again(repeat, page_gone=gone, is_sure=is_sure)
        except Exception:  # it is due again in a while; one that always fails holds up no other
            log.exception("Texten som skulle läggas fram igen gick inte att lägga fram (%s)", repeat.uid)
    return MOST_AT_A_TIME
