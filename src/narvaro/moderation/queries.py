"""Every read of moderation. Nothing here answers a question about a person across channels (RF-4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, F, Model, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.channels.types import ChannelState, Platform
from narvaro.connectors.port import Capability, Visibility
from narvaro.core import queries as core
from narvaro.core.gathering import Part
from narvaro.core.types import Actor, NotFound, NotPermitted, Role
from narvaro.moderation import rounds, rules
from narvaro.moderation.models import (
    Automatic,
    Block,
    Complaint,
    Crisis,
    Look,
    MachineHiding,
    Measure,
    Package,
    Report,
    Schedule,
)
from narvaro.moderation.types import (
    ComplaintState,
    MeasureState,
    NumbersFound,
    ReportKind,
    ReportState,
    Suspected,
    Unlooked,
)
from narvaro.policy import queries as policy
from narvaro.policy.types import Catalogue, Ground
from narvaro.policy.types import Measure as Kind
from narvaro.publishing.types import OPEN as OPEN_PUBLICATION
from narvaro.publishing.types import Approver
from narvaro.records import queries as records
from narvaro.records.types import Origin

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Person
    from narvaro.records.models import Item

Row = TypeVar("Row", bound=Model)

PLACE = "moderation"
KIND = "moderation.measure"
BLOCK_KIND = "moderation.block"
REPORT_KIND = "moderation.report"
COMPLAINT_KIND = "moderation.complaint"
HIDING_KIND = "moderation.machinehiding"
APPROVALS = "/moderering/kris/godkanna/"
PAGE = 50
MOST_FOLLOWED = 200  # measures whose record is still looked for
MOST_UNPLACED = 200  # reports that came before what they are about was kept
_TAKEN_BACK = (MeasureState.UNDOING, MeasureState.UNDONE)
_WITH = ("channel", "item__channel", "evidence_item__channel", "decided_by", "notice_publication", "house_rule")


def measure_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> Measure:
    """
    Return one measure.

    Raises:
        NotPermitted: The actor does not read what comes in.
        NotFound: Missing, or another authority's.
    """
    if not rules.may_read(actor):
        raise NotPermitted
    return _one(Measure.objects.of(actor).filter(uid=uid), *_WITH, lock=lock)


def measures(
    actor: Actor, *, open_only: bool = False, channel_id: int | None = None, ground: str = "",
    before: int | None = None, limit: int = PAGE,
) -> list[Measure]:  # fmt: skip
    """Return decisions, newest first; `before` is the key of the last one on the page before."""
    if not rules.may_read(actor):
        raise NotPermitted
    rows = Measure.objects.of(actor)
    if open_only:
        rows = rows.filter(Q(state__in=["decided", "carried_out", "undoing"]) | Q(state=MeasureState.BY_HAND))
    if channel_id is not None:
        rows = rows.filter(channel_id=channel_id)
    if ground:
        rows = rows.filter(ground=ground)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.select_related(*_WITH).order_by("-pk")[:limit])


def measures_part(actor: Actor, item_ids: Iterable[int]) -> Part:
    """Return what to gather, together with other things, to know what was decided about some items."""
    return Part(Measure.objects.of(actor).filter(item_id__in=list(item_ids)))


def measures_of(actor: Actor, item_ids: Iterable[int]) -> dict[int, list[Measure]]:
    """Return what was decided about some items, oldest first, by item."""
    rows = Measure.objects.of(actor).filter(item_id__in=list(item_ids)).select_related("decided_by").order_by("pk")
    found: dict[int, list[Measure]] = {}
    for row in rows:
        found.setdefault(row.item_id or 0, []).append(row)
    return found


def taken_away_part(actor: Actor, threads: Iterable[tuple[int, str]]) -> Part:
    """
    Return what to gather to know what we have decided to hide or remove in some threads and not taken back.

    Args:
        threads: Of each, the key of its channel and its thread key.
    """
    where = Q(pk=None)
    for channel_id, key in threads:
        where |= Q(item__channel_id=channel_id, item__thread_key=key)
    rows = Measure.objects.of(actor).filter(where, kind__in=[Kind.HIDE, Kind.REMOVE])
    return Part(rows.exclude(state__in=_TAKEN_BACK))


def earlier_about(actor: Actor, channel: Channel, author_remote_id: str, *, limit: int = 20) -> list[Measure]:
    """
    Return earlier reminders and measures about one author in one channel, newest first; no count, no score.

    What was done for somebody's protection is no misconduct and is left out.

    Law: RF-4, RF-5
    """
    key = rules.author_key(channel.uid, author_remote_id)
    if not key:
        return []
    rows = Measure.objects.of(actor).filter(channel=channel, author_key=key).exclude(catalogue=Catalogue.SECRECY)
    return list(rows.select_related("decided_by", "item").order_by("-pk")[:limit])


def is_warned(actor: Actor, channel: Channel, author_remote_id: str) -> bool:
    """
    Whether an author was told of the rules in a channel, with a reminder or with something that was taken down.

    Once is enough, unless the guideline in force asks for more. What nobody told them of, or what was taken back, is
    no warning.

    Law: RF-5
    """
    told = sum(
        one.kind != Kind.ANSWER and bool(one.notice) and one.state not in _TAKEN_BACK
        for one in earlier_about(actor, channel, author_remote_id)
    )
    return told > 0 and told >= policy.decided(actor).get("block_after", 1)


def untold_by_guideline(actor: Actor, channel: Channel, kind: Kind, ground: Ground) -> str:
    """
    Return why the author of something is told nothing where the guideline in force says so, as it is kept; else "".

    Law: FL-1, FL-9
    """
    if rules.owes_notice(kind, ground, channel.platform) or policy.decided(actor).get("notify_author_on_removal", True):
        return ""
    with translation.override(settings.LANGUAGE_CODE):
        return _("Enligt riktlinjen får den som skrev inget besked.")


def notice_is_open(measure: Measure) -> bool:
    """Whether the words to the author are still on their way."""
    publication = measure.notice_publication
    return publication is not None and publication.state in OPEN_PUBLICATION


def kept_since() -> list[tuple[Measure, Item]]:
    """Return measures of the last month that were made before their object was kept, with the record it has now."""
    rows = Measure.objects.everywhere("follow captures").filter(item=None, decided_at__gt=now() - rules.FOLLOWED)
    found = []
    for row in rows.exclude(state__in=_TAKEN_BACK).select_related("authority").order_by("-pk")[:MOST_FOLLOWED]:
        actor = Actor.system(row.authority, "follow captures")
        item = records.item_by_remote_id(actor, row.channel_id, row.remote_id)
        if item is not None:
            found.append((row, item))
    return found


def is_never_fetched(item: Item) -> bool:
    """Whether an item was removed as child abuse material, perhaps before it was kept: its media are never taken."""
    rows = Measure.objects.everywhere("fetch files").filter(
        authority_id=item.authority_id, channel_id=item.channel_id, remote_id=item.remote_id, kind=Kind.REMOVE
    )  # fmt: skip
    return any(map(rules.goes_to_police, rows.exclude(state__in=_TAKEN_BACK).values_list("ground", flat=True)))


def is_still_told(measure: Measure) -> bool:
    """
    Whether words to the author of what was judged are on their way: this measure's, or an earlier one's in the channel.

    What has been on its way for too long is no longer waited for.
    """
    same = Q(pk=measure.pk) | (Q(channel_id=measure.channel_id, author_key=measure.author_key) & ~Q(author_key=""))
    rows = Measure.objects.everywhere("moderate").filter(same, authority_id=measure.authority_id)
    return rows.filter(
        notice_publication__state__in=OPEN_PUBLICATION, decided_at__gte=now() - rules.NOTICE_FIRST
    ).exists()  # fmt: skip


def ground_in_words(measure: Measure) -> str:
    """Return the ground of a measure as it is told to those who run the platform: no names, no reasons of our own."""
    actor = Actor.system(measure.channel.authority, "moderate")
    titles = {one.code: str(one.title) for one in policy.grounds(actor, measure.channel_id)}
    return f"{titles[measure.ground]} ({measure.ground})" if measure.ground in titles else measure.ground


def block_for(actor: Actor, uid: UUID | str) -> Block:
    """Return one block. Raises NotFound."""
    return _one(Block.objects.of(actor).filter(uid=uid), "channel", "measure")


def blocks(actor: Actor, *, ended: bool = False, before: int | None = None, limit: int = PAGE) -> list[Block]:
    """Return the register of blocks in force, or of those that have ended; newest first. Law: RF-5, SM-12"""
    rows = Block.objects.of(actor).filter(lifted_at__isnull=not ended)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.select_related("channel", "measure__decided_by").order_by("-pk")[:limit])


def every_block(actor: Actor) -> Iterator[Block]:
    """Yield the whole register of blocks, newest first, a page at a time. Law: RF-5, SM-12"""
    before: int | None = None
    while page := list(_every_block(actor, before)):
        yield from page
        before = page[-1].pk


def _every_block(actor: Actor, before: int | None) -> QuerySet[Block]:
    rows = Block.objects.of(actor) if before is None else Block.objects.of(actor).filter(pk__lt=before)
    return rows.select_related("channel", "measure__decided_by", "measure__house_rule").order_by("-pk")[:1000]


def way_to_complain(actor: Actor, code: str) -> str:
    """Return how somebody asks for a decision to be looked at again, as it stands in a notice: in Swedish (SL-1)."""
    slug = core.authority_of(actor).slug
    with translation.override(settings.LANGUAGE_CODE):
        return _("%(address)s, kod %(code)s") % {"address": f"{settings.OPTIONS.base_url}/{slug}/klaga/", "code": code}


# --- Identity numbers that a machine hides ----------------------------------------------------------------------------


number_finders: list[Callable[[Actor, datetime, int | None], NumbersFound]] = []
"""What floors above know of identity numbers in what came in: moderation hides them, and does not read."""


def automatic_of(actor: Actor, *, lock: bool = False) -> Automatic | None:
    """Return whether the authority lets a machine hide identity numbers; None where nobody ever chose (it is off)."""
    rows = Automatic.objects.of(actor)
    found: Automatic | None = (rows.select_for_update() if lock else rows).first()
    return found


def automatics() -> list[Automatic]:
    """Return the authorities' choices that are on, for the sweep."""
    rows = Automatic.objects.everywhere("hide identity numbers").filter(is_on=True)
    return list(rows.select_related("authority").order_by("pk"))


