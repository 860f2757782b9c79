"""Writes of consents: who has said yes to which pictures, and what must be taken away when they no longer do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now, today
from narvaro.core import audit, keys, waiting
from narvaro.core.types import Actor, Invalid, NotPermitted, Role, Stale
from narvaro.media import queries, rules
from narvaro.media.models import Asset, Consent, ConsentAsset, Takedown
from narvaro.media.queries import consent_register
from narvaro.media.types import Why

MOST_GUARDIANS = 4


@transaction.atomic
def add_consent(
    *, actor: Actor, name: str, purposes: str, given_on: date, until: date | None = None, contact: str = "",
    kept_where: str = "", is_child: bool = False, age: int | None = None, guardians: Sequence[str] = (),
    guardians_needed: int = 0, assets: Iterable[Asset] = (),
) -> Consent:  # fmt: skip
    """
    Enter that somebody consents to pictures of them.

    No more is kept than what it takes to find the consent again when it is withdrawn; the names are sealed.

    Args:
        purposes: What the pictures may be used for, and in which channels.
        kept_where: Where the signed paper is.
        guardians: The names of those who have consented for a child.
        guardians_needed: How many guardians the child has.

    Raises:
        NotPermitted: The actor does not answer residents.
        Invalid: A name, what it is for, or a child's age or guardians are missing; a day is impossible.

    Law: URL-5, GDPR-8, SM-16
    """
    if not rules.may_change(actor):
        raise NotPermitted
    named = [each.strip()[:120] for each in guardians if each.strip()][:MOST_GUARDIANS]
    _refuse_half(actor, name, purposes, given_on, until, age if is_child else None, is_child, named, guardians_needed)
    consent = Consent(
        authority_id=actor.authority_id, is_child=is_child, age=age if is_child else None,
        guardians=len(named) if is_child else 0, purposes=purposes.strip()[:500], kept_where=kept_where.strip()[:300],
        guardians_needed=max(guardians_needed, len(named)) if is_child else 0, given_on=given_on, until=until,
        recorded_by_id=actor.person_id,
    )  # fmt: skip
    who = {"name": name.strip()[:120], "contact": contact.strip()[:200], "guardians": named if is_child else []}
    consent.sealed = keys.seal(json.dumps(who).encode(), queries.context_of(consent))
    consent.save(force_insert=True)
    audit.note(actor, "media.add_consent", consent, is_child=is_child)
    for asset in assets:
        link_consent(actor=actor, uid=consent.uid, asset=asset)
    return consent


@transaction.atomic
def link_consent(*, actor: Actor, uid: UUID | str, asset: Asset) -> None:
    """Let a consent cover a picture. Raises NotFound, NotPermitted; Stale: It is withdrawn or has ended."""
    consent = _held(actor, uid)
    if consent.withdrawn_at is not None or consent.ended_at is not None:
        raise Stale(_("Samtycket gäller inte längre."))
    _row, is_new = ConsentAsset.objects.of(actor).get_or_create(
        authority_id=actor.authority_id, consent=consent, asset=asset
    )
    if is_new:
        audit.note(actor, "media.link_consent", consent, asset=asset.uid)


@transaction.atomic
def unlink_consent(*, actor: Actor, uid: UUID | str, asset: Asset) -> None:
    """Say that a consent does not cover a picture after all: it was entered wrongly. Raises NotFound, NotPermitted."""
    consent = _held(actor, uid)
    if ConsentAsset.objects.of(actor).filter(consent=consent, asset=asset).delete()[0]:
        audit.note(actor, "media.unlink_consent", consent, asset=asset.uid)


@transaction.atomic
def withdraw_consent(*, actor: Actor, uid: UUID | str) -> list[Takedown]:
    """
    Note that a consent is withdrawn, and return every place where its pictures must be taken away.

    From now on none of them goes out, planned or not.

    Raises: NotFound, NotPermitted; Stale: It was withdrawn before.

    Law: URL-5
    """
    consent = _held(actor, uid)
    if consent.withdrawn_at is not None:
        raise Stale(_("Samtycket är redan återkallat."))
    consent.withdrawn_at = now()
    consent.save(update_fields=["withdrawn_at"])
    waiting.settle(actor, queries.PLACE, queries.CONSENT_KIND, [consent.pk])
    audit.note(actor, "media.withdraw_consent", consent)
    return take_away(actor, list(queries.assets_of(actor, consent)), Why.WITHDRAWN, consent)


@transaction.atomic
def end_consent(*, actor: Actor, consent: Consent) -> None:
    """Act on that a consent's time is over, as when it is withdrawn. For the sweep."""
    Consent.objects.of(actor).filter(pk=consent.pk).update(ended_at=now())
    waiting.settle(actor, queries.PLACE, queries.CONSENT_KIND, [consent.pk])
    audit.note(actor, "media.end_consent", consent)
    take_away(actor, list(queries.assets_of(actor, consent)), Why.ENDED, consent)


@transaction.atomic
def end_licence(*, actor: Actor, asset: Asset) -> None:
    """Act on that a picture's licence is over. For the sweep. Law: URL-1"""
    Asset.objects.of(actor).filter(pk=asset.pk).update(licence_ended_at=now())
    waiting.settle(actor, queries.PLACE, queries.LICENCE_KIND, [asset.pk])
    audit.note(actor, "media.end_licence", asset)
    take_away(actor, [asset], Why.LICENCE, None)


