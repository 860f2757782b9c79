"""Every read of pictures, the library and consents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from narvaro.base.clock import today
from narvaro.core import keys
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted
from narvaro.media import rules, store
from narvaro.media.models import Asset, Consent, ConsentAsset, Film, FilmCaptions, ImageRule, Picture, Takedown
from narvaro.media.types import BlobMissing, Given, Use

PLACE = "media"
LICENCE_KIND = "media.asset.licence"
CONSENT_KIND = "media.consent"
TAKEDOWN_KIND = "media.takedown"
PAGE = 24
MOST_SEARCHED = 2000
LENT_SECONDS = 3600
_LENT = "media.lent"

uses: list[Callable[[Actor, Sequence[int]], list[Use]]] = []
"""Those above who know where pictures are used; each takes keys of pictures."""

film_uses: list[Callable[[Actor, Sequence[int]], list[Use]]] = []
"""Those above who know where films are used; each takes keys of films."""


# --- Pictures -------------------------------------------------------------------------------------------------------


def picture_for(actor: Actor, uid: UUID | str) -> Picture:
    """Return one uploaded picture of the actor's authority. Raises NotFound."""
    found: Picture | None = Picture.objects.of(actor).filter(uid=uid).first()
    if found is None:
        raise NotFound
    return found


def bytes_of(picture: Picture) -> bytes:
    """Return a picture's bytes. Raises BlobMissing."""
    return store.read(picture.authority_id, picture.digest)


def thumb_of(picture: Picture) -> bytes:
    """Return a small copy of a picture, WebP. Raises BlobMissing; a picture of before there were such has none."""
    return store.read(picture.authority_id, picture.thumb)


def lent_address(picture: Picture) -> str:
    """
    Return where anybody who has the address may fetch a picture for an hour: some platforms fetch it themselves.

    Only for one that goes out now. The address is signed, so it cannot be guessed or made to lead to another file.
    """
    said = [picture.authority_id, picture.digest, picture.media_type]
    token = signing.dumps(said, salt=_LENT, compress=False)
    return str(settings.OPTIONS.base_url) + reverse("media:lent", args=[token])


def lent(token: str) -> tuple[bytes, str]:
    """Return the bytes and the media type of a picture that was lent. Raises NotFound when the hour is over."""
    try:
        authority_id, digest, media_type = signing.loads(token, salt=_LENT, max_age=LENT_SECONDS)
        return store.read(authority_id, digest), media_type
    except (signing.BadSignature, BlobMissing, ValueError):
        raise NotFound from None


def is_used(authority_id: int, digest: str) -> bool:
    """Whether an uploaded picture, or its small copy, a film, its pictures or its captions are this stored file."""
    pictures = Picture.objects.everywhere("sweep orphans").filter(Q(digest=digest) | Q(thumb=digest))
    films = Film.objects.everywhere("sweep orphans").filter(Q(digest=digest) | Q(thumb=digest) | Q(cover=digest))
    captions = FilmCaptions.objects.everywhere("sweep orphans").filter(digest=digest)
    return any(rows.filter(authority_id=authority_id).exists() for rows in (pictures, films, captions))


# --- The library ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture or a film of the library as a list shows it: what keeps it from going out is in `lacks`."""

    asset: Asset
    picture: Picture | Film
    lacks: tuple[str, ...]

    @property
    def name(self) -> str:
        return called(self.asset, self.picture.alt)


LISTS = ("alla", "filmer", "saknar", "slutar", "urbruk")


def asset_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> Asset:
    """Return one picture of the library. Raises NotFound."""
    if not rules.may_read(actor):
        raise NotFound
    rows = Asset.objects.of(actor)
    rows = rows.select_for_update(of=("self",)) if lock else rows.select_related("added_by")
    found: Asset | None = rows.filter(uid=uid).first()
    if found is None:
        raise NotFound
    return found