def hiding_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> MachineHiding:
    """
    Return one finding of an identity number with what came of it.

    Raises:
        NotPermitted: The actor does not read what comes in.
        NotFound: Missing, or another authority's.
    """
    if not rules.may_read(actor):
        raise NotPermitted
    rows = MachineHiding.objects.of(actor).filter(uid=uid)
    return _one(rows, "item__channel", "channel", "measure__channel", "reviewed_by", lock=lock)


def hidings(actor: Actor, *, limit: int = PAGE) -> list[MachineHiding]:
    """Return what waits for a person to look at, soonest due first. Raises NotPermitted."""
    if not rules.may_read(actor):
        raise NotPermitted
    rows = MachineHiding.objects.of(actor).filter(reviewed_at=None, taken_up_at__isnull=False)
    return list(rows.select_related("channel", "measure", "item").order_by("due_at", "pk")[:limit])


def hiding_of(actor: Actor, measure: Measure) -> MachineHiding | None:
    """Return what a measure was made for, where a machine made it; else None."""
    found: MachineHiding | None = (
        MachineHiding.objects.of(actor).filter(measure=measure).select_related("reviewed_by").first()
    )
    return found


def is_in_hand(actor: Actor, item: Item) -> bool:
    """Whether something that stops an item from being read is decided and in force."""
    rows = Measure.objects.of(actor).filter(item=item, kind__in=(Kind.HIDE, Kind.REMOVE))
    return rows.exclude(state__in=(MeasureState.UNDOING, MeasureState.UNDONE)).exists()


