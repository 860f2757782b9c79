"""Channels that have not been taken out for the archive for as long as the guideline lets pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import STOCKHOLM, today
from narvaro.channels import queries as channels
from narvaro.channels.types import NOT_BEGUN
from narvaro.core import queries as core
from narvaro.core import waiting
from narvaro.core.types import Actor, Role
from narvaro.policy import guidelines, queries
from narvaro.records import queries as records
from narvaro.records.types import SNAPSHOT, SNAPSHOT_KIND

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Authority


@transaction.atomic
def follow_archiving(*, authority: Authority) -> None:
    """Find the channels that are to be taken out for the archive, and those that have been. Law: ARK-11, ARK-12"""
    actor = Actor.system(authority, "snapshots of channels")
    row = queries.guideline_in_force(actor)
    if row is not None:
        obey_archive_interval(actor, row.values)


def obey_archive_interval(actor: Actor, values: Mapping[str, Any]) -> None:
    """
    Put each channel that has been taken out too long ago before the archivist; part of the caller's transaction.

    What counts is the latest export of the channel, or of everything, that was made; never, and the months are counted
    from when the channel was opened. To make one settles it at once.

    Args:
        values: What a guideline decides.

    Law: ARK-11, ARK-12
    """
    if "archive_interval_months" not in values:
        return
    latest = records.latest_exports(actor)
    due = {}
    for each in channels.channels(actor):
        since = max(filter(None, (each.opened_at, latest.get(each.pk), latest.get(None))))
        day = guidelines.months_later(since.astimezone(STOCKHOLM).date(), values["archive_interval_months"])
        if each.state not in NOT_BEGUN and day <= today():
            due[each.pk] = each
    known = waiting.subjects(actor, SNAPSHOT, SNAPSHOT_KIND)
    waiting.settle(actor, SNAPSHOT, SNAPSHOT_KIND, sorted(known - due.keys()))
    new = sorted(due.keys() - known)
    role = Role.ARCHIVIST if new and core.people_with(actor, Role.ARCHIVIST) else Role.COMMUNICATIONS_LEAD
    waiting.put(actor, [_wait(due[pk], role) for pk in new])


def _wait(channel: Channel, role: Role) -> waiting.Wait:
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Ta ut %(channel)s för arkivet: det är dags enligt riktlinjen") % {"channel": channel.name}
    link = f"{reverse('records:exports')}?kanal={channel.uid}"
    return waiting.Wait(SNAPSHOT, SNAPSHOT_KIND, channel.pk, title, link, role=role.value)