def library(
    actor: Actor, *, words: str = "", listed: str = "alla", before: int | None = None, limit: int = PAGE,
    films: bool | None = None,
) -> list[Shown]:  # fmt: skip
    """
    Return pictures and films of the library, newest first, older than id `before` when given.

    Args:
        words: All of these stand in what it is called, shows, whose it is or its licence.
        listed: One of `LISTS`: all in use, those where something is not said, those whose licence ends within a
            month or has ended, those out of use.
        films: Films alone, or none; both when None.
    """
    if not rules.may_read(actor):
        return []
    rows = Asset.objects.of(actor).filter(retired_at__isnull=listed != "urbruk")
    films = True if listed == "filmer" else films
    rows = rows if films is None else rows.filter(is_film=films)
    if listed == "saknar":
        silent = Picture.objects.of(actor).filter(is_current=True, crop="", alt="").values("asset_id")
        unsaid = Film.objects.of(actor).filter(Q(alt="") | Q(speech=""), is_current=True).values("asset_id")
        rows = rows.filter(Q(basis="") | Q(people=None) | Q(pk__in=silent) | Q(pk__in=unsaid))
    elif listed == "slutar":
        rows = rows.filter(licence_until__lte=today() + timedelta(days=rules.DUE_DAYS))
    for word in words.casefold().split()[:8]:
        rows = rows.filter(words__contains=word)
    rows = rows.filter(pk__lt=before) if before else rows
    return shown(actor, list(rows.order_by("-id")[:limit]))


def shown(actor: Actor, assets: Sequence[Asset]) -> list[Shown]:
    """Return assets with their whole pictures, or films, and what each lacks, in the same order."""
    pictures: dict[int | None, Picture | Film] = {
        row.asset_id: row for row in _current(actor, [each for each in assets if not each.is_film]).filter(crop="")
    }
    if films := [each.pk for each in assets if each.is_film]:
        pictures |= {row.asset_id: row for row in Film.objects.of(actor).filter(asset__in=films, is_current=True)}
    found = [(asset, pictures[asset.pk]) for asset in assets if asset.pk in pictures]
    lacking = _lacks(actor, found, today())
    return [Shown(asset, picture, tuple(lacking[asset.pk])) for asset, picture in found]


def pictures_of(actor: Actor, asset: Asset) -> list[Picture]:
    """Return what the library offers of an asset: the whole picture first, then what is cut from it."""
    return sorted(_current(actor, [asset]), key=lambda row: row.crop)


def name_of(actor: Actor, asset: Asset) -> str:
    """Return what an asset is called: its title, else the beginning of its description."""
    if asset.title:
        return called(asset, "")
    films = Film.objects.of(actor).filter(asset=asset, is_current=True)
    rows = films if asset.is_film else _current(actor, [asset]).filter(crop="")
    return called(asset, rows.values_list("alt", flat=True).first() or "")


def called(asset: Asset, alt: str) -> str:
    """Return what an asset with this description is called."""
    return asset.title or alt[:80] or _("Utan namn")


def uses_of(actor: Actor, asset: Asset) -> list[Use]:
    """Return every place where an asset is used, in any description or shape, newest first; one row a place."""
    if asset.is_film:
        return uses_of_films(actor, list(Film.objects.of(actor).filter(asset=asset).values_list("pk", flat=True)))
    return uses_of_pictures(actor, list(Picture.objects.of(actor).filter(asset=asset).values_list("pk", flat=True)))


def uses_of_pictures(actor: Actor, picture_ids: Sequence[int]) -> list[Use]:
    """Return every place where pictures are used, newest first; one row a place."""
    return _placed(use for told in uses for use in told(actor, picture_ids))


def uses_of_films(actor: Actor, film_ids: Sequence[int]) -> list[Use]:
    """Return every place where films are used, newest first; one row a place."""
    return _placed(use for told in film_uses for use in told(actor, film_ids))


def _placed(found: Iterable[Use]) -> list[Use]:
    places = {use.subject_uid: use for use in found}
    return sorted(places.values(), key=lambda use: use.at, reverse=True)


def offered(actor: Actor, *, words: str = "", chosen: Sequence[str] = (), limit: int = 12) -> list[Picture]:
    """Return pictures to choose from for something that is to go out: the chosen first, then the newest that may."""
    if not rules.may_change(actor):
        return []
    kept = picked(actor, chosen)
    assets = [each.asset for each in library(actor, words=words, limit=4 * limit, films=False) if not each.lacks][
        :limit
    ]
    rows = sorted(_current(actor, assets), key=lambda row: (-(row.asset_id or 0), row.crop))
    known = {row.pk for row in kept}
    return [*kept, *(row for row in rows if row.pk not in known)][: limit + len(kept)]


