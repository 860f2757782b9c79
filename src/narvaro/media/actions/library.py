"""Writes of the library: pictures put there, what is said about them, and whether they may be used."""

from __future__ import annotations

from datetime import date
from pathlib import PurePath
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit, waiting
from narvaro.core.types import Actor, Invalid, NotPermitted, Stale
from narvaro.media import queries, rules
from narvaro.media.actions.films import say_film_anew
from narvaro.media.actions.pictures import put, words_of
from narvaro.media.cleaning import Clean
from narvaro.media.models import Asset, ImageRule, Picture
from narvaro.media.types import Basis

MOST_PEOPLE = 500


@transaction.atomic
def add_to_library(*, actor: Actor, clean: Clean, name: str = "", alt: str = "") -> Asset:
    """
    Put a picture in the library, described or not: undescribed it goes nowhere.

    Args:
        clean: The picture, as `cleaning.cleaned` made it before the transaction began.
        name: What its file was called; a beginning of what to call it.

    Raises:
        NotPermitted: The actor does not answer residents.
        Invalid: A description that says nothing.

    Law: DOS-2, GDPR-10
    """
    _refuse_stranger(actor)
    if alt.strip() and (fault := rules.alt_fault(alt)):
        raise Invalid(fault, field="alt")
    title = " ".join(PurePath(name).stem.replace("_", " ").split())[:120]
    asset = Asset(authority_id=actor.authority_id, added_by_id=actor.person_id, title=title)
    put(actor, asset, clean, alt)
    audit.note(actor, "media.add_to_library", asset)
    return asset


@transaction.atomic
def change_asset(
    *, actor: Actor, uid: UUID | str, alt: str, title: str = "", credit: str = "", licence: str = "",
    licence_until: date | None = None, basis: str, basis_why: str = "", people: int, children: int,
    seen_version: int | None = None,
) -> Asset:  # fmt: skip
    """
    Say what a picture shows, whose it is, what it rests on and who is seen.

    What has been approved with an earlier description keeps that: a new one is a row of its own.

    Args:
        people: How many can be recognised.
        children: How many of them are children.

    Raises:
        NotFound
        NotPermitted: The actor does not answer residents.
        Invalid: The description says too little, or what is said does not fit together.
        Stale: Somebody changed it meanwhile.

    Law: DOS-2, URL-1, GDPR-1, GDPR-8
    """
    asset = _held(actor, uid, seen_version)
    if fault := rules.alt_fault(alt, is_film=asset.is_film):
        raise Invalid(fault, field="alt")
    if basis not in Basis.values:
        raise Invalid(_("Välj vad bilden stöder sig på."), field="basis")
    if not (0 <= people <= MOST_PEOPLE and 0 <= children <= MOST_PEOPLE):
        raise Invalid(_("Skriv ett antal mellan 0 och %(most)d.") % {"most": MOST_PEOPLE}, field="people")
    if fault := rules.says_whole(basis, people, children):
        raise Invalid(fault, field="children" if children > people else "people")
    if basis == Basis.INTEREST and not basis_why.strip():
        raise Invalid(_("Skriv bedömningen: varför är det av allmänt intresse att visa den?"), field="basis_why")
    if licence_until != asset.licence_until:
        asset.licence_ended_at = None
        waiting.settle(actor, queries.PLACE, queries.LICENCE_KIND, [asset.pk])
    asset.title, asset.credit, asset.licence = title.strip()[:120], credit.strip()[:200], licence.strip()[:200]
    asset.licence_until, asset.basis, asset.basis_why = licence_until, basis, basis_why.strip()[:1000]
    asset.people, asset.children, asset.words = people, children, words_of(asset, alt)
    _store(asset)
    say = say_film_anew if asset.is_film else _say_anew
    say(actor, asset, " ".join(alt.split()))
    audit.note(actor, "media.change_asset", asset, version=asset.version, basis=basis)
    return asset


@transaction.atomic
def retire_asset(*, actor: Actor, uid: UUID | str, why: str = "", seen_version: int | None = None) -> Asset:
    """
    Take a picture out of use: it goes out no more. What is out stays there; nothing is thrown away.

    Raises: NotFound, NotPermitted; Stale: Somebody changed it meanwhile, or it is out of use already.
    """
    asset = _held(actor, uid, seen_version)
    if asset.retired_at is not None:
        raise Stale(_("Den är redan tagen ur bruk."))
    asset.retired_at, asset.retired_why = now(), why.strip()[:300]
    _store(asset)
    waiting.settle(actor, queries.PLACE, queries.LICENCE_KIND, [asset.pk])
    audit.note(actor, "media.retire_asset", asset, why=why)
    return asset


@transaction.atomic
def bring_back_asset(*, actor: Actor, uid: UUID | str) -> Asset:
    """Take a picture into use again. Raises NotFound, NotPermitted; Stale: It is in use."""
    asset = _held(actor, uid, None)
    if asset.retired_at is None:
        raise Stale(_("Den är redan i bruk."))
    asset.retired_at, asset.retired_why = None, ""
    _store(asset)
    audit.note(actor, "media.bring_back_asset", asset)
    return asset


@transaction.atomic
def settle_child_age(*, actor: Actor, age: int, decided_in: str) -> None:
    """
    Let the guideline decide under which age guardians consent for a child.

    Raises:
        NotPermitted: A person asks; only what was adopted does.

    Law: GDPR-8
    """
    if not actor.is_system:
        raise NotPermitted
    ImageRule.objects.of(actor).update_or_create(
        authority_id=actor.authority_id, defaults={"child_age": age, "decided_in": decided_in[:200]}
    )
    audit.note(actor, "media.settle_child_age", age=age)


def _refuse_stranger(actor: Actor) -> None:
    if not rules.may_change(actor):
        raise NotPermitted


def _held(actor: Actor, uid: UUID | str, seen_version: int | None) -> Asset:
    """Return an asset locked, as it was seen. Raises NotFound, NotPermitted, Stale."""
    _refuse_stranger(actor)
    asset = queries.asset_for(actor, uid, lock=True)
    if seen_version is not None and seen_version != asset.version:
        raise Stale
    return asset


def _store(asset: Asset) -> None:
    asset.version += 1
    asset.save()


def _say_anew(actor: Actor, asset: Asset, alt: str) -> None:
    """Write a new row of each picture of an asset whose description is another now."""
    for row in Picture.objects.of(actor).filter(asset=asset, is_current=True).exclude(alt=alt):
        Picture.objects.of(actor).filter(pk=row.pk).update(is_current=False)
        Picture.objects.create(
            authority_id=actor.authority_id, asset=asset, crop=row.crop, is_current=True, digest=row.digest,
            thumb=row.thumb, media_type=row.media_type, size_bytes=row.size_bytes, width=row.width, height=row.height,
            alt=alt, added_by_id=actor.person_id,
        )  # fmt: skip
        if not row.crop:
            audit.note(actor, "media.change_alt", asset)