def was_taken_back(actor: Actor, item: Item) -> bool:
    """Whether a person has taken a machine's decision about an item back: the machine decides nothing more of it."""
    return bool(MachineHiding.objects.of(actor).filter(item=item, stands=False).exists())


def can_hide(actor: Actor, channel: Channel) -> bool:
    """Whether the platform hides what others write there, as the latest probe of the account found."""
    return channel.state != ChannelState.CLOSED and channel.pk in hiding_channels(actor)


def hiding_channels(actor: Actor) -> set[int]:
    """Return the channels whose platform hides what others write there, as the latest probe of each found."""
    return {
        channel_id
        for channel_id, reading in channels.readings(actor).items()
        if any(one.get("capability") == Capability.HIDE and one.get("works") for one in reading.capabilities)
    }


def hidings_taken_care_of() -> list[MachineHiding]:
    """
    Return what was put before a person and needs no more looking, in every authority: its author took it away, or a
    person was asked and has decided about the item.
    """
    rows = MachineHiding.objects.everywhere("hide identity numbers").filter(
        reviewed_at=None, taken_up_at__isnull=False
    )  # fmt: skip
    decided = Measure.objects.everywhere("hide identity numbers").filter(
        item=OuterRef("item"), decided_at__gte=OuterRef("taken_up_at")
    )  # fmt: skip
    wanted = rows.filter(Q(item__gone_at__isnull=False) | Q(measure=None) & Q(Exists(decided)))
    return list(wanted.select_related("authority")[:PAGE])


