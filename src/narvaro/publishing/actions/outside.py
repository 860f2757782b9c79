"""What goes out in our name without having gone out from here: found in the records' feed, flagged, and answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.channels.actions import incidents
from narvaro.channels.types import IncidentKind
from narvaro.core import audit, ledger, waiting
from narvaro.core import queries as core
from narvaro.core.types import Actor, NotPermitted, Role, Stale
from narvaro.publishing.actions.chains import PLACE
from narvaro.publishing.models import Outside, Publication
from narvaro.publishing.queries import afterwards as queries
from narvaro.publishing.types import State
from narvaro.publishing.types.afterwards import Found
from narvaro.records import queries as records
from narvaro.records.types import PROFILE, Kept, Origin, Source, VersionKind

if TYPE_CHECKING:
    from narvaro.channels.models import Channel, SecurityIncident
    from narvaro.core.models import Authority

KIND = "publishing.outside"
CURSOR = "publishing-outside"
BATCH = 2000
LOOK_AFTER = timedelta(minutes=4)  # by then an attempt of ours knows what became of it
RECENT = timedelta(days=7)  # what is older is history, read in late
_UNCLEAR = (State.ATTEMPTING, State.UNKNOWN)


def follow(*, authority: Authority, limit: int = BATCH) -> int:
    """
    Take the next part of the authority's feed: what is ours by the account and has no publication is looked at again.

    What was there before the channel was connected, what came from an archive or by hand, and what is said of the
    account itself is never flagged.

    Returns: How many positions of the feed were taken.

    Law: TF-5, SEC-1
    """
    since = ledger.cursor_position(authority.pk, CURSOR)
    entries, upto = records.feed(authority.pk, since, limit=limit)
    if upto == since:
        return 0
    actor = Actor.system(authority, "find outside")
    with transaction.atomic():
        if not ledger.move_cursor(authority.pk, CURSOR, since=since, to=upto):
            return 0
        ours = [entry for entry in entries if _is_ours_by_account(entry)]
        known = channels.channels_by_id(actor, {entry.channel_id for entry in ours}) if ours else {}
        earliest = now() - RECENT
        fresh = [
            entry for entry in ours
            if entry.published_at >= max(known[entry.channel_id].in_operation_from, earliest)
        ]  # fmt: skip
        sent = _sent(authority.pk, fresh)
        Outside.objects.bulk_create(
            [
                Outside(
                    authority_id=authority.pk, item_id=entry.item_id, channel_id=entry.channel_id,
                    look_at=now() + LOOK_AFTER,
                )
                for entry in fresh if (entry.channel_id, entry.remote_id) not in sent
            ],
            ignore_conflicts=True,
        )  # fmt: skip
    return upto - since


def look_again() -> int:
    """Flag to the responsible what no publication has claimed meanwhile; returns how much was flagged."""
    rows = Outside.objects.everywhere("find outside").filter(state=Found.LOOKING, look_at__lte=now())
    count = 0
    for row in rows.select_related("item", "channel__authority").order_by("look_at", "id")[:100]:
        if _is_sent(row):
            _become(row, Found.FROM_HERE)
        elif _may_still_be(row):
            _become(row, Found.LOOKING, look_at=now() + LOOK_AFTER)
        else:
            _flag(row)
            count += 1
    return count


@transaction.atomic
def own_outside(*, actor: Actor, found: Outside) -> None:
    """
    Say that what was found is ours, though it did not go out from here. Its record stands as it is.

    Raises:
        NotPermitted: The actor does not answer for the channel.
        Stale: Somebody has answered.

    Law: TF-5
    """
    _answer(actor, found, Found.OURS)
    audit.note(actor, "publishing.own_outside", found, item=found.item.uid)


@transaction.atomic
def disown_outside(*, actor: Actor, found: Outside) -> SecurityIncident:
    """
    Say that we have not written what was found: the account may be in somebody else's hands, and an incident begins.

    Raises:
        NotPermitted: The actor does not answer for the channel.
        Stale: Somebody has answered.

    Law: SEC-1, GDPR-3
    """
    _answer(actor, found, Found.NOT_OURS)
    incident = incidents.open_incident(actor=actor, channel=found.channel, kind=IncidentKind.TAKEN_OVER)
    Outside.objects.of(actor).filter(pk=found.pk).update(incident_uid=incident.uid)
    audit.note(actor, "publishing.disown_outside", found, item=found.item.uid, incident=incident.uid)
    return incident


def _answer(actor: Actor, found: Outside, state: Found) -> None:
    if not queries.may_say_whose(actor, found.channel):
        raise NotPermitted
    rows = Outside.objects.of(actor).filter(pk=found.pk, state=Found.OPEN)
    if not rows.update(state=state, answered_by_id=actor.person_id, answered_at=now()):
        raise Stale(_("Någon har redan svarat."))
    waiting.settle(actor, PLACE, KIND, [found.pk])


def _is_ours_by_account(entry: Kept) -> bool:
    return (
        entry.origin == Origin.DRAWN_UP and entry.kind == VersionKind.CONTENT and entry.number == 1
        and entry.source == Source.POLL and not entry.remote_id.startswith(PROFILE)
    )  # fmt: skip


def _sent(authority_id: int, entries: Iterable[Kept]) -> set[tuple[int, str]]:
    wanted = list(entries)
    rows = Publication.objects.everywhere("find outside").filter(
        authority_id=authority_id, remote_id__in=[entry.remote_id for entry in wanted], state=State.DELIVERED,
        channel_id__in={entry.channel_id for entry in wanted},
    )  # fmt: skip
    return set(rows.values_list("channel_id", "remote_id")) if wanted else set()


def _is_sent(row: Outside) -> bool:
    rows = Publication.objects.everywhere("find outside").filter(authority_id=row.authority_id)
    return rows.filter(channel_id=row.channel_id, remote_id=row.item.remote_id, state=State.DELIVERED).exists()


def _may_still_be(row: Outside) -> bool:
    """Whether an attempt of ours in the channel does not know yet what became of it."""
    rows: QuerySet[Publication] = Publication.objects.everywhere("find outside").filter(channel_id=row.channel_id)
    return rows.filter(state__in=_UNCLEAR).exists() and now() - row.found_at < timedelta(hours=6)


def _flag(row: Outside) -> None:
    actor = Actor.system(row.channel.authority, "find outside")
    with transaction.atomic():
        if not _become(row, Found.OPEN):
            return
        audit.note(actor, "publishing.flag_outside", row, item=row.item.uid)
        with translation.override(settings.LANGUAGE_CODE):
            title = _("Är det här vi? %(channel)s") % {"channel": row.channel.name}
        responsible = _who(actor, row.channel)
        waiting.put(actor, [
            waiting.Wait(
                place=PLACE, subject_kind=KIND, subject_id=row.pk, title=title, link="/publicerat/utanfor/",
                due_at=now(), person_id=responsible, role="" if responsible else Role.COMMUNICATIONS_LEAD.value,
            )
        ])  # fmt: skip


def _who(actor: Actor, channel: Channel) -> int | None:
    people = [each for each in (channel.responsible_id, channel.deputy_id) if each]
    left = core.gone(actor, people)
    return next((each for each in people if each not in left), None)


def _become(row: Outside, state: Found, *, look_at: datetime | None = None) -> bool:
    rows = Outside.objects.everywhere("find outside").filter(pk=row.pk, state=Found.LOOKING)
    return bool(rows.update(state=state, look_at=look_at))
