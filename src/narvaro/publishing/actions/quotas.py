"""What a platform has left for a channel: noted when told; what is due is postponed, with the time, when nothing is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core.moments import full_time
from narvaro.publishing import quotas
from narvaro.publishing.models import Deed, Publication, Quota
from narvaro.publishing.queries import afterwards as queries
from narvaro.publishing.types import State
from narvaro.publishing.types.afterwards import DeedState

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.connectors.port import Allowance

MOST = 2**31 - 1


def note_allowances(channel: Channel, heard: Iterable[Allowance]) -> None:
    """Note what a platform said is left to a channel, the last of each window."""
    rows = [
        Quota(
            authority_id=channel.authority_id, channel=channel, window=each.window, most=min(each.limit, MOST),
            left=min(each.left, MOST), resets_at=each.resets_at, told_at=now(),
        )
        for each in {each.window: each for each in heard}.values()
    ]  # fmt: skip
    if rows:
        Quota.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["authority", "channel", "window"],
            update_fields=["most", "left", "resets_at", "told_at"],
        )  # fmt: skip


def postpone_full() -> int:
    """
    Postpone what is due in channels that have nothing left: to when there is, and say so; returns how many posts.

    It goes out then by itself; what must not go out late is refused by then, as ever.
    """
    moment = now()
    due = _due().filter(not_before__lte=moment)
    waiting = set(due.order_by().values_list("channel_id", "channel__platform").distinct()[:500])
    if not waiting:
        return 0
    full = queries.full_told(moment)
    count = sum(_postpone(pk, full[pk]) for pk, _platform in waiting if pk in full)
    for platform in {platform for _pk, platform in waiting}:
        here = [pk for pk, its in waiting if its == platform and pk not in full]
        for limit in quotas.known(platform):
            used = queries.used_since(here, moment - timedelta(seconds=limit.seconds)) if here else {}
            again = {pk: quotas.again_at(limit, sent, moment) for pk, sent in used.items()}
            count += sum(_postpone(pk, at) for pk, at in again.items() if at is not None)
    return count


@transaction.atomic
def _postpone(channel_id: int, until: datetime) -> int:
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("Plattformen tar inte emot mer från kanalen just nu. Det går ut %(when)s.") % {
            "when": full_time(until)
        }
    due = Q(channel_id=channel_id, not_before__lte=until)
    Deed.objects.everywhere("wait for room").filter(due, state=DeedState.QUEUED).update(
        not_before=until, reason=reason
    )  # fmt: skip
    return _due().filter(due, not_before__lte=now()).update(not_before=until, reason=reason)


def _due() -> QuerySet[Publication]:
    rows: QuerySet[Publication] = Publication.objects.everywhere("wait for room").filter(state=State.QUEUED)
    return rows