def hidings_late() -> list[MachineHiding]:
    """Return what nobody has looked at in time and nobody was told of, in every authority, longest first."""
    rows = MachineHiding.objects.everywhere("hide identity numbers").filter(
        reviewed_at=None, told_late_at=None, due_at__lte=now()
    )  # fmt: skip
    return list(rows.select_related("authority", "channel").order_by("due_at")[:PAGE])


# --- When we came to know ---------------------------------------------------------------------------------------------


suspicions: list[Callable[[Actor], Iterable[Suspected]]] = []
"""What floors above know of what the law may want gone: moderation decides, and does not read what comes in."""


def knowledge_of(actor: Actor, item: Item) -> datetime | None:
    """
    Return when we came to know what an item says: when somebody of ours who can act on it first had it before them,
    or a report of it came in, whichever was first. None when neither has happened.

    A report that came before the item was kept is known again by its link.

    Law: BBS-4
    """
    look = Look.objects.of(actor).filter(item=item, seen_by__isnull=False, seen_at__isnull=False)
    told = list(Report.objects.of(actor).filter(item=item).values_list("knowledge_at", flat=True))
    unplaced = (
        Report.objects.of(actor).filter(item=None).exclude(url="").filter(Q(channel=None) | Q(channel=item.channel))
    )
    told += [
        at
        for url, at in unplaced.order_by("-pk").values_list("url", "knowledge_at")[:MOST_UNPLACED]
        if rules.remote_id_of(item.channel.platform, url) == item.remote_id
    ]
    seen = [at for at in look.values_list("seen_at", flat=True) if at is not None]
    return min([*seen, *told], default=None)


