"""The machine's part of publications: one attempt, its outcome, looking for what is unclear, and the record of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import rules as channel_rules
from narvaro.channels.types import ChannelState
from narvaro.connectors.port import Author, Kind, NotThere, Published, Refused, Transient, Unknown, Visibility
from narvaro.connectors.port import Item as Found
from narvaro.core import audit, waiting
from narvaro.core import queries as core
from narvaro.core.among import Among
from narvaro.core.jobs import real_now
from narvaro.core.types import Actor, Role
from narvaro.publishing import queries, rules
from narvaro.publishing.actions import chains
from narvaro.publishing.actions.chains import KIND, PLACE
from narvaro.publishing.actions.read_back import LOOK_AFTER
from narvaro.publishing.models import Publication
from narvaro.publishing.types import Purpose, State
from narvaro.records import actions as records
from narvaro.records import queries as kept

if TYPE_CHECKING:
    pass

ATTEMPT_LEASE = timedelta(minutes=3)  # far beyond any connector's own deadline
FILM_LEASE = timedelta(minutes=40)  # a film is sent, and worked through by the platform, before anything is public
MAX_POSTPONED = 20
MOST_IN_LINE = 20
KEEP_AFTER = timedelta(minutes=1)  # by then whoever delivered it has kept it, or has died
SETTLE_PAUSES_SECONDS = (2, 10, 30, 120, 600, 1800, 3600)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A publication in our hands for its one attempt, as it stood when it was taken."""

    publication: Publication
    fence: int
    attempted_at: datetime


def claim_attempt(*, has_film: bool | None = None, line: list[int] | None = None) -> Attempt | None:
    """
    Commit "attempting" for the next publication that is due; None when there is none (P1).

    Args:
        has_film: Only of those with a film, or only of those without; None: of all.
        line: Who stood in line when it was last looked, by key. Whoever sends many keeps it between its calls; it is
            used up and filled anew here, since to look who is due costs more than to claim one of them.
    """
    line = [] if line is None else line
    attempt = _claim(line)
    if attempt is None:
        line[:] = _due(has_film)
        attempt = _claim(line)
    return attempt


def _due(has_film: bool | None) -> QuerySet[Publication, int]:
    """Return the keys of the first publications that are due and that nothing holds, those due longest first."""
    rows = every_row().filter(state=State.QUEUED, not_before__lte=now())
    rows = rows.filter(Q(not_after=None) | Q(not_after__gte=now())).exclude(_held() | _out_of_use())
    if has_film is not None:
        rows = rows.filter(film__isnull=not has_film)
    return rows.order_by("not_before", "id").values_list("pk", flat=True)[:MOST_IN_LINE]


def _claim(line: list[int]) -> Attempt | None:
    """Claim the first in line that nobody else has claimed and nothing holds by now; the line is used up by it."""
    while line:
        moment = now()
        with transaction.atomic():
            rows = every_row().filter(Among("pk", line), state=State.QUEUED, not_before__lte=moment)
            if connection.features.has_select_for_update_skip_locked:
                rows = rows.select_for_update(skip_locked=True)
            key = next(iter(rows.order_by("not_before", "id").values_list("pk", flat=True)[:1]), None)
            if key is None:
                line.clear()
                return None
            line.remove(key)
            # By its key: rows of several tables in an order take twice as long to ask for as to find. And what few have
            # (what it answers or follows, a film) is asked for where it is: each table costs every post.
            row = every_row().select_related("channel__authority").get(pk=key)
            if not _may_go(row, moment):
                continue
            every_row().filter(pk=row.pk).update(
                state=State.ATTEMPTING,
                fence=F("fence") + 1,
                attempted_at=moment,
                lease_until=real_now() + (ATTEMPT_LEASE if row.film_id is None else FILM_LEASE),
            )
            return Attempt(row, row.fence + 1, moment)
    return None


def _may_go(row: Publication, moment: datetime) -> bool:
    """Whether something in line may still go out: it is not too late for it, and no crisis began meanwhile."""
    if row.not_after is not None and row.not_after < moment:
        return False
    if not row.is_planned or row.purpose != Purpose.POST:
        return True
    is_held = not _holds().isdisjoint({(row.authority_id, None), (row.authority_id, row.channel_id)})
    return channel_rules.may_post_in(row.channel.state) and not is_held


def store_outcome(attempt: Attempt, outcome: Published | Refused | Unknown) -> None:
    """
    Store what one attempt led to, at once; keeping the post as a record comes after, in its own transaction.

    An outcome that comes after the lease ran out still counts when it says that the post is out.
    """
    if isinstance(outcome, Published):
        _deliver(attempt.publication, outcome.item)
    elif isinstance(outcome, Refused):
        _refuse(attempt, outcome)
    else:
        _unclear(attempt, outcome.reason)


