"""Taking a feed or a newsletter of our own into use: no platform stands between, so nobody has to let us in."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from narvaro.channels.types import OWN
from narvaro.channels.views.connecting import connected_by, to_connect
from narvaro.connectors import oauth
from narvaro.core import queries as core
from narvaro.core.access import MemberRequest, access
from narvaro.core.types import NotFound


@access("member")
@require_POST
def take_into_use(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Give the channel its open page, and let it be published in."""
    found = to_connect(request, uid)
    if found.platform not in OWN:
        raise NotFound
    slug = core.authority_of(request.actor).slug
    page = settings.OPTIONS.base_url + reverse("outlets_open:outlet", args=[slug, found.uid])
    # There is no key to keep; what is kept says so, since a connected channel always keeps something.
    return connected_by(request, found, oauth.Choice(found.handle, found.handle, found.name, {"own": "yes"}, page))