def knowledge_parts(actor: Actor, item_ids: Iterable[int]) -> dict[str, Part]:
    """Return what to gather, together with other things, for `Knowledge`: of some items, decided about or not."""
    ids = list(item_ids)
    return {
        "known_looks": Part(Look.objects.of(actor).filter(item_id__in=ids, seen_by__isnull=False)),
        "known_reports": Part(Report.objects.of(actor).filter(item_id__in=ids), without=("text", "answer")),
        "known_measures": measures_part(actor, ids),
        "known_schedules": Part(Schedule.objects.of(actor)),
    }


def removal_dues(found: Mapping[str, list[Any]], channel_ids: Mapping[int, int]) -> dict[int, datetime]:
    """
    Return until when what we know of and nobody has decided about may stand, by item; others are absent.

    Args:
        found: What `knowledge_parts` named, gathered.
        channel_ids: The items that screening found something unlawful in, and the channel of each.

    Law: BBS-4, BBS-5
    """
    decided = {row.item_id for row in found["known_measures"] if row.state != MeasureState.UNDONE}
    hours = {row.channel_id: row.removal_hours for row in found["known_schedules"]}
    usual = hours.get(None, rounds.USUAL.removal_hours)
    known: dict[int, datetime] = {}
    seen = [(row.item_id, row.seen_at) for row in found["known_looks"] if row.seen_at is not None]
    for item_id, at in [*seen, *((row.item_id, row.knowledge_at) for row in found["known_reports"])]:
        known[item_id] = min(at, known.get(item_id, at))
    return {
        item_id: at + timedelta(hours=hours.get(channel_ids[item_id], usual))
        for item_id, at in known.items()
        if item_id in channel_ids and item_id not in decided
    }


# --- Oversight: what floors above ask; its own pages read through `oversight` -----------------------------------------


def looks_part(actor: Actor, item_ids: Iterable[int]) -> Part:
    """Return what to gather, together with other things, to know which items nobody has looked at; for `unlooked`."""
    return Part(Look.objects.of(actor).filter(item_id__in=list(item_ids)))


def unlooked(items: Iterable[Item], looks: Iterable[Look]) -> Unlooked:
    """
    Return which items, newly come and open to anybody, nobody who can act has had before them.

    Those that the feed's follower has come to, if there are any, else the others: noting either is one statement for
    the page, and the others are noted when it is shown again a few seconds later.

    Law: BBS-3
    """
    seen = {look.item_id: look.version_number if look.seen_at else 0 for look in looks}
    oldest = now() - rounds.STILL_NEW
    found = [
        item
        for item in items
        if item.origin == Origin.RECEIVED
        and (item.visibility != Visibility.PRIVATE.value or item.pk in seen)  # others can read it there
        and (seen[item.pk] < item.versions if item.pk in seen else item.published_at > oldest)
    ]
    followed = tuple(item for item in found if item.pk in seen)
    return Unlooked(followed or tuple(found), are_followed=bool(followed))


def crises_part(actor: Actor) -> Part:
    """Return what to gather, together with other things, to know which crisis modes go on."""
    return Part(Crisis.objects.of(actor).filter(ended_at=None), names=("channel__name",))


def is_frozen(actor: Actor, channel: Channel) -> bool:
    """Whether nothing may go out in a channel now that nobody sends just then: a crisis goes on there."""
    rows = Crisis.objects.of(actor).filter(Q(channel=None) | Q(channel=channel), ended_at=None, freezes=True)
    return rows.exists()


def in_crisis_since(actor: Actor, since: datetime) -> set[int]:
    """
    Return the channels in which a crisis goes on, or ended after a moment: nothing of theirs is weeded.

    Law: SM-22
    """
    rows = Crisis.objects.of(actor).filter(Q(ended_at=None) | Q(ended_at__gt=since))
    found = set(rows.values_list("channel_id", flat=True))
    return {one.pk for one in channels.channels(actor, include_closed=True)} if None in found else found


