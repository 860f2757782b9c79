"""
Rounds of oversight: made when they are due, ended by what is already known, and missed aloud.

The feed of records says what came; whoever opens it is noted; a round asks only whether anything is left unopened and
whether the channel was read to after the round's time. Nobody fills anything in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.channels import rules as channel_rules
from narvaro.channels.types import ChannelState
from narvaro.connectors.port import Visibility
from narvaro.core import audit, ledger, letters, waiting
from narvaro.core import queries as core
from narvaro.core.moments import clock_time, local
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotPermitted, Role, Stale
from narvaro.moderation import oversight, rounds, rules
from narvaro.moderation.models import Look, Oversight, Round, Schedule
from narvaro.moderation.oversight import ROUND_KIND
from narvaro.moderation.queries import PLACE
from narvaro.moderation.types import RoundEnd
from narvaro.records import queries as records
from narvaro.records.types import Kept, Origin, Source, VersionKind

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Authority, Person
    from narvaro.records.models import Item

CURSOR = "oversight"
BATCH = 2000
MOST_PARTS = 25  # in one sweep, so that others of its lane are not held up
MOST_TOLD = 20
NOTED_AT_ONCE = 200
PAGE = "/moderering/uppsikt/"


class _Overtaken(Exception):
    """Another process took the same part of the feed: everything is rolled back."""


# --- The sweep ----------------------------------------------------------------------------------------------------


def oversee(*, authority: Authority) -> None:
    """
    Make the rounds that are due, end those that are done, and raise an alarm about those that are missed.

    How far channels were read is asked first and the feed is followed to its end after that: what stands unopened
    then is all that was there, so nothing that was kept in time can be passed over.

    Law: BBS-3, SM-18
    """
    actor = Actor.system(authority, "oversee")
    read_to = {key: reading.complete_to for key, reading in channels.readings(actor).items()}
    while ledger.sequence(authority):
        pass
    for _part in range(MOST_PARTS):
        if not follow(authority=authority):
            break
    else:
        return  # a whole archive is being read in: what waits is told when that is through
    with transaction.atomic():
        make_due(actor)
        _settle(actor, read_to)


def follow(*, authority: Authority) -> bool:
    """
    Note what came where anybody can read it, from the next part of the feed; False when there is nothing more.

    Private messages, archives and what colleagues wrote in by hand are left out: of those nothing spreads by our
    silence. What its author changed is new again; what is gone, drawn back from others, or answered in the app, needs
    nobody's eyes. A private message that its author shows to more is before anybody from that moment, whoever may see
    it here: the law asks who can read it there. Who had read the same words before knew them then.

    Law: BBS-1, BBS-3, BBS-4
    """
    actor = Actor.system(authority, "oversee")
    since = ledger.cursor_position(authority.pk, CURSOR)
    if since == 0 and not Oversight.objects.of(actor).exists():
        return False  # the first rounds begin now; what came before was somebody's to look at before
    entries, upto = records.feed(authority.pk, since, limit=BATCH)
    if upto == since:
        return False
    try:
        with transaction.atomic():
            if not ledger.move_cursor(authority.pk, CURSOR, since=since, to=upto):
                raise _Overtaken
            _note_come(actor, entries)
    except _Overtaken:
        return False
    return True


def make_due(actor: Actor) -> None:
    """
    Make every round that has come due since the last time, in the caller's transaction; each is made once.

    Whoever changes how often, or begins or ends a crisis, calls this first: so no change reaches back in time.
    """
    moment = now()
    state = Oversight.objects.of(actor).select_for_update().first()
    if state is None:
        Oversight.objects.bulk_create(
            [Oversight(authority_id=actor.authority_id, made_to=moment)], ignore_conflicts=True
        )
        ledger.move_cursor(actor.authority_id, CURSOR, since=0, to=ledger.size(actor))
        return
    since = max(state.made_to, moment - rounds.LOOK_BACK)
    if moment <= since:
        return
    active = channels.overseen(actor)
    calendar = core.calendar_for(core.authority_of(actor))
    own, shared = oversight.rhythms(actor)
    crises = oversight.crises(actor, since=since)
    due = {
        channel.pk: [
            each
            for each in rounds.due_rounds(
                own.get(channel.pk, shared), calendar, oversight.spans(crises, channel.pk), since, moment
            )
            if each.at > max(channel.opened_at, channel.in_operation_from)
        ]
        for channel in active
    }
    asked = [channel for channel in active if due[channel.pk]]
    looked_to = oversight.looked_to(actor, [one.pk for one in asked], moment) if asked else {}
    rows = []
    for channel in asked:
        before = looked_to.get(channel.pk, max(channel.opened_at, moment - rounds.LOOK_BACK))
        for each in due[channel.pk]:
            rows.append(
                Round(
                    authority_id=actor.authority_id, channel=channel, from_at=min(before, each.at), due_at=each.at,
                    late_at=each.late_at, in_crisis=each.in_crisis,
                )
            )  # fmt: skip
            before = each.at
    Round.objects.bulk_create(rows, ignore_conflicts=True)
    Oversight.objects.of(actor).filter(pk=state.pk).update(made_to=moment)


def _note_come(actor: Actor, entries: Sequence[Kept]) -> None:
    moment = now()
    known = channels.channels_by_id(actor, {entry.channel_id for entry in entries})
    latest: dict[int, Kept] = {}
    came_at: dict[int, datetime] = {}
    gone: set[int] = set()
    nobodys: dict[int, int] = {}
    for entry in entries:
        if entry.origin == Origin.RECEIVED and (entry.kind == VersionKind.TOMBSTONE or _is_drawn_back(entry)):
            gone.add(entry.item_id)
            nobodys[entry.item_id] = entry.number
        elif _is_before_anybody(entry, known[entry.channel_id]):
            latest[entry.item_id] = entry
            # A first version came when it was published; an edit has no such time that every platform tells.
            came_at.setdefault(entry.item_id, min(entry.published_at, moment) if entry.number == 1 else moment)
            gone.discard(entry.item_id)
    rows = Look.objects.of(actor)
    there = {row.item_id: row for row in rows.filter(item_id__in=latest)}
    known_before = _known_before(actor, latest.values())
    came_at |= {item_id: at for item_id, (at, _person) in known_before.items()}
    Look.objects.bulk_create(
        [
            Look(
                authority_id=actor.authority_id, item_id=entry.item_id, channel_id=entry.channel_id,
                version_number=entry.number, came_at=came_at[entry.item_id], **_seen(known_before.get(entry.item_id)),
            )
            for entry in latest.values()
            if entry.item_id not in there
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    for item_id, row in there.items():
        entry = latest[item_id]
        if row.version_number < entry.number:
            rows.filter(pk=row.pk).update(
                version_number=entry.number, came_at=known_before.get(item_id, (moment, 0))[0],
                **_seen(known_before.get(item_id)),
            )  # fmt: skip
    if gone:
        rows.filter(item_id__in=gone, seen_at=None).update(seen_at=moment)
    for item_id in gone:
        rows.filter(item_id=item_id, version_number__lt=nobodys[item_id]).update(version_number=nobodys[item_id])
    for entry in entries:
        if entry.origin == Origin.DRAWN_UP and entry.number == 1 and entry.parent_remote_id:
            rows.filter(
                channel_id=entry.channel_id, item__remote_id=entry.parent_remote_id, seen_at=None
            ).update(seen_at=moment)  # fmt: skip


def _known_before(actor: Actor, entries: Iterable[Kept]) -> dict[int, tuple[datetime, int]]:
    """
    Return, of private messages that others can read now, when that was and who of ours had read the same words before.

    They knew what it says; that it is before anybody the authority knows when it is kept. Law: BBS-1, BBS-4
    """
    held = [one.item_id for one in entries if one.number > 1 and one.visibility == Visibility.PRIVATE.value]
    found: dict[int, tuple[datetime, int]] = {}
    for item_id, (at, openings) in records.known_when_opened(actor, held).items() if held else ():
        for opening in openings:
            who = core.actor_for(opening.person, actor.authority_id)
            if item_id not in found and who is not None and rules.may_moderate(who):
                found[item_id] = (at, opening.person_id)
    return found


def _seen(known: tuple[datetime, int] | None) -> dict[str, Any]:
    return {"seen_at": known[0], "seen_by_id": known[1]} if known else {"seen_at": None, "seen_by_id": None}


def _is_drawn_back(entry: Kept) -> bool:
    """Whether its author lets only those it was written to read it any more."""
    return entry.kind == VersionKind.CONTENT and entry.number > 1 and entry.shown_to == Visibility.PRIVATE.value


def _is_before_anybody(entry: Kept, channel: Channel) -> bool:
    return (
        entry.origin == Origin.RECEIVED
        and entry.kind == VersionKind.CONTENT
        and entry.shown_to != Visibility.PRIVATE.value
        and entry.source not in (Source.IMPORT, Source.MANUAL)
        and (entry.number > 1 or entry.published_at >= channel.in_operation_from)
    )


def _settle(actor: Actor, read_to: dict[int, datetime | None]) -> None:
    moment = now()
    by_channel: dict[int, list[Round]] = {}
    for row in oversight.open_rounds(actor):
        by_channel.setdefault(row.channel_id, []).append(row)
    ended: list[Round] = []
    missed: list[Round] = []
    for channel_id, rows in by_channel.items():
        channel = rows[0].channel
        unseen = oversight.first_unseen(actor, channel_id)
        for row in rows:
            if channel.state == ChannelState.CLOSED:
                ended += _end(actor, row, RoundEnd.CLOSED, moment)
            elif _is_done(row, channel, unseen, read_to.get(channel_id)) and not _has_gap(actor, row):
                came, last = oversight.looks_between(actor, channel_id, row.from_at, row.due_at)
                end = RoundEnd.SEEN if came else RoundEnd.NOTHING_NEW
                ended += _end(actor, row, end, moment, by_id=last.seen_by_id if last else None, came=came)
            elif row.missed_at is None and row.late_at <= moment:
                Round.objects.of(actor).filter(pk=row.pk).update(missed_at=moment)
                missed.append(row)
    if missed:
        _raise_alarm(actor, missed, by_channel)
    if ended:
        _settle_alarms(actor, {row.channel_id for row in ended})
    for start in range(0, max(len(ended), len(missed)), NOTED_AT_ONCE):
        part = slice(start, start + NOTED_AT_ONCE)
        audit.note(
            actor, "moderation.log_rounds", done=[r.uid for r in ended[part]], missed=[r.uid for r in missed[part]]
        )  # fmt: skip


def _is_done(row: Round, channel: Channel, unseen: datetime | None, complete_to: datetime | None) -> bool:
    """Whether nothing that came by the round's time is unopened, as far as that can be known without being told."""
    if channel_rules.is_by_hand(channel.platform, channel.remote_id) or complete_to is None or complete_to < row.due_at:
        return False
    return unseen is None or unseen > row.due_at


