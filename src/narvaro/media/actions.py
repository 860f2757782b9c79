"""Every write of pictures."""

from __future__ import annotations

import io

from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from narvaro.core import audit
from narvaro.core.forms.pictures import MAX_BYTES
from narvaro.core.types import ANSWERS, Actor, Invalid, NotPermitted
from narvaro.media import store
from narvaro.media.models import Picture

MAX_PIXELS = 50_000_000
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


def add_picture(*, actor: Actor, content: bytes, alt: str) -> Picture:
    """
    Store an uploaded picture with its alternative text.

    Position and camera data are taken away: where somebody stood is nobody's business.

    Raises:
        NotPermitted: The actor does not answer residents.
        Invalid: No alternative text, too large, or not a picture we can read.

    Law: DOS-2, GDPR-10
    """
    if not actor.has_anywhere(*ANSWERS):
        raise NotPermitted
    if not alt.strip():
        raise Invalid(_("Beskriv bilden i ord, så att alla kan ta del av den."), field="alt")
    clean, media_type, size = _without_metadata(content)
    digest = store.keep(actor.authority_id, clean)
    with transaction.atomic():
        picture: Picture = Picture.objects.create(
            authority_id=actor.authority_id, digest=digest, media_type=media_type, size_bytes=len(clean),
            width=size[0], height=size[1], alt=alt.strip()[:1500], added_by_id=actor.person_id,
        )  # fmt: skip
        audit.note(actor, "media.add_picture", picture)
    return picture


@transaction.atomic
def keep_evidence(*, actor: Actor, content: bytes, alt: str) -> Picture:
    """
    Store a screenshot byte for byte, as evidence; nothing is taken away from it and it goes nowhere.

    Raises:
        Invalid: No alternative text, too large, or not a picture we can read.

    Law: ARK-1, DOS-2
    """
    if not alt.strip():
        raise Invalid(_("Beskriv bilden i ord, så att alla kan ta del av den."), field="alt")
    _clean, media_type, size = _without_metadata(content)
    picture: Picture = Picture.objects.create(
        authority_id=actor.authority_id, digest=store.keep(actor.authority_id, content), media_type=media_type,
        size_bytes=len(content), width=size[0], height=size[1], alt=alt.strip()[:1500], added_by_id=actor.person_id,
    )  # fmt: skip
    audit.note(actor, "media.keep_evidence", picture)
    return picture


@transaction.atomic
def forget_evidence(*, actor: Actor, picture: Picture) -> None:
    """
    Let go of a screenshot that turned out to be of somebody's own; its bytes are swept away within a day.

    Law: RF-4
    """
    uid = picture.uid
    Picture.objects.of(actor).filter(pk=picture.pk).delete()
    audit.note(actor, "media.forget_evidence", picture=uid)


def picture_type(content: bytes) -> str:
    """
    Return the media type of a picture that is kept as it is, without changing a byte of it.

    Raises:
        Invalid: Too large, or not a picture we can read.

    Law: ARK-1 (evidence is kept as it was found)
    """
    return _without_metadata(content)[1]


def _without_metadata(content: bytes) -> tuple[bytes, str, tuple[int, int]]:
    if len(content) > MAX_BYTES:
        raise Invalid(_("Bilden är för stor. Minska den till under 8 MB."), field="picture")
    try:
        with Image.open(io.BytesIO(content)) as opened:
            form = opened.format or ""
            if form not in TYPES or opened.width * opened.height > MAX_PIXELS:
                raise Invalid(_("Bilden ska vara JPEG, PNG eller WebP, och högst 50 megapixel."), field="picture")
            turned = Image.new(opened.mode, opened.size)
            turned.paste(opened)
            out = io.BytesIO()
            turned.save(out, form, quality=90)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        raise Invalid(_("Filen går inte att läsa som en bild."), field="picture") from None
    return out.getvalue(), TYPES[form], turned.size
