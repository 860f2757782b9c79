"""
Identity numbers that a machine hides until a person has looked: found, hidden, confirmed or taken back.

Off until the authority switches it on. The machine hides and does nothing else; each of its decisions waits for a
person, and where the platform cannot hide, or a person has taken the machine's decision back before, a person is asked
at once instead. Every step is a row with a state: killed anywhere, the next sweep goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.core import audit, letters, waiting
from narvaro.core import queries as core
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotKept, NotPermitted, Problem, Role, Stale
from narvaro.moderation import queries, rules
from narvaro.moderation.actions.deciding import decide_measure
from narvaro.moderation.actions.undoing import take_back
from narvaro.moderation.models import Automatic, MachineHiding, Measure
from narvaro.moderation.queries import HIDING_KIND, PLACE
from narvaro.moderation.types import CannotYet, How, MeasureState
from narvaro.policy import queries as policy
from narvaro.policy import rules as grounds
from narvaro.policy.types import Measure as Kind
from narvaro.records import queries as kept

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Authority, Person
    from narvaro.records.models import Item

log = logging.getLogger("narvaro.moderation")

AT_ONCE = 200
GROUND = "GDPR-7"


# --- Whether ------------------------------------------------------------------------------------------------------


@transaction.atomic
def change_automatic(*, actor: Actor, is_on: bool, seen_version: int | None = None) -> Automatic:
    """
    Choose whether a machine hides identity numbers until a person has looked; from now on, never backwards.

    Raises:
        NotPermitted: The actor does not decide about the authority's rules.
        Stale: Somebody changed it in between.

    Law: GDPR-7, KL-4
    """
    if not grounds.may_change_rules(actor):
        raise NotPermitted
    row = queries.automatic_of(actor, lock=True)
    refuse_stale(seen_version, row.version if row else 0)
    if row is None:
        try:
            with transaction.atomic():
                row = Automatic.objects.create(
                    authority_id=actor.authority_id, is_on=is_on, changed_by_id=actor.person_id
                )
        except IntegrityError as error:
            raise Stale from error
    elif row.is_on != is_on:
        Automatic.objects.of(actor).filter(pk=row.pk).update(
            is_on=is_on, since=now(), upto=None, changed_by_id=actor.person_id, changed_at=now(),
            version=F("version") + 1,
        )  # fmt: skip
        # What was found and not taken up stays where it is: with the people who have the item.
        MachineHiding.objects.of(actor).filter(taken_up_at=None).update(taken_up_at=now(), reviewed_at=now())
    audit.note(actor, "moderation.change_automatic", row, is_on=is_on)
    found = queries.automatic_of(actor)
    assert found is not None
    return found


# --- Found --------------------------------------------------------------------------------------------------------


def follow_numbers(*, chosen: Automatic) -> int:
    """
    Note where identity numbers were found since the last time, and how far that was looked; returns how many.

    The two are one transaction: nothing is passed over and nothing is noted twice when the process dies.

    Law: GDPR-7
    """
    actor = Actor.system(chosen.authority, "hide identity numbers")
    noted = 0
    for find in queries.number_finders:
        numbers = find(actor, chosen.since, chosen.upto)
        if numbers.upto == chosen.upto:
            continue
        with transaction.atomic():
            mine = Automatic.objects.of(actor).filter(is_on=True, since=chosen.since, upto=chosen.upto)
            if not mine.update(upto=numbers.upto):
                return noted  # another process has come further, or it was switched off
            rows = [
                MachineHiding(
                    authority_id=actor.authority_id, item=item, channel_id=item.channel_id, version_number=number,
                    link=link,
                )
                for item, number, link in numbers.found
            ]  # fmt: skip
            MachineHiding.objects.bulk_create(rows, ignore_conflicts=True)
        noted += len(rows)
    return noted


def hide_found(*, authority: Authority) -> int:
    """
    Hide what was found, each in a transaction of its own, or ask a person; returns how many were taken up.

    What is not proved in the records yet waits for the next time (P13).

    Law: GDPR-7, KL-4, ARK-1
    """
    actor = Actor.system(authority, "hide identity numbers")
    keys = MachineHiding.objects.of(actor).filter(taken_up_at=None).order_by("pk").values_list("pk", flat=True)
    taken = 0
    for pk in list(keys[:AT_ONCE]):
        try:
            with transaction.atomic():
                taken += _take_up(actor, pk)
        except (CannotYet, NotKept):
            continue
        except Problem:  # one that cannot be taken up hinders no other; people have the item all the while
            log.exception("Personnummer %s kunde inte döljas", pk)
    return taken


def _take_up(actor: Actor, pk: int) -> int:
    rows = MachineHiding.objects.of(actor).filter(pk=pk, taken_up_at=None)
    if not list(rows.select_for_update().values_list("pk", flat=True)):
        return 0
    row = rows.select_related("item__channel", "channel").get()
    item: Item = row.item
    version = kept.kept(actor, item)
    if version.number != row.version_number or item.gone_at is not None or item.sealed_at is not None:
        _close(actor, row)  # nobody reads those words any more, or they are found anew in the next version
    elif queries.is_in_hand(actor, item):
        _close(actor, row)
    elif queries.was_taken_back(actor, item) or not queries.can_hide(actor, row.channel):
        _ask_person(actor, row)
    else:
        _hide(actor, row)
    return 1


def _hide(actor: Actor, row: MachineHiding) -> None:
    ground = policy.ground_for(actor, GROUND, row.channel_id)
    with translation.override(settings.LANGUAGE_CODE):
        reasons = _(
            "Maskinellt beslut, väntar på granskning. I texten står ett personnummer eller samordningsnummer, och det "
            "döljs tills någon har läst."
        )
        untold = _("Beskedet gick inte att skicka i kanalen.")
    words = policy.filled_notice(actor, ground, "")
    try:
        try:
            with transaction.atomic():
                measure = _decide(actor, row.item, reasons, notice=words)
        except (Invalid, NotPermitted):  # too long for the channel, or it cannot be written to just now
            measure = _decide(actor, row.item, reasons, waived=untold)
    except Stale:
        _close(actor, row)
        return
    due = core.calendar_for(core.authority_of(actor)).end_of_next_working_day(now())
    MachineHiding.objects.of(actor).filter(pk=row.pk).update(measure=measure, taken_up_at=now(), due_at=due)
    row.due_at = due
    with translation.override(settings.LANGUAGE_CODE):
        _put(actor, row, _("Granska: ett personnummer är dolt maskinellt"))
    audit.note(actor, "moderation.hide_by_machine", row, measure=measure.uid, item=row.item.uid)


def _decide(actor: Actor, item: Item, reasons: str, *, notice: str = "", waived: str = "") -> Measure:
    return decide_measure(
        actor=actor, item=item, kind=Kind.HIDE, ground=GROUND, reasons=reasons, notice=notice, waive_notice_why=waived,
        how=How.MACHINE,
    ).measure  # fmt: skip


def _close(actor: Actor, row: MachineHiding) -> None:
    MachineHiding.objects.of(actor).filter(pk=row.pk).update(taken_up_at=now(), reviewed_at=now())


def _ask_person(actor: Actor, row: MachineHiding) -> None:
    """Put it before a person at once, with a letter: it stands open to anybody."""
    moment = now()
    MachineHiding.objects.of(actor).filter(pk=row.pk).update(taken_up_at=moment, due_at=moment + rules.NUMBER_WITHIN)
    row.due_at = moment
    with translation.override(settings.LANGUAGE_CODE):
        _put(actor, row, _("Ett personnummer syns för alla och behöver döljas"))
    audit.note(actor, "moderation.ask_about_number", row, item=row.item.uid)
    _write(actor, row, _words_of_ask, "moderation.number", people=_nearest(actor, row.channel))


# --- Reviewed -----------------------------------------------------------------------------------------------------


@transaction.atomic
def review_hiding(
    *, actor: Actor, uid: UUID | str, stands: bool, why: str = "", seen_version: int | None = None
) -> MachineHiding:
    """
    Look at what a machine decided: it stands, or it is taken back. Where only a person was asked: that it is done.

    Raises:
        NotFound
        NotPermitted: The actor neither answers residents nor registers.
        Invalid: Taken back without a reason.
        Stale: Somebody has looked already.

    Law: KL-4, FL-1
    """
    row = queries.hiding_for(actor, uid, lock=True)
    if not rules.may_review_hiding(actor):
        raise NotPermitted
    refuse_stale(seen_version, row.version)
    if row.reviewed_at is not None:
        raise Stale(_("Någon har redan granskat beslutet."))
    if not stands and not why.strip():
        raise Invalid(_("Skriv varför det tas tillbaka."), field="why")
    settle_hidings(actor, [row.pk], stands=stands, why=why)
    measure = row.measure
    if not stands and measure is not None and measure.state not in (MeasureState.UNDOING, MeasureState.UNDONE):
        take_back(actor, measure, why.strip())
    audit.note(
        actor, "moderation.confirm_hiding" if stands else "moderation.take_back_hiding", row, why=why.strip(),
        measure=row.measure.uid if row.measure else None,
    )  # fmt: skip
    return queries.hiding_for(actor, uid)


def settle_hidings(actor: Actor, keys: Sequence[int], *, stands: bool, why: str = "") -> None:
    """Write that a person has looked at what a machine found, and that it waits for nobody any more."""
    MachineHiding.objects.of(actor).filter(pk__in=keys, reviewed_at=None).update(
        reviewed_at=now(), reviewed_by_id=actor.person_id, stands=stands, why=why.strip()[:300],
        version=F("version") + 1,
    )  # fmt: skip
    waiting.settle(actor, PLACE, HIDING_KIND, keys)


def follow_reviews() -> int:
    """
    End what no longer waits for anybody, and tell of what nobody has looked at in time; returns how many were told.

    What a person has decided about, or its author has taken away, needs no more looking.

    Law: KL-4
    """
    for row in queries.hidings_taken_care_of():
        with transaction.atomic():
            settle_hidings(Actor.system(row.authority, "hide identity numbers"), [row.pk], stands=True)
    told = 0
    for row in queries.hidings_late():
        actor = Actor.system(row.authority, "hide identity numbers")
        with transaction.atomic():
            marked = MachineHiding.objects.of(actor).filter(pk=row.pk, reviewed_at=None, told_late_at=None)
            if not marked.update(told_late_at=now()):
                continue
            with translation.override(settings.LANGUAGE_CODE):
                _put(actor, row, _("Ingen har granskat ett maskinellt beslut i tid"), is_late=True)
            people = {one.pk: one for one in _nearest(actor, row.channel)}
            people |= {one.pk: one for one in core.people_with(actor, Role.COMMUNICATIONS_LEAD, Role.REGISTRAR)}
            _write(actor, row, _words_of_late, "moderation.number_late", people=list(people.values()))
            audit.note(actor, "moderation.tell_unreviewed", row)
            told += 1
    return told


def _put(actor: Actor, row: MachineHiding, title: str, *, is_late: bool = False) -> None:
    """Put it before whoever has the channel now, else the registrar; when it is late, before those who lead."""
    holder = None if is_late else channels.holders(actor, [row.channel]).get(row.channel_id)
    role = Role.COMMUNICATIONS_LEAD if is_late else Role.REGISTRAR
    waiting.put(
        actor,
        [
            waiting.Wait(
                place=PLACE, subject_kind=HIDING_KIND, subject_id=row.pk, title=title,
                link=_path(row), due_at=row.due_at, person_id=holder, role="" if holder else role.value,
            )
        ],
    )  # fmt: skip


def _nearest(actor: Actor, channel: Channel) -> list[Person]:
    """Return who has a channel now; those who register when nobody has."""
    holder = channels.holders(actor, [channel]).get(channel.pk)
    return list(core.people_named(actor, [holder]).values()) if holder else core.people_with(actor, Role.REGISTRAR)


def _write(
    actor: Actor, row: MachineHiding, words: Callable[[], tuple[str, str]], kind: str, *, people: Sequence[Person]
) -> None:
    notes = []
    for person in people:
        with translation.override(person.language):
            subject, body = words()
        link = f"{settings.OPTIONS.base_url.rstrip('/')}{_path(row)}"
        notes.append(
            letters.Note(
                kind=kind, once_key=f"{kind}:{row.uid}:{person.pk}", subject=subject, body=f"{body}\n\n{link}",
                to_person_id=person.pk,
            )
        )  # fmt: skip
    letters.write(actor, notes)


def _words_of_ask() -> tuple[str, str]:
    return _("Ett personnummer syns för alla"), _(
        "I en kommentar står ett personnummer, och Närvaro kan inte dölja det där. Öppna det och dölj det i "
        "plattformens app."
    )


def _words_of_late() -> tuple[str, str]:
    return _("Ingen har granskat ett maskinellt beslut"), _(
        "Ett personnummer i en kommentar väntar på att en människa tittar, och tiden har gått. Öppna det och bekräfta "
        "eller ta tillbaka."
    )


def _path(row: MachineHiding) -> str:
    return f"/moderering/automatiskt/{row.uid}/"
