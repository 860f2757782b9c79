"""Films in what goes out: whether a channel takes one, as its connector gets it, and where one is used."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from narvaro.channels import queries as channels
from narvaro.channels.types import Platform
from narvaro.connectors.port import Captions
from narvaro.connectors.port import Film as PortFilm
from narvaro.connectors.port import Picture as PortPicture
from narvaro.core.types import Actor
from narvaro.media.queries import films
from narvaro.media.types import Speech, Standing, Use
from narvaro.publishing import rules
from narvaro.publishing.models import Message, Publication
from narvaro.publishing.queries.pictures import NOWHERE
from narvaro.publishing.types import NOT_BEGUN, MessageState

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.media.models import Film, FilmCaptions

FETCHES_FILMS = (Platform.INSTAGRAM, Platform.THREADS)
"""Platforms that may fetch a film themselves, and are given the address of one."""


def film_fault(channel: Channel, film: Film | None) -> str:
    """Return why a channel that is not kept by hand does not take a film, as a sentence; "" when it does."""
    if film is None:
        return ""
    return rules.film_fault(
        channel.platform, channels.limits_of(channel), size_bytes=film.size_bytes, seconds=film.seconds,
        media_type=film.media_type, alt=film.alt,
    )  # fmt: skip


def film_caution(channel: Channel, film: Film | None) -> str:
    """Return what people in a channel will not get of a film, as a sentence; "" when nothing is lacking. Law: DOS-2"""
    if film is None:
        return ""
    return rules.caption_caution(channels.limits_of(channel), has_captions=film.speech == Speech.CAPTIONS)


def tracks_of(film: Film | None) -> list[tuple[FilmCaptions, str]]:
    """Return what is said in a film, each with what its language is called; [] for no film."""
    names = dict(rules.LANGUAGE_NAMES)
    return [(row, str(names.get(row.language, row.language))) for row in films.captions_of(film)] if film else []


def film_of(publication: Publication) -> PortFilm | None:
    """Return the film of a publication as the connector takes it: opened when it is sent, never held whole."""
    film = publication.film
    if film is None:
        return None
    is_fetched = publication.channel.platform in FETCHES_FILMS
    return PortFilm(
        opened=partial(films.opened, film), size_bytes=film.size_bytes, media_type=film.media_type,
        seconds=film.seconds, width=film.width, height=film.height, alt=film.alt,
        captions=tuple(Captions(row.language, films.vtt_of(row)) for row in films.captions_of(film)),
        cover=PortPicture(films.cover_of(film), "image/jpeg", ""), title=film.asset.title,
        url=films.lent_address(film) if is_fetched else "",
    )  # fmt: skip


def film_uses(actor: Actor, film_ids: Sequence[int]) -> list[Use]:
    """
    Return where films are used: in what is out, on its way out, and in drafts. Two statements.

    Law: URL-5
    """
    if not film_ids:
        return []
    sent = Publication.objects.of(actor).filter(film__in=film_ids).exclude(state__in=NOWHERE)
    drafted = Message.objects.of(actor).filter(film__in=film_ids)
    drafted = drafted.filter(state__in=(MessageState.DRAFT, MessageState.AWAITING))
    found = [
        Use(
            picture_id=row.film_id or 0, standing=Standing.PLANNED if row.state in NOT_BEGUN else Standing.OUT,
            subject_kind="publishing.publication", subject_uid=row.uid, where=row.channel.name, text=row.text[:120],
            link=f"/publicerat/{row.uid}/", at=row.not_before,
        )
        for row in sent.select_related("channel").order_by("-id")[:500]
    ]  # fmt: skip
    return found + [
        Use(
            picture_id=row.film_id or 0, standing=Standing.DRAFT, subject_kind="publishing.message",
            subject_uid=row.uid, where=_("Utkast"), text=row.text[:120] or _("Utan text"),
            link=f"/publicerat/utkast/{row.uid}/", at=row.changed_at,
        )
        for row in drafted.order_by("-id")[:500]
    ]  # fmt: skip
