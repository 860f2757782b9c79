"""The picture of a link card: from our own website, shown small beneath a text that links there."""

from __future__ import annotations

from django.db import transaction

from narvaro.core import audit
from narvaro.core.types import ANSWERS, Actor, NotPermitted
from narvaro.media import store
from narvaro.media.cleaning import cleaned
from narvaro.media.models import Picture


def keep_for_card(*, actor: Actor, content: bytes, alt: str) -> Picture:
    """
    Keep the picture of a link card; it stands in no library, for the page it comes from answers for it.

    Raises:
        NotPermitted: The actor does not answer residents.
        Invalid: Malicious, or not a picture we can read.

    Law: GDPR-10 (without position and camera data)
    """
    if not (actor.is_system or actor.has_anywhere(*ANSWERS)):
        raise NotPermitted
    clean = cleaned(content)
    with transaction.atomic():
        picture: Picture = Picture.objects.create(
            authority_id=actor.authority_id, digest=store.keep(actor.authority_id, clean.content),
            media_type=clean.media_type, size_bytes=len(clean.content), width=clean.width, height=clean.height,
            alt=alt.strip()[:300], added_by_id=actor.person_id,
        )  # fmt: skip
        audit.note(actor, "media.keep_for_card", picture)
    return picture