def approval_in(actor: Actor, channel: Channel) -> Approver | None:
    """
    Return who approves what people send in a channel while a crisis goes on there; None where nobody needs to.

    A crisis of the channel's own counts before one of all channels.
    """
    rows = Crisis.objects.of(actor).filter(Q(channel=None) | Q(channel=channel), ended_at=None, asks_approval=True)
    found = rows.order_by(F("channel_id").asc(nulls_last=True), "pk").values_list("approver_id", flat=True)
    asked = list(found[:1])
    return Approver(asked[0], APPROVALS) if asked else None


# --- Reports and complaints -------------------------------------------------------------------------------------------


def measure_by_code(actor: Actor, code_hash: str) -> Measure | None:
    """Return the measure whose notice carried a code, or None: unknown and another authority's look alike."""
    rows = Measure.objects.of(actor).filter(code_hash=code_hash).exclude(code_hash="")
    found: Measure | None = rows.select_related("channel", "decided_by").first()
    return found


def heard_by_code(actor: Actor, code_hash: str) -> Report | Complaint | None:
    """Return the report or the complaint that a pick-up code was given for, or None."""
    complaint: Complaint | None = Complaint.objects.of(actor).filter(code_hash=code_hash).first()
    if complaint is not None:
        return complaint
    report: Report | None = Report.objects.of(actor).filter(code_hash=code_hash).first()
    return report


def reviewers_of(actor: Actor, measure: Measure) -> list[Person]:
    """
    Return who may look at a decision anew and is nearest to it, by name: who leads communications or the unit; where
    nobody does, who leads another unit. Never who made it.

    Law: FL-8
    """
    leads = (Role.COMMUNICATIONS_LEAD, Role.UNIT_MANAGER)
    near = core.people_with(actor, *leads, unit_id=measure.channel.unit_id)
    found = [one for one in near if one.pk != measure.decided_by_id]
    return found or [one for one in core.people_with(actor, *leads) if one.pk != measure.decided_by_id]


def may_anybody_review(actor: Actor, measure: Measure) -> bool:
    """Whether there is somebody in the authority who may look at a decision anew. Law: FL-8"""
    people = core.people_with(actor, Role.COMMUNICATIONS_LEAD, Role.UNIT_MANAGER)
    return any(one.pk != measure.decided_by_id for one in people)


def asked_to_review(actor: Actor, measure: Measure) -> dict[str, Any]:
    """
    Return before whom a complaint about a measure is put: those who lead communications, and where one of them decided
    the unit, if somebody else manages it; else the others who lead, or whoever leads another unit.

    Law: FL-8
    """
    decider = core.actor_for(measure.decided_by, actor.authority_id) if measure.decided_by else None
    of_leads = {"role": Role.COMMUNICATIONS_LEAD.value}
    if decider is None or not decider.has(Role.COMMUNICATIONS_LEAD):
        return of_leads
    others = reviewers_of(actor, measure)
    leads = {one.pk for one in core.people_with(actor, Role.COMMUNICATIONS_LEAD)}
    managers = {one.pk for one in core.people_with(actor, Role.UNIT_MANAGER, unit_id=measure.channel.unit_id)}
    if any(one.pk in managers for one in others):
        return {"unit_id": measure.channel.unit_id}
    if not others or any(one.pk in leads for one in others):
        return of_leads
    return {"person_id": others[0].pk}


