"""
One thing done on a platform besides publishing: a change or removal of what is ours, or an act in our name.

The row is the intent. One attempt follows; what is unclear is settled by reading, never repeated by a machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.connectors.afterwards import Done
from narvaro.connectors.port import Item as Found
from narvaro.connectors.port import Page, Published, Refused, Transient, Unknown
from narvaro.connectors.registry import new_key
from narvaro.core import audit, waiting
from narvaro.core.jobs import real_now
from narvaro.core.types import ANSWERS, Actor, Invalid, NotKept, NotPermitted, Role, Stale
from narvaro.decisions import actions as decisions
from narvaro.decisions.types import Outcome
from narvaro.publishing import rules
from narvaro.publishing.actions.chains import PLACE
from narvaro.publishing.actions.read_back import LOOK_AFTER
from narvaro.publishing.models import Deed, Publication
from narvaro.publishing.queries import afterwards as queries
from narvaro.publishing.queries.approval import may_approve
from narvaro.publishing.types import PASSES_ALWAYS, State
from narvaro.publishing.types.afterwards import OF_OUR_OWN, DeedKind, DeedState, Ground
from narvaro.records import actions as records

if TYPE_CHECKING:
    from narvaro.records.models import Version

KIND = "publishing.deed"
LEASE = timedelta(minutes=3)
UNDO_SECONDS = 8
MAX_POSTPONED = 20
MOST_WHY = 500
SETTLED_AFTER = timedelta(minutes=2)  # a call not seen by then had no effect
SETTLE_PAUSES_SECONDS = (2, 10, 30, 120, 600, 1800, 3600)


@dataclass(frozen=True, slots=True)
class DeedAttempt:
    """A deed in our hands for its one attempt."""

    deed_id: int
    fence: int


@transaction.atomic
def change_own(
    *, actor: Actor, publication: Publication, text: str, why: str = "", seen_version: int | None = None,
    is_read: bool = False,
) -> Deed:  # fmt: skip
    """
    Decide to change the words of what is out. It is kept first, changed once, kept again and compared.

    Where somebody else reads what goes out, they read this too.

    Args:
        seen_version: Which kept wording the person looked at.
        is_read: It was decided where somebody else has read it.

    Raises:
        NotPermitted: The actor neither wrote it nor answers for the channel.
        NotKept: It is not kept yet.
        Invalid: Nothing is changed, it is too long there, or nobody can change anything there.
        Stale: It reads otherwise by now, is gone, or something is being done to it.

    Law: TF-5, ARK-1, KL-4
    """
    held = _held(actor, publication, seen_version)
    text = text.replace("\r\n", "\n").strip()
    if not queries.can_edit(publication.channel.platform):
        raise Invalid(_("Plattformen låter ingen ändra ett inlägg. Rätta det i stället."))
    if not text:
        raise Invalid(_("Skriv den nya texten, eller ta bort inlägget."), field="text")
    if text == queries.changed_text(publication)[0].strip():
        raise Invalid(_("Texten är densamma som förut."), field="text")
    over = rules.too_long_by(text, channels.limits_of(publication.channel), taken=0)
    if over:
        raise Invalid(_("Texten är %(over)d tecken för lång.") % {"over": over}, field="text")
    waits = not is_read and queries.must_be_read(actor, publication)
    deed = intend(
        actor, publication, DeedKind.EDIT, text=text, why=_why(why), seen_hash=queries.words_hash(held),
        state=DeedState.AWAITING if waits else DeedState.QUEUED,
    )  # fmt: skip
    if waits:
        with translation.override(settings.LANGUAGE_CODE):
            title = _("Läs ändringen: %(text)s") % {"text": rules.beginning(text)}
        put_wait(actor, deed, title, role=Role.COMMUNICATIONS_LEAD.value)
    audit.note(actor, "publishing.change_own", publication, deed=deed.uid, version=held.number, awaits=waits)
    return deed


@transaction.atomic
def remove_own(
    *, actor: Actor, publication: Publication, ground: str, why: str = "", seen_version: int | None = None
) -> Deed:
    """
    Decide to remove what is out. Our record stays, with the words it had, and says that it is gone there.

    What was said in a crisis, corrects something or follows from the law is not removed without reasons in words.
    Somebody may be harmed meanwhile, so a removal waits for nobody.

    Raises:
        NotPermitted: The actor neither wrote it nor answers for the channel.
        NotKept: It is not kept yet.
        Invalid: No ground, or reasons are needed.
        Stale: It reads otherwise by now, is gone, or something is being done to it.

    Law: TF-5, ARK-1, RF-1
    """
    if ground not in Ground.values:
        raise Invalid(_("Välj varför det tas bort."), field="ground")
    must_stay = publication.purpose in PASSES_ALWAYS or publication.is_by_law
    if (must_stay or ground == Ground.OTHER) and len(why.strip()) < rules.FEWEST_REASONS:
        raise Invalid(_("Skriv varför, så att det går att förstå efteråt."), field="why")
    held = _held(actor, publication, seen_version)
    deed = intend(
        actor, publication, DeedKind.REMOVE, ground=ground, why=_why(why), seen_hash=queries.words_hash(held)
    )  # fmt: skip
    audit.note(actor, "publishing.remove_own", publication, deed=deed.uid, version=held.number, ground=ground)
    return deed


@transaction.atomic
def release_deed(*, actor: Actor, deed: Deed, seen_hash: str) -> None:
    """
    Approve exactly the change that was read, and let it be made. Nobody approves their own.

    Raises:
        NotPermitted: The actor leads neither the unit nor communications, or decided it themselves.
        Stale: It waits no longer, or is another than was read.

    Law: KL-4
    """
    deed = queries.deed_for(actor, deed.uid, lock=True)
    if not may_approve(actor, [deed.channel.unit_id], (deed.by_id,)):
        raise NotPermitted(_("Den som har skrivit ändringen godkänner den inte själv."))
    if deed.state != DeedState.AWAITING:
        raise Stale(_("Ändringen väntar inte längre."))
    decisions.decide(
        actor=actor, subject_kind=KIND, subject_uid=deed.uid, content=queries.content_of_deed(deed),
        seen_hash=seen_hash, outcome=Outcome.APPROVED,
    )  # fmt: skip
    _rows().filter(pk=deed.pk).update(state=DeedState.QUEUED, not_before=now())
    waiting.settle(actor, PLACE, KIND, [deed.pk])
    audit.note(actor, "publishing.release_deed", deed)


@transaction.atomic
def cancel_deed(*, actor: Actor, deed: Deed) -> None:
    """
    Take back a deed that has not begun; whoever reads a change may leave it so too.

    Raises:
        NotPermitted: The actor does not answer residents.
        Stale: It has begun.
    """
    if not actor.has_anywhere(*ANSWERS):
        raise NotPermitted
    begun = _rows().filter(
        pk=deed.pk, authority_id=actor.authority_id, state__in=(DeedState.AWAITING, DeedState.QUEUED)
    )
    if not begun.update(state=DeedState.CANCELLED):
        raise Stale(_("Det hann bli gjort. Det går inte längre att ångra här."))
    waiting.settle(actor, PLACE, KIND, [deed.pk])
    audit.note(actor, "publishing.cancel_deed", deed)


@transaction.atomic
def settle_deed(*, actor: Actor, deed: Deed) -> None:
    """
    Say that one has seen that a deed was not done.

    Raises:
        NotPermitted: The actor does not answer residents.
        Stale: Somebody has seen it already, or it was done.
    """
    if not actor.has_anywhere(*ANSWERS):
        raise NotPermitted
    stopped = _rows().filter(
        pk=deed.pk, authority_id=actor.authority_id, state__in=(DeedState.REFUSED, DeedState.ABSENT), settled_at=None
    )
    if not stopped.update(settled_at=now()):
        raise Stale
    waiting.settle(actor, PLACE, KIND, [deed.pk])
    audit.note(actor, "publishing.settle_deed", deed)


def intend(actor: Actor, publication: Publication | None, kind: DeedKind, **values: Any) -> Deed:
    """Write down what is to be done, in the caller's transaction. Raises Stale when something is being done to it."""
    if publication is not None:
        values |= {"publication": publication, "item_id": publication.kept_item_id, "channel": publication.channel}
    deed = Deed(
        authority_id=actor.authority_id, kind=kind, by_id=actor.person_id,
        not_before=now() + timedelta(seconds=UNDO_SECONDS),
        **{"key": new_key(values["channel"].platform), **values},
    )  # fmt: skip
    try:
        with transaction.atomic():
            deed.save(force_insert=True)
    except IntegrityError:
        raise Stale(_("Något görs redan med inlägget. Vänta tills det är klart.")) from None
    return deed


