"""What the page of one picture shows, read in few statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from narvaro.base.clock import today
from narvaro.core import audit
from narvaro.core.gathering import Part, gathered
from narvaro.core.types import Actor
from narvaro.media import queries, rules
from narvaro.media.models import Asset, Consent, ConsentAsset, ImageRule, Picture, Takedown
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


def asset_page(actor: Actor, uid: UUID | str) -> AssetPage:
    """Return what the page of one picture shows. Raises NotFound."""
    asset = queries.asset_for(actor, uid)
    found = gathered({
        "pictures": Part(Picture.objects.of(actor).filter(asset=asset), names=("added_by__name",)),
        "covers": Part(
            ConsentAsset.objects.of(actor).filter(asset=asset), names=tuple(f"consent__{name}" for name in _CONSENT)
        ),
        "takedowns": Part(Takedown.objects.of(actor).filter(asset=asset), names=("done_by__name",)),
        "rules": Part(ImageRule.objects.of(actor)),
        "history": audit.history_part(actor, asset),
    })  # fmt: skip
    pictures: list[Picture] = found["pictures"]
    whole = next(row for row in reversed(pictures) if not row.crop and row.is_current)
    age = found["rules"][0].child_age if found["rules"] else rules.USUAL_CHILD_AGE
    covering = [(row.consent, queries.given(row.consent)) for row in found["covers"]]
    return AssetPage(
        asset=asset, whole=whole,
        crops=tuple(row for row in pictures if row.crop and row.is_current),
        descriptions=tuple(row for row in reversed(pictures) if not row.crop and row.alt),
        lacks=tuple(rules.lacks(
            queries.facts_of(asset, whole.alt), [each for _consent, each in covering], child_age=age, on=today()
        )),
        consents=tuple((one, rules.is_valid(each, child_age=age, on=today())) for one, each in covering),
        takedowns=tuple(sorted(found["takedowns"], key=lambda row: row.done_at is not None)),
        uses=tuple(queries.uses_of_pictures(actor, [row.pk for row in pictures])),
        history=tuple(
            {"at": entry.at, "who": audit.who(entry), "text": audit.sentence(entry.verb), "detail": entry.why}
            for entry in found["history"]
        ),
    )  # fmt: skip