def _has_gap(actor: Actor, row: Round) -> bool:
    """Whether the platform lately could not give us all of what the round is about: then only a person can look."""
    return any(
        gap.backfilled_at is None
        and gap.noted_at > row.from_at
        and (gap.from_at is None or gap.from_at < row.due_at)
        and (gap.until_at is None or gap.until_at > row.from_at)
        for gap in records.gaps(actor, row.channel)
    )


def _end(
    actor: Actor, row: Round, end: RoundEnd, moment: datetime, *, by_id: int | None = None, came: int = 0
) -> list[Round]:
    """End a round once: [] when another has ended it."""
    values: dict[str, Any] = {"end": end.value, "ended_at": moment, "by_id": by_id, "came": came}
    if row.missed_at is None and moment > row.late_at and end is not RoundEnd.CLOSED:
        values["missed_at"] = row.late_at
    changed = Round.objects.of(actor).filter(pk=row.pk, ended_at=None).update(**values)
    return [row] if changed else []


# --- The alarm ----------------------------------------------------------------------------------------------------


def _raise_alarm(actor: Actor, missed: Sequence[Round], by_channel: dict[int, list[Round]]) -> None:
    """
    Put each channel before whoever has it now, and before those who lead communications from the second time on.

    One letter a person however many channels; in office hours, or at once while there is a crisis.
    """
    newest = {row.channel_id: row for row in missed}
    holders = channels.holders(actor, [row.channel for row in newest.values()])
    leads = [person.pk for person in core.people_with(actor, Role.COMMUNICATIONS_LEAD)]
    told: dict[int, list[Round]] = {}
    waits = []
    for channel_id, row in newest.items():
        holder = holders.get(channel_id)
        with translation.override(settings.LANGUAGE_CODE):
            title = _("Se över kanalen %(channel)s") % {"channel": row.channel.name}
        waits.append(
            waiting.Wait(
                place=PLACE, subject_kind=ROUND_KIND, subject_id=channel_id, title=title, link=PAGE, due_at=row.due_at,
                person_id=holder, role="" if holder else Role.COMMUNICATIONS_LEAD.value,
            )
        )  # fmt: skip
        before = [one for one in by_channel[channel_id] if one.due_at < row.due_at]
        if len(before) > 1 and any(one.missed_at and _is_same_day(one, row) for one in before):
            continue  # who does not mend it in days is told once a day
        for person_id in {holder, *leads} - {None} if before or not holder else {holder}:
            told.setdefault(person_id or 0, []).append(row)
    waiting.put(actor, waits)
    people = core.people_named(actor, told)
    opening = core.calendar_for(core.authority_of(actor)).next_opening(now())
    for person_id, rows in told.items():
        if person_id in people:
            _write(actor, people[person_id], rows, opening)


