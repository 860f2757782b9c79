"""Bringing what a source has to say: from its address, guarded as every call, or from the file that somebody put up."""

from __future__ import annotations

from django.conf import settings

from narvaro.connectors import web
from narvaro.connectors.port import PlatformError
from narvaro.core.keys import CannotOpen
from narvaro.core.types import Actor
from narvaro.sources import queries
from narvaro.sources.models import Source
from narvaro.sources.types import Shape, Way

ACCEPTS = {
    Shape.ICS: "text/calendar, */*;q=0.1", Shape.FEED: web.FEED,
    Shape.JSON: "application/json, */*;q=0.1", Shape.CSV: "text/csv, */*;q=0.1",
    Shape.CAP: "application/cap+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1",
    Shape.JOBS: "application/ld+json, application/json, text/html;q=0.8, */*;q=0.1", Shape.PAGE: web.PAGE,
}  # fmt: skip


class NothingThere(Exception):
    """There is nothing to read. Speaks Swedish."""


def body_of(actor: Actor, source: Source) -> tuple[bytes, str]:
    """
    Return what a source holds now, at most 3 MB, and the address that completes its links.

    Raises:
        NothingThere: Nothing to read, or it cannot be had now; says why.
    """
    try:
        if source.way == Way.FILE:
            file = queries.file_of(actor, source)
            if file is None:
                raise NothingThere("Ingen fil är upplagd.")
            return queries.content_of_file(file, source), ""
        address = queries.secrets_of(source).get("address", "")
        if not address:
            raise NothingThere("Källan har ingen adress att läsa.")
        return body_at(address, source.shape)
    except CannotOpen as problem:
        raise NothingThere(str(problem)) from None


def body_at(address: str, shape: str) -> tuple[bytes, str]:
    """Return what stands at an address, at most 3 MB, and the address that completes its links. Raises NothingThere."""
    private = settings.OPTIONS.allow_private_hosts
    try:
        fetched = web.fetch(address, accept=ACCEPTS[Shape(shape)], allow_private_hosts=private)
    except PlatformError as problem:
        raise NothingThere(str(problem)) from None
    return fetched.body, fetched.address or address