def refuse_late() -> int:
    """
    Give up what was to go out by a time that has passed, or is due in a channel no longer in use; returns how many.

    Late it may do harm. Its author is told, and decides.
    """
    # Only what is due is looked at: ten thousand that are planned cost nothing until their time comes.
    due = every_row().filter(state=State.QUEUED, not_before__lte=now())
    rows = due.filter(Q(not_after__lt=now()) | _out_of_use()).select_related("channel__authority")
    late = list(rows.order_by("not_before", "id")[:100])
    for row in late:
        with transaction.atomic():
            reason = _("Det hann inte gå ut före den tid som var satt, och har inte skickats.")
            if not channel_rules.may_post_in(row.channel.state):
                reason = _("Kanalen är inte längre i drift, och inlägget har inte skickats.")
            if every_row().filter(pk=row.pk, state=State.QUEUED).update(state=State.REFUSED, reason=reason):
                tell_author(row, _("Det gick aldrig ut"))
    return len(late)


def sweep_expired() -> int:
    """Turn attempts whose worker vanished into unclear outcomes; never send them again (P4). Returns how many."""
    count = 0
    for row in every_row().filter(state=State.ATTEMPTING, lease_until__lt=real_now())[:100]:
        _unclear(Attempt(row, row.fence, row.attempted_at or now()), _("Sändningen avbröts innan vi fick svar."))
        count += 1
    return count


def claim_settling() -> Publication | None:
    """Take the next unclear publication that is due to be looked for; None when there is none."""
    with transaction.atomic():
        rows = every_row().filter(state=State.UNKNOWN, settle_at__lte=now())
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        row: Publication | None = rows.order_by("settle_at", "id").first()
        if row is None:
            return None
        every_row().filter(pk=row.pk).update(settle_attempts=F("settle_attempts") + 1, settle_at=_next_settling(row))
        return row


def store_settling(publication: Publication, found: Published | NotThere | Unknown) -> None:
    """
    Store what reading the platform said about an unclear publication.

    A post that is another publication's delivery already is no proof of this one: the same words may have been
    sent twice on purpose. It is shown to the person who decides (P2).
    """
    if isinstance(found, Published) and _is_anothers(publication, found.item.remote_id):
        found = NotThere(certain=False, similar=(found.item,))
    if isinstance(found, Published):
        _deliver(publication, found.item)
        return
    if isinstance(found, NotThere):
        similar = [{"text": i.text[:300], "url": i.url, "at": i.published_at.isoformat()} for i in found.similar[:5]]
        certain = found.certain or is_last_look(publication)
        with transaction.atomic():
            every_row().filter(pk=publication.pk, state=State.UNKNOWN).update(
                similar=similar, state=State.ABSENT if certain else State.UNKNOWN
            )


def is_last_look(publication: Publication) -> bool:
    """Whether we have now looked for a claimed publication as many times as we do before we believe what we see."""
    return publication.settle_attempts + 1 >= len(SETTLE_PAUSES_SECONDS)


def keep_delivered(publication: Publication, item: Found) -> None:
    """Keep a delivered publication as a record, from the platform's own answer. Doing it twice changes nothing."""
    with transaction.atomic():
        item_id = records.capture_own(channel=publication.channel, item=item)
        every_row().filter(pk=publication.pk).update(kept_item_id=item_id, settle_at=None)


def claim_keeping() -> Publication | None:
    """
    Take the next delivered publication whose record was never written; None when there is none.

    Between the delivery and the record lies a moment in which the process may die.
    """
    with transaction.atomic():
        rows = every_row().filter(state=State.DELIVERED, kept_item=None, settle_at__lte=now())
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        row: Publication | None = rows.select_related("channel__authority").order_by("settle_at", "id").first()
        if row is None:
            return None
        every_row().filter(pk=row.pk).update(settle_attempts=F("settle_attempts") + 1, settle_at=_next_settling(row))
        return row


def note_kept(publication: Publication) -> bool:
    """Point a delivered publication at its record when reading the channel has kept it; False when it has not."""
    actor = Actor.system(publication.channel.authority, "keep")
    item = kept.item_by_remote_id(actor, publication.channel_id, publication.remote_id)
    if item is None:
        return False
    every_row().filter(pk=publication.pk).update(kept_item_id=item.pk, settle_at=None)
    return True


def keep_as_sent(publication: Publication) -> None:
    """
    Keep a delivered publication from what we sent and what the platform called it: it can no longer be read there.

    Law: TF-5 (it was drawn up when it was published, whatever became of it afterwards)
    """
    channel = publication.channel
    parent, root = queries.parent_of(publication)
    sent = {
        "id": publication.remote_id, "url": publication.remote_url, "text": publication.text,
        "in_reply_to": parent, "sent_by": "narvaro", "publication": publication.uid.hex,
    }  # fmt: skip
    item = Found(
        remote_id=publication.remote_id, kind=Kind.COMMENT if parent else Kind.POST,
        author=Author(channel.remote_id, channel.handle, channel.name, channel.url), text=publication.text,
        published_at=publication.attempted_at or publication.written_at,
        raw=json.dumps(sent, ensure_ascii=False).encode(), is_own=True,
        parent_remote_id=parent, url=publication.remote_url, root_remote_id=root or publication.remote_id,
        visibility=Visibility(publication.visibility),
    )  # fmt: skip
    keep_delivered(publication, item)