@transaction.atomic
def mark_taken_down(*, actor: Actor, uid: UUID | str) -> Takedown:
    """
    Note that a picture is taken away from one place.

    Raises: NotFound, NotPermitted; Stale: It was noted before.

    Law: URL-5
    """
    if not rules.may_change(actor):
        raise NotPermitted
    row = queries.takedown_for(actor, uid, lock=True)
    if row.done_at is not None:
        raise Stale(_("Det är redan noterat."))
    row.done_at, row.done_by_id = now(), actor.person_id
    row.save(update_fields=["done_at", "done_by"])
    audit.note(actor, "media.mark_taken_down", row.asset, taken_from=row.subject_uid)
    if not Takedown.objects.of(actor).filter(asset=row.asset, done_at=None).exists():
        waiting.settle(actor, queries.PLACE, queries.TAKEDOWN_KIND, [row.asset_id])
    return row


def take_away(actor: Actor, assets: Sequence[Asset], why: Why, consent: Consent | None) -> list[Takedown]:
    """List every place where pictures are used, and put the work before those who lead communications."""
    found: list[Takedown] = []
    for asset in assets:
        known = set(Takedown.objects.of(actor).filter(asset=asset, done_at=None).values_list("subject_uid", flat=True))
        for use in queries.uses_of(actor, asset):
            if use.subject_uid in known:
                continue
            row, _is_new = Takedown.objects.of(actor).update_or_create(
                authority_id=actor.authority_id, asset=asset, subject_uid=use.subject_uid,
                defaults={
                    "consent": consent, "why": why, "standing": use.standing.value, "subject_kind": use.subject_kind,
                    "where": use.where[:200], "text": use.text[:200], "link": use.link[:300], "made_at": now(),
                    "done_at": None, "done_by": None,
                },
            )  # fmt: skip
            found.append(row)
        if found and found[-1].asset_id == asset.pk:
            _put(actor, asset)
    return found


def dispose_consents() -> int:
    """
    Forget who had consented when their authority's time for it is over, and nothing is left to take away.

    Two years after they withdrew or the time was over, unless the plan that is decided says otherwise.

    Law: SM-16
    """
    count = 0
    for consent in consent_register.to_dispose():
        actor = Actor.system(consent.authority, "dispose")
        with transaction.atomic():
            if (
                Consent.objects.of(actor)
                .filter(pk=consent.pk, disposed_at=None)
                .update(sealed=None, kept_where="", disposed_at=now())
            ):
                audit.note(actor, "media.dispose_consent", consent)
                count += 1
    return count


def seal_again() -> int:
    """Seal every consent with the newest key; returns how many were changed. Part of `narvaro keys rotate`."""
    changed = 0
    for row in Consent.objects.everywhere("rotate keys").exclude(sealed=None).iterator():
        box = bytes(row.sealed or b"")
        if keys.is_sealed_with_newest(box):
            continue
        context = queries.context_of(row)
        fresh = keys.seal(keys.unseal(box, context), context)
        rows = Consent.objects.everywhere("rotate keys").filter(pk=row.pk).exclude(sealed=None)
        changed += rows.update(sealed=fresh)
    return changed


def _put(actor: Actor, asset: Asset) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Ta bort bilden där den används: %(title)s") % {"title": queries.name_of(actor, asset)[:80]}
    wait = waiting.Wait(
        place=queries.PLACE, subject_kind=queries.TAKEDOWN_KIND, subject_id=asset.pk, title=title,
        link=f"/bilder/{asset.uid}/", due_at=now(), role=Role.COMMUNICATIONS_LEAD.value,
    )  # fmt: skip
    waiting.put(actor, [wait])


def _held(actor: Actor, uid: UUID | str) -> Consent:
    if not rules.may_change(actor):
        raise NotPermitted
    return queries.consent_for(actor, uid, lock=True)


def _refuse_half(
    actor: Actor, name: str, purposes: str, given_on: date, until: date | None, age: int | None, is_child: bool,
    guardians: Sequence[str], needed: int,
) -> None:  # fmt: skip
    if not name.strip():
        raise Invalid(_("Skriv vem som har samtyckt, så att samtycket går att hitta igen."), field="name")
    if not purposes.strip():
        raise Invalid(_("Skriv vad bilderna får användas till."), field="purposes")
    if given_on > today():
        raise Invalid(_("Den dagen har inte varit än."), field="given_on")
    if until is not None and until < given_on:
        raise Invalid(_("Samtycket kan inte ta slut innan det gavs."), field="until")
    if not is_child:
        return
    if age is None or not 0 <= age < 18:
        raise Invalid(_("Skriv barnets ålder i år, när samtycket gavs."), field="age")
    if age < queries.child_age(actor) and not guardians:
        words = {"age": queries.child_age(actor)}
        raise Invalid(_("Under %(age)d år är det vårdnadshavarna som samtycker.") % words, field="guardians")
    if not 0 <= needed <= MOST_GUARDIANS:
        raise Invalid(_("Skriv hur många vårdnadshavare barnet har."), field="guardians_needed")
