"""The register of consents as it is taken out: for whoever asks what is kept of them, and for those who keep it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Q

from narvaro.base.clock import now
from narvaro.core.types import Actor, NotPermitted
from narvaro.media import rules
from narvaro.media.models import Asset, Consent, ConsentAsset, ImageRule, Takedown
from narvaro.media.queries import Named, child_age, name_of, named, uses_of

MOST_ROWS = 20_000
DAYS_A_MONTH = 30.44


def taken_out(actor: Actor, *, words: str = "") -> list[dict[str, Any]]:
    """
    Return what is kept of everybody who has consented, or of those who are named so, newest first.

    Args:
        words: All of them stand in the name of whoever consented or of a guardian; "" for the whole register.

    Returns:
        One mapping for each consent, those that have ended too: whom it concerns, what for, until when, which
        pictures, and the places where they are used (only when somebody is named) or must be taken away from.
        Names that are disposed of are "". At most 20,000.

    Raises:
        NotPermitted: The actor reads no consents.

    Law: GDPR-3, URL-5
    """
    if not rules.may_read_consents(actor):
        raise NotPermitted
    age, wanted = child_age(actor), words.casefold().split()[:8]
    rows = Consent.objects.of(actor).select_related("recorded_by").order_by("-id")
    found = [each for row in rows[:MOST_ROWS].iterator() if _is_meant(each := named(row, age), wanted)]
    covered = _covered(actor, [each.consent.pk for each in found])
    away = _taken_away(actor, [each.consent.pk for each in found])
    names: dict[int, str] = {}
    return [
        _told(actor, each, covered[each.consent.pk], away[each.consent.pk], names, with_uses=bool(wanted))
        for each in found
    ]


def to_dispose() -> list[Consent]:
    """
    Return consents that ended as long ago as their authority has decided, with nothing left to take away.

    Of all authorities, at most 500; two years where nothing is decided, never where they are to be kept. Law: SM-16
    """
    own = dict(
        ImageRule.objects.everywhere("dispose")
        .exclude(consent_months=rules.DISPOSAL_MONTHS)
        .values_list("authority_id", "consent_months")
    )
    due = _ended(rules.DISPOSAL_MONTHS) & ~Q(authority_id__in=own)
    for authority_id, months in own.items():
        if months is not None:
            due |= _ended(months) & Q(authority_id=authority_id)
    rows = Consent.objects.everywhere("dispose").filter(due, disposed_at=None).exclude(pk__in=_undone())
    return list(rows.select_related("authority").order_by("id")[:500])


def is_left_to_take_away(actor: Actor, consent: Consent) -> bool:
    """Whether a place is left where a picture of the consent must be taken away."""
    return Takedown.objects.of(actor).filter(consent=consent, done_at=None).exists()


def _ended(months: int) -> Q:
    since = now() - timedelta(days=round(months * DAYS_A_MONTH))
    return Q(withdrawn_at__lt=since) | Q(ended_at__lt=since)


def _undone() -> Any:
    rows = Takedown.objects.everywhere("dispose").filter(done_at=None).exclude(consent=None)
    return rows.values("consent_id")


def _is_meant(each: Named, wanted: Sequence[str]) -> bool:
    said = " ".join((each.name, *each.guardians)).casefold()
    return all(word in said for word in wanted)


def _covered(actor: Actor, keys: Sequence[int]) -> dict[int, list[Asset]]:
    rows = ConsentAsset.objects.of(actor).filter(consent_id__in=keys).select_related("asset").order_by("-asset_id")
    found: dict[int, list[Asset]] = defaultdict(list)
    for row in rows:
        found[row.consent_id].append(row.asset)
    return found


def _taken_away(actor: Actor, keys: Sequence[int]) -> dict[int, list[Takedown]]:
    found: dict[int, list[Takedown]] = defaultdict(list)
    for row in Takedown.objects.of(actor).filter(consent_id__in=keys).order_by("id"):
        if row.consent_id is not None:
            found[row.consent_id].append(row)
    return found


def _told(
    actor: Actor, each: Named, assets: Sequence[Asset], away: Sequence[Takedown], names: dict[int, str], *,
    with_uses: bool,
) -> dict[str, Any]:  # fmt: skip
    consent = each.consent
    pictures = []
    for asset in assets:
        if asset.pk not in names:
            names[asset.pk] = name_of(actor, asset)
        uses = uses_of(actor, asset) if with_uses else []
        pictures.append({
            "name": names[asset.pk], "uid": str(asset.uid),
            "used": [{"where": use.where, "standing": use.standing.value, "at": use.at.isoformat()} for use in uses],
        })  # fmt: skip
    return {
        "uid": str(consent.uid), "name": each.name, "contact": each.contact, "guardians": list(each.guardians),
        "is_child": consent.is_child, "age": consent.age, "purposes": consent.purposes,
        "kept_where": consent.kept_where, "given_on": _iso(consent.given_on), "until": _iso(consent.until),
        "recorded_at": _iso(consent.recorded_at),
        "recorded_by": consent.recorded_by.name if consent.recorded_by else "",
        "withdrawn_at": _iso(consent.withdrawn_at), "ended_at": _iso(consent.ended_at),
        "disposed_at": _iso(consent.disposed_at), "pictures": pictures,
        "taken_away": [{"where": row.where, "at": _iso(row.done_at)} for row in away],
    }  # fmt: skip


def _iso(value: Any) -> str:
    return value.isoformat() if value is not None else ""