# --- The machine's part ----------------------------------------------------------------------------------------------


def claim_deed() -> DeedAttempt | None:
    """Commit "attempting" for the next deed that is due; None when there is none (P1)."""
    with transaction.atomic():
        rows = _rows().filter(state=DeedState.QUEUED, not_before__lte=now())
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        row = rows.order_by("not_before", "id").first()
        if row is None:
            return None
        _rows().filter(pk=row.pk).update(
            state=DeedState.ATTEMPTING, fence=F("fence") + 1, lease_until=real_now() + LEASE, attempted_at=now()
        )
        return DeedAttempt(row.pk, row.fence + 1)


def keep_before(attempt: DeedAttempt, shown: Found | None) -> bool:
    """
    Keep what stands there before anything is done to it; whether the deed may be done.

    It may not when what stands there is another than the person saw; it is not needed when it is gone already.

    Law: TF-5, ARK-1
    """
    deed = held_deed(attempt)
    publication = deed.publication
    if publication is None:
        return True
    if shown is None:
        records.capture_gone(channel=deed.channel, remote_ids=[_remote_id(deed)])
        if deed.kind == DeedKind.REMOVE:
            _done(attempt)
        else:
            _stop(attempt, DeedState.REFUSED, _("Inlägget finns inte kvar på plattformen."))
        return False
    records.capture(channel=deed.channel, page=Page(items=(shown,), next_cursor=""))
    actor = Actor.system(deed.channel.authority, "change")
    held = queries.wording(actor, publication)
    if deed.seen_hash and queries.words_hash(held) != deed.seen_hash:
        reason = _("Inlägget har ändrats på plattformen sedan du läste det. Läs det nya och besluta på nytt.")
        _stop(attempt, DeedState.REFUSED, reason)
        return False
    return bool(_ours(attempt).update(before_version=held.number))


