"""What cannot wait for office hours: tell somebody at once, then the next, until one accepts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.core import audit
from narvaro.core import queries as core
from narvaro.core.types import Actor, NotFound, Role
from narvaro.inbox import queries, rules
from narvaro.inbox.actions import letters
from narvaro.inbox.actions.nearest import manager_here
from narvaro.inbox.actions.step import locked, refuse_others, store, tell_who_waits
from narvaro.inbox.models import Alarm, Incoming
from narvaro.inbox.types import State, Urgency

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Person

_PAUSE = timedelta(minutes=rules.URGENT_MINUTES)


def raise_alarms(actor: Actor, rows: Sequence[Incoming]) -> None:
    """
    Tell the first contact at once about each urgent item, at any hour; part of the triage's transaction.

    A threat to staff reaches the nearest manager too.

    Law: FL-2, FL-9, BBS-4
    """
    if not rows:
        return
    moment = now()
    Alarm.objects.bulk_create(
        [Alarm(authority_id=actor.authority_id, incoming=row, raised_at=moment, next_at=moment) for row in rows],
        update_conflicts=True, unique_fields=["authority", "incoming"],
        update_fields=["raised_at", "next_at", "closed_at", "accepted_at", "accepted_by", "step"],
    )  # fmt: skip
    for alarm in Alarm.objects.of(actor).filter(incoming__in=[row.pk for row in rows]):
        row = next(row for row in rows if row.pk == alarm.incoming_id)
        _tell_next(actor, alarm, row)
        if row.urgency == Urgency.THREAT_TO_STAFF:
            _tell_manager(actor, row)
        audit.note(actor, "inbox.raise_alarm", row, urgency=row.urgency)


@transaction.atomic
def accept_urgent(*, actor: Actor, uid: UUID | str) -> Incoming:
    """
    Take an urgent item in hand: nobody more is told, and it is this person's now.

    Raises:
        NotFound: No such item, or it is not urgent.
        NotPermitted: The actor does not answer residents.

    Law: FL-2
    """
    incoming = locked(actor, uid)
    refuse_others(actor)
    moment = now()
    accepted = (
        Alarm.objects.of(actor)
        .filter(incoming=incoming, accepted_at=None)
        .update(accepted_at=moment, accepted_by_id=actor.person_id, next_at=None)
    )
    if not accepted and queries.alarm_of(actor, incoming) is None:
        raise NotFound
    if accepted:
        store(actor, incoming, person_id=actor.person_id, with_communications=False)
        tell_who_waits(actor, [incoming])
        audit.note(actor, "inbox.accept_urgent", incoming)
    return incoming


def tell_next_contacts(*, limit: int = 100) -> int:
    """Tell the next contact about each alarm that nobody accepted in time; returns how many were told."""
    due = Alarm.objects.everywhere("alarm the next contact").filter(
        accepted_at=None, closed_at=None, next_at__lte=now()
    )
    told = 0
    for pk, authority_id in list(due.order_by("next_at").values_list("pk", "authority_id")[:limit]):
        with transaction.atomic():
            alarm = (
                Alarm.objects.everywhere("alarm the next contact")
                .select_for_update(of=("self",))
                .filter(pk=pk, accepted_at=None, closed_at=None, next_at__lte=now())
                .select_related("authority", "incoming__channel")
                .first()
            )
            if alarm is None or alarm.authority_id != authority_id:
                continue
            actor = Actor.system(alarm.authority, "alarm the next contact")
            if alarm.incoming.done_at is not None:
                Alarm.objects.of(actor).filter(pk=pk).update(closed_at=now())
                continue
            _tell_next(actor, alarm, alarm.incoming)
            tell_who_waits(actor, [alarm.incoming])
            told += 1
    return told


def contacts(actor: Actor, channel: Channel) -> list[int]:
    """
    Return whom an alarm on a channel goes to, in order: duty contacts, who has the channel, responsible and
    deputy, the nearest manager, those who lead communications.
    """
    holder = channels.holders(actor, [channel]).get(channel.pk)
    manager = core.nearest_manager(actor, channel.unit_id)
    groups = (
        channels.duty_contacts(actor),
        [holder],
        [channel.responsible_id, channel.deputy_id],
        [manager.pk if manager else None],
        [p.pk for p in core.people_with(actor, Role.COMMUNICATIONS_LEAD)],
    )
    everyone = [pk for group in groups for pk in group]
    return rules.chain_of_contacts(*groups, absent=core.not_here(actor, everyone))


def _tell_next(actor: Actor, alarm: Alarm, row: Incoming) -> None:
    chain = contacts(actor, row.channel)
    if not chain:
        Alarm.objects.of(actor).filter(pk=alarm.pk).update(next_at=None)
        return
    person = next(filter(None, (_person(chain[(alarm.step + n) % len(chain)]) for n in range(len(chain)))), None)
    if person is None:
        Alarm.objects.of(actor).filter(pk=alarm.pk).update(next_at=None)
        return
    is_last = alarm.step + 1 >= rules.URGENT_TOLD_AT_MOST
    Alarm.objects.of(actor).filter(pk=alarm.pk).update(
        told=person, step=alarm.step + 1, next_at=None if is_last else now() + _PAUSE
    )
    if row.state != State.DONE and row.person_id != person.pk:
        Incoming.objects.of(actor).filter(pk=row.pk).update(
            person=person, with_communications=False, version=row.version + 1, changed_at=now()
        )
        row.person_id, row.with_communications, row.version = person.pk, False, row.version + 1
    letters.write_to(
        actor, person, lambda: _alarm_words(row), kind="inbox.urgent",
        once_key=f"inbox.urgent:{row.pk}:{row.screened_version}:{alarm.step}", about=row,
    )  # fmt: skip


def _person(pk: int) -> Person | None:
    """Whoever has left since is passed over."""
    try:
        return core.person_by_id(pk)
    except NotFound:
        return None


def _tell_manager(actor: Actor, row: Incoming) -> None:
    """The nearest manager is told, and while that one is away whoever is above too."""
    told = (core.nearest_manager(actor, row.unit_id), manager_here(actor, row.unit))
    for manager in {one.pk: one for one in told if one is not None}.values():
        letters.write_to(
            actor, manager, lambda: _threat_words(row), kind="inbox.threat",
            once_key=f"inbox.threat:{row.pk}:{row.screened_version}:{manager.pk}", about=row,
        )  # fmt: skip


def _alarm_words(row: Incoming) -> tuple[str, str]:
    return (
        _("Akut: %(what)s på %(channel)s") % {"what": row.get_urgency_display(), "channel": row.channel.name},
        _(
            "En kommentar kan gälla liv eller säkerhet: %(what)s. "
            "Öppna den nu och tryck på Jag tar den.\n\n%(link)s"
            "\n\nTar ingen den inom %(minutes)d minuter går frågan vidare till nästa person. "
            "Vid fara för liv: ring 112."
        )
        % {
            "what": row.get_urgency_display(),
            "link": letters.address_of(rules.link_to(row.uid)),
            "minutes": rules.URGENT_MINUTES,
        },
    )


def _threat_words(row: Incoming) -> tuple[str, str]:
    return (
        _("Hot mot personal på %(channel)s") % {"channel": row.channel.name},
        _(
            "En kommentar kan vara ett hot mot någon som arbetar hos oss. Du får brevet för att du är närmaste chef. "
            "Namn skrivs inte ut i svar i den tråden.\n\n%(link)s"
        )
        % {"link": letters.address_of(rules.link_to(row.uid))},
    )
