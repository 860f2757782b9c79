"""Long work that a person asks for, exports and verifications: rows that a worker claims under a lease."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit, waiting
from narvaro.core.jobs import real_now
from narvaro.core.types import Actor, Invalid, NotPermitted
from narvaro.records import rules
from narvaro.records.actions.noting import machine
from narvaro.records.models import AskedWork, Export, Verification
from narvaro.records.types import SNAPSHOT, SNAPSHOT_KIND, ExportForm, ExportScope, Verdict, WorkState

if TYPE_CHECKING:
    from narvaro.channels.models import Channel

MAX_ATTEMPTS = 5
_LEASE = timedelta(minutes=2)
Work = TypeVar("Work", bound=AskedWork)


@transaction.atomic
def request_export(*, actor: Actor, scope: str, form: str, channel: Channel | None = None) -> Export:
    """
    Ask for a copy of a channel or of everything; a worker makes it.

    Raises:
        NotPermitted: The actor may not take out so much.
        Invalid: The scope needs a channel.

    Law: TF-8, ARK-8
    """
    if not rules.may_export(actor):
        raise NotPermitted
    if scope not in (ExportScope.CHANNEL, ExportScope.EVERYTHING) or form not in ExportForm.values:
        raise Invalid(_("Välj vad som ska exporteras och i vilken form."), field="scope")
    if (scope == ExportScope.CHANNEL) != (channel is not None):
        raise Invalid(_("Välj en kanal, eller välj att exportera allt."), field="channel")
    export: Export = Export.objects.create(
        authority_id=actor.authority_id, asked_by_id=actor.person_id, scope=scope, form=form, channel=channel
    )
    audit.note(actor, "records.request_export", export, scope=scope, form=form, channel=getattr(channel, "uid", ""))
    return export


@transaction.atomic
def note_export(*, actor: Actor, scope: str, form: str, subject: Any = None) -> None:
    """Write that somebody took out records: a thread at once, or the file of an export. Law: TF-8"""
    audit.note(actor, "records.take_out_export", subject, scope=scope, form=form)


@transaction.atomic
def request_verification(*, actor: Actor) -> Verification:
    """
    Ask for a recomputation of everything; one that waits or runs already is returned instead of a new one.

    Raises:
        NotPermitted: The actor may not verify.

    Law: ARK-1
    """
    if not rules.may_verify(actor):
        raise NotPermitted
    going: Verification | None = Verification.objects.of(actor).filter(_unfinished()).order_by("id").first()
    if going is not None:
        return going
    asked: Verification = Verification.objects.create(authority_id=actor.authority_id, asked_by_id=actor.person_id)
    audit.note(actor, "records.request_verification", asked)
    return asked


def claim_export() -> Export | None:
    """Claim the oldest export that waits, or whose worker has gone silent; None when there is none."""
    return _claim(Export)


def claim_verification() -> Verification | None:
    """Claim the oldest verification that waits, or whose worker has gone silent; None when there is none."""
    return _claim(Verification)


def advance(work: AskedWork, *, done: int, total: int | None = None) -> bool:
    """Write how far it has come and keep the lease; False when another worker has it now."""
    values: dict[str, Any] = {"done": done, "lease_until": real_now() + _LEASE}
    if total is not None:
        values["total"] = total
    return _ours(work).update(**values) == 1


@transaction.atomic
def end_export(export: Export, *, size_bytes: int) -> bool:
    """Write that an export can be fetched, and that what it holds waits no longer to be; False: not ours any more."""
    ended = _ours(export).update(state=WorkState.DONE, size_bytes=size_bytes, ended_at=now(), lease_until=None) == 1
    if ended:
        actor = machine(export.authority_id, "exports")
        taken = waiting.subjects(actor, SNAPSHOT, SNAPSHOT_KIND) if export.channel_id is None else {export.channel_id}
        waiting.settle(actor, SNAPSHOT, SNAPSHOT_KIND, sorted(taken))
    return ended


@transaction.atomic
def end_verification(*, actor: Actor, verification: Verification, verdict: Verdict) -> bool:
    """Write what a verification found; False when another worker has it now. Law: ARK-1"""
    ended = _ours(verification).update(
        state=WorkState.DONE, fault=verdict.fault, versions=verdict.versions, audits=verdict.audits,
        blobs=verdict.blobs, expunged=verdict.expunged, heads=verdict.heads, seconds=verdict.seconds, ended_at=now(),
        lease_until=None,
    )  # fmt: skip
    if ended:
        audit.note(actor, "records.end_verification", verification, holds=verdict.holds)
    return ended == 1


def fail(work: AskedWork, error: str) -> None:
    """Write why it did not work; it is tried again when its lease runs out, and given up after a few times."""
    if work.attempts >= MAX_ATTEMPTS:
        _ours(work).update(state=WorkState.FAILED, error=error[:300], ended_at=now(), lease_until=None)
    else:
        _ours(work).update(state=WorkState.WAITING, error=error[:300], lease_until=real_now() + timedelta(seconds=30))


def retire_export(export: Export) -> None:
    """Write that an export's file is removed; who needs it asks again."""
    Export.objects.everywhere("retire exports").filter(pk=export.pk, removed_at=None).update(removed_at=now())


def _claim(model: type[Work]) -> Work | None:
    free = Q(lease_until=None) | Q(lease_until__lt=real_now())
    with transaction.atomic():
        rows = model.objects.everywhere("claim").filter(free & _unfinished())
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        found: Work | None = rows.order_by("id").first()
        if found is None:
            return None
        if found.attempts >= MAX_ATTEMPTS:  # it kills its worker every time
            model.objects.everywhere("claim").filter(pk=found.pk).update(
                state=WorkState.FAILED, ended_at=now(), error=_("Det avbröts varje gång det prövades.")
            )
            return None
        model.objects.everywhere("claim").filter(pk=found.pk).update(
            state=WorkState.RUNNING, fence=F("fence") + 1, attempts=F("attempts") + 1, done=0,
            lease_until=real_now() + _LEASE,
        )  # fmt: skip
        found.fence += 1
        found.attempts += 1
    return found


def _ours(work: AskedWork) -> QuerySet[Any]:
    rows: QuerySet[Any] = type(work).objects.everywhere("do what was asked")
    return rows.filter(pk=work.pk, fence=work.fence, state=WorkState.RUNNING)


def _unfinished() -> Q:
    return Q(state__in=[WorkState.WAITING, WorkState.RUNNING])