def store_deed(attempt: DeedAttempt, outcome: Published | Done | Refused | Unknown) -> None:
    """
    Store what one attempt led to, at once. What stands there now is kept first, in its own transaction.

    Whoever is killed between the two leaves the deed unclear, and it is read again; in the other order it would
    count as done with nothing kept of what it led to until the channel is read again.
    """
    if isinstance(outcome, Published):
        records.capture(channel=held_deed(attempt).channel, page=Page(items=(outcome.item,), next_cursor=""))
        _done(attempt)
    elif isinstance(outcome, Done):
        _keep_gone(held_deed(attempt))
        _done(attempt)
    elif isinstance(outcome, Refused):
        if not postpone_deed(attempt, outcome):
            _stop(attempt, DeedState.REFUSED, outcome.reason)
    else:
        pause = timedelta(seconds=SETTLE_PAUSES_SECONDS[0])
        _ours(attempt).update(
            state=DeedState.UNKNOWN, lease_until=None, reason=outcome.reason[:MOST_WHY], settle_at=now() + pause
        )


def postpone_deed(attempt: DeedAttempt, outcome: Refused) -> bool:
    """Do it later where the platform asked us to wait before anything was done; False where that is not so."""
    error = outcome.error
    deed = held_deed(attempt)
    if not isinstance(error, Transient) or deed.postponed >= MAX_POSTPONED:
        return False
    wait = max(error.retry_after_seconds or 0, min(15 * 2**deed.postponed, 1800))
    return bool(
        _ours(attempt).update(
            state=DeedState.QUEUED, not_before=now() + timedelta(seconds=wait), postponed=F("postponed") + 1,
            lease_until=None, reason=outcome.reason[:MOST_WHY],
        )
    )  # fmt: skip


def sweep_expired_deeds() -> int:
    """Turn attempts whose worker vanished into unclear ones (P4). Returns how many."""
    rows = _rows().filter(state=DeedState.ATTEMPTING, lease_until__lt=real_now())
    return rows.update(
        state=DeedState.UNKNOWN, lease_until=None, settle_at=now(), reason=_("Det avbröts innan vi fick svar.")
    )


def claim_settling_deed() -> Deed | None:
    """Take the next unclear deed that is due to be read; None when there is none."""
    with transaction.atomic():
        rows = _rows().filter(state=DeedState.UNKNOWN, settle_at__lte=now())
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        row: Deed | None = rows.order_by("settle_at", "id").first()
        if row is None:
            return None
        pause = SETTLE_PAUSES_SECONDS[min(row.settle_attempts + 1, len(SETTLE_PAUSES_SECONDS) - 1)]
        _rows().filter(pk=row.pk).update(
            settle_attempts=F("settle_attempts") + 1, settle_at=now() + timedelta(seconds=pause)
        )
        return row


def store_settled_deed(deed: Deed, *, stands: bool, shown: Found | None = None) -> None:
    """Store what reading said of an unclear deed: done, or not done once so long has passed that it cannot come."""
    attempt = DeedAttempt(deed.pk, deed.fence)
    if shown is not None:
        records.capture(channel=deed.channel, page=Page(items=(shown,), next_cursor=""))
    if stands:
        _keep_gone(deed)
        _done(attempt, state=DeedState.UNKNOWN)
    elif deed.attempted_at is None or now() - deed.attempted_at >= SETTLED_AFTER:
        _stop(attempt, DeedState.ABSENT, deed.reason, state=DeedState.UNKNOWN)