def _is_same_day(one: Round, other: Round) -> bool:
    return local(one.due_at).date() == local(other.due_at).date()


def _write(actor: Actor, person: Person, rows: Sequence[Round], opening: datetime) -> None:
    unseen = oversight.unseen_counts(actor, [row.channel_id for row in rows])
    with translation.override(person.language):
        lines = [_line(row, unseen.get(row.channel_id, 0)) for row in rows[:MOST_TOLD]]
        if len(rows) > MOST_TOLD:
            lines.append(_("Och %(count)d kanaler till.") % {"count": len(rows) - MOST_TOLD})
        subject = ngettext(
            "En kanal har inte setts över i tid", "%(count)d kanaler har inte setts över i tid", len(rows)
        ) % {"count": len(rows)}
        body = _(
            "Det här väntar på att någon öppnar det, eller ser över kanalen och säger till:\n\n%(lines)s\n\n%(link)s"
        ) % {"lines": "\n".join(lines), "link": f"{settings.OPTIONS.base_url.rstrip('/')}{PAGE}"}
    letters.write(actor, [
        letters.Note(
            kind="moderation.missed_round", once_key=f"moderation.missed_round:{person.pk}:{rows[0].uid}",
            subject=subject, body=body, to_person_id=person.pk,
            not_before=now() if any(row.in_crisis for row in rows) else opening,
        )
    ])  # fmt: skip


