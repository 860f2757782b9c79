"""What the page of one picture or film shows, read in few statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from narvaro.base.clock import today
from narvaro.core import audit
from narvaro.core.gathering import Part, gathered
from narvaro.core.types import Actor, NotFound
from narvaro.media import queries, rules
from narvaro.media.models import Asset, Consent, ConsentAsset, Film, FilmCaptions, ImageRule, Picture, Takedown
from narvaro.media.types import Use

_CONSENT = (
    "uid", "is_child", "age", "guardians", "guardians_needed", "purposes", "given_on", "until", "withdrawn_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AssetPage:
    """One picture of the library with all that is known of it."""

    asset: Asset
    whole: Picture
    crops: tuple[Picture, ...]
    descriptions: tuple[Picture, ...]
    lacks: tuple[str, ...]
    consents: tuple[tuple[Consent, bool], ...]  # each with whether it holds today
    takedowns: tuple[Takedown, ...]
    uses: tuple[Use, ...]
    history: tuple[dict[str, Any], ...]

    @property
    def name(self) -> str:
        return queries.called(self.asset, self.whole.alt)


@dataclass(frozen=True, slots=True)
class FilmPage:
    """One film of the library with all that is known of it."""

    asset: Asset
    film: Film
    tracks: tuple[FilmCaptions, ...]
    descriptions: tuple[Film, ...]
    lacks: tuple[str, ...]
    consents: tuple[tuple[Consent, bool], ...]
    takedowns: tuple[Takedown, ...]
    uses: tuple[Use, ...]
    history: tuple[dict[str, Any], ...]

    @property
    def name(self) -> str:
        return queries.called(self.asset, self.film.alt)


def film_page(actor: Actor, asset: Asset) -> FilmPage:
    """Return what the page of one film shows. Raises NotFound: it is a picture."""
    found = gathered({
        "films": Part(Film.objects.of(actor).filter(asset=asset), names=("added_by__name",)),
        "tracks": Part(FilmCaptions.objects.of(actor).filter(film__asset=asset, film__is_current=True)),
        **_about(actor, asset),
    })  # fmt: skip
    rows: list[Film] = found["films"]
    film = next((row for row in rows if row.is_current), None)
    if film is None:
        raise NotFound
    consents, lacks = _resting(asset, film, found)
    told: dict[str, Film] = {}
    for row in reversed(rows):
        told.setdefault(row.alt, row)
    return FilmPage(
        asset=asset, film=film, tracks=tuple(sorted(found["tracks"], key=lambda row: row.language)),
        descriptions=tuple(row for row in told.values() if row.alt), lacks=lacks, consents=consents,
        takedowns=tuple(sorted(found["takedowns"], key=lambda row: row.done_at is not None)),
        uses=tuple(queries.uses_of_films(actor, [row.pk for row in rows])), history=_timeline(found),
    )  # fmt: skip


def _about(actor: Actor, asset: Asset) -> dict[str, Part]:
    """Return what is read of an asset, picture or film."""
    return {
        "covers": Part(
            ConsentAsset.objects.of(actor).filter(asset=asset), names=tuple(f"consent__{name}" for name in _CONSENT)
        ),
        "takedowns": Part(Takedown.objects.of(actor).filter(asset=asset), names=("done_by__name",)),
        "rules": Part(ImageRule.objects.of(actor)),
        "history": audit.history_part(actor, asset),
    }  # fmt: skip


def _resting(
    asset: Asset, row: Picture | Film, found: dict[str, Any]
) -> tuple[tuple[tuple[Consent, bool], ...], tuple[str, ...]]:
    """Return the consents of an asset, each with whether it holds today, and what keeps it from going out."""
    age = found["rules"][0].child_age if found["rules"] else rules.USUAL_CHILD_AGE
    covering = [(each.consent, queries.given(each.consent)) for each in found["covers"]]
    lacks = rules.lacks(queries.facts_of(asset, row), [each for _consent, each in covering], child_age=age, on=today())
    held = tuple((one, rules.is_valid(each, child_age=age, on=today())) for one, each in covering)
    return held, tuple(lacks)


def _timeline(found: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {"at": entry.at, "who": audit.who(entry), "text": audit.sentence(entry.verb), "detail": entry.why}
        for entry in found["history"]
    )


def asset_page(actor: Actor, uid: UUID | str, *, asset: Asset | None = None) -> AssetPage:
    """Return what the page of one picture shows; `asset` where it is read already. Raises NotFound."""
    asset = asset or queries.asset_for(actor, uid)
    found = gathered({
        "pictures": Part(Picture.objects.of(actor).filter(asset=asset), names=("added_by__name",)),
        **_about(actor, asset),
    })  # fmt: skip
    pictures: list[Picture] = found["pictures"]
    whole = next(row for row in reversed(pictures) if not row.crop and row.is_current)
    consents, lacks = _resting(asset, whole, found)
    return AssetPage(
        asset=asset, whole=whole,
        crops=tuple(row for row in pictures if row.crop and row.is_current),
        descriptions=tuple(row for row in reversed(pictures) if not row.crop and row.alt),
        lacks=lacks, consents=consents,
        takedowns=tuple(sorted(found["takedowns"], key=lambda row: row.done_at is not None)),
        uses=tuple(queries.uses_of_pictures(actor, [row.pk for row in pictures])), history=_timeline(found),
    )  # fmt: skip
