"""Every read of pictures."""

from __future__ import annotations

from uuid import UUID

from narvaro.core.types import Actor, NotFound
from narvaro.media import store
from narvaro.media.models import Picture


def picture_for(actor: Actor, uid: UUID | str) -> Picture:
    """Return one uploaded picture of the actor's authority. Raises NotFound."""
    found: Picture | None = Picture.objects.of(actor).filter(uid=uid).first()
    if found is None:
        raise NotFound
    return found


def bytes_of(picture: Picture) -> bytes:
    """Return a picture's bytes. Raises BlobMissing."""
    return store.read(picture.authority_id, picture.digest)


def is_used(authority_id: int, digest: str) -> bool:
    """Whether an uploaded picture points at a stored file."""
    return Picture.objects.everywhere("sweep orphans").filter(authority_id=authority_id, digest=digest).exists()
