"""Every read of films and of what is said in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from narvaro.core.types import Actor, NotFound
from narvaro.media import queries, rules, store
from narvaro.media.models import Asset, Film, FilmCaptions
from narvaro.media.types import BlobMissing

_LENT = "media.lent.film"
OFFERED = 12


def film_for(actor: Actor, uid: UUID | str) -> Film:
    """Return one film, of now or of before, of the actor's authority. Raises NotFound."""
    found: Film | None = Film.objects.of(actor).select_related("asset").filter(uid=uid).first()
    if found is None:
        raise NotFound
    return found


def film_of(actor: Actor, asset: Asset) -> Film:
    """Return what the library offers of a film. Raises NotFound: the asset is a picture."""
    found: Film | None = Film.objects.of(actor).filter(asset=asset, is_current=True).first()
    if found is None:
        raise NotFound
    return found


def captions_of(film: Film) -> list[FilmCaptions]:
    """Return what is said in a film, by language."""
    rows = FilmCaptions.objects.everywhere("read captions").filter(authority_id=film.authority_id, film=film)
    return list(rows.order_by("language"))


def captions_for(actor: Actor, uid: UUID | str) -> FilmCaptions:
    """Return captions in one language. Raises NotFound."""
    found: FilmCaptions | None = FilmCaptions.objects.of(actor).select_related("film").filter(uid=uid).first()
    if found is None:
        raise NotFound
    return found


def vtt_of(captions: FilmCaptions) -> bytes:
    """Return captions as WebVTT. Raises BlobMissing."""
    return store.read(captions.authority_id, captions.digest)


def opened(film: Film) -> BinaryIO:
    """Return a film, open at its first byte; whoever asks closes it. Raises BlobMissing."""
    return store.opened(film.authority_id, film.digest)


def cover_of(film: Film) -> bytes:
    """Return a picture of a film, JPEG. Raises BlobMissing."""
    return store.read(film.authority_id, film.cover)


def thumb_of(film: Film) -> bytes:
    """Return a small picture of a film, WebP. Raises BlobMissing."""
    return store.read(film.authority_id, film.thumb)


def offered(actor: Actor, *, chosen: Film | None = None) -> list[Film]:
    """Return films to choose from for something that is to go out: the chosen first, then the newest that may."""
    if not rules.may_change(actor):
        return []
    shown = queries.library(actor, limit=4 * OFFERED, films=True)
    found = [each.picture for each in shown if not each.lacks and isinstance(each.picture, Film)][:OFFERED]
    return found if chosen is None else [chosen, *(each for each in found if each.pk != chosen.pk)]


def picked(actor: Actor, uid: str) -> Film | None:
    """Return a film of the library by its id; None when it is not there."""
    try:
        return film_for(actor, UUID(uid))
    except (ValueError, NotFound):
        return None


def content_of(film: Film, captions: Sequence[FilmCaptions] | None = None) -> dict[str, object]:
    """Return exactly what a film is, for what is approved: its bytes, what it shows, what is said (P18, P24)."""
    rows: Iterable[FilmCaptions] = captions_of(film) if captions is None else captions
    return {
        "digest": film.digest, "alt": film.alt, "speech": film.speech,
        "captions": [[each.language, each.digest] for each in rows],
    }  # fmt: skip


def lent_address(film: Film) -> str:
    """Return where anybody who has the address may fetch a film for an hour; as `queries.lent_address`."""
    token = signing.dumps([film.authority_id, film.digest, film.media_type], salt=_LENT, compress=False)
    return str(settings.OPTIONS.base_url) + reverse("media:lent_film", args=[token])


def lent(token: str) -> tuple[BinaryIO, str]:
    """Return a film that was lent, open at its first byte, and its type. Raises NotFound when the hour is over."""
    try:
        authority_id, digest, media_type = signing.loads(token, salt=_LENT, max_age=queries.LENT_SECONDS)
        return store.opened(authority_id, digest), media_type
    except (signing.BadSignature, BlobMissing, ValueError):
        raise NotFound from None
