"""Channels that have fallen silent: something to try for those who lead the unit. Never of anybody's work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from narvaro.base.clock import STOCKHOLM, today
from narvaro.channels import actions as channel_actions
from narvaro.channels import queries as channels
from narvaro.channels.rules import QUIET, QUIET_KIND
from narvaro.core import queries as core
from narvaro.core import waiting
from narvaro.core.types import Actor, Role
from narvaro.policy import guidelines, queries
from narvaro.records import queries as records

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Authority

_QUIET = gettext_noop(
    "Inget eget inlägg eller svar sedan %(day)s. Pröva om kanalen behövs: låt den vila eller avsluta den."
)
_QUIET_AND_USUAL = gettext_noop(
    "Inget eget inlägg eller svar sedan %(day)s. Pröva om kanalen behövs: låt den vila eller avsluta den. "
    "En levande kanal har oftast minst %(n)d inlägg i veckan."
)
_AHEAD = timedelta(days=7)  # a channel is looked at anew so long before its day: what was posted since moves the day on


def follow_activity(*, authority: Authority) -> None:
    """
    Find channels in use that have been silent for as long as the guideline in force lets pass, and those no longer so.

    Law: SM-02, RF-4
    """
    actor = Actor.system(authority, "quiet channels")
    row = queries.guideline_in_force(actor)
    if row is not None:
        obey_activity(actor, row.values)


@transaction.atomic
def obey_activity(actor: Actor, values: Mapping[str, Any], *, anew: bool = False) -> None:
    """
    Write down from which day each channel in use is one to try, and put those that are before whoever leads the unit.

    What counts is the newest post or answer of ours that is kept, or when the channel began to be used.

    Args:
        values: What a guideline decides.
        anew: Look at every channel, since the guideline may say something else than before.

    Law: SM-02, RF-4
    """
    if "inactive_months" not in values:
        return
    found = channels.channels_in_use(actor)
    days = {each.channel.pk: each.quiet_on for each in found}
    asked = [each for each in found if anew or each.quiet_on is None or each.quiet_on <= today() + _AHEAD]
    newest = records.newest_own_at([each.channel for each in asked]) if asked else {}
    for each in asked:
        latest = max(each.since, newest.get(each.channel.pk, each.since)).astimezone(STOCKHOLM).date()
        day = guidelines.months_later(latest, values["inactive_months"])
        day = max(day, each.kept_until or day)  # somebody has tried it already
        if anew or day != each.quiet_on:
            usual = values.get("min_activity", 0)
            channel_actions.set_condition(
                actor=actor, key=QUIET, met=True, channel=each.channel, says=_QUIET_AND_USUAL if usual else _QUIET,
                values={"day": latest, "n": usual}, valid_until=day,
            )  # fmt: skip
        days[each.channel.pk] = day
    quiet = {pk for pk, day in days.items() if day is not None and day <= today()}
    known = waiting.subjects(actor, QUIET, QUIET_KIND)
    waiting.settle(actor, QUIET, QUIET_KIND, sorted(known - quiet))
    waiting.put(actor, [_wait(actor, each.channel) for each in found if each.channel.pk in quiet - known])


def _wait(actor: Actor, channel: Channel) -> waiting.Wait:
    manager = core.nearest_manager(actor, channel.unit_id)
    with translation.override(manager.language if manager is not None else settings.LANGUAGE_CODE):
        title = _("Pröva om %(channel)s behövs: kanalen har varit tyst länge") % {"channel": channel.name}
    return waiting.Wait(
        QUIET, QUIET_KIND, channel.pk, title, reverse("channels:channel", args=[channel.uid]),
        person_id=manager.pk if manager is not None else None,
        role="" if manager is not None else Role.COMMUNICATIONS_LEAD.value,
    )  # fmt: skip
