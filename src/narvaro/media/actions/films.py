"""Writes of films: put in the library, and what is said in them, cue by cue or that nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.base import captions as written
from narvaro.core import audit
from narvaro.core.types import Actor, Invalid, NotPermitted, Stale
from narvaro.media import queries, rules, store
from narvaro.media.actions.pictures import words_of
from narvaro.media.filming import CleanFilm, cleaned_film, sweep_left_over
from narvaro.media.models import Asset, Film, FilmCaptions
from narvaro.media.queries import films
from narvaro.media.types import Speech

__all__ = ["add_film", "cleaned_film", "put_captions", "remove_captions", "say_film_anew", "say_speech",
           "store_film", "sweep_left_over"]  # fmt: skip

PAST_THE_END_MS = 500  # a film's length is known to a frame, and captions are written by ear


def store_film(*, actor: Actor, clean: CleanFilm) -> CleanFilm:
    """
    Put a film's file in the store before the transaction begins that others would wait for; they are large.

    What no row points at in the end is swept away within a day. Raises NotPermitted.
    """
    if not rules.may_change(actor):
        raise NotPermitted
    return replace(clean, digest=store.keep_file(actor.authority_id, clean.path))


@transaction.atomic
def add_film(*, actor: Actor, clean: CleanFilm, name: str = "", alt: str = "") -> Asset:
    """
    Put a film in the library, described or not: until it is described, and its captions are there, it goes nowhere.

    Args:
        clean: The film, as `cleaned_film` and `store_film` gave it before the transaction began.
        name: What its file was called; a beginning of what to call it.

    Raises:
        NotPermitted: The actor does not answer residents.
        Invalid: A description that says nothing.

    Law: DOS-2, GDPR-10
    """
    if not rules.may_change(actor):
        raise NotPermitted
    if alt.strip() and (fault := rules.alt_fault(alt, is_film=True)):
        raise Invalid(fault, field="alt")
    title = " ".join(PurePath(name).stem.replace("_", " ").split())[:120]
    asset = Asset(authority_id=actor.authority_id, added_by_id=actor.person_id, title=title, is_film=True)
    asset.words = words_of(asset, alt)
    asset.save()
    digest = clean.digest or store.keep_file(actor.authority_id, clean.path)
    Film.objects.create(
        authority_id=actor.authority_id, asset=asset, digest=digest,
        cover=store.keep(actor.authority_id, clean.cover), thumb=store.keep(actor.authority_id, clean.thumb),
        media_type=clean.media_type, size_bytes=clean.path.stat().st_size, duration_ms=round(clean.seconds * 1000),
        width=clean.width, height=clean.height, has_sound=clean.has_sound, alt=" ".join(alt.split()),
        speech="" if clean.has_sound else Speech.SOUNDLESS, added_by_id=actor.person_id,
    )  # fmt: skip
    audit.note(actor, "media.add_film", asset)
    return asset


@transaction.atomic
def put_captions(
    *, actor: Actor, uid: UUID | str, language: str, content: bytes | str, seen_version: int | None = None
) -> Film:  # fmt: skip
    """
    Write what is said in a film, in one language; what was there in that language is replaced.

    What has been approved keeps its own: other captions make a new row of the film.

    Args:
        content: WebVTT or SubRip, from a file or written by hand.

    Raises:
        NotFound
        NotPermitted: The actor does not answer residents.
        Invalid: It is neither, or its times do not fit the film; says on which line.
        Stale: Somebody changed the film meanwhile.

    Law: DOS-2
    """
    film = _held(actor, uid, seen_version)
    if language not in dict(rules.LANGUAGE_NAMES):
        raise Invalid(_("Välj ett språk i listan."), field="language")
    cues = _cues(content, film)
    kept = [row for row in films.captions_of(film) if row.language != language]
    digest = store.keep(actor.authority_id, written.as_vtt(cues).encode())
    fresh = FilmCaptions(language=language, digest=digest, cues=len(cues))
    anew = _anew(actor, film, [*kept, fresh], speech=Speech.CAPTIONS)
    audit.note(actor, "media.put_captions", film.asset, language=language)
    return anew


@transaction.atomic
def remove_captions(*, actor: Actor, uid: UUID | str, language: str, seen_version: int | None = None) -> Film:
    """
    Take captions in one language away from a film; without any it goes out no more until something else is said.

    Raises: NotFound, NotPermitted; Stale: There are none in that language, or somebody changed the film meanwhile.

    Law: DOS-2
    """
    film = _held(actor, uid, seen_version)
    known = films.captions_of(film)
    left = [row for row in known if row.language != language]
    if len(left) == len(known):
        raise Stale
    anew = _anew(actor, film, left, speech=Speech.CAPTIONS if left else "")
    audit.note(actor, "media.remove_captions", film.asset, language=language)
    return anew


@transaction.atomic
def say_speech(*, actor: Actor, uid: UUID | str, speech: str, seen_version: int | None = None) -> Film:
    """
    Say why a film needs no captions: nobody speaks, or all that is said can be read in the picture.

    Raises:
        NotFound, NotPermitted; Stale: Somebody changed the film meanwhile.
        Invalid: Not one of the reasons, or there are captions already.

    Law: DOS-2
    """
    film = _held(actor, uid, seen_version)
    if speech not in (Speech.NOBODY, Speech.BURNED):
        raise Invalid(_("Säg varför filmen inte behöver undertexter."), field="speech")
    if film.speech == Speech.CAPTIONS:
        raise Invalid(_("Filmen har undertexter. Ta bort dem först, om de inte behövs."), field="speech")
    anew = _anew(actor, film, films.captions_of(film), speech=speech)
    audit.note(actor, "media.say_speech", film.asset, speech=speech)
    return anew


def say_film_anew(actor: Actor, asset: Asset, alt: str) -> None:
    """Write a new row of a film whose description is another now; in the caller's transaction."""
    film = films.film_of(actor, asset)
    if film.alt != alt:
        _anew(actor, film, films.captions_of(film), alt=alt)
        audit.note(actor, "media.change_alt", asset)


