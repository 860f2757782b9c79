"""Every read of what happens with what is out: comparisons, changes and removals, acts, and what was found outside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, QuerySet

from narvaro.base.clock import now
from narvaro.channels import rules as channel_rules
from narvaro.connectors.afterwards import Acting, Editing, Rereading
from narvaro.connectors.port import Misconfigured, Visibility
from narvaro.connectors.registry import connector
from narvaro.core.types import ANSWERS, Actor, NotFound, NotKept
from narvaro.publishing import quotas, rules
from narvaro.publishing.models import (
    Correction,
    Deed,
    MessageChannel,
    MessageLabel,
    Outside,
    Publication,
    Quota,
    ReadBack,
)
from narvaro.publishing.queries.messages import is_read_first
from narvaro.publishing.queries.publications import approver_of
from narvaro.publishing.types import PASSES_ALWAYS, State
from narvaro.publishing.types.afterwards import ACTS, OPEN_DEEDS, DeedKind, DeedState, Found
from narvaro.records import queries as records

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.records.models import Item, Version

PAGE = 30
MOST_TOLD = 200


# --- What a platform can do ------------------------------------------------------------------------------------------


def can_reread(platform: str) -> bool:
    """Whether a post of ours can be read again by its id there."""
    return _offers(platform, Rereading)


def can_edit(platform: str) -> bool:
    """Whether a post of ours can be changed there, so that others see that it was."""
    return _offers(platform, Editing)


def can_act(platform: str) -> bool:
    """Whether an account can like, repost and follow there through us."""
    return _offers(platform, Acting)


def _offers(platform: str, ability: type) -> bool:
    try:
        return isinstance(connector(platform), ability)
    except Misconfigured:
        return False


# --- What is out -----------------------------------------------------------------------------------------------------


def wording(actor: Actor, publication: Publication) -> Version:
    """
    Return the latest words kept of what is out.

    Raises:
        NotKept: It is not kept yet, so nothing may be done to it.
    """
    if publication.kept_item_id is None:
        raise NotKept
    return records.latest_said(actor, records.item_by_id(actor, publication.kept_item_id))


def words_hash(version: Version) -> str:
    """Return what tells the words of a version from others."""
    return sha256(version.text.encode("utf-8", "replace")).hexdigest()


def is_removed(publication: Publication) -> bool:
    """Whether the record of what went out says that it is gone from the platform."""
    return publication.kept_item is not None and publication.kept_item.gone_at is not None


def may_change(actor: Actor, publication: Publication) -> bool:
    """Whether the actor may change or remove what is out: who wrote it, answers for its channel or leads there."""
    channel = publication.channel
    if actor.is_system or not actor.has_anywhere(*ANSWERS):
        return False
    is_theirs = actor.person_id is not None and actor.person_id == publication.written_by_id
    return is_theirs or rules.may_post(actor, channel.responsible_id, channel.deputy_id, channel.unit_id)


def must_be_read(actor: Actor, publication: Publication) -> bool:
    """Whether somebody else reads a change before it is made: as for what goes out there. Law: KL-4"""
    if publication.purpose in PASSES_ALWAYS or publication.is_by_law:
        return False
    if approver_of(actor, publication.channel) is not None or is_read_first(actor, [publication.channel_id]):
        return True
    sent = MessageChannel.objects.of(actor).filter(publication=publication).values("message_id")
    return MessageLabel.objects.of(actor).filter(message_id__in=sent, marked__is_read_first=True).exists()


def read_backs(actor: Actor, publication: Publication) -> list[ReadBack]:
    """Return the comparisons of what was shown with what was approved, newest first."""
    rows = ReadBack.objects.of(actor).filter(publication=publication).select_related("settled_by")
    return list(rows.order_by("-number"))


def deeds_of(actor: Actor, publication: Publication) -> list[Deed]:
    """Return the changes and the removal of what is out, newest first."""
    return list(Deed.objects.of(actor).filter(publication=publication).select_related("by").order_by("-id"))


def corrections_of(actor: Actor, publication: Publication) -> list[Correction]:
    """Return how what is out was corrected, newest first."""
    related = ("by", "answer", "violated_answer", "together")
    rows = Correction.objects.of(actor).filter(publication=publication).select_related(*related)
    return list(rows.order_by("-id"))


def deed_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> Deed:
    """Return one deed of the actor's authority. Raises NotFound."""
    rows = Deed.objects.of(actor).filter(uid=uid)
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found: Deed | None = rows.select_related("channel").first()
    if found is None:
        raise NotFound
    return found