def held_deed(attempt: DeedAttempt) -> Deed:
    """Return a deed that we hold, with what it is about."""
    return _rows().get(pk=attempt.deed_id)


def put_wait(actor: Actor, deed: Deed, title: str, *, person_id: int | None = None, role: str = "") -> None:
    """Put a deed before somebody, where it is shown."""
    link = f"/publicerat/{deed.publication.uid}/" if deed.publication is not None else "/publicerat/i-vart-namn/"
    waiting.put(actor, [
        waiting.Wait(
            place=PLACE, subject_kind=KIND, subject_id=deed.pk, title=title, link=link, due_at=now(),
            person_id=person_id, role=role,
        )
    ])  # fmt: skip


def _held(actor: Actor, publication: Publication, seen_version: int | None) -> Version:
    """Return the kept words of what is out. Raises NotPermitted, NotKept, Stale."""
    if not queries.may_change(actor, publication):
        raise NotPermitted
    if publication.state != State.DELIVERED or queries.is_removed(publication):
        raise Stale(_("Inlägget finns inte kvar på plattformen."))
    held = queries.wording(actor, publication)
    if seen_version is not None and seen_version != held.number:
        raise Stale(_("Inlägget har ändrats på plattformen sedan du läste det. Läs det nya först."))
    if held.expunged_at is not None:
        raise NotKept
    return held


def _done(attempt: DeedAttempt, *, state: DeedState = DeedState.ATTEMPTING) -> None:
    deed = held_deed(attempt)
    actor = Actor.system(deed.channel.authority, "change")
    with transaction.atomic():
        ours = _rows().filter(pk=attempt.deed_id, fence=attempt.fence, state__in=(state, DeedState.UNKNOWN))
        if not ours.update(state=DeedState.DONE, lease_until=None, settle_at=None, settled_at=now(), reason=""):
            return
        waiting.settle(actor, PLACE, KIND, [deed.pk])
        if deed.kind in OF_OUR_OWN and deed.publication_id is not None:
            at = now() + LOOK_AFTER if deed.kind == DeedKind.EDIT else None
            Publication.objects.of(actor).filter(pk=deed.publication_id).update(look_back_at=at, looks_back=0)
        audit.note(actor, "publishing.deed_done", deed, kind=deed.kind)


def _stop(
    attempt: DeedAttempt, to: DeedState, reason: str, *, state: DeedState = DeedState.ATTEMPTING
) -> None:  # fmt: skip
    deed = held_deed(attempt)
    actor = Actor.system(deed.channel.authority, "change")
    with transaction.atomic():
        ours = _rows().filter(pk=attempt.deed_id, fence=attempt.fence, state=state)
        if not ours.update(state=to, lease_until=None, settle_at=None, reason=reason[:MOST_WHY]):
            return
        with translation.override(settings.LANGUAGE_CODE):
            title = _("%(deed)s blev inte gjord: %(text)s") % {
                "deed": deed.get_kind_display(), "text": _about(deed)[:60],
            }  # fmt: skip
        put_wait(actor, deed, title, person_id=deed.by_id, role="" if deed.by_id else Role.COMMUNICATIONS_LEAD.value)
        audit.note(actor, "publishing.deed_stopped", deed, state=to)


def _about(deed: Deed) -> str:
    return deed.publication.text if deed.publication is not None else str(deed.target.get("text", ""))


def _remote_id(deed: Deed) -> str:
    return deed.publication.remote_id if deed.publication is not None else ""


def _keep_gone(deed: Deed) -> None:
    """Keep that what is removed is gone; nothing for other deeds. Law: TF-5"""
    if deed.kind == DeedKind.REMOVE:
        records.capture_gone(channel=deed.channel, remote_ids=[_remote_id(deed)])


def _why(why: str) -> str:
    if len(why) > MOST_WHY:
        raise Invalid(_("Texten är för lång. Korta den."), field="why")
    return why.strip()


def _ours(attempt: DeedAttempt) -> QuerySet[Deed]:
    return _rows().filter(pk=attempt.deed_id, fence=attempt.fence, state=DeedState.ATTEMPTING)


def _rows() -> QuerySet[Deed]:
    rows: QuerySet[Deed] = Deed.objects.everywhere("change what is out")
    return rows.select_related("channel__authority", "publication__kept_item", "publication__channel")