def item_by_link(actor: Actor, url: str) -> Item | None:
    """
    Return the record that an address leads to, however old it is; else None.

    By its own platform's names, and as people copy it: with the author's handle (Bluesky), or from the server where
    the author writes (Mastodon API). A few queries however many channels there are.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    steps = [unquote(step) for step in parts.path.split("/") if step]
    if parts.scheme not in ("http", "https") or not parts.netloc or not (steps or parts.query):
        return None
    names, ending, handle = [url, *steps[-1:]], "", ""
    if len(steps) == 4 and steps[0] == "profile" and steps[2] == "post":
        ending, handle = f"/post/{steps[3]}", steps[1]
        names.append(f"at://{steps[1]}/app.bsky.feed.post/{steps[3]}")
    there = [
        channel.pk
        for channel in channels.channels(actor, include_closed=True)
        if (parts.netloc == "bsky.app" and channel.platform == Platform.BLUESKY)
        or urlsplit(channel.base_url).netloc == parts.netloc
    ]
    found = records.items_by_remote_ids(actor, there, names) if there else []
    if found:  # the first channel and the most certain name first, as they stand above
        return min(found, key=lambda item: (there.index(item.channel_id), names.index(item.remote_id)))
    return records.item_by_address(actor, url, ending=ending, handle=handle)


def report_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> Report:
    """Return one report. Raises NotFound, and NotPermitted when the actor does not read what comes in."""
    if not rules.may_read(actor):
        raise NotPermitted
    rows = Report.objects.of(actor).filter(uid=uid)
    return _one(rows, "channel", "item__channel", "measure", "answered_by", lock=lock)


def reports(actor: Actor, *, answered: bool = False, before: int | None = None, limit: int = PAGE) -> list[Report]:
    """Return reports that wait, or those that are answered; newest first. Raises NotPermitted."""
    if not rules.may_read(actor):
        raise NotPermitted
    rows = Report.objects.of(actor)
    rows = rows.exclude(state=ReportState.OPEN) if answered else rows.filter(state=ReportState.OPEN)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.select_related("channel").order_by("-pk")[:limit])


def complaint_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> Complaint:
    """Return one complaint with its measure. Raises NotFound, and NotPermitted as `report_for`."""
    if not rules.may_read(actor):
        raise NotPermitted
    rows = Complaint.objects.of(actor).filter(uid=uid)
    return _one(rows, "measure__channel", "measure__item", "measure__decided_by", "decided_by", lock=lock)


def complaints(actor: Actor, *, decided: bool = False, before: int | None = None, limit: int = PAGE) -> list[Complaint]:
    """Return complaints that wait, or those that are decided; newest first. Raises NotPermitted."""
    if not rules.may_read(actor):
        raise NotPermitted
    rows = Complaint.objects.of(actor)
    rows = rows.exclude(state=ComplaintState.OPEN) if decided else rows.filter(state=ComplaintState.OPEN)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.select_related("measure__channel", "measure__decided_by").order_by("-pk")[:limit])


def statistics(actor: Actor, since: datetime) -> list[dict[str, Any]]:
    """
    Return how many measures were decided, by local month, ground and kind: of nobody, and about nobody.

    Args:
        since: From when, aware; counted by when the measure was decided.

    Returns:
        Newest month first: month (aware, its first moment), ground, kind, count, undone, complaints, changed.
        [] when nothing was decided.

    Law: TF-1, GDPR-6
    """
    month = TruncMonth("decided_at")
    taken_back = Q(state__in=[MeasureState.UNDOING, MeasureState.UNDONE])
    measured = Measure.objects.of(actor).filter(decided_at__gte=since).annotate(month=month)
    rows = measured.values("month", "ground", "kind").annotate(
        count=Count("pk"), undone=Count("pk", filter=taken_back)
    )  # fmt: skip
    told = Complaint.objects.of(actor).filter(measure__decided_at__gte=since)
    about = (
        told.annotate(month=TruncMonth("measure__decided_at"))
        .values("month", "measure__ground", "measure__kind")
        .annotate(complaints=Count("pk"), changed=Count("pk", filter=Q(state=ComplaintState.CHANGED)))
    )
    heard = {(one["month"], one["measure__ground"], one["measure__kind"]): one for one in about}
    found = []
    for row in rows.order_by("-month", "ground", "kind"):
        said = dict[str, Any](heard.get((row["month"], row["ground"], row["kind"])) or {})
        found.append({**row, "complaints": said.get("complaints", 0), "changed": said.get("changed", 0)})
    return found


# --- Reports to the police --------------------------------------------------------------------------------------------

Subjects = Callable[[Actor, "Item"], Iterable[tuple[str, int]]]
works_about: list[Subjects] = []
"""What floors above know of an item: each gives the tables and keys under which its deeds stand in the audit log."""


def package_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> Package:
    """
    Return one evidence package.

    Raises:
        NotPermitted: The actor does not read what comes in.
        NotFound: Missing, another authority's, or about something private that is not the actor's to read.
    """
    if not rules.may_read(actor):
        raise NotPermitted
    found = _one(Package.objects.of(actor).filter(uid=uid), *_WITH_PACKAGE, lock=lock)
    if found.item_id is not None:
        records.item_by_id(actor, found.item_id)
    return found


def packages(actor: Actor, *, before: int | None = None, limit: int = PAGE) -> list[Package]:
    """Return evidence packages, newest first; `before` is the key of the last one on the page before."""
    if not rules.may_read(actor):
        raise NotPermitted
    rows = Package.objects.of(actor)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.select_related(*_WITH_PACKAGE).order_by("-pk")[:limit])


def packages_about(actor: Actor, *, item: Item | None, measure: Measure | None = None) -> list[Package]:
    """Return the packages made about an item or a measure, oldest first."""
    wanted = Q(measure=measure) if measure is not None else Q(pk__in=[])
    if item is not None:
        wanted |= Q(item=item)
    return list(Package.objects.of(actor).filter(wanted).select_related("hold").order_by("pk"))


def measures_about(actor: Actor, *, item: Item | None, measure: Measure | None = None) -> list[Measure]:
    """Return the decisions about an item, the named one first and then in the order they were made."""
    wanted = Q(pk=measure.pk) if measure is not None else Q(pk__in=[])
    if item is not None:
        wanted |= Q(item=item) | Q(evidence_item=item)
    rows = list(Measure.objects.of(actor).filter(wanted).select_related(*_WITH).order_by("pk"))
    return sorted(rows, key=lambda row: measure is not None and row.pk != measure.pk)


def reports_about(actor: Actor, item: Item) -> list[Report]:
    """Return what was reported about an item, oldest first."""
    return list(Report.objects.of(actor).filter(item=item).exclude(kind=ReportKind.DECISION).order_by("pk")[:PAGE])


def first_look_at(actor: Actor, item: Item) -> Look | None:
    """Return who first looked at an item, and when; None before anybody has, or where nobody needs to."""
    rows = Look.objects.of(actor).filter(item=item).exclude(seen_at=None)
    found: Look | None = rows.select_related("seen_by").first()
    return found


def subjects_of(actor: Actor, item: Item, measures: Sequence[Measure]) -> list[tuple[str, int]]:
    """Return the tables and keys under which everything done about an item stands in the audit log."""
    found = [("records.item", item.pk)]
    found += [("records.registryentry", entry.pk) for entry in records.registry_entries_about(actor, item)]
    found += [("moderation.measure", measure.pk) for measure in measures]
    found += [
        ("publishing.publication", one.notice_publication_id) for one in measures if one.notice_publication_id
    ]  # fmt: skip
    found += [("moderation.report", report.pk) for report in reports_about(actor, item)]
    for of_item in works_about:
        found += of_item(actor, item)
    return found


def _one(rows: QuerySet[Row], *related: str, lock: bool = False) -> Row:
    """
    Return the only one of some rows, with what belongs to it. With `lock` it is the caller's until its transaction
    ends: the row is locked by itself first, since PostgreSQL locks nothing that is joined from outside.

    Raises:
        NotFound: There is none.
    """
    if lock:
        list(rows.select_for_update().values_list("pk", flat=True))
    found = rows.select_related(*related).first()
    if found is None:
        raise NotFound
    return found


_WITH_PACKAGE = ("measure__channel", "item__channel", "hold__ended_by", "head", "made_by")
