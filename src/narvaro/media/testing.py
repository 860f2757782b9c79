"""Builders for tests: a photo, a picture of the library, a consent. For tests only."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from narvaro.base.clock import today
from narvaro.core.models import Authority
from narvaro.core.testing import an_actor
from narvaro.core.types import Actor, Role
from narvaro.media import actions
from narvaro.media.cleaning import cleaned
from narvaro.media.models import Asset, Consent
from narvaro.media.types import Basis

ALT = "Två barn badar i en bassäng"


def a_photo(colour: str = "#14596b", *, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def an_asset(actor: Actor, *, described: bool = True, size: tuple[int, int] = (40, 30), **values: Any) -> Asset:
    """Return a picture of the library on which nobody is seen, unless something else is said."""
    asset = actions.add_to_library(actor=actor, clean=cleaned(a_photo(size=size)), name="IMG_1.jpg")
    if not described:
        return asset
    said = {"alt": ALT, "basis": Basis.NOBODY, "people": 0, "children": 0, "title": "Simhallen", **values}
    return actions.change_asset(actor=actor, uid=asset.uid, **said)


def a_consent(actor: Actor, *assets: Asset, **values: Any) -> Consent:
    """Return a consent of an adult, unless something else is said."""
    said = {"name": "Anonym Påhittad", "purposes": "Inlägg om simskolan", "given_on": today(), **values}
    return actions.add_consent(actor=actor, assets=assets, **said)


def one_of_each(authority: Authority) -> tuple[Asset, Consent]:
    """Return a picture and a consent that covers it."""
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    asset = an_asset(lead, basis=Basis.CONSENT, people=1)
    return asset, a_consent(lead, asset)
