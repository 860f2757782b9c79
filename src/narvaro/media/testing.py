"""Builders for tests: a photo, a picture of the library, a consent. For tests only."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

from narvaro.base.clock import today
from narvaro.core.models import Authority
from narvaro.core.testing import an_actor
from narvaro.core.types import Actor, Role
from narvaro.media import actions
from narvaro.media.cleaning import cleaned
from narvaro.media.filming import CleanFilm
from narvaro.media.models import Asset, Consent
from narvaro.media.types import Basis
from narvaro.testing.films import a_film_file

ALT = "Två barn badar i en bassäng"
FILM_ALT = "En hand lägger matavfall i en grön påse"
SPOKEN = "00:00:00.200 --> 00:00:01.800\nMatavfallet läggs i den gröna påsen.\n"


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


def a_film(actor: Actor, *, captions: str = SPOKEN, said: bool = True, **film: Any) -> Asset:
    """Return a film of the library on which nobody is seen, with captions unless something else is said."""
    content, clean = _taken_apart(**film)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "film"
        path.write_bytes(content)
        asset = actions.add_film(actor=actor, clean=replace(clean, path=path), name="MVI_0001.mp4")
    if said:
        asset = actions.change_asset(
            actor=actor, uid=asset.uid, alt=FILM_ALT, basis=Basis.NOBODY, people=0, children=0, title="Sortera mat"
        )
    if captions:
        actions.put_captions(actor=actor, uid=asset.uid, language="sv", content=captions)
        asset.refresh_from_db()
    return asset


@cache
def _taken_apart(**film: Any) -> tuple[bytes, CleanFilm]:
    """Return a film as it is kept; taken apart once however many tests use it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "film"
        path.write_bytes(a_film_file(**film))
        with actions.cleaned_film(path) as clean:
            return clean.path.read_bytes(), clean
