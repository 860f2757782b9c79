"""Cutting pictures to the shapes that platforms show; the whole picture is always kept."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.core import audit
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Stale
from narvaro.media import queries, rules
from narvaro.media.actions.pictures import row_of
from narvaro.media.cleaning import TYPES, Clean, opened_plain, saved, small
from narvaro.media.models import Asset, Picture
from narvaro.media.shapes import SHAPES, box_of


@transaction.atomic
def crop_picture(
    *, actor: Actor, uid: UUID | str, focus_x: int, focus_y: int, shapes: Collection[str],
    seen_version: int | None = None,
) -> Asset:  # fmt: skip
    """
    Say what must be seen of a picture, and cut it to shapes around that. What was cut before is replaced.

    A cut picture goes out only when somebody chooses it; the whole one is kept as it is.

    Raises:
        NotFound
        NotPermitted: The actor does not answer residents.
        Invalid: No shape that is known, or a point outside the picture.
        Stale: Somebody changed it meanwhile.

    Law: URL-1 (a picture is not changed offensively)
    """
    if not rules.may_change(actor):
        raise NotPermitted
    asset = queries.asset_for(actor, uid, lock=True)
    if asset.is_film:
        raise NotFound
    if seen_version is not None and seen_version != asset.version:
        raise Stale
    if not (0 <= focus_x <= 100 and 0 <= focus_y <= 100):
        raise Invalid(_("Punkten ligger utanför bilden."), field="focus_x")
    if set(shapes) - SHAPES.keys():
        raise Invalid(_("Välj bland formaten."), field="shapes")
    asset.focus_x, asset.focus_y, asset.version = focus_x, focus_y, asset.version + 1
    asset.save(update_fields=["focus_x", "focus_y", "version"])
    whole = queries.pictures_of(actor, asset)[0]
    Picture.objects.of(actor).filter(asset=asset, is_current=True).exclude(crop="").update(is_current=False)
    picture, form = opened_plain(queries.bytes_of(whole))
    for name in shapes:
        cut = picture.crop(box_of(whole.width, whole.height, SHAPES[name], focus_x, focus_y))
        row_of(
            actor, Clean(saved(cut, form), TYPES[form], *cut.size, thumb=small(cut)), whole.alt, asset=asset, crop=name
        )
    audit.note(actor, "media.crop_picture", asset, shapes=sorted(shapes))
    return asset
