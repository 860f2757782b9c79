"""A silent channel is tried by those who answer for it: some are to be there though they seldom speak."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now, today
from narvaro.channels import queries, rules
from narvaro.channels.actions.register import needed
from narvaro.channels.models import Channel, ChannelTrial, Condition
from narvaro.core import audit, waiting
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotPermitted

LONGEST = timedelta(days=2 * 365)
"""Nobody keeps a silent channel for longer than this without trying it again."""


@transaction.atomic
def keep_channel(
    *, actor: Actor, channel: Channel, why: str, until: date, seen_version: int | None = None
) -> ChannelTrial:  # fmt: skip
    """
    Say that a silent channel has been tried and is kept, why, and until when it need not be tried again.

    Raises:
        NotPermitted: The actor does not answer for the channel.
        Stale
        Invalid: It is not to be tried now, no reason was given, or the day is past or too far away.

    Law: SM-02
    """
    row: Channel = Channel.objects.of(actor).select_for_update().get(pk=channel.pk)
    if not rules.may_open(actor, row.responsible_id, row.deputy_id, row.unit_id):
        raise NotPermitted
    refuse_stale(seen_version, row.version)
    why = needed(why, "why")
    if not today() < until <= today() + LONGEST:
        raise Invalid(_("Välj en dag från i morgon till om två år."), field="until")
    if all(lack.key != rules.QUIET for lack in queries.lacks(actor, [row]).get(row.pk, [])):
        raise Invalid(_("Kanalen behöver inte prövas nu."))
    trial: ChannelTrial = ChannelTrial.objects.create(
        authority_id=actor.authority_id, channel=row, why=why[:500], until_on=until, by_id=actor.person_id
    )
    Condition.objects.of(actor).filter(channel=row, key=rules.QUIET).update(valid_until=until, changed_at=now())
    waiting.settle(actor, rules.QUIET, rules.QUIET_KIND, [row.pk])
    audit.note(
        actor, "channels.keep_channel", row, why=why, until=until.isoformat(), **queries.identity_of(row)
    )  # fmt: skip
    return trial