def content_of_deed(deed: Deed) -> dict[str, str | int | None]:
    """Return what an approval of a change is bound to."""
    return {"kind": deed.kind, "text": deed.text, "publication": deed.publication_id, "seen": deed.seen_hash}


def changed_text(publication: Publication) -> tuple[str, int]:
    """Return the words that what is out should have by now, and how many changes led there; for sweeps."""
    rows = Deed.objects.everywhere("compare").filter(
        publication=publication, kind=DeedKind.EDIT, state=DeedState.DONE
    )  # fmt: skip
    texts = list(rows.order_by("id").values_list("text", flat=True))
    return (texts[-1] if texts else publication.text), len(texts)


# --- Those who were told ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody whom we have answered in a thread, or with the same words: what they wrote, and what we said."""

    item: Item
    text: str
    author: str
    ours: str


def already_answered(actor: Actor, publication: Publication) -> list[Told]:
    """
    Return those whom we have answered where something wrong was said, or with the same text elsewhere.

    Whoever the wrong answer itself went to is told by the correction, and is not among them. Private questions are
    left out for who may not read them.
    """
    rows = Publication.objects.of(actor).filter(state=State.DELIVERED, answers__isnull=False)
    rows = rows.exclude(pk=publication.pk).select_related("answers__channel").order_by("id")
    thread = publication.answers or publication.kept_item
    here = rows.none()
    if thread is not None:
        here = rows.filter(channel_id=publication.channel_id, answers__thread_key=thread.thread_key)
    found = {row.pk: row for row in here[:MOST_TOLD]}
    if publication.together_id is not None:
        found |= {row.pk: row for row in rows.filter(together_id=publication.together_id)[:MOST_TOLD]}
    said = {row.answers_id: row for row in found.values() if _is_for_them(row, publication)}
    items = [row.answers for row in said.values() if row.answers is not None and row.answers.gone_at is None]
    return [
        Told(each.item, each.text, each.author, said[each.item.pk].text)
        for each in records.shown(actor, items)
        if not each.is_sealed
    ]


def in_the_thread(actor: Actor, publication: Publication, *, most: int = 100) -> list[records.Shown]:
    """Return what others have written where something wrong was said, so that somebody violated can be answered."""
    thread = publication.answers or publication.kept_item
    if thread is None:
        return []
    thread.channel = publication.channel
    items = [each for each in records.thread_of(actor, thread, limit=most) if each.origin == "received"]
    return [each for each in records.shown(actor, items) if not each.is_sealed and each.item.gone_at is None]


def _is_for_them(row: Publication, publication: Publication) -> bool:
    is_private = row.answers is not None and row.answers.visibility == Visibility.PRIVATE
    return row.answers_id != publication.answers_id and (
        not is_private or (row.channel_id == publication.channel_id and publication.visibility == Visibility.PRIVATE)
    )


# --- Acts, and what was found outside --------------------------------------------------------------------------------


def acts(actor: Actor, *, before: int | None = None, limit: int = PAGE) -> list[Deed]:
    """Return what was liked, reposted and followed in the authority's name, newest first."""
    rows = Deed.objects.of(actor).filter(kind__in=[each.value for each in ACTS])
    rows = (rows.filter(pk__lt=before) if before else rows).select_related("channel", "by", "takes_back")
    return list(rows.order_by("-id")[:limit])