def _held(actor: Actor, uid: UUID | str, seen_version: int | None) -> Film:
    """Return what the library offers of a film, its asset locked and a version further. Raises as the actions do."""
    if not rules.may_change(actor):
        raise NotPermitted
    asset = queries.asset_for(actor, uid, lock=True)
    if seen_version is not None and seen_version != asset.version:
        raise Stale
    film = films.film_of(actor, asset)
    asset.version += 1
    asset.save(update_fields=["version"])
    film.asset = asset
    return film


def _anew(
    actor: Actor, film: Film, captions: Sequence[FilmCaptions], *, alt: str | None = None, speech: str | None = None
) -> Film:
    """Write a new row of a film with these captions; the one before stays as it was."""
    Film.objects.of(actor).filter(pk=film.pk).update(is_current=False)
    anew: Film = Film.objects.create(
        authority_id=actor.authority_id, asset=film.asset, digest=film.digest, thumb=film.thumb, cover=film.cover,
        media_type=film.media_type, size_bytes=film.size_bytes, duration_ms=film.duration_ms, width=film.width,
        height=film.height, has_sound=film.has_sound, alt=film.alt if alt is None else alt,
        speech=film.speech if speech is None else speech, added_by_id=actor.person_id,
    )  # fmt: skip
    FilmCaptions.objects.bulk_create(
        FilmCaptions(
            authority_id=actor.authority_id, film=anew, language=row.language, digest=row.digest, cues=row.cues
        )
        for row in captions
    )  # fmt: skip
    return anew


def _cues(content: bytes | str, film: Film) -> tuple[written.Cue, ...]:
    try:
        cues = written.parsed(content)
    except written.BadCaptions as error:
        raise Invalid(_caption_fault(error), field="captions") from None
    if cues[-1].start_ms >= film.duration_ms or max(cue.end_ms for cue in cues) > film.duration_ms + PAST_THE_END_MS:
        raise Invalid(_("Undertexterna slutar efter filmen. Kontrollera att de hör till den."), field="captions")
    return cues


def _caption_fault(error: written.BadCaptions) -> str:
    told = {
        written.Reason.TOO_LARGE: _("Filen med undertexter är för stor. Den får vara högst 2 MB."),
        written.Reason.NOT_TEXT: _("Filen med undertexter går inte att läsa. Spara den som text i UTF-8."),
        written.Reason.NOT_CAPTIONS: _("Det är varken WebVTT eller SubRip (.vtt eller .srt)."),
        written.Reason.NO_CUES: _("Det finns inga undertexter där."),
        written.Reason.TOO_MANY: _("Undertexterna är för många. De får vara högst 10 000."),
        written.Reason.BAD_TIME: _("En tid går inte att läsa. Skriv den som 00:01:02.345 --> 00:01:05.000."),
        written.Reason.BACKWARDS: _("En undertext slutar innan den börjar."),
        written.Reason.OUT_OF_ORDER: _("Undertexterna står inte i tidsordning."),
        written.Reason.TOO_LONG_TEXT: _("En undertext är för lång för att hinna läsas. Dela den i flera."),
    }[error.reason]
    return f"{told} {_('Se rad %(line)d.') % {'line': error.line}}" if error.line else told
