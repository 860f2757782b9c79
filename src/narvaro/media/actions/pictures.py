"""Writes of single pictures: what is uploaded to go out, and what is kept as evidence."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.core import audit
from narvaro.core.types import ANSWERS, Actor, Invalid, NotPermitted
from narvaro.media import rules, store
from narvaro.media.cleaning import Clean, cleaned
from narvaro.media.models import Asset, Picture
from narvaro.media.types import Basis

CHOSEN_FOR_A_POST = "Bedömt när bilden valdes till det som skulle ut."


def add_picture(*, actor: Actor, content: bytes | Clean, alt: str, basis: str = "") -> Picture:
    """
    Store an uploaded picture with its alternative text; it stands in the library from then on.

    Position and camera data are taken away: where somebody stood is nobody's business.

    Args:
        content: The file, or what `cleaned` made of it before a transaction began that others wait for.
        basis: What its use rests on, where whoever chose it has said so: nobody is seen, or adults are and the
            public interest was weighed. Children, and those who have consented, are said in the library.

    Raises:
        NotPermitted: The actor does not answer residents.
        Invalid: No description that says something, too large, malicious, or not a picture we can read.

    Law: DOS-2, GDPR-1, GDPR-10
    """
    if not actor.has_anywhere(*ANSWERS):
        raise NotPermitted
    if fault := rules.alt_fault(alt):
        raise Invalid(fault, field="alt")
    clean = content if isinstance(content, Clean) else cleaned(content)
    asset = Asset(authority_id=actor.authority_id, added_by_id=actor.person_id)
    if basis in (Basis.NOBODY, Basis.INTEREST):
        asset.basis, asset.children = basis, 0
        asset.people = 0 if basis == Basis.NOBODY else 1
        asset.basis_why = "" if basis == Basis.NOBODY else CHOSEN_FOR_A_POST
    with transaction.atomic():
        picture = put(actor, asset, clean, alt)
        audit.note(actor, "media.add_picture", picture)
    return picture


def put(actor: Actor, asset: Asset, clean: Clean, alt: str) -> Picture:
    """Write an asset with its first picture, in the caller's transaction."""
    asset.words = words_of(asset, alt)
    asset.save()
    return row_of(actor, clean, alt, asset=asset)


def row_of(actor: Actor, clean: Clean, alt: str, *, asset: Asset, crop: str = "") -> Picture:
    """Write a picture's row, its bytes and its small copy."""
    picture: Picture = Picture.objects.create(
        authority_id=actor.authority_id, digest=store.keep(actor.authority_id, clean.content),
        thumb=store.keep(actor.authority_id, clean.thumb), media_type=clean.media_type, size_bytes=len(clean.content),
        width=clean.width, height=clean.height, alt=alt.strip()[: rules.MOST_ALT], added_by_id=actor.person_id,
        asset=asset, crop=crop, is_current=True,
    )  # fmt: skip
    return picture


def words_of(asset: Asset, alt: str) -> str:
    """Return what is searched of an asset, in small letters."""
    return "\n".join(filter(None, (asset.title, alt, asset.credit, asset.licence))).casefold()


@transaction.atomic
def keep_evidence(*, actor: Actor, content: bytes, alt: str) -> Picture:
    """
    Store a screenshot byte for byte, as evidence; nothing is taken away from it and it goes nowhere.

    Raises:
        Invalid: No alternative text, too large, malicious, or not a picture we can read.

    Law: ARK-1, DOS-2
    """
    if not alt.strip():
        raise Invalid(_("Beskriv bilden i ord, så att alla kan ta del av den."), field="alt")
    clean = cleaned(content)
    picture: Picture = Picture.objects.create(
        authority_id=actor.authority_id, digest=store.keep(actor.authority_id, content), media_type=clean.media_type,
        size_bytes=len(content), width=clean.width, height=clean.height, alt=alt.strip()[: rules.MOST_ALT],
        added_by_id=actor.person_id,
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
        Invalid: Too large, malicious, or not a picture we can read.

    Law: ARK-1 (evidence is kept as it was found)
    """
    return cleaned(content).media_type