def _line(row: Round, unseen: int) -> str:
    values = {"channel": row.channel.name, "at": clock_time(row.due_at), "count": unseen}
    if unseen:
        return (
            ngettext(
                "%(channel)s, rundan %(at)s: %(count)d ny kommentar är inte öppnad",
                "%(channel)s, rundan %(at)s: %(count)d nya kommentarer är inte öppnade",
                unseen,
            )
            % values
        )
    if channel_rules.is_by_hand(row.channel.platform, row.channel.remote_id):
        return _("%(channel)s, rundan %(at)s: kanalen sköts för hand, se efter i appen") % values
    return _("%(channel)s, rundan %(at)s: kanalen är inte läst så långt, se efter i appen") % values


def _settle_alarms(actor: Actor, channel_ids: Iterable[int]) -> None:
    """Take away what waits about channels in which no missed round is left."""
    waiting.settle(actor, PLACE, ROUND_KIND, sorted(set(channel_ids) - oversight.channels_missed(actor)))


# --- What people do -----------------------------------------------------------------------------------------------


def note_seen(actor: Actor, items: Iterable[Item], *, are_followed: bool | None = None) -> bool:
    """
    Note that somebody who can act on it has some items before them; the first counts. Returns whether any was noted.

    Others who read, and machines, change nothing here. What is private here is noted where the feed's follower has
    found that others can read it on the platform.

    Args:
        are_followed: Whether the feed's follower has come to them, when that is known: it spares a statement.

    Law: BBS-3, BBS-4, SM-18
    """
    if actor.person_id is None or not rules.may_moderate(actor):
        return False
    moment = now()
    shown = [item for item in items if item.origin == Origin.RECEIVED]
    as_shown = Q()
    for item in shown:
        as_shown |= Q(item_id=item.pk, version_number__lte=item.versions)  # a later version is not before them
    if not as_shown:
        return False
    rows = Look.objects.of(actor).filter(as_shown, seen_at=None)
    if are_followed is not False:
        noted = rows.update(seen_at=moment, seen_by_id=actor.person_id)
        if are_followed or noted == len(shown):
            return noted > 0
    # Opened before the feed was followed so far: then there is nothing left to open when it is.
    Look.objects.bulk_create(
        [
            Look(
                authority_id=actor.authority_id, item_id=item.pk, channel_id=item.channel_id, seen_at=moment,
                version_number=item.versions, came_at=min(item.published_at, moment), seen_by_id=actor.person_id,
            )
            for item in shown
            if moment - item.published_at < rounds.STILL_NEW and item.visibility != Visibility.PRIVATE.value
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    return True


def note_widened(actor: Actor, items: Iterable[Item]) -> None:
    """
    Note that whoever decided that more may see some items here has read them: then at the latest the authority knows.

    Law: BBS-1, BBS-4
    """
    if actor.person_id is None:
        return
    moment = now()
    for item in items:
        if item.origin != Origin.RECEIVED or item.visibility == Visibility.PRIVATE.value:
            continue
        seen = _seen((moment, actor.person_id))
        rows = Look.objects.of(actor).filter(item=item)
        if not rows.filter(seen_at=None).update(**seen) and not rows.exists():
            Look.objects.create(
                authority_id=actor.authority_id, item=item, channel_id=item.channel_id, version_number=item.versions,
                came_at=moment, seen_at=moment, seen_by_id=actor.person_id,
            )  # fmt: skip


@transaction.atomic
def say_looked_over(*, actor: Actor, channel_uid: UUID | str | None = None) -> int:
    """
    Note that the actor has looked over one channel, or all that are theirs; returns how many channels.

    It ends every round that waits there, and the next one when its time is near. Where none waits it is noted all the
    same: what somebody has done is never lost.

    Raises:
        NotPermitted: The actor does not moderate.
        NotFound: No such channel.
        Invalid: The channel is closed, or no channel is the actor's.

    Law: BBS-3, SM-18
    """
    if not rules.may_moderate(actor):
        raise NotPermitted
    if channel_uid is not None:
        chosen = [channels.channel_for(actor, channel_uid)]
        if chosen[0].state == ChannelState.CLOSED:
            raise Invalid(_("Kanalen är avslutad."))
    else:
        mine = oversight.my_channels(actor)
        chosen = [channel for channel in channels.overseen(actor) if channel.pk in mine]
        if not chosen:
            raise Invalid(_("Ingen kanal är din. Välj en kanal i listan i stället."))
    make_due(actor)
    moment = now()
    waiting_rounds: dict[int, list[Round]] = {}
    for row in oversight.open_rounds(actor):
        waiting_rounds.setdefault(row.channel_id, []).append(row)
    looked_to = oversight.looked_to(actor, [channel.pk for channel in chosen], moment)
    ended: list[UUID] = []
    for channel in chosen:
        for row in waiting_rounds.get(channel.pk, ()):
            came, _last = oversight.looks_between(actor, channel.pk, row.from_at, moment)
            ended += [
                done.uid for done in _end(actor, row, RoundEnd.SAID, moment, by_id=actor.person_id, came=came)
            ]  # fmt: skip
    rows = [
        _made_by(actor, channel, moment, looked_to.get(channel.pk, max(channel.opened_at, moment - rounds.LOOK_BACK)))
        for channel in chosen
        if channel.pk not in waiting_rounds
    ]
    Round.objects.bulk_create(rows, ignore_conflicts=True)
    _settle_alarms(actor, [channel.pk for channel in chosen])
    kept = Round.objects.of(actor).filter(uid__in=[row.uid for row in rows]).values_list("uid", flat=True)
    audit.note(actor, "moderation.look_over", rounds=[*ended, *kept])
    return len(chosen)


def _made_by(actor: Actor, channel: Channel, moment: datetime, before: datetime) -> Round:
    """Return the round that is near and made now, or one of its own."""
    own, shared = oversight.rhythms(actor)
    near = moment + rounds.TOLERANCE
    coming = rounds.due_rounds(
        own.get(channel.pk, shared), core.calendar_for(core.authority_of(actor)),
        oversight.spans(oversight.crises(actor, since=moment), channel.pk), moment, near,
    )  # fmt: skip
    made = {row.due_at for row in Round.objects.of(actor).filter(channel=channel, due_at__gt=moment, due_at__lte=near)}
    due = next((each for each in coming if each.at not in made and each.at - moment <= each.late_at - each.at), None)
    came, _last = oversight.looks_between(actor, channel.pk, before, moment)
    return Round(
        authority_id=actor.authority_id, channel=channel, from_at=min(before, moment),
        due_at=due.at if due else moment, late_at=due.late_at if due else moment + rounds.TOLERANCE,
        in_crisis=due.in_crisis if due else False, is_extra=due is None, ended_at=moment, end=RoundEnd.SAID.value,
        by_id=actor.person_id, came=came,
    )  # fmt: skip


@transaction.atomic
def change_schedule(
    *, actor: Actor, channel: Channel | None, rounds_a_day: int, rounds_in_crisis: int, on_days_off: bool,
    removal_hours: int, seen_version: int | None = None,
) -> Schedule:  # fmt: skip
    """
    Choose how often a channel is looked over (every channel without its own choice when it is None), from now on.

    Raises:
        NotPermitted: The actor leads neither a unit nor communications.
        Invalid: Fewer than one round, more than twelve, another time than an hour to a week, or less than the
            guideline in force asks for.
        Stale: Somebody changed it in between.

    Law: BBS-3, BBS-5
    """
    if not rounds.may_lead(actor):
        raise NotPermitted
    for name, count in (("rounds_a_day", rounds_a_day), ("rounds_in_crisis", rounds_in_crisis)):
        if not 1 <= count <= rounds.MOST_ROUNDS:
            raise Invalid(_("Välj mellan en och tolv rundor om dagen."), field=name)
    if rounds_in_crisis < rounds_a_day:
        raise Invalid(_("I en kris ses kanalen över minst lika ofta som annars."), field="rounds_in_crisis")
    if not 1 <= removal_hours <= rounds.MOST_REMOVAL_HOURS:
        raise Invalid(_("Välj mellan en timme och en vecka."), field="removal_hours")
    wanted = rounds.Rhythm(rounds_a_day, rounds_in_crisis, on_days_off, removal_hours)
    _refuse_less_than_decided(actor, channel, wanted)
    make_due(actor)
    row = oversight.schedule_of(actor, channel)
    if row is None:
        refuse_stale(seen_version, 0)
        try:
            with transaction.atomic():
                row = Schedule.objects.create(
                    authority_id=actor.authority_id, channel=channel, rounds_a_day=rounds_a_day,
                    rounds_in_crisis=rounds_in_crisis, on_days_off=on_days_off, removal_hours=removal_hours,
                    changed_by_id=actor.person_id, changed_at=now(),
                )  # fmt: skip
        except IntegrityError as error:
            raise Stale from error
    else:
        refuse_stale(seen_version, row.version)
        Schedule.objects.of(actor).filter(pk=row.pk).update(
            rounds_a_day=rounds_a_day, rounds_in_crisis=rounds_in_crisis, on_days_off=on_days_off,
            removal_hours=removal_hours, changed_by_id=actor.person_id, changed_at=now(), version=F("version") + 1,
        )  # fmt: skip
    audit.note(
        actor, "moderation.change_schedule", row, channel=channel.uid if channel else None, rounds_a_day=rounds_a_day,
        rounds_in_crisis=rounds_in_crisis, on_days_off=on_days_off, removal_hours=removal_hours,
    )  # fmt: skip
    found = oversight.schedule_of(actor, channel)
    assert found is not None
    return found


@transaction.atomic
def obey_guideline(actor: Actor, values: Mapping[str, Any], address: str) -> None:
    """
    Let a guideline that begins to hold say how often channels are looked over; what a channel has chosen is kept
    where it is at least as much.

    Args:
        values: What the guideline decides; what it does not say stays as it was.
        address: Where it stands.

    Law: BBS-3, BBS-5
    """
    if not actor.is_system:
        raise NotPermitted
    make_due(actor)
    decided = rounds.decided(oversight.rhythm_of(oversight.schedule_of(actor, None)), values)
    _decide(actor, None, decided, address)
    for row in oversight.own_schedules(actor):
        raised = rounds.at_least(oversight.rhythm_of(row), decided)
        if raised != oversight.rhythm_of(row):
            _decide(actor, row.channel, raised, "")
    audit.note(
        actor, "moderation.obey_guideline", rounds_a_day=decided.rounds_a_day,
        rounds_in_crisis=decided.rounds_in_crisis, on_days_off=decided.on_days_off, removal_hours=decided.removal_hours,
    )  # fmt: skip


def _decide(actor: Actor, channel: Channel | None, rhythm: rounds.Rhythm, address: str) -> None:
    row = oversight.schedule_of(actor, channel) or Schedule(authority_id=actor.authority_id, channel=channel)
    row.rounds_a_day, row.rounds_in_crisis = rhythm.rounds_a_day, rhythm.rounds_in_crisis
    row.on_days_off, row.removal_hours = rhythm.on_days_off, rhythm.removal_hours
    row.decided_in, row.changed_by_id, row.changed_at = address, None, now()
    if row.pk is not None:
        row.version += 1
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:  # another chose for the first time in between
        raise Stale from error


def _refuse_less_than_decided(actor: Actor, channel: Channel | None, wanted: rounds.Rhythm) -> None:
    shared = oversight.schedule_of(actor, None)
    if shared is None or not shared.decided_in:
        return
    decided = oversight.rhythm_of(shared)
    if channel is None and wanted != decided:
        raise Invalid(_("Hur ofta alla kanaler ses över står i er riktlinje. Ändra det där."))
    if rounds.at_least(wanted, decided) != wanted:
        raise Invalid(_("Er riktlinje kräver mer än så. En kanal kan ses över oftare, inte mer sällan."))
