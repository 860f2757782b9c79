"""Where the passwords of channels lie, who reaches them, and what was found when it was looked over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from narvaro.channels.models import AccessReview, AccountAccess, Custody, SecurityCheck, SecurityIncident
from narvaro.channels.rules import security
from narvaro.core import queries as core
from narvaro.core.gathering import Part, gathered
from narvaro.core.types import Actor, NotFound, NotPermitted

if TYPE_CHECKING:
    from narvaro.channels.models import Channel


def refuse_unseen(actor: Actor, channel: Channel) -> None:
    """
    Refuse whoever may not know where the password of a channel lies. Raises NotPermitted.

    Law: SEC-2
    """
    if not security.may_see_custody(actor, channel.responsible_id, channel.deputy_id, channel.unit_id):
        raise NotPermitted


def custody_of(actor: Actor, channel: Channel) -> Custody:
    """Return where a channel's password lies; a blank row, not kept yet, where nobody has said. Raises NotPermitted."""
    refuse_unseen(actor, channel)
    found = Custody.objects.of(actor).filter(channel=channel).first()
    return found or _blank(channel)


def accesses(actor: Actor, found: Iterable[Channel]) -> dict[int, list[AccountAccess]]:
    """Return which functions steer each channel's account or reach its password now, by channel key; one statement."""
    rows = AccountAccess.objects.of(actor).filter(channel__in=list(found), ended_at=None)
    listed: dict[int, list[AccountAccess]] = {}
    for row in rows.select_related("person").order_by("function", "pk"):
        listed.setdefault(row.channel_id, []).append(row)
    return listed


def access_for(actor: Actor, channel: Channel, uid: UUID | str) -> AccountAccess:
    """Return one function that has access to a channel's account now. Raises NotFound."""
    found: AccountAccess | None = (
        AccountAccess.objects.of(actor).filter(channel=channel, uid=uid, ended_at=None).select_related("person").first()
    )
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of how one channel's account is kept safe."""

    custody: Custody
    accesses: tuple[AccountAccess, ...]
    gone: frozenset[int]  # those of them who have left
    checks: Mapping[str, SecurityCheck]  # the newest of each point
    reviews: tuple[AccessReview, ...]  # newest first
    incident: SecurityIncident | None  # the open one


def kept_of(actor: Actor, channel: Channel) -> Kept:
    """
    Return what is known of how a channel's account is kept safe, in two statements.

    Raises:
        NotPermitted: The actor may not know where its password lies.

    Law: SEC-2
    """
    refuse_unseen(actor, channel)
    newest = AccessReview.objects.of(actor).filter(channel=channel).order_by("-pk").values("pk")[:12]
    read = gathered({
        "custody": Part(Custody.objects.of(actor).filter(channel=channel)),
        "accesses": Part(
            AccountAccess.objects.of(actor).filter(channel=channel, ended_at=None), names=("person__name",)
        ),
        "checks": Part(SecurityCheck.objects.of(actor).filter(channel=channel)),
        "reviews": Part(AccessReview.objects.of(actor).filter(pk__in=newest), names=("by__name",)),
        "incidents": Part(SecurityIncident.objects.of(actor).filter(channel=channel, closed_at=None)),
    })  # fmt: skip
    return Kept(
        custody=next(iter(read["custody"]), None) or _blank(channel),
        accesses=tuple(sorted(read["accesses"], key=lambda access: (access.function, access.pk))),
        gone=core.gone(actor, [access.person_id for access in read["accesses"]]),
        checks={check.point: check for check in read["checks"]},
        reviews=tuple(reversed(read["reviews"])),
        incident=next(iter(read["incidents"]), None),
    )


def _blank(channel: Channel) -> Custody:
    return Custody(authority_id=channel.authority_id, channel=channel, version=0)


def reviews(actor: Actor, channel: Channel, *, limit: int = 12) -> list[AccessReview]:
    """Return the latest looks at who can steer a channel's account, newest first."""
    rows = AccessReview.objects.of(actor).filter(channel=channel).select_related("by")
    return list(rows.order_by("-at", "-pk")[:limit])


def checks(actor: Actor, channel: Channel) -> dict[str, SecurityCheck]:
    """Return what was found last about each point of the checklist, by its key; what nobody has seen is absent."""
    rows = SecurityCheck.objects.of(actor).filter(channel=channel).select_related("by").order_by("pk")
    return {row.point: row for row in rows}
