"""How many tips may come from one place in an hour: many people may share one address, and no machine needs more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from narvaro.core.types import Invalid

MOST = 20
WITHIN_SECONDS = 3600


@contextmanager
def one_tip(request: HttpRequest) -> Iterator[None]:
    """Count one tip from a place, whatever becomes of it. Raises Invalid."""
    place = _place(str(request.META.get("REMOTE_ADDR", "")))
    if not any(cache.add(f"watch:tip:{place}:{number}", 1, WITHIN_SECONDS) for number in range(MOST)):
        raise Invalid(_("Det har kommit många tips från samma plats. Vänta en timme, eller ring oss."))
    yield


def _place(address: str) -> str:
    """Return where a request came from: of the newer addresses the network, since one household has millions."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return found.exploded[:19] if isinstance(found, IPv6Address) else str(found)