def picked(actor: Actor, uids: Iterable[str]) -> list[Picture]:
    """Return pictures of the library by their ids, in that order; those that are not there are left out."""
    wanted = [each for uid in list(uids)[:50] if (each := _uuid(uid)) is not None]
    rows = {row.uid: row for row in Picture.objects.of(actor).filter(uid__in=wanted).exclude(asset=None)}
    return [rows[uid] for uid in dict.fromkeys(wanted) if uid in rows]


def barred(actor: Actor, pictures: Sequence[Picture | Film], *, on: date | None = None) -> list[str]:
    """
    Return why pictures or films may not go out on a day, each sentence with the one it is about; [] when they may.

    A picture that stands in no library, from before there was one, is not judged.

    Law: URL-1, URL-5, GDPR-1, GDPR-8, DOS-2
    """
    asked = [row for row in pictures if row.asset_id is not None]
    if not asked:
        return []
    assets = Asset.objects.of(actor).in_bulk([row.asset_id for row in asked])
    pairs = [(assets[row.asset_id], row) for row in asked if row.asset_id in assets]
    found = _lacks(actor, pairs, on or today())
    return [
        (_("Filmen ”%(name)s” kan inte gå ut. %(why)s") if asset.is_film else
         _("Bilden ”%(name)s” kan inte gå ut. %(why)s"))
        % {"name": called(asset, row.alt)[:60], "why": " ".join(lacking)}
        for asset, row in pairs
        if (lacking := found[asset.pk])
    ]  # fmt: skip


def refuse_barred(actor: Actor, pictures: Sequence[Picture | Film], *, on: date | None = None) -> None:
    """Refuse pictures that may not go out on a day. Raises Invalid, which says which and why. Law: as `barred`."""
    if found := barred(actor, pictures, on=on):
        is_film = any(isinstance(row, Film) for row in pictures)
        mend = (
            _("Rätta det i bildbanken, eller välj en annan film.")
            if is_film
            else _("Rätta det i bildbanken, eller välj en annan bild.")
        )
        raise Invalid(f"{' '.join(found)} {mend}", field="film" if is_film else "picture")


def child_age(actor: Actor) -> int:
    """Return under which age guardians consent for a child: as the guideline decides, else the usual. Law: GDPR-8"""
    age = ImageRule.objects.of(actor).values_list("child_age", flat=True).first()
    return rules.USUAL_CHILD_AGE if age is None else age


def _current(actor: Actor, assets: Iterable[Asset]) -> QuerySet[Picture]:
    rows: QuerySet[Picture] = Picture.objects.of(actor)
    return rows.filter(asset__in=[each.pk for each in assets], is_current=True)


def _lacks(actor: Actor, pairs: Sequence[tuple[Asset, Picture | Film]], on: date) -> dict[int, list[str]]:
    covering: dict[int, list[Given]] = {}
    rows = ConsentAsset.objects.of(actor).filter(asset__in=[asset.pk for asset, _row in pairs])
    for row in rows.select_related("consent").defer("consent__sealed"):
        covering.setdefault(row.asset_id, []).append(given(row.consent))
    age = child_age(actor)
    return {
        asset.pk: rules.lacks(facts_of(asset, row), covering.get(asset.pk, ()), child_age=age, on=on)
        for asset, row in pairs
    }


def facts_of(asset: Asset, row: Picture | Film) -> rules.Facts:
    """Return what is said about an asset with this picture, or film, for judging it."""
    return rules.Facts(
        alt=row.alt, basis=asset.basis, basis_why=asset.basis_why, people=asset.people, children=asset.children,
        licence_until=asset.licence_until, is_retired=asset.retired_at is not None, is_film=asset.is_film,
        speech=row.speech if isinstance(row, Film) else "",
    )  # fmt: skip


def given(consent: Consent) -> Given:
    """Return what a consent allows."""
    return Given(
        is_child=consent.is_child, age=consent.age, guardians=consent.guardians, until=consent.until,
        guardians_needed=consent.guardians_needed, is_withdrawn=consent.withdrawn_at is not None,
    )  # fmt: skip


def known_uid(text: str) -> UUID:
    """Return an id that an address names. Raises NotFound when it is none."""
    found = _uuid(text)
    if found is None:
        raise NotFound
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