def standing_acts(actor: Actor, channel: Channel) -> list[Deed]:
    """Return the acts of a channel that stand, as far as we know, or are on their way."""
    states = [DeedState.DONE.value, *(each.value for each in OPEN_DEEDS)]
    rows = Deed.objects.of(actor).filter(channel=channel, kind__in=[each.value for each in ACTS], state__in=states)
    taken = rows.filter(takes_back__isnull=False).values("takes_back_id")
    return list(rows.filter(takes_back=None).exclude(pk__in=taken).order_by("-id"))


def taken_back(actor: Actor, found: Iterable[Deed]) -> set[int]:
    """Return the keys of those acts that are taken back, or about to be."""
    states = [DeedState.DONE.value, *(each.value for each in OPEN_DEEDS)]
    rows = Deed.objects.of(actor).filter(takes_back__in=[each.pk for each in found], state__in=states)
    return {key for key in rows.values_list("takes_back_id", flat=True) if key is not None}


def outside(actor: Actor, state: str = Found.OPEN, *, limit: int = PAGE) -> list[tuple[Outside, records.Shown]]:
    """Return what was found in our name that did not go out from here, newest first, with what it says."""
    rows = Outside.objects.of(actor).filter(state=state).select_related("item__channel", "channel", "answered_by")
    private = records.readable_private_channels(actor)
    found = [
        row for row in rows.order_by("-id")[:limit]
        if row.item.visibility != Visibility.PRIVATE or row.channel_id in private
    ]  # fmt: skip
    shown = {each.item.pk: each for each in records.shown(actor, [row.item for row in found])}
    return [(row, shown[row.item_id]) for row in found if row.item_id in shown]


def outside_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> Outside:
    """Return one thing found outside, of the actor's authority. Raises NotFound."""
    rows = Outside.objects.of(actor).filter(uid=uid)
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found: Outside | None = rows.select_related("channel", "item").first()
    if found is None:
        raise NotFound
    return found


def may_say_whose(actor: Actor, channel: Channel) -> bool:
    """Whether the actor says if something in a channel is ours."""
    return rules.may_post(actor, channel.responsible_id, channel.deputy_id, channel.unit_id)


# --- What is left ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Left:
    """What a channel has left in a window: of how much, until when; as the platform told, or as it is known."""

    window: str
    most: int
    left: int
    resets_at: datetime | None
    is_told: bool


def quota_of(actor: Actor, channel: Channel) -> list[Left]:
    """Return what a channel has left: what the platform told last, and what is known of it, counted here."""
    if channel_rules.is_by_hand(channel.platform, channel.remote_id):
        return []
    told = [
        Left(row.window, row.most, row.left if row.resets_at > now() else row.most, row.resets_at, True)
        for row in Quota.objects.of(actor).filter(channel=channel).order_by("window")
    ]
    counted = []
    for limit in quotas.known(channel.platform):
        used = used_since([channel.pk], now() - timedelta(seconds=limit.seconds)).get(channel.pk, 0)
        counted.append(Left("posts", limit.most, max(limit.most - used, 0), None, False))
    return [*told, *counted]


def used_since(channel_ids: Iterable[int], since: datetime) -> dict[int, int]:
    """Return how many posts were attempted in each channel since then, by the channel's key; for sweeps."""
    rows: QuerySet[Publication] = Publication.objects.everywhere("count what was sent")
    rows = rows.filter(channel_id__in=list(channel_ids), attempted_at__gte=since)
    counted = rows.order_by().values("channel_id").annotate(count=Count("id"))
    return {row["channel_id"]: row["count"] for row in counted}


def full_told(moment: datetime) -> dict[int, datetime]:
    """Return the channels of which their platform said that nothing is left now, and until when; for sweeps."""
    rows = Quota.objects.everywhere("count what is left").filter(window="writes", left=0, resets_at__gt=moment)
    return dict(rows.values_list("channel_id", "resets_at"))
