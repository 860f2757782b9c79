"""
Carrying out on the platform: claimed under a lease, asked, and read back; asked again until the platform says yes.

Hiding, reporting and blocking are the same however often they are asked for, so a machine may repeat them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.connectors import registry
from narvaro.core import audit, waiting
from narvaro.core.jobs import real_now
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, NotPermitted, Role, Stale
from narvaro.moderation import queries, rules
from narvaro.moderation.models import Measure
from narvaro.moderation.queries import KIND, PLACE
from narvaro.moderation.types import OPEN, MeasureState, Read

LEASE = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Carrying:
    """A measure in our hands: valid while the stored fence is still ours. `state` is what it was when claimed."""

    measure: Measure
    fence: int
    state: str


def claim_carrying() -> Carrying | None:
    """Take the next measure that is due to be carried out, read back or undone; None when there is none."""
    with transaction.atomic():
        rows = _rows().filter(state__in=OPEN, next_at__lte=now())
        rows = rows.exclude(lease_until__gt=real_now())
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        row = rows.select_related("channel__authority", "item", "notice_publication").order_by("next_at", "id").first()
        if row is None:
            return None
        _rows().filter(pk=row.pk).update(
            fence=F("fence") + 1, lease_until=real_now() + LEASE, attempts=F("attempts") + 1
        )
        row.attempts += 1
        return Carrying(row, row.fence + 1, row.state)


def store_carried(carrying: Carrying) -> None:
    """The platform said yes: it is read back next."""
    with transaction.atomic():
        moment = now()
        if _ours(carrying).filter(state=MeasureState.DECIDED).update(
            state=MeasureState.CARRIED_OUT, carried_out_at=moment, next_at=moment, attempts=0, lease_until=None,
            trouble="",
        ):  # fmt: skip
            audit.note(_system(carrying), "moderation.carry_out", carrying.measure)


def store_confirmed(carrying: Carrying) -> None:
    """What was read on the platform says that it is done."""
    with transaction.atomic():
        is_read = carrying.measure.kind in rules.ON_PLATFORM
        changed = _ours(carrying).filter(state=carrying.state).update(
            state=MeasureState.CONFIRMED, confirmed_at=now(), lease_until=None, trouble="",
            carried_out_at=carrying.measure.carried_out_at or now(), reading=Read.SEEN if is_read else "",
            read_at=now() if is_read else None,
        )  # fmt: skip
        if changed:
            waiting.settle(_system(carrying), PLACE, KIND, [carrying.measure.pk])
            audit.note(_system(carrying), "moderation.confirm_measure", carrying.measure)


def store_on_word(carrying: Carrying, *, reading: Read = Read.UNREAD) -> None:
    """What a person did on the platform is not to be seen there: their word stands, and that is what is told."""
    with transaction.atomic():
        changed = _ours(carrying).filter(state=MeasureState.CARRIED_OUT).update(
            state=MeasureState.CONFIRMED, confirmed_at=carrying.measure.carried_out_at or now(), lease_until=None,
            trouble="", reading=reading, read_at=now(),
        )  # fmt: skip
        if changed:
            verb = "moderation.take_word" if reading == Read.UNREAD else "moderation.accept_word"
            waiting.settle(_system(carrying), PLACE, KIND, [carrying.measure.pk])
            audit.note(_system(carrying), verb, carrying.measure)


def store_unread(carrying: Carrying, why: str, *, wait: timedelta = timedelta()) -> None:
    """What a person says they did could not be read, or does not show yet: it is read again, and nobody is asked."""
    pause = max(rules.wait_after(carrying.measure.attempts), wait)
    _ours(carrying).update(lease_until=None, trouble=why[:500], next_at=now() + pause)


def store_not_done(carrying: Carrying, why: str) -> None:
    """
    What was read on the platform says that what a person did there is not done: they are asked to look again.

    Nothing is asked of the platform: how it was to be done is theirs to know.
    """
    measure, is_undoing = carrying.measure, carrying.state == MeasureState.UNDOING
    state = MeasureState.UNDOING if is_undoing else MeasureState.BY_HAND
    with transaction.atomic():
        changed = _ours(carrying).filter(state=carrying.state).update(
            state=state, lease_until=None, trouble=why[:500], next_at=now() + rules.READ_AGAIN,
            reading=Read.STILL_THERE, read_at=now(),
        )  # fmt: skip
        if changed:
            audit.note(_system(carrying), "moderation.find_not_done", measure)
            _ask_person(_system(carrying), measure, by_hand=True, is_undoing=is_undoing)


def store_undone(carrying: Carrying, *, reading: str = "") -> None:
    """The platform has taken the measure back, or a person has there: then with what was read of it."""
    with transaction.atomic():
        if (
            _ours(carrying)
            .filter(state=MeasureState.UNDOING)
            .update(
                state=MeasureState.UNDONE,
                undone_at=now(),
                lease_until=None,
                trouble="",
                reading=reading,
                read_at=now() if reading else None,
            )
        ):
            waiting.settle(_system(carrying), PLACE, KIND, [carrying.measure.pk])
            audit.note(_system(carrying), "moderation.undo_measure", carrying.measure)


def store_waiting(carrying: Carrying) -> None:
    """Nothing was tried: words to the author come first. It is looked at again in a moment, and does not count."""
    _ours(carrying).update(
        lease_until=None, attempts=carrying.measure.attempts - 1, next_at=now() + rules.WAIT_FOR_NOTICE
    )


def store_trouble(
    carrying: Carrying, why: str, *, by_hand: bool = False, was_lost: bool = False, wait: timedelta = timedelta()
) -> None:
    """
    Store that it did not go: it is tried again, or a person is asked to do it in the platform's own app.

    Args:
        by_hand: The platform's interface cannot do it. What is to be taken back stays so until a person says it is.
        was_lost: It was done, and reading says that it no longer stands: it is carried out anew.
        wait: How long the platform asks us to wait, at least.
    """
    measure = carrying.measure
    is_undoing = carrying.state == MeasureState.UNDOING
    state = MeasureState.DECIDED if was_lost else carrying.state
    if by_hand and not is_undoing:
        state = MeasureState.BY_HAND
    pause = max(rules.wait_after(measure.attempts), wait)
    with transaction.atomic():
        changed = _ours(carrying).update(state=state, lease_until=None, trouble=why[:500], next_at=now() + pause)
        if changed and (by_hand or measure.attempts >= rules.TOLD_AFTER_ATTEMPTS):
            _ask_person(_system(carrying), measure, by_hand=by_hand, is_undoing=is_undoing)


@transaction.atomic
def did_by_hand(*, actor: Actor, uid: object, seen_version: int | None = None) -> Measure:
    """
    Say that a measure was made, or taken back, in the platform's own app.

    Where the channel is connected the sweep reads it back, and says what it saw; it does nothing over again. Where
    nobody but people read the channel their word is what there is. What was read before stays until it is read anew:
    whoever says so again, having been told that it still shows, is believed to have done what the platform allows.

    Raises:
        NotFound
        NotPermitted: The actor does not moderate.
        Stale: It is not waiting for a person.
    """
    measure = queries.measure_for(actor, str(uid), lock=True)
    if not rules.may_moderate(actor):
        raise NotPermitted
    refuse_stale(seen_version, measure.version)
    rows, verb, moment = Measure.objects.of(actor).filter(pk=measure.pk), "moderation.carry_out", now()
    is_read = measure.channel.platform in registry.platforms()
    said = {"by_hand": True, "trouble": "", "version": F("version") + 1, "next_at": moment, "attempts": 0}
    if measure.state == MeasureState.BY_HAND and is_read:
        rows.update(state=MeasureState.CARRIED_OUT, carried_out_at=moment, **said)
    elif measure.state == MeasureState.BY_HAND:
        rows.update(state=MeasureState.CONFIRMED, carried_out_at=moment, confirmed_at=moment, **said)
    elif measure.state == MeasureState.UNDOING and measure.waits_for_hands:
        # The lease is left as it stands: whoever holds it may be about to tell the platform, and that comes first.
        verb, said["fence"] = "moderation.undo_measure", F("fence") + 1
        done = {} if is_read else {"state": MeasureState.UNDONE, "undone_at": moment}
        rows.update(reading="", read_at=None, **done, **said)
    else:
        raise Stale(_("Åtgärden väntar inte på att göras för hand."))
    waiting.settle(actor, PLACE, KIND, [measure.pk])
    audit.note(actor, verb, measure, by_hand=True)
    return queries.measure_for(actor, measure.uid)


def _ask_person(actor: Actor, measure: Measure, *, by_hand: bool, is_undoing: bool) -> None:
    if is_undoing:
        title = _("Häv åtgärden i plattformens app") if by_hand else _("Åtgärd som ska hävas gäller ännu")
    else:
        title = _("Gör åtgärden i plattformens app") if by_hand else _("Beslutad åtgärd är inte utförd")
    waiting.put(
        actor,
        [
            waiting.Wait(
                place=PLACE, subject_kind=KIND, subject_id=measure.pk, title=title,
                link=f"/moderering/{measure.uid}/", due_at=now(), person_id=measure.decided_by_id,
                role="" if measure.decided_by_id else Role.COMMUNICATIONS_LEAD.value,
            )
        ],
    )  # fmt: skip
    if (by_hand and not is_undoing) or measure.attempts == rules.TOLD_AFTER_ATTEMPTS:
        audit.note(actor, "moderation.ask_person", measure)


def _system(carrying: Carrying) -> Actor:
    return Actor.system(carrying.measure.channel.authority, "moderate")


def _ours(carrying: Carrying) -> QuerySet[Measure]:
    return _rows().filter(pk=carrying.measure.pk, fence=carrying.fence)


def _rows() -> QuerySet[Measure]:
    return Measure.objects.everywhere("moderate")