# --- Consents -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """A consent with who gave it; the names are "" when they are disposed of or cannot be opened."""

    consent: Consent
    name: str
    contact: str
    guardians: tuple[str, ...]
    is_valid: bool


def context_of(consent: Consent) -> str:
    """Return what a consent's names are sealed to."""
    return f"media.consent:{consent.uid}"


def consent_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> Consent:
    """Return one consent. Raises NotFound: missing, or the actor reads no consents."""
    rows = Consent.objects.of(actor) if rules.may_read_consents(actor) else Consent.objects.of(actor).none()
    rows = rows.select_for_update(of=("self",)) if lock else rows.select_related("recorded_by")
    found: Consent | None = rows.filter(uid=uid).first()
    if found is None:
        raise NotFound
    return found


def consents(
    actor: Actor, *, words: str = "", over: bool = False, before: int | None = None, limit: int = PAGE
) -> list[Named]:
    """
    Return consents, newest first; those that hold, or those withdrawn and ended.

    Args:
        words: In the names or in what they are for. Names are sealed, so that the newest 2,000 are opened and read.

    Raises:
        NotPermitted: The actor reads no consents.

    Law: URL-5
    """
    if not rules.may_read_consents(actor):
        raise NotPermitted
    gone = Q(withdrawn_at__isnull=False) | Q(ended_at__isnull=False)
    rows = Consent.objects.of(actor).filter(gone if over else ~gone)
    rows = (rows.filter(pk__lt=before) if before else rows).order_by("-id")
    age = child_age(actor)
    if not words:
        return [named(each, age) for each in rows[:limit]]
    wanted, found = words.casefold().split()[:8], []
    for consent in rows[:MOST_SEARCHED].iterator():
        one = named(consent, age)
        said = " ".join((one.name, *one.guardians, consent.purposes)).casefold()
        if all(word in said for word in wanted):
            found.append(one)
            if len(found) == limit:
                break
    return found


def named(consent: Consent, age: int) -> Named:
    """Return a consent with its names opened."""
    who: dict[str, Any] = {}
    if consent.sealed:
        try:
            who = json.loads(keys.unseal(bytes(consent.sealed), context_of(consent)))
        except keys.CannotOpen:
            who = {"name": _("Kan inte läsas: nyckeln saknas")}
    return Named(
        consent, str(who.get("name", "")), str(who.get("contact", "")), tuple(map(str, who.get("guardians", ()))),
        is_valid=rules.is_valid(given(consent), child_age=age, on=today()),
    )  # fmt: skip


def assets_of(actor: Actor, consent: Consent) -> list[Asset]:
    """Return the pictures that a consent covers."""
    covered = ConsentAsset.objects.of(actor).filter(consent=consent).values("asset_id")
    return list(Asset.objects.of(actor).filter(pk__in=covered).order_by("-id"))


def takedown_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> Takedown:
    """Return one place where a picture must be taken away. Raises NotFound."""
    rows = Takedown.objects.of(actor).select_related("asset")
    found: Takedown | None = (rows.select_for_update(of=("self",)) if lock else rows).filter(uid=uid).first()
    if found is None:
        raise NotFound
    return found


def takedowns(actor: Actor, *, asset: Asset | None = None, consent: Consent | None = None) -> list[Takedown]:
    """Return the places where a picture, or what a consent covers, must be taken away; undone ones first."""
    rows = Takedown.objects.of(actor).select_related("asset", "done_by")
    rows = rows.filter(asset=asset) if asset is not None else rows
    rows = rows.filter(consent=consent) if consent is not None else rows
    return sorted(rows.order_by("id")[:500], key=lambda row: row.done_at is not None)


# --- What the days do -----------------------------------------------------------------------------------------------


def licences_until(day: date) -> list[Asset]:
    """Return pictures in use whose licence ends by a day and is not acted on; all authorities', at most 500."""
    rows = Asset.objects.everywhere("follow terms").filter(licence_until__lte=day, licence_ended_at=None)
    return list(rows.filter(retired_at=None).select_related("authority").order_by("licence_until", "id")[:500])


def consents_until(day: date) -> list[Consent]:
    """Return consents that end by a day and are not acted on; all authorities', at most 500."""
    rows = Consent.objects.everywhere("follow terms").filter(until__lte=day, withdrawn_at=None, ended_at=None)
    return list(rows.select_related("authority").order_by("until", "id")[:500])