def _out_of_use() -> Q:
    """Return what was planned in a channel that rests or is closed by now."""
    states = [each for each in ChannelState if not channel_rules.may_post_in(each)]
    return Q(is_planned=True, purpose=Purpose.POST, channel__state__in=states)


def _holds() -> set[tuple[int, int | None]]:
    """Return where something holds what was planned: authority and channel, None for all its channels."""
    return {each for found in queries.holders for each in found()}


def _held() -> Q:
    """Return what waits though its time has come: what was planned where a crisis holds it."""
    held = Q(pk=None)
    for authority_id, channel_id in _holds():
        held |= Q(authority_id=authority_id) & (Q() if channel_id is None else Q(channel_id=channel_id))
    return held & Q(is_planned=True, purpose=Purpose.POST)


def _deliver(publication: Publication, item: Found) -> None:
    values = {
        "state": State.DELIVERED, "remote_id": item.remote_id, "remote_url": item.url[:1000], "lease_until": None,
        "settled_at": now(), "reason": "", "settle_at": now() + KEEP_AFTER, "settle_attempts": 0,
        "look_back_at": now() + LOOK_AFTER,
    }  # fmt: skip
    rows = every_row().filter(pk=publication.pk)
    with transaction.atomic():
        is_first_said = rows.filter(state=State.ATTEMPTING).update(**values)
        if is_first_said or rows.exclude(state=State.DELIVERED).update(**values):
            actor = Actor.system(publication.channel.authority, "publish")
            if not is_first_said:  # something else was thought of it before, and put before somebody
                waiting.settle(actor, PLACE, KIND, [publication.pk])
            chains.continue_after(publication)
            audit.note(actor, "publishing.deliver", publication, remote_id=item.remote_id)
    keep_delivered(publication, item)


def _refuse(attempt: Attempt, outcome: Refused) -> None:
    row = every_row().select_related("channel__authority").get(pk=attempt.publication.pk)
    if isinstance(outcome.error, Transient) and row.postponed < MAX_POSTPONED:
        # Nothing was sent, so sending later repeats nothing.
        wait = max(outcome.error.retry_after_seconds or 0, min(15 * 2**row.postponed, 1800))
        in_hand(attempt).update(
            state=State.QUEUED, not_before=now() + timedelta(seconds=wait), postponed=F("postponed") + 1,
            lease_until=None, reason=outcome.reason[:500],
        )  # fmt: skip
        return
    with transaction.atomic():
        if in_hand(attempt).update(state=State.REFUSED, lease_until=None, reason=outcome.reason[:500]):
            tell_author(row, _("Plattformen tog inte emot svaret"))


def _unclear(attempt: Attempt, reason: str) -> None:
    with transaction.atomic():
        changed = in_hand(attempt).update(
            state=State.UNKNOWN, lease_until=None, reason=reason[:500],
            settle_at=now() + timedelta(seconds=SETTLE_PAUSES_SECONDS[0]),
        )  # fmt: skip
        if changed:
            tell_author(
                every_row().select_related("channel__authority").get(pk=attempt.publication.pk), _("Oklart utfall")
            )


def tell_author(row: Publication, title: str) -> None:
    """Put what became of a publication before whoever wrote it, or before communications when they have left."""
    actor = Actor.system(row.channel.authority, "publish")
    has_left = bool(core.gone(actor, [row.written_by_id]))
    audit.note(actor, "publishing.tell_author", row, state=row.state)
    waiting.put(
        actor,
        [
            waiting.Wait(
                place=PLACE, subject_kind=KIND, subject_id=row.pk, title=f"{title}: {rules.beginning(row.text)}",
                link=f"/publicerat/{row.uid}/", due_at=now(),
                person_id=None if has_left else row.written_by_id,
                role=Role.COMMUNICATIONS_LEAD.value if has_left else "",
            )
        ],
    )  # fmt: skip


def _is_anothers(publication: Publication, remote_id: str) -> bool:
    rows = every_row().filter(authority_id=publication.authority_id, channel_id=publication.channel_id)
    return rows.filter(remote_id=remote_id, state=State.DELIVERED).exclude(pk=publication.pk).exists()


def _next_settling(row: Publication) -> datetime:
    pause = SETTLE_PAUSES_SECONDS[min(row.settle_attempts + 1, len(SETTLE_PAUSES_SECONDS) - 1)]
    return now() + timedelta(seconds=pause)


def in_hand(attempt: Attempt) -> QuerySet[Publication]:
    """Return the row of an attempt while it is still ours: nobody else has taken it since."""
    return every_row().filter(pk=attempt.publication.pk, fence=attempt.fence, state=State.ATTEMPTING)


def every_row() -> QuerySet[Publication]:
    """Return the publications of every authority: what is due is sent for all of them."""
    return Publication.objects.everywhere("publish")
